/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Checks, poison and the journal of a build with mbuf_debug: debug.h. */

#include <dlfcn.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>

#include "internal.h"

#ifdef MBUF_DEBUG /* else: nodebug.c */

#define POISON 0xdb
#define ZEROED 2 /* of poison: its room is zero on its way to the pool, and stays so */

static m_report_fn report_fn; /* atomic */

/* The public function that this thread is in, outermost. */
static __thread struct {
	unsigned depth;
	const void *caller;
	const char *where;
} in;

#define STORE(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define LOAD(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

/* Behind the room: pool_create() makes objects larger by as much. NULL: not of our pools. */
static struct m_trace *
trace_of(const struct rte_mbuf *r)
{
	if (r->pool == NULL || !m_ispool(r->pool))
		return NULL;
	return (struct m_trace *)RTE_ALIGN_CEIL(
	    (uintptr_t)r + sizeof(struct mbuf) + rte_pktmbuf_data_room_size(r->pool),
	    RTE_CACHE_LINE_SIZE);
}

/* A number for the calling thread that no other has. */
static uint32_t
me(void)
{
	return (uint32_t)rte_gettid();
}

/* " allocated at prog+0x123 (symbol+0x4) by thread 5", nothing for an address that is not known. */
static void
print_at(FILE *f, const char *verb, const void *addr, uint32_t by)
{
	Dl_info info;

	if (addr == NULL)
		return;
	fprintf(f, ", %s at ", verb);
	if (dladdr(addr, &info) != 0 && info.dli_fname != NULL) {
		fprintf(f, "%s+0x%" PRIxPTR, info.dli_fname,
		    (uintptr_t)addr - (uintptr_t)info.dli_fbase);
		if (info.dli_sname != NULL)
			fprintf(f, " (%s)", info.dli_sname);
	} else {
		fprintf(f, "%p", addr);
	}
	fprintf(f, " by thread %" PRIu32, by);
}

static void
print_trace(FILE *f, const struct m_trace *t)
{
	print_at(f, "allocated", LOAD(t->got), LOAD(t->got_by));
	print_at(f, "last shared", LOAD(t->shared), LOAD(t->shared_by));
	print_at(f, "last given to a driver", LOAD(t->sent), LOAD(t->sent_by));
	print_at(f, "freed", LOAD(t->freed), LOAD(t->freed_by));
	fprintf(f, "\n");
}

static void
report(const char *what, const struct mbuf *m, bool known)
{
	m_report_fn fn = __atomic_load_n(&report_fn, __ATOMIC_ACQUIRE);
	unsigned depth = in.depth;

	if (fn != NULL) {
		in.depth = 0; /* it may not come back */
		fn(what, m, in.where != NULL ? in.where : "?");
		in.depth = depth;
		return;
	}
	fprintf(stderr, "bsdmbuf: %s: mbuf %p: %s", in.where != NULL ? in.where : "?",
	    (const void *)m, what);
	if (known && trace_of(&m->m_rte) != NULL)
		print_trace(stderr, trace_of(&m->m_rte));
	else
		fprintf(stderr, "\n");
	abort();
}

void
m_debug_report(m_report_fn fn)
{
	__atomic_store_n(&report_fn, fn, __ATOMIC_RELEASE);
}

bool
m_debug_build(void)
{
	return true;
}

