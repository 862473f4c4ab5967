/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_NATIVE_H
#define M_POLICY_NATIVE_H

/*
 * What DPDK does: a follower is attached by rte_pktmbuf_attach() and given up by
 * rte_pktmbuf_prefree_seg().
 *
 * Who proposed it: nobody; it is the reference that DPDK brings (rte_pktmbuf_clone()).
 * Bytes an mbuf: none beyond what an rte_mbuf has.
 * Atomics: none for the first share, one for each further one; one for a drop that is not the last.
 * Pins at worst: the cluster that is shared.
 * Fails: DPDK's count has 16 bits and no check. Sharing looks at it first and fails with ENOBUFS
 *	near the limit, but looking and counting are two steps: as many lcores as there is room
 *	above the limit (1024) may pass at once. The last holder is recognised by a relaxed load, so
 *	on a weakly ordered CPU reuse leans on what the driver and the pool order.
 *
 * The leader policy does the same work with the fields that matter, its own checks and orders, and
 * returns buffers in bulk.
 */

#include "leader.h"

#define MPOL_NAME "native"
#define MPOL_DPDKFREE 1

static inline int
mpol_init(void)
{
	return 0;
}

static inline void
mpol_fini(void)
{
}

static inline void
mpol_flush(void)
{
}

static inline void
mpol_reclaim(void)
{
}

static inline size_t
mpol_pinned(void)
{
	return 0;
}

static inline int
mpol_share(struct rte_mbuf *n, struct rte_mbuf *m)
{
	struct rte_mbuf *l = (m->ol_flags & RTE_MBUF_F_INDIRECT) != 0 ? lead_of(m) : m;
	uint64_t flags = n->ol_flags;

	/* relaxed: a bound, not an order */
	if (unlikely(__atomic_load_n(&l->refcnt, __ATOMIC_RELAXED) >= M_REF_LIMIT))
		return -ENOBUFS;
	rte_pktmbuf_attach(n, m);
	/* attach copies the driver's flags, and that m's private line is dirty: n's is not */
	n->ol_flags = flags | RTE_MBUF_F_INDIRECT;
	return 0;
}

static inline bool
mpol_isfollower(const struct rte_mbuf *m)
{
	(void)m;
	return false;
}

static inline struct rte_mbuf *
mpol_leader(const struct rte_mbuf *m)
{
	return lead_of(m);
}

static inline void
mpol_free(struct m_coll *c, struct rte_mbuf *m)
{
	(void)c;
	(void)m;
}

static inline void
mpol_drop(struct m_coll *c, struct rte_mbuf *m)
{
	(void)c;
	(void)m;
}

static inline unsigned
mpol_refs(const struct rte_mbuf *l)
{
	(void)l;
	return 0;
}

#endif /* M_POLICY_NATIVE_H */
