/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The way between a driver's chains and ours: the slow parts of m_wrap() and m_unwrap(), pool.h. */

#include <rte_lcore.h>

#include "follow.h"
#include "internal.h"
#include "seg.h"

/*
 * n becomes a follower of the foreign segment r. Counting is DPDK's own here, INDIRECT or EXTERNAL,
 * since a foreign leader has no private line for a policy.
 */
static int
follow_foreign(struct mbuf *n, struct rte_mbuf *r)
{
	int rc = (r->ol_flags & RTE_MBUF_F_EXTERNAL) != 0 ? m_extshare(&n->m_rte, r)
							  : lead_share(&n->m_rte, r);

	if (rc != 0)
		return rc;
	n->m_rte.ol_flags |= r->ol_flags & ~(M_ATTACHED | m_hot.dirty | m_hot.nohdr);
	m_followhdr(&n->m_rte, r);
	n->m_rte.nb_segs = r->nb_segs;
	return 0;
}

static unsigned
count_foreign(const struct rte_mbuf *r)
{
	unsigned n = 0;

	for (; r != NULL; r = r->next)
		n += !m_ispool(r->pool);
	return n;
}

/* A follower for each foreign segment, linked in their order; NULL: nothing has changed. */
static struct mbuf *
followers(struct rte_mbuf *r)
{
	struct mbuf *top = NULL, **tail = &top;

	for (; r != NULL; r = r->next) {
		struct mbuf *n;

		if (m_ispool(r->pool))
			continue;
		n = m_newhdr();
		if (n != NULL)
			m_sethdrbit(n, true);
		if (n == NULL || follow_foreign(n, r) != 0) {
			if (n != NULL)
				m_freeseg(n);
			m_freem(top);
			return m_fail(ENOBUFS);
		}
		*tail = n;
		tail = &n->m_next;
	}
	return top;
}

struct mbuf *
m_wrap_chain(struct rte_mbuf *r)
{
	struct mbuf *top = NULL, **tail = &top, *spare;

	M_ENTRY();
	if (r == NULL)
		return NULL;
	for (struct rte_mbuf *n = r; M_TRACE_SIZE != 0 && n != NULL; n = n->next)
		M_WRAPPED(m_fromrte(n));
	if (count_foreign(r) == 0)
		return m_fromrte(r);
	spare = followers(r);
	if (spare == NULL)
		return NULL;
	while (r != NULL) {
		struct rte_mbuf *next = r->next;

		if (m_ispool(r->pool)) {
			*tail = m_fromrte(r);
		} else {
			*tail = spare;
			spare = spare->m_next;
			rte_pktmbuf_free_seg(r);
		}
		tail = &(*tail)->m_next;
		r = next;
	}
	*tail = NULL;
	return top;
}

struct rte_mbuf *
m_unwrap_chain(struct mbuf *m)
{
	unsigned len = 0, segs = 0;

	M_CHECK(m);
	if (m == NULL)
		return NULL;
	for (struct mbuf *n = m; n != NULL; n = n->m_next) {
		M_SENT(n);
		m_cleanpriv(n);
		m_sethdrbit(n, true);
		len += n->m_len;
		segs++;
	}
	m_setpkt(m, len, segs);
	return m_torte(m);
}
