/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Contiguous and writable: m_pullup, m_pulldown, m_defrag: data.h. */

#include "chain.h"

/* Give up n bytes, which are there, behind m: mbufs that are emptied are freed. */
static void
eat_behind(struct mbuf *m, unsigned n)
{
	while (n > 0) {
		struct mbuf *next = m->m_next;
		unsigned k = RTE_MIN(n, next->m_len);

		n -= k;
		if (k < next->m_len) {
			next->m_rte.data_off = (uint16_t)(next->m_rte.data_off + k);
			next->m_len = (uint16_t)(next->m_len - k);
			break;
		}
		m->m_next = m_free(next);
	}
}

static struct mbuf *
fail_free(struct mbuf *m, int err)
{
	m_freem(m);
	return m_fail(err);
}

/* The bytes that lack come into the trailing space of m. */
static void
pull_into(struct mbuf *m, unsigned len)
{
	unsigned had = m->m_len, n = len - had;
	struct m_place p = {m, had};

	m->m_len = (uint16_t)len;
	m_fillfrom(&p, m->m_next, 0, n);
	eat_behind(m, n);
}

/* A new first mbuf with the first len bytes; what is left of m follows. */
static struct mbuf *
pull_new(struct mbuf *m, unsigned len)
{
	struct mbuf *p = m_newhead(len);
	struct m_place at = {p, 0};

	if (p == NULL)
		return fail_free(m, rte_errno);
	if (m_anymarked(m, 0, len) && m_zero(p) != 0) {
		m_freeseg(p);
		return fail_free(m, ENOBUFS);
	}
	m_puthead(p, m);
	p->m_len = (uint16_t)len;
	m_fillfrom(&at, m, 0, len);
	p->m_next = m;
	eat_behind(p, len);
	return p;
}

/* m is a chain of total bytes again. Returns r, unless m has become too long for nb_segs. */
static struct mbuf *
finish(struct mbuf *m, struct mbuf *r, unsigned total)
{
	unsigned segs = m_chainsegs(m);

	if (segs > M_MAXSEGS)
		return fail_free(m, EINVAL);
	m_setpkt(m, total, segs);
	return r;
}

struct mbuf *
m_pullup_chain(struct mbuf *m, int len)
{
	unsigned total, want = (unsigned)len;

	if (m == NULL)
		return m_fail(EINVAL);
	M_CHECK(m);
	total = m_chainlen(m);
	if (len < 0 || want > total)
		return fail_free(m, EINVAL);
	if (want == 0 || (want <= m->m_len && m_iswritable(m)))
		return m;
	if (want > m->m_len && want - m->m_len <= m_trailingspace(m) &&
	    !m_anymarked(m->m_next, 0, want - m->m_len))
		pull_into(m, want);
	else
		m = pull_new(m, want);
	return m == NULL ? NULL : finish(m, m, total);
}

struct mbuf *
m_pulldown(struct mbuf *m, int off, int len, int *offp)
{
	unsigned total, want = (unsigned)len, in, left;
	struct mbuf *c, *t = NULL, *at;
	struct m_place p;

	if (m == NULL)
		return m_fail(EINVAL);
	M_CHECK(m);
	total = m_chainlen(m);
	if (off < 0 || len < 0 || (unsigned)off > total || want > total - (unsigned)off)
		return fail_free(m, EINVAL);
	m_seek(m, (unsigned)off, &p);
	in = RTE_MIN(want, p.m->m_len - p.off);
	if (in == want && (offp != NULL || p.off == 0) && (want == 0 || m_iswritable(p.m))) {
		if (offp != NULL)
			*offp = (int)p.off;
		return p.m;
	}
	/* n, then the bytes asked for in c, then what n has behind them in t */
	c = m_copyflat(m, (unsigned)off, want);
	if (c == NULL)
		return fail_free(m, rte_errno);
	left = p.m->m_len - p.off - in;
	if (left > 0)
		t = m_share1(p.m, p.off + in, left);
	at = left > 0 && t == NULL ? NULL : m_putin(p.m, p.off, c, t);
	if (at == NULL) {
		m_freeseg(c);
		m_freem(t);
		return fail_free(m, ENOBUFS);
	}
	eat_behind(at, want - in);
	if (offp != NULL)
		*offp = 0;
	return finish(m, at, total);
}

int
m_defrag(struct mbuf *m, int how)
{
	struct mbuf *c;
	unsigned len;

	(void)how;
	if (m == NULL)
		return -EINVAL;
	M_CHECK(m);
	if (m->m_next == NULL)
		return 0;
	len = m_chainlen(m);
	c = m_copyflat(m, 0, len);
	if (c == NULL)
		return -rte_errno;
	if (M_BREAKS(8)) { /* hazard 8, as first proposed: m stays in front and pins its cluster */
		m_freem(m->m_next);
		m->m_len = 0;
		m->m_next = c;
		m_setpkt(m, len, 2);
		return 0;
	}
	if (m_takebody(m, c) != 0) {
		m_freeseg(c);
		return -ENOBUFS;
	}
	m_freem(m->m_next);
	m->m_next = NULL;
	m_setpkt(m, len, 1);
	return 0;
}
