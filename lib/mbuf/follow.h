/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_FOLLOW_H
#define M_FOLLOW_H

/* Followers: headers that refer to another mbuf's data. */

#include <string.h>

#include "blank.h"
#include "policy/policy.h"

/* n, fresh or blank, refers to m's room; no lengths, no offset. 0 or -ENOBUFS. m has a cluster. */
static inline int
m_attach(struct rte_mbuf *n, struct rte_mbuf *m)
{
	if (unlikely((m->ol_flags & RTE_MBUF_F_EXTERNAL) != 0 && !mpol_isfollower(m)))
		return m_extshare(n, m);
	M_SHARED(M_TRACE_SIZE == 0 ? NULL : m_roomof(m));
	return mpol_share(n, m);
}

/* Whether anybody has registered a dynamic field: while none has, they hold nothing. */
static inline bool
m_dynfields(void)
{
	const struct rte_tailq_head *fields = m_state.dynfields;

	return fields == NULL || !TAILQ_EMPTY(&fields->tailq_head);
}

/* Copy what a driver says about a packet: the fields between the flags and the pool, and more. */
static inline void
m_followhdr(struct rte_mbuf *n, const struct rte_mbuf *m)
{
	const size_t from = offsetof(struct rte_mbuf, packet_type);
	const size_t len = offsetof(struct rte_mbuf, pool) - from;

	n->data_off = m->data_off;
	n->port = m->port;
	memcpy((char *)n + from, (const char *)m + from, len);
	/*
	 * The second cache line is only written if it must be: a write would take it away from the
	 * lcore that frees n and reads next there.
	 */
	if (unlikely(n->tx_offload != m->tx_offload))
		n->tx_offload = m->tx_offload;
	if (unlikely(m_dynfields()))
		memcpy(n->dynfield1, m->dynfield1, sizeof(n->dynfield1));
}
M_ASSERT(offsetof(struct rte_mbuf, packet_type) > offsetof(struct rte_mbuf, refcnt));
M_ASSERT(offsetof(struct rte_mbuf, packet_type) > offsetof(struct rte_mbuf, ol_flags));
M_ASSERT(offsetof(struct rte_mbuf, pkt_len) > offsetof(struct rte_mbuf, packet_type));
M_ASSERT(offsetof(struct rte_mbuf, buf_len) < offsetof(struct rte_mbuf, pool));

/* Whether a whole packet can be shared by one header: no chain, no tags, a room to share. */
static inline bool
m_followable(const struct mbuf *m)
{
	/* next as well as nb_segs: BSD code links by hand */
	return m->m_rte.nb_segs == 1 && m->m_next == NULL &&
	    (m->m_rte.ol_flags & m_hot.dirty) == 0 && m_hascluster(m);
}

/*
 * n, as it comes from its pool, becomes a follower of the whole packet m (m_followable()). 0, or
 * -ENOBUFS: n is as it came, but for flags.
 */
static inline int
m_followpkt(struct mbuf *n, struct mbuf *m)
{
	n->m_rte.ol_flags = m->m_rte.ol_flags & ~M_ATTACHED;
	if (unlikely(m_attach(&n->m_rte, &m->m_rte) != 0))
		return -ENOBUFS;
	m_followhdr(&n->m_rte, &m->m_rte);
	n->m_pkthdr.len = m->m_len;
	return 0;
}

#endif /* M_FOLLOW_H */
