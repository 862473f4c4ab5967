/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_SEG_H
#define M_SEG_H

/* One segment given up, whatever it is and whoever's pool it is from. */

#include "policy/policy.h"

/* The rare ones: EXTERNAL, or an attached mbuf whose own count is not 1. free.c. */
void m_dropslow(struct m_coll *c, struct rte_mbuf *r);

/* next has been read; dirty private lines have been cleaned. */
static inline void
m_dropseg(struct m_coll *c, struct rte_mbuf *r)
{
	/* relaxed: marked leaders need more, and m_reap() finds those that are missed here */
	if (MPOL_DPDKFREE && __atomic_load_n(&m_hot.zero_pending, __ATOMIC_RELAXED) == 0) {
		if (M_TRACE_SIZE != 0 && (r->ol_flags & M_ATTACHED) == 0 &&
		    rte_mbuf_refcnt_read(r) != 1)
			M_GIVEUP(r);
		r = rte_pktmbuf_prefree_seg(r);
		if (r != NULL)
			m_coll_put(c, r);
		return;
	}
	if (likely((r->ol_flags & M_ATTACHED) == 0)) {
		/* acquire if last (hazard 13): it is reused from here on */
		if (likely(__atomic_load_n(&r->refcnt, LEAD_ONLY_ORDER) == 1)) {
			if (r->next != NULL)
				r->next = NULL;
			if (r->nb_segs != 1)
				r->nb_segs = 1;
			m_coll_put(c, r);
		} else {
			M_GIVEUP(r);
			lead_drop(c, r);
		}
		/* relaxed: a header that is ours alone */
	} else if (likely((r->ol_flags & RTE_MBUF_F_INDIRECT) != 0 &&
		       __atomic_load_n(&r->refcnt, __ATOMIC_RELAXED) == 1)) {
		struct rte_mbuf *l = lead_of(r);

		lead_drop(c, l); /* before any write: free_packet() */
		m_ownroom(r, r->pool == c->here->mp[0]);
		if (r->next != NULL)
			r->next = NULL;
		if (r->nb_segs != 1)
			r->nb_segs = 1;
		m_coll_put(c, r);
	} else {
		m_dropslow(c, r);
	}
}

/* A chain, any chain. */
static inline void
m_dropchain(struct m_coll *c, struct rte_mbuf *r)
{
	do {
		struct rte_mbuf *next = r->next;

		if (unlikely((r->ol_flags & m_hot.dirty) != 0))
			m_cleanpriv_slow(m_fromrte(r));
		m_dropseg(c, r);
		r = next;
	} while (r != NULL);
}

#endif /* M_SEG_H */
