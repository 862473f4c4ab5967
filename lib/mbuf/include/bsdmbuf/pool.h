/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_POOL_H
#define BSDMBUF_POOL_H

/* Pools, and the way between a driver's rte_mbufs and our mbufs. */

#include <bsdmbuf/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What m_init() makes. Counts are per NUMA node. A 0 takes the default. */
struct m_conf {
	unsigned nmbufs;       /* small mbufs and followers; default 8192 */
	unsigned nclusters;    /* clusters; default 8192 */
	unsigned cluster_size; /* bytes behind the headroom; default MCLBYTES */
	unsigned cache;	       /* mbufs an lcore keeps a pool; default 256, M_NOCACHE for none */
	int socket;	       /* one NUMA node, or SOCKET_ID_ANY: each that has an lcore */
};
#define M_NOCACHE UINT32_MAX

/*
 * Make the pools. Once, after rte_eal_init(), on the main lcore; conf NULL takes every default with
 * SOCKET_ID_ANY.
 * Returns 0, or -EALREADY (it has run), -EINVAL (cluster_size not in MSIZE + 1 .. MAXMCLBYTES, a
 * cache that DPDK refuses or that exceeds two thirds of a count, a socket that does not exist),
 * -ENOMEM (the memory is not there), -ENOSPC (no dynamic flag is free). On failure nothing is left
 * behind.
 */
M_API int m_init(const struct m_conf *conf);

/*
 * Give the pools back, once no lcore uses them. Runs m_reap() first.
 * Returns 0, or -EBUSY when buffers are out: then all stays as it is, and m_pools() says where.
 * Without m_init() it does nothing and returns 0.
 */
M_API int m_fini(void);

/*
 * The pool of clusters of a NUMA node, to give to rte_eth_rx_queue_setup(), and the pool of small
 * mbufs and followers. SOCKET_ID_ANY or a node without a pool of its own: the first there is.
 * NULL before m_init().
 */
M_API struct rte_mempool *m_cluster_pool(int socket);
M_API struct rte_mempool *m_header_pool(int socket);

/* One pool's balance. */
struct m_poolstat {
	const char *name;
	int socket;
	unsigned kind;	 /* enum m_pool_kind */
	unsigned size;	 /* buffers it was made with */
	unsigned in_use; /* buffers that are out; exact while no lcore allocates or frees */
};

/*
 * Call fn for each pool in a fixed order; stop at the first non-zero and return it, else 0.
 * Runs m_reap() first.
 */
M_API int m_pools(int (*fn)(const struct m_poolstat *st, void *arg), void *arg);

/* The slow part of m_wrap(): a chain, or a foreign segment. Same contract. */
M_API struct mbuf *m_wrap_chain(struct rte_mbuf *r);

/*
 * A chain as a driver delivers it becomes a chain of ours. For mbufs of our pools this is a cast,
 * and the private line is not touched. A segment of a foreign pool is replaced by a follower that
 * shares its data, and the segment itself is given up.
 * r is consumed on success. On failure (no header free) NULL, rte_errno ENOBUFS, and r is as it
 * was and still the caller's. NULL gives NULL.
 */
static inline struct mbuf *
m_wrap(struct rte_mbuf *r)
{
	if (likely(!M_SLOW && r != NULL && r->nb_segs == 1 && m_ispool(r->pool)))
		return m_fromrte(r);
	return m_wrap_chain(r);
}

/* The slow part of m_unwrap(): same contract. */
M_API struct rte_mbuf *m_unwrap_chain(struct mbuf *m);

/*
 * A chain of ours is made ready for a driver: tags are freed, m_nextpkt, type and flags cleared,
 * so that nothing of ours is lost when the driver frees it. A chain whose first mbuf has no packet
 * header gets its lengths and nb_segs set. Never fails; m is consumed; NULL gives NULL.
 */
static inline struct rte_mbuf *
m_unwrap(struct mbuf *m)
{
	if (likely(!M_SLOW && m != NULL && m->m_rte.nb_segs == 1 &&
		(m->m_rte.ol_flags & (m_hot.dirty | m_hot.nohdr)) == 0))
		return m_torte(m);
	return m_unwrap_chain(m);
}

/*
 * Whether a packet is plain: one segment of one of our pools, direct, held once, its private line
 * clean. A queue with FAST_FREE may take plain packets of its one pool and nothing else.
 * Reads the first cache line alone.
 */
static inline bool
m_isplain(const struct rte_mbuf *r)
{
	const uint64_t attached = RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;

	/* relaxed: nothing is written on the strength of this; a count of 1 is the owner's alone */
	return r->nb_segs == 1 && (r->ol_flags & (attached | m_hot.dirty | m_hot.nohdr)) == 0 &&
	    __atomic_load_n(&r->refcnt, __ATOMIC_RELAXED) == 1 && m_ispool(r->pool);
}

/* Whether all n packets of a burst are plain. */
M_API bool m_isplain_bulk(struct rte_mbuf *const *v, unsigned n);

/*
 * m_wrap() and m_unwrap() for a burst. m_wrap_bulk() returns k: out[0..k) are wrapped, v[k..n) are
 * still the caller's (k < n: rte_errno ENOBUFS). v and out may be the same memory.
 */
M_API unsigned m_wrap_bulk(struct rte_mbuf *const *v, struct mbuf **out, unsigned n);
M_API void m_unwrap_bulk(struct mbuf *const *v, struct rte_mbuf **out, unsigned n);

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_POOL_H */
