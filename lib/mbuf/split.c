/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Cutting a chain, and making room in one: data.h. */

#include "chain.h"

/* An mbuf with no data that can be the second half of m. */
static struct mbuf *
empty_tail(const struct mbuf *m)
{
	struct mbuf *n = m_haspkthdr(m) ? m_newpkt() : m_newhdr();

	if (n != NULL)
		m_setpkt(n, 0, 1);
	return n;
}

/* n becomes the head of the second half: m's header, tags too. */
static int
tail_header(struct mbuf *n, struct mbuf *m)
{
	if (m_haspkthdr(m))
		return m_dup_pkthdr(n, m, M_DONTWAIT);
	m_sethdrbit(n, false);
	return 0;
}

struct mbuf *
m_split(struct mbuf *m, int len, int how)
{
	struct mbuf *n, *keep;
	bool fresh = false;
	unsigned have, cut = (unsigned)len;
	struct m_place p;

	(void)how;
	if (m == NULL || len < 0)
		return m_fail(EINVAL);
	M_CHECK(m);
	have = m_chainlen(m);
	if (cut > have)
		return m_fail(EINVAL);
	if (cut == have) {
		n = empty_tail(m);
		if (n != NULL && tail_header(n, m) != 0) {
			m_freem(n);
			return m_fail(ENOBUFS);
		}
		if (n != NULL)
			m_setpkt(n, 0, 1);
		return n;
	}
	m_seek(m, cut, &p);
	/* keep is the last mbuf of the first half, n the first of the second */
	if (p.off > 0 || p.m == m) {
		keep = p.m;
		n = m_share1(p.m, p.off, p.m->m_len - p.off);
		if (n == NULL)
			return NULL;
		fresh = true;
	} else {
		for (keep = m; keep->m_next != p.m; keep = keep->m_next)
			;
		n = p.m;
	}
	if (tail_header(n, m) != 0) {
		if (fresh)
			m_freeseg(n);
		return m_fail(ENOBUFS);
	}
	if (fresh) {
		n->m_next = keep->m_next;
		keep->m_len = (uint16_t)p.off;
	}
	keep->m_next = NULL;
	m_relink(m);
	m_relink(n);
	return n;
}

/* Room for n bytes at byte o of m itself, if it can be had by moving the shorter way. */
static bool
open_gap(struct mbuf *m, unsigned o, unsigned n)
{
	char *data = mtod(m, char *);

	if (n == 0) /* it may be read-only: not even the same bytes are written */
		return true;
	if (n <= m_trailingspace(m)) {
		memmove(data + o + n, data + o, m->m_len - o);
	} else if (n <= m_leadingspace(m)) {
		memmove(data - n, data, o);
		m->m_rte.data_off = (uint16_t)(m->m_rte.data_off - n);
	} else {
		return false;
	}
	m->m_len = (uint16_t)(m->m_len + n);
	return true;
}

struct mbuf *
m_makespace(struct mbuf *m, int skip, int hlen, int *off)
{
	unsigned have, n = (unsigned)hlen;
	struct mbuf *c, *t = NULL, *at;
	struct m_place p;

	if (m == NULL || skip < 0 || hlen < 0 || off == NULL)
		return m_fail(EINVAL);
	M_CHECK(m);
	have = m_chainlen(m);
	if ((unsigned)skip > have)
		return m_fail(EINVAL);
	m_seek(m, (unsigned)skip, &p);
	if (open_gap(p.m, p.off, n)) {
		*off = (int)p.off;
		at = p.m;
	} else {
		if (m_chainsegs(m) + (p.off > 0) + (p.off < p.m->m_len) > M_MAXSEGS)
			return m_fail(EINVAL);
		c = m_newfor(n);
		if (c == NULL)
			return NULL;
		c->m_len = (uint16_t)n;
		if (p.off < p.m->m_len) {
			t = m_share1(p.m, p.off, p.m->m_len - p.off);
			if (t == NULL) {
				m_freeseg(c);
				return m_fail(ENOBUFS);
			}
		}
		at = m_putin(p.m, p.off, c, t);
		if (at == NULL) {
			m_freeseg(c);
			m_freem(t);
			return m_fail(ENOBUFS);
		}
		*off = 0;
	}
	m_setpkt(m, have + n, m_chainsegs(m));
	return at;
}
