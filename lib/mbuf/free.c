/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The way back: m_free() and its family, alloc.h. */

#include <rte_lcore.h>

#include "blank.h"
#include "internal.h"
#include "seg.h"

/* How far a bulk free looks ahead. */
#define AHEAD_HEADER 8
#define AHEAD_LEADER 4

void
m_cleanpriv_slow(struct mbuf *m)
{
	/* DPDK's attach copies flags, also to an mbuf that has no private line */
	if (m_ispool(m->m_rte.pool)) {
		m_tag_delete_chain(m);
		m->m_priv.nextpkt = NULL;
		m->m_priv.type = 0;
		m->m_priv.flags = 0;
	}
	m->m_rte.ol_flags &= ~m_hot.dirty;
}

void
m_dropslow(struct m_coll *c, struct rte_mbuf *r)
{
	struct mbuf *m = m_fromrte(r);

	if (mpol_isfollower(r) && __atomic_load_n(&r->refcnt, __ATOMIC_RELAXED) == 1) {
		r->next = NULL;
		r->nb_segs = 1;
		mpol_free(c, r);
	} else if (m_hasbody(m)) {
		m_dropdata(m); /* direct again, its room with others or not */
		m_dropseg(c, r);
	} else {
		/* EXTERNAL, pinned or not, or a header that DPDK's user counts */
		r = rte_pktmbuf_prefree_seg(r);
		if (r != NULL)
			m_coll_put(c, r);
	}
}

void
m_freeseg(struct mbuf *m)
{
	struct m_coll c;

	m_coll_init(&c);
	m_cleanpriv(m);
	m_dropseg(&c, &m->m_rte);
	m_coll_flush(&c);
}

struct mbuf *
m_free(struct mbuf *m)
{
	struct mbuf *n;

	if (m == NULL)
		return NULL;
	M_CHECK(m);
	n = m->m_next;
	m_freeseg(m);
	return n;
}

void
m_coll_add(struct m_coll *c, struct rte_mbuf *r)
{
	unsigned i = 0;

	if (m_cacheof(r->pool) != NULL) {
		rte_mempool_put(r->pool, r); /* a full one is emptied by this */
		return;
	}
	if (c->n == 0)
		c->slot[0].n = c->slot[1].n = 0;
	if (c->slot[0].n != 0 && c->slot[0].mp != r->pool)
		i = 1;
	if (c->slot[i].n == M_COLL_MAX || (c->slot[i].n != 0 && c->slot[i].mp != r->pool)) {
		rte_mempool_put_bulk(c->slot[i].mp, c->slot[i].obj, c->slot[i].n);
		c->n -= c->slot[i].n;
		c->slot[i].n = 0;
	}
	c->slot[i].mp = r->pool;
	c->slot[i].obj[c->slot[i].n++] = r;
	c->n++;
}

void
m_coll_flushslots(struct m_coll *c)
{
	for (unsigned i = 0; i < RTE_DIM(c->slot); i++) {
		if (c->slot[i].n != 0)
			rte_mempool_put_bulk(c->slot[i].mp, c->slot[i].obj, c->slot[i].n);
	}
	c->n = 0;
}

static __rte_noinline void
lead_dropslow(struct m_coll *c, struct rte_mbuf *l)
{
	lead_drop(c, l);
}

/* What the fast ways below do not know. */
static __rte_noinline void
free_slow(struct m_coll *c, struct rte_mbuf *r)
{
	m_dropchain(c, r);
}

/* How a packet is attached, and whether its private line is dirty, if it is one mbuf and that is
 * its owner's alone; else a value that no fast way takes. */
static inline uint64_t
free_kind(const struct rte_mbuf *r)
{
	/* acquire: a direct mbuf is reused from here on, as in m_dropseg() */
	if (unlikely(r->nb_segs != 1 || r->next != NULL ||
		__atomic_load_n(&r->refcnt, LEAD_ONLY_ORDER) != 1))
		return UINT64_MAX;
	return r->ol_flags & (M_ATTACHED | m_hot.dirty);
}

/* One packet. Followers and whole clusters take no call. */
static inline void
free_packet(struct m_coll *c, struct rte_mbuf *r)
{
	uint64_t kind = free_kind(r);

	if (likely(kind == RTE_MBUF_F_INDIRECT && r->pool == c->here->mp[0])) {
		struct rte_mbuf *l = lead_of(r);

		/*
		 * The count first: a locked operation waits for every write before it. relaxed: as
		 * in lead_drop().
		 */
		if (unlikely(__atomic_load_n(&m_hot.zero_pending, __ATOMIC_RELAXED) != 0))
			lead_dropslow(c, l);
		else if (unlikely(lead_unref(l)))
			lead_putback(c, l);
		m_ownroom(r, true);
		m_coll_putto(c, 0, r);
	} else if (likely(kind == 0 && r->pool == c->here->mp[1])) {
		m_coll_putto(c, 1, r);
	} else if (kind == RTE_MBUF_F_EXTERNAL && mpol_isfollower(r)) {
		mpol_free(c, r);
	} else {
		free_slow(c, r);
	}
}

struct mbuf *
m_freem(struct mbuf *m)
{
	struct m_coll c;
	struct mbuf *n;

	if (m == NULL)
		return NULL;
	M_CHECK(m);
	n = m_nextpkt(m);
	m_coll_init(&c);
	free_packet(&c, &m->m_rte);
	m_coll_flush(&c);
	return n;
}

struct mbuf *
m_freemp(struct mbuf **mp)
{
	struct mbuf *m = *mp;

	*mp = NULL;
	return m_freem(m);
}

void
m_purge(struct mbuf *m)
{
	struct m_coll c;

	m_coll_init(&c);
	while (m != NULL) {
		struct mbuf *n = m_nextpkt(m);

		M_CHECK(m);
		m_dropchain(&c, &m->m_rte);
		m = n;
	}
	m_coll_flush(&c);
}

/*
 * Fetch for writing what the next turns of a bulk free will write: first the header, which another
 * lcore may have written last, then the leader that it refers to. A count is changed by a locked
 * operation, which nothing overtakes: without this, each turn would wait for its own two lines.
 */
static inline void
free_ahead(void *const *v, unsigned i, unsigned n)
{
	const struct rte_mbuf *r;

	if (i + AHEAD_HEADER < n)
		__builtin_prefetch(v[i + AHEAD_HEADER], 1);
	if (i + AHEAD_LEADER < n && (r = v[i + AHEAD_LEADER]) != NULL)
		__builtin_prefetch((char *)r->buf_addr - sizeof(struct mbuf), 1);
}

void
m_freem_bulk(struct mbuf *const *v, unsigned n)
{
	struct m_coll c;

	m_coll_init(&c);
	for (unsigned i = 0; i < n; i++) {
		free_ahead((void *const *)v, i, n);
		if (likely(v[i] != NULL)) {
			M_CHECK(v[i]);
			free_packet(&c, &v[i]->m_rte);
		}
	}
	m_coll_flush(&c);
}

void
m_freem_rte_bulk(struct rte_mbuf *const *v, unsigned n)
{
	struct m_coll c;

	M_ENTRY();
	m_coll_init(&c);
	for (unsigned i = 0; i < n; i++) {
		free_ahead((void *const *)v, i, n);
		if (likely(v[i] != NULL))
			free_packet(&c, v[i]);
	}
	m_coll_flush(&c);
}
