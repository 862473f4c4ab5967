/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Grace periods: casrcu.h. */

#include <string.h>

#include <pthread.h>
#include <rte_malloc.h>

#include "policy/casrcu.h"

struct cas_rcu m_casrcu;

/* Held by a thread that is no lcore while it is a reader. */
static pthread_mutex_t guest = PTHREAD_MUTEX_INITIALIZER;

/* Held by who looks whether a grace period is over. */
static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;

int
m_cas_init(void)
{
	size_t size = rte_rcu_qsbr_get_memsize(RTE_MAX_LCORE + 1);

	memset(&m_casrcu, 0, sizeof(m_casrcu));
	m_casrcu.qsbr = rte_zmalloc("mbuf_cas", size, RTE_CACHE_LINE_SIZE);
	if (m_casrcu.qsbr == NULL)
		return -ENOMEM;
	if (rte_rcu_qsbr_init(m_casrcu.qsbr, RTE_MAX_LCORE + 1) != 0 ||
	    m_rec_init(2, 1, 3 * CAS_HELD) != 0) {
		rte_free(m_casrcu.qsbr);
		m_casrcu.qsbr = NULL;
		return -ENOMEM;
	}
	return 0;
}

static void
put_all(void *obj)
{
	while (obj != NULL) {
		void *next = ((struct cas_rec *)obj)->retired;

		m_rec_put(obj);
		obj = next;
	}
}

void
m_cas_fini(void)
{
	for (unsigned i = 0; i < RTE_DIM(m_casrcu.reader); i++) {
		put_all(m_casrcu.reader[i].fresh);
		put_all(m_casrcu.reader[i].waiting);
	}
	m_rec_fini();
	rte_free(m_casrcu.qsbr);
	memset(&m_casrcu, 0, sizeof(m_casrcu));
}

/*
 * Whether all readers of the time of the token have left. One asks at a time, for DPDK remembers
 * the answer in plain memory; the lock also orders what a reader did before the record is used
 * again by an lcore that was only told. Who cannot wait comes again.
 */
static bool
grace_over(uint64_t token, bool wait)
{
	bool over;

	if (wait)
		pthread_mutex_lock(&looking);
	else if (pthread_mutex_trylock(&looking) != 0)
		return false;
	over = rte_rcu_qsbr_check(m_casrcu.qsbr, token, false) == 1;
	pthread_mutex_unlock(&looking);
	return over;
}

static unsigned
count(const void *obj)
{
	unsigned n = 0;

	for (; obj != NULL; obj = ((const struct cas_rec *)obj)->retired)
		n++;
	return n;
}

/* Give back what may be, first of the last token, then of a new one. me is outside of the lists. */
static void
reclaim(struct cas_reader *me, bool wait)
{
	for (int i = 0; i < 2; i++) {
		if (me->waiting == NULL) {
			if (me->fresh == NULL)
				return;
			/* The unlinking before the look at the readers: whoever comes after that
			 * cannot find them. DPDK's own order is weaker. */
			rte_atomic_thread_fence(__ATOMIC_SEQ_CST);
			me->token = rte_rcu_qsbr_start(m_casrcu.qsbr);
			me->waiting = me->fresh;
			me->fresh = NULL;
			me->nfresh = 0;
		}
		if (!grace_over(me->token, wait))
			return;
		put_all(me->waiting);
		me->waiting = NULL;
		/* relaxed: a statistic */
		__atomic_store_n(&me->held, count(me->fresh), __ATOMIC_RELAXED);
	}
}

struct cas_reader *
m_cas_enterslow(unsigned id)
{
	struct cas_reader *me;

	if (id >= RTE_MAX_LCORE) {
		id = CAS_GUEST;
		pthread_mutex_lock(&guest);
	}
	me = &m_casrcu.reader[id];
	if (!me->registered) {
		rte_rcu_qsbr_thread_register(m_casrcu.qsbr, id); /* cannot fail: id is in range */
		me->registered = true;
	}
	rte_rcu_qsbr_thread_online(m_casrcu.qsbr, id);
	return me;
}

void
m_cas_exitslow(struct cas_reader *me)
{
	if (me->nfresh >= CAS_HELD)
		reclaim(me, false);
	if (me == &m_casrcu.reader[CAS_GUEST])
		pthread_mutex_unlock(&guest);
}

/* What me still waits for goes to the guests' place, where anybody who flushes finds it. */
static void
hand_over(struct cas_reader *me)
{
	struct cas_reader *to = &m_casrcu.reader[CAS_GUEST];
	void *lists[2] = {me->fresh, me->waiting};
	struct cas_rec *rec;
	unsigned n = 0;

	me->fresh = me->waiting = NULL;
	me->nfresh = 0;
	for (unsigned i = 0; i < RTE_DIM(lists); i++) {
		while (lists[i] != NULL) {
			rec = lists[i];
			lists[i] = rec->retired;
			rec->retired = to->fresh;
			to->fresh = rec;
			n++;
		}
	}
	to->nfresh += n;
	/* relaxed: statistics */
	__atomic_store_n(&me->held, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&to->held, to->held + n, __ATOMIC_RELAXED);
}

/*
 * An lcore's own, and what threads that are no lcore left, or lcores that are idle or have ended.
 * Whoever comes last finds no reader and gives everything back.
 */
void
m_cas_flush(void)
{
	struct cas_reader *guests = &m_casrcu.reader[CAS_GUEST], *me = guests;
	unsigned id = rte_lcore_id();

	if (id < RTE_MAX_LCORE) {
		me = &m_casrcu.reader[id];
		reclaim(me, true);
	}
	/* relaxed: a look, so that an idle lcore takes no lock */
	if (__atomic_load_n(&me->held, __ATOMIC_RELAXED) == 0 &&
	    __atomic_load_n(&guests->held, __ATOMIC_RELAXED) == 0)
		return;
	pthread_mutex_lock(&guest);
	if (me != guests)
		hand_over(me);
	reclaim(guests, true);
	pthread_mutex_unlock(&guest);
}

struct cas_rec *
m_cas_getslow(void)
{
	m_cas_flush();
	return m_rec_get();
}

size_t
m_cas_pinned(void)
{
	size_t n = 0;

	/* relaxed: a statistic */
	for (unsigned i = 0; i < RTE_DIM(m_casrcu.reader); i++)
		n += __atomic_load_n(&m_casrcu.reader[i].held, __ATOMIC_RELAXED);
	return n * RTE_CACHE_LINE_SIZE;
}
