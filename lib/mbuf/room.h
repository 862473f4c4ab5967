/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_ROOM_H
#define M_ROOM_H

/* Which room an mbuf refers to: its own, or another's. */

#include "compat.h"
#include "internal.h"

/* The fields that say which room; one by one, never the count beside them (hazard 2). */
static inline void
m_viewroom(struct rte_mbuf *n, const struct rte_mbuf *m)
{
	n->buf_addr = m->buf_addr;
	compat_setiova(n, compat_iova(m));
	n->buf_len = m->buf_len;
}

/*
 * Back to the room of its own that DPDK expects of an mbuf in its pool. hdr: the pool is known to
 * be a header pool of ours, so nothing has to be read.
 */
static inline void
m_ownroom(struct rte_mbuf *r, bool hdr)
{
	unsigned priv = sizeof(struct m_private), room = MSIZE;
	char *addr;

	if (unlikely(!hdr)) {
		priv = rte_pktmbuf_priv_size(r->pool);
		room = rte_pktmbuf_data_room_size(r->pool);
	}
	addr = (char *)r + sizeof(*r) + priv;
	r->buf_addr = addr;
	if (likely(m_state.iova_va))
		compat_setiova(r, (rte_iova_t)(uintptr_t)addr);
	else
		compat_setiova(r, rte_mempool_virt2iova(r) + sizeof(*r) + priv);
	r->buf_len = (uint16_t)room;
	r->ol_flags = 0;
	if (unlikely(r->priv_size != priv))
		r->priv_size = (uint16_t)priv;
}

#endif /* M_ROOM_H */
