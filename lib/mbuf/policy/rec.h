/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_REC_H
#define M_POLICY_REC_H

/*
 * Objects of one cache line for a policy that accounts outside of the mbufs: a pool a NUMA node,
 * cached per lcore as the mbuf pools are. One policy is built at a time, so there is one set.
 */

#include <rte_lcore.h>

#include "../internal.h"

struct m_rec_state {
	struct rte_mempool *mp[RTE_MAX_NUMA_NODES]; /* by index of m_state.node[] */
};
extern struct m_rec_state m_rec;

/*
 * Pools of so many objects a header and a cluster of their node, and so many more that each lcore
 * may hold back held. 0 or -ENOMEM.
 */
int m_rec_init(unsigned per_header, unsigned per_cluster, unsigned held);
void m_rec_fini(void);

/* Objects of all pools that are out, those held back included. */
unsigned m_rec_inuse(void);

/* An object with unknown content, or NULL. */
static inline void *
m_rec_get(void)
{
	struct rte_mempool *mp = m_rec.mp[m_mynode() - m_state.node];
	void *obj;

	return likely(rte_mempool_get(mp, &obj) == 0) ? obj : NULL;
}

static inline void
m_rec_put(void *obj)
{
	struct rte_mempool *mp = m_rec.mp[0];

	if (unlikely(m_state.nnodes != 1))
		mp = rte_mempool_from_obj(obj);
	rte_mempool_put(mp, obj);
}

#endif /* M_POLICY_REC_H */
