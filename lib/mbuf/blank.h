/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_BLANK_H
#define M_BLANK_H

/* Raw objects of our pools become mbufs. */

#include "compat.h"
#include "internal.h"

/* n objects of a pool that was empty: reap and flush, then try again. 0 or -ENOBUFS. */
int m_pressure(struct rte_mempool *mp, void **obj, unsigned n);

/* n objects, all or nothing. 0 or -ENOBUFS. */
static inline int
m_rawget(struct rte_mempool *mp, void **obj, unsigned n)
{
	if (unlikely(mp == NULL || rte_mempool_get_bulk(mp, obj, n) != 0) &&
	    m_pressure(mp, obj, n) != 0)
		return -ENOBUFS;
	for (unsigned i = 0; i < n; i++)
		M_FROMPOOL((struct mbuf *)obj[i]);
	return 0;
}

/*
 * One object of a pool of the calling lcore's node, or NULL. What DPDK's own functions do for one
 * object is made for many, and takes twice as long.
 */
static inline void *
m_rawget1(struct rte_mempool *mp)
{
	void *obj = m_cacheget(m_cacheof(mp));

	if (unlikely(obj == NULL))
		return m_rawget(mp, &obj, 1) == 0 ? obj : NULL;
	M_FROMPOOL((struct mbuf *)obj);
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