/* True: this thread may mark it as busy, and has. */
static bool
occupy(const struct mbuf *m)
{
	struct m_trace *t = trace_of(&m->m_rte);
	uint32_t was = 0;

	/* acquire, and release in vacate(): none needed by the mbuf, its owner sees to that */
	if (t == NULL ||
	    __atomic_compare_exchange_n(
		&t->busy, &was, me(), false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return t != NULL;
	if (was != me())
		report("two threads use it at once: one must own it (hazard 1)", m, true);
	return false;
}

static void
vacate(const struct mbuf *m)
{
	struct m_trace *t = trace_of(&m->m_rte);
	uint32_t mine = me();

	if (t != NULL)
		__atomic_compare_exchange_n(
		    &t->busy, &mine, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

struct m_entry
m_entry_begin(const struct mbuf *m, const char *where, const void *caller)
{
	struct m_entry e = {NULL};
	const char *why;

	if (in.depth++ == 0) {
		in.caller = caller;
		in.where = where;
	}
	if (m == NULL)
		return e;
	/* freed first: of a free mbuf nothing else can be said (hazard 10) */
	if (m->m_rte.pool != NULL && (m->m_rte.ol_flags & m_state.freed) != 0 && !M_BREAKS(10)) {
		report("it was freed already", m, true);
		return e;
	}
	why = m_invalid(m, false);
	if (why != NULL)
		report(why, m, m->m_rte.pool != NULL);
	else if (occupy(m))
		e.m = m;
	return e;
}

void
m_entry_end(struct m_entry *e)
{
	if (--in.depth == 0) {
		in.caller = NULL;
		in.where = NULL;
	}
	if (e->m != NULL)
		vacate(e->m);
}

/* Its private line and what DPDK expects of it in a pool. */
static const char *
bad_in_pool(const struct mbuf *m)
{
	static const struct m_private pristine;
	const struct rte_mbuf *r = &m->m_rte;

	if (rte_mbuf_refcnt_read(r) != 1 || r->next != NULL || r->nb_segs != 1 ||
	    r->buf_addr != (const void *)(m + 1) ||
	    r->buf_len != rte_pktmbuf_data_room_size(r->pool) || (r->ol_flags & M_ATTACHED) != 0)
		return "not as an mbuf must be in its pool";
	if (memcmp(&m->m_priv, &pristine, sizeof(pristine)) != 0)
		return "its private line is dirty in the pool";
	return NULL;
}

static bool
poisoned(const struct mbuf *m)
{
	const uint8_t *p = (const uint8_t *)(m + 1);

	/* each byte is as the one before it */
	return p[0] == POISON && memcmp(p, p + 1, m->m_rte.buf_len - 1u) == 0;
}

void
m_frompool(struct mbuf *m)
{
	struct m_trace *t = trace_of(&m->m_rte);
	const char *why = bad_in_pool(m);

	if (why != NULL)
		report(why, m, true);
	/* the flag is still set: nobody had it since we freed it, no driver either */
	else if ((m->m_rte.ol_flags & m_state.freed) != 0 && LOAD(t->poison) != 0 && !poisoned(m))
		report("written to after it was freed", m, true);
	m->m_rte.ol_flags = 0;
	STORE(t->got, in.caller);
	STORE(t->got_by, me());
	STORE(t->shared, NULL);
	STORE(t->sent, NULL);
	STORE(t->freed, NULL);
	STORE(t->poison, 0);
}

void
m_iswrapped(struct mbuf *m)
{
	struct m_trace *t = trace_of(&m->m_rte);

	/* it comes from a driver, unless it is wrapped a second time */
	if (t == NULL || (LOAD(t->sent) == NULL && LOAD(t->got) != NULL))
		return;
	STORE(t->got, in.caller);
	STORE(t->got_by, me());
	STORE(t->shared, NULL);
	STORE(t->sent, NULL);
	STORE(t->freed, NULL);
}

void
m_topool(struct mbuf *m)
{
	struct m_trace *t = trace_of(&m->m_rte);
	const char *why;

	if (t == NULL) /* a foreign leader */
		return;
	why = bad_in_pool(m);
	if (why != NULL)
		report(why, m, true);
	if (LOAD(t->poison) != ZEROED)
		memset(m + 1, POISON, m->m_rte.buf_len);
	m->m_rte.ol_flags = m_state.freed;
	STORE(t->poison, LOAD(t->poison) != ZEROED);
	STORE(t->got, NULL);
	STORE(t->freed, in.caller);
	STORE(t->freed_by, me());
	vacate(m); /* from here on it may be another's */
}

void
m_iszero(struct mbuf *m)
{
	STORE(trace_of(&m->m_rte)->poison, ZEROED);
}

void
m_giveup(struct rte_mbuf *r)
{
	struct m_trace *t = trace_of(r);

	if (t == NULL)
		return;
	r->ol_flags |= m_state.freed;
	STORE(t->poison, 0); /* its room is in use */
	STORE(t->freed, in.caller);
	STORE(t->freed_by, me());
	vacate(m_fromrte(r));
}

void
m_isshared(struct rte_mbuf *r)
{
	struct m_trace *t = r == NULL ? NULL : trace_of(r);

	if (t == NULL)
		return;
	STORE(t->shared, in.caller);
	STORE(t->shared_by, me());
}

void
m_issent(struct mbuf *m)
{
	struct m_trace *t = trace_of(&m->m_rte);

	if (t == NULL)
		return;
	STORE(t->sent, in.caller);
	STORE(t->sent_by, me());
}

struct leaks {
	FILE *f;
	unsigned n;
};

static void
mark_seen(void *obj)
{
	STORE(trace_of(obj)->seen, 1);
}

static void
print_leak(struct rte_mempool *mp, void *arg, void *obj, unsigned idx)
{
	struct m_trace *t = trace_of(obj);
	struct leaks *leaks = arg;

	(void)idx;
	if (LOAD(t->seen) == 0) {
		leaks->n++;
		if (leaks->f != NULL) {
			fprintf(leaks->f, "%s: mbuf %p", mp->name, obj);
			print_trace(leaks->f, t);
		}
	}
	STORE(t->seen, 0);
}

/* Mark what lies in the pool: in the caches of lcores, and behind them. */
static void
mark_pool(struct rte_mempool *mp)
{
	unsigned n = 0, max = mp->size;
	void **held = calloc(max, sizeof(*held));

	for (unsigned l = 0; l < RTE_MAX_LCORE && mp->cache_size != 0; l++) {
		for (unsigned i = 0; i < mp->local_cache[l].len; i++)
			mark_seen(mp->local_cache[l].objs[i]);
	}
	while (held != NULL && n < max && rte_mempool_generic_get(mp, &held[n], 1, NULL) == 0)
		mark_seen(held[n++]);
	if (n != 0)
		rte_mempool_generic_put(mp, held, n, NULL);
	free(held);
}

static int
pool_leaks(const struct m_poolstat *st, void *arg)
{
	struct rte_mempool *mp = rte_mempool_lookup(st->name);

	if (mp == NULL || st->in_use == 0)
		return 0;
	mark_pool(mp);
	rte_mempool_obj_iter(mp, print_leak, arg);
	return 0;
}

unsigned
m_debug_leaks(FILE *f)
{
	struct leaks leaks = {f, 0};

	m_pools(pool_leaks, &leaks);
	return leaks.n;
}

#endif /* MBUF_DEBUG */
