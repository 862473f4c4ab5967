/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_BLANK_H
#define M_BLANK_H

/* Raw objects of our pools become mbufs. */

#include <rte_lcore.h>

#include "internal.h"

/* n objects of a pool that was empty: reap and flush, then try again. 0 or -ENOBUFS. */
int m_pressure(struct rte_mempool *mp, void **obj, unsigned n);

/*
 * One object from the calling lcore's cache, or NULL. What DPDK's own functions do for one object
 * is made for many, and takes twice as long.
 */
static inline void *
m_cacheget(struct rte_mempool *mp)
{
	struct rte_mempool_cache *c;

	if (unlikely(mp == NULL))
		return NULL;
	c = rte_mempool_default_cache(mp, rte_lcore_id());
	if (unlikely(c == NULL || c->len == 0))
		return NULL;
	return c->objs[--c->len];
}

/* One object into the calling lcore's cache. False: there is no room, or no cache. */
static inline bool
m_cacheput(struct rte_mempool *mp, void *obj)
{
	struct rte_mempool_cache *c = rte_mempool_default_cache(mp, rte_lcore_id());

	if (unlikely(c == NULL || c->len >= c->size))
		return false;
	c->objs[c->len++] = obj;
	return true;
}

/* n objects, all or nothing. 0 or -ENOBUFS. */
static inline int
m_rawget(struct rte_mempool *mp, void **obj, unsigned n)
{
	if (unlikely(mp == NULL || rte_mempool_get_bulk(mp, obj, n) != 0))
		return m_pressure(mp, obj, n);
	return 0;
}

/* One object, or NULL. */
static inline void *
m_rawget1(struct rte_mempool *mp)
{
	void *obj = m_cacheget(mp);

	if (unlikely(obj == NULL && m_rawget(mp, &obj, 1) != 0))
		return NULL;
	return obj;
}

/*
 * What an mbuf from its pool lacks to be blank. There its count is 1, nb_segs 1, next NULL, and its
 * room its own. tx_offload and dynamic fields mean nothing until a flag or their owner says so, but
 * DPDK clears tx_offload, and so do we.
 */
static inline void
m_blank(struct mbuf *m, unsigned off, uint64_t flags)
{
	struct rte_mbuf *r = &m->m_rte;

	r->data_off = (uint16_t)off;
	r->port = RTE_MBUF_PORT_INVALID;
	r->ol_flags = flags;
	r->packet_type = 0;
	r->pkt_len = 0;
	r->data_len = 0;
	r->vlan_tci = 0;
	r->vlan_tci_outer = 0;
	r->tx_offload = 0;
}

#endif /* M_BLANK_H */
