/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Trimming, joining and putting in front: data.h. */

#include "chain.h"

/* Take n bytes, which are there, from the head; emptied mbufs stay. */
static void
trim_head(struct mbuf *m, unsigned n)
{
	for (; n > 0; m = m->m_next) {
		unsigned k = RTE_MIN(n, m->m_len);

		m->m_rte.data_off = (uint16_t)(m->m_rte.data_off + k);
		m->m_len = (uint16_t)(m->m_len - k);
		n -= k;
	}
}

void
m_adj_chain(struct mbuf *m, int req)
{
	unsigned len, left;

	if (m == NULL)
		return;
	M_CHECK(m);
	len = m_chainlen(m);
	if (req >= 0) {
		left = len - RTE_MIN((unsigned)req, len);
		trim_head(m, len - left);
	} else {
		/* 0u - x: INT_MIN has no positive twin */
		left = len - RTE_MIN(0u - (unsigned)req, len);
		len = left;
		for (struct mbuf *n = m; n != NULL; n = n->m_next) {
			n->m_len = (uint16_t)RTE_MIN(n->m_len, len);
			len -= n->m_len;
		}
	}
	if (!M_BREAKS(21))
		m->m_pkthdr.len = left;
}

void
m_cat(struct mbuf *m, struct mbuf *n)
{
	struct mbuf *last;
	unsigned len, segs, had;

	if (m == NULL || n == NULL)
		return;
	M_CHECK(m);
	M_CHECK(n);
	len = m_chainlen(m) + m_chainlen(n);
	last = m_lastof(m);
	had = last->m_len;
	segs = m_chainsegs(m);
	m_setnextpkt(n, NULL);
	/* a secret is not copied to where nobody would zero it */
	while (n != NULL && n->m_len <= m_trailingspace(last) && !m_iszeroed(n)) {
		memcpy(mtod(last, char *) + last->m_len, mtod(n, const char *), n->m_len);
		last->m_len = (uint16_t)(last->m_len + n->m_len);
		n = M_BREAKS(22) ? n->m_next : m_free(n);
	}
	if (n != NULL) {
		segs += m_chainsegs(n);
		if (segs > M_MAXSEGS) { /* it cannot be linked, and there is no way to say so */
			last->m_len = (uint16_t)had;
			m_freem(n);
			rte_errno = EMSGSIZE;
			return;
		}
		if (m_haspkthdr(n))
			m_removehdr(n);
		last->m_next = n;
	}
	m_setpkt(m, len, segs);
}

struct mbuf *
m_prepend(struct mbuf *m, int len, int how)
{
	struct mbuf *p;
	unsigned total, segs;

	(void)how;
	if (m == NULL)
		return m_fail(EINVAL);
	M_CHECK(m);
	segs = m_chainsegs(m) + 1;
	p = len < 0 || segs > M_MAXSEGS ? m_fail(EINVAL) : m_newhead((unsigned)len);
	if (p == NULL) {
		int err = rte_errno;

		m_freem(m);
		return m_fail(err);
	}
	total = m_chainlen(m) + (unsigned)len;
	m_puthead(p, m);
	/* at the end of the room, aligned: there is space for the next header in front */
	p->m_rte.data_off =
	    (uint16_t)((p->m_rte.buf_len - (unsigned)len) & ~(unsigned)(sizeof(long) - 1));
	p->m_len = (uint16_t)len;
	p->m_next = m;
	m_setpkt(p, total, segs);
	return p;
}
