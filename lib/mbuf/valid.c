/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Is a chain as mbufs must be? data.h. */

#include "internal.h"
#include "policy/policy.h"

/* More is a loop. A packet of more than UINT16_MAX mbufs is none, but a list of mbufs may be. */
#define MAXSEGS (1u << 20)
#define MAXTAGS 4096

/* The count of an mbuf or of storage; acquire as m_refs(), though nothing depends on it. */
static unsigned
count_of(const uint16_t *cnt)
{
	return __atomic_load_n(cnt, __ATOMIC_ACQUIRE);
}

static const char *
bad_room(const struct rte_mbuf *r)
{
	const struct rte_mbuf *l;
	unsigned room;

	/* before a policy looks whose it is */
	if ((r->ol_flags & RTE_MBUF_F_EXTERNAL) != 0 && r->shinfo == NULL)
		return "EXTERNAL without a count";
	l = m_roomof(r);
	if (l == NULL)
		return count_of(&r->shinfo->refcnt) == 0 ? "foreign storage that is free" : NULL;
	if (l->pool == NULL)
		return "a leader without a pool";
	if (count_of(&l->refcnt) == 0)
		return "a cluster that is free";
	room = rte_pktmbuf_data_room_size(l->pool);
	if ((const char *)r->buf_addr !=
	    (const char *)l + sizeof(*l) + rte_pktmbuf_priv_size(l->pool))
		return "its buffer is not its leader's room";
	return r->buf_len != room ? "its room has the wrong size" : NULL;
}

static const char *
bad_tags(const struct mbuf *m)
{
	unsigned n = 0;

	for (const struct m_tag *t = m_tag_first(m); t != NULL; t = m_tag_next(m, t)) {
		if (t->m_tag_id == 0 || t->m_tag_len > PACKET_TAG_MAXSIZE)
			return "a tag that is none";
		if (++n > MAXTAGS)
			return "its tags are a loop";
	}
	return NULL;
}

static const char *
bad_private(const struct mbuf *m)
{
	const struct m_private *p = &m->m_priv;

	if (!m_isdirty(m)) {
		if (p->nextpkt != NULL || p->tags != NULL || p->type != 0 || p->flags != 0)
			return "its private line is dirty, but its flag is not set";
		return NULL;
	}
	if (p->type >= MT_NTYPES)
		return "a type that is none";
	if ((p->flags & (M_EXT | M_PKTHDR | M_EXTWR | M_ZEROIZE)) != 0)
		return "a derived flag is stored";
	return bad_tags(m);
}

static const char *
bad_segment(const struct mbuf *m)
{
	const struct rte_mbuf *r = &m->m_rte;
	const char *why;

	if (r->pool == NULL || !m_ispool(r->pool))
		return "not of our pools: m_wrap() it";
	if (count_of(&r->refcnt) == 0)
		return "an mbuf that is free";
	if ((r->ol_flags & M_ATTACHED) == M_ATTACHED)
		return "both INDIRECT and EXTERNAL";
	if ((unsigned)r->data_off + r->data_len > r->buf_len)
		return "its data reach beyond its room";
	why = bad_room(r);
	return why != NULL ? why : bad_private(m);
}

const char *
m_invalid(const struct mbuf *m, bool lengths)
{
	const struct mbuf *head = m;
	unsigned long len = 0;
	unsigned segs = 0;

	if (m == NULL)
		return "no mbuf";
	for (; m != NULL; m = m->m_next) {
		const char *why = bad_segment(m);

		if (why != NULL)
			return why;
		len += m->m_len;
		if (++segs > MAXSEGS)
			return "a loop";
	}
	if (!lengths || !m_haspkthdr(head))
		return NULL;
	if (head->m_rte.nb_segs != segs)
		return "nb_segs is not the number of mbufs: m_calchdrlen()";
	return head->m_pkthdr.len != len ? "m_pkthdr.len is not the sum of m_len: m_calchdrlen()"
					 : NULL;
}

const char *
m_valid(const struct mbuf *m)
{
	return m_invalid(m, true);
}
