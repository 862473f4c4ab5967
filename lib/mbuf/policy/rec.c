/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Pools of a policy's own objects: rec.h. */

#include <string.h>

#include <rte_mbuf_pool_ops.h>

#include "policy/rec.h"

struct m_rec_state m_rec;

static int
node_init(unsigned i, unsigned per_header, unsigned per_cluster, unsigned held)
{
	const struct m_node *node = &m_state.node[i];
	unsigned cache = node->header->cache_size;
	unsigned n = per_header * node->header->size + per_cluster * node->cluster->size;
	char name[RTE_MEMPOOL_NAMESIZE];

	/* a pool's caches may keep half as many again as they are named for, and bulks on top */
	n += (rte_lcore_count() + 2) * (2 * cache + held);
	snprintf(name, sizeof(name), M_POOL_PREFIX "_rec%d", node->socket);
	m_rec.mp[i] =
	    rte_mempool_create_empty(name, n, RTE_CACHE_LINE_SIZE, cache, 0, node->socket, 0);
	/* as the pools of mbufs */
	if (m_rec.mp[i] == NULL ||
	    rte_mempool_set_ops_byname(m_rec.mp[i], rte_mbuf_best_mempool_ops(), NULL) != 0 ||
	    rte_mempool_populate_default(m_rec.mp[i]) < 0)
		return -ENOMEM;
	return 0;
}

int
m_rec_init(unsigned per_header, unsigned per_cluster, unsigned held)
{
	for (unsigned i = 0; i < m_state.nnodes; i++) {
		if (node_init(i, per_header, per_cluster, held) != 0) {
			m_rec_fini();
			return -ENOMEM;
		}
	}
	return 0;
}

void
m_rec_fini(void)
{
	for (unsigned i = 0; i < RTE_DIM(m_rec.mp); i++)
		rte_mempool_free(m_rec.mp[i]); /* NULL is legal */
	memset(&m_rec, 0, sizeof(m_rec));
}

unsigned
m_rec_inuse(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m_state.nnodes; i++)
		n += rte_mempool_in_use_count(m_rec.mp[i]);
	return n;
}
