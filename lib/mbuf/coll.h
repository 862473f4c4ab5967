/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_COLL_H
#define M_COLL_H

/*
 * Buffers on their way back to their pools. Those of the calling lcore's node go straight into its
 * caches, while there is room; what remains is collected, so that each pool is entered once.
 */

#include "compat.h"
#include "internal.h"

#define M_COLL_MAX 64

struct m_coll {
	const struct m_lcore *here;
	unsigned n; /* collected, in both slots */
	struct {
		struct rte_mempool *mp;
		unsigned n;
		void *obj[M_COLL_MAX];
	} slot[2]; /* not set while n is 0 */
};

/* The slow parts: free.c. */
void m_coll_add(struct m_coll *c, struct rte_mbuf *r);
void m_coll_flushslots(struct m_coll *c);

static inline void
m_coll_init(struct m_coll *c)
{
	c->here = m_here();
	c->n = 0;
}

static inline void
m_coll_flush(struct m_coll *c)
{
	if (unlikely(c->n != 0))
		m_coll_flushslots(c);
}

/* The same for an r of the pool here->mp[which]. */
static inline void
m_coll_putto(struct m_coll *c, unsigned which, struct rte_mbuf *r)
{
	M_TOPOOL(m_fromrte(r));
	if (unlikely(!m_cacheput(c->here->cache[which], r)))
		m_coll_add(c, r);
}

/* r must be as DPDK wants an mbuf in its pool: refcnt 1, next NULL, nb_segs 1, its own room. */
static inline void
m_coll_put(struct m_coll *c, struct rte_mbuf *r)
{
	if (r->pool == c->here->mp[0]) {
		m_coll_putto(c, 0, r);
	} else if (likely(r->pool == c->here->mp[1])) {
		m_coll_putto(c, 1, r);
	} else {
		M_TOPOOL(m_fromrte(r));
		m_coll_add(c, r);
	}
}

#endif /* M_COLL_H */
