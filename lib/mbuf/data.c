/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Reading and writing bytes of a chain: data.h. */

#include "chain.h"

/* Whether a chain has len bytes at off; both came as int. */
static bool
has(const struct mbuf *m, int off, int len)
{
	unsigned have;

	if (m == NULL || off < 0 || len < 0)
		return false;
	have = m_chainlen(m);
	return (unsigned)off <= have && (unsigned)len <= have - (unsigned)off;
}

int
m_apply(struct mbuf *m, int off, int len, int (*f)(char *, char *, unsigned), char *state)
{
	unsigned o = (unsigned)off, left = (unsigned)len;

	if (!has(m, off, len) || f == NULL)
		return -EINVAL;
	M_CHECK(m);
	for (; left > 0; m = m->m_next) {
		unsigned n;
		int rc;

		if (o >= m->m_len) {
			o -= m->m_len;
			continue;
		}
		n = RTE_MIN(left, m->m_len - o);
		rc = f(state, mtod(m, char *) + o, n);
		if (rc != 0)
			return rc;
		left -= n;
		o = 0;
	}
	return 0;
}

int
m_copydata(const struct mbuf *m, int off, int len, void *to)
{
	unsigned o = (unsigned)off, left = (unsigned)len;
	char *p = to;

	if (!has(m, off, len) || (to == NULL && len > 0))
		return -EINVAL;
	M_CHECK(m);
	if (M_BREAKS(12)) /* hazard 12: readers look at the line of the count */
		(void)m_refs(m);
	for (; left > 0; m = m->m_next) {
		unsigned n;

		if (o >= m->m_len) {
			o -= m->m_len;
			continue;
		}
		n = RTE_MIN(left, m->m_len - o);
		memcpy(p, mtod(m, const char *) + o, n);
		p += n;
		left -= n;
		o = 0;
	}
	return 0;
}

struct mbuf *
m_getptr(struct mbuf *m, int loc, int *off)
{
	struct m_place p;

	M_CHECK(m);
	if (m == NULL || loc < 0 || !m_seek(m, (unsigned)loc, &p))
		return m_fail(EINVAL);
	*off = (int)p.off;
	return p.m;
}

/*
 * A private copy of this one segment. Foreign storage can be larger than a cluster of ours: what
 * does not fit goes to mbufs of their own behind m, and the lengths of head are set anew.
 */
static int
privatize(struct mbuf *head, struct mbuf *m)
{
	unsigned first = RTE_MIN(m->m_len, m_state.cluster_size);
	unsigned rest = m->m_len - first;
	struct mbuf *c, *t = NULL, *last;
	struct m_place p;

	if (rest > 0) {
		t = m_newchain(rest, 0, false);
		if (t == NULL)
			return -ENOBUFS;
		if (m_chainsegs(head) + m_chainsegs(t) > M_MAXSEGS) {
			m_freem(t);
			return -EINVAL;
		}
		for (last = t; m_iszeroed(m) && last != NULL; last = last->m_next) {
			if (m_zero(last) != 0) {
				m_freem(t);
				return -ENOBUFS;
			}
		}
		p = (struct m_place){t, 0};
		m_fillfrom(&p, m, first, rest);
	}
	c = m_copyflat(m, 0, first);
	if (c == NULL || m_takebody(m, c) != 0) {
		m_freem(t);
		if (c != NULL)
			m_freeseg(c);
		return -ENOBUFS;
	}
	if (t != NULL) {
		last = m_lastof(t);
		last->m_next = m->m_next;
		m->m_next = t;
		m_relink(head);
	}
	return 0;
}

int
m_makewritable(struct mbuf *m, int off, int len)
{
	unsigned o = (unsigned)off, left = (unsigned)len;
	struct mbuf *head = m;

	if (!has(m, off, len))
		return -EINVAL;
	M_CHECK(m);
	for (; left > 0; m = m->m_next) {
		if (o >= m->m_len) {
			o -= m->m_len;
			continue;
		}
		if (!m_iswritable(m)) {
			int rc = privatize(head, m);

			if (rc != 0)
				return rc;
		}
		if (o >= m->m_len) { /* what was asked for lies in the copy's second part */
			o -= m->m_len;
			continue;
		}
		left -= RTE_MIN(left, m->m_len - o);
		o = 0;
	}
	return 0;
}

int
m_copyback(struct mbuf *m, int off, int len, const void *from, int how)
{
	static const char zeros[256];
	unsigned have, end, start, room, gap;
	struct mbuf *last, *more = NULL;
	struct m_place p;
	int rc;

	(void)how;
	if (m == NULL || off < 0 || len < 0 || len > INT32_MAX - off || (from == NULL && len > 0))
		return -EINVAL;
	M_CHECK(m);
	if (len == 0)
		return 0;
	have = m_chainlen(m);
	end = (unsigned)off + (unsigned)len;
	start = RTE_MIN((unsigned)off, have);
	/* BSD leaves this out, and writes into what others share */
	rc = M_BREAKS(20) ? 0 : m_makewritable(m, (int)start, (int)(RTE_MIN(end, have) - start));
	if (rc != 0)
		return rc;
	if (end > have) {
		last = m_lastof(m);
		room = RTE_MIN(m_trailingspace(last), end - have);
		if (end - have > room) {
			more = m_newchain(end - have - room, 0, false);
			if (more == NULL)
				return -rte_errno;
			if (m_chainsegs(m) + m_chainsegs(more) > M_MAXSEGS) {
				m_freem(more);
				return -EINVAL;
			}
		}
		last->m_len = (uint16_t)(last->m_len + room);
		last->m_next = more;
		m_relink(m);
	}
	m_seek(m, start, &p);
	for (gap = (unsigned)off - start; gap > 0; gap -= RTE_MIN(gap, sizeof(zeros)))
		m_fill(&p, zeros, RTE_MIN(gap, (unsigned)sizeof(zeros)));
	m_fill(&p, from, (unsigned)len);
	return 0;
}
