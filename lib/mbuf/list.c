/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Lists of packets: list.h. */

#include "internal.h"

void
ml_init(struct mbuf_list *ml)
{
	*ml = (struct mbuf_list)MBUF_LIST_INITIALIZER();
}

void
ml_enqueue(struct mbuf_list *ml, struct mbuf *m)
{
	M_CHECK(m);
	m_setnextpkt(m, NULL);
	if (ml->ml_tail == NULL)
		ml->ml_head = m;
	else
		m_setnextpkt(ml->ml_tail, m);
	ml->ml_tail = m;
	ml->ml_len++;
}

struct mbuf *
ml_dequeue(struct mbuf_list *ml)
{
	struct mbuf *m = ml->ml_head;

	if (m == NULL)
		return NULL;
	ml->ml_head = m_nextpkt(m);
	if (ml->ml_head == NULL)
		ml->ml_tail = NULL;
	ml->ml_len--;
	m_setnextpkt(m, NULL);
	return m;
}

void
ml_enlist(struct mbuf_list *dst, struct mbuf_list *src)
{
	if (ml_empty(src))
		return;
	if (dst->ml_tail == NULL)
		dst->ml_head = src->ml_head;
	else
		m_setnextpkt(dst->ml_tail, src->ml_head);
	dst->ml_tail = src->ml_tail;
	dst->ml_len += src->ml_len;
	ml_init(src);
}

struct mbuf *
ml_dechain(struct mbuf_list *ml)
{
	struct mbuf *m = ml->ml_head;

	ml_init(ml);
	return m;
}

unsigned
ml_purge(struct mbuf_list *ml)
{
	unsigned n = ml->ml_len;

	m_purge(ml_dechain(ml));
	return n;
}

unsigned
ml_hdatalen(const struct mbuf_list *ml)
{
	return ml->ml_head == NULL ? 0 : ml->ml_head->m_pkthdr.len;
}
