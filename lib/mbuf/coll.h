/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_COLL_H
#define M_COLL_H

/*
 * Buffers on their way back to their pools, collected so that each pool is entered once. Two slots:
 * the calling lcore's header pool, and one other pool, by default its cluster pool.
 */

#include "compat.h"
#include "internal.h"

#define M_COLL_MAX 64

struct m_coll {
	struct rte_mempool *mp[2];
	unsigned n[2];
	void *obj[2][M_COLL_MAX];
};

static inline void
m_coll_init(struct m_coll *c)
{
	const struct m_node *node = m_mynode();

	c->mp[0] = node->header;
	c->mp[1] = node->cluster;
	c->n[0] = c->n[1] = 0;
}

static inline void
m_coll_flushslot(struct m_coll *c, unsigned slot)
{
	if (c->n[slot] != 0)
		rte_mempool_put_bulk(c->mp[slot], c->obj[slot], c->n[slot]);
	c->n[slot] = 0;
}

static inline void
m_coll_flush(struct m_coll *c)
{
	m_coll_flushslot(c, 0);
	m_coll_flushslot(c, 1);
}

/* The same for an r of the pool that slot is for. */
static inline void
m_coll_putslot(struct m_coll *c, unsigned slot, struct rte_mbuf *r)
{
	M_TOPOOL(m_fromrte(r));
	if (unlikely(c->n[slot] == M_COLL_MAX))
		m_coll_flushslot(c, slot);
	c->obj[slot][c->n[slot]++] = r;
}

/* r must be as DPDK wants an mbuf in its pool: refcnt 1, next NULL, nb_segs 1, its own room. */
static inline void
m_coll_put(struct m_coll *c, struct rte_mbuf *r)
{
	unsigned slot = r->pool != c->mp[0];

	M_TOPOOL(m_fromrte(r));
	if (unlikely(c->n[slot] == M_COLL_MAX || (slot == 1 && r->pool != c->mp[1]))) {
		m_coll_flushslot(c, slot);
		c->mp[slot] = r->pool;
	}
	c->obj[slot][c->n[slot]++] = r;
}

#endif /* M_COLL_H */
