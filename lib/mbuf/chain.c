/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* What the data functions share: chain.h. */

#include "chain.h"

bool
m_seek(struct mbuf *m, unsigned loc, struct m_place *p)
{
	for (; m != NULL; m = m->m_next) {
		if (loc < m->m_len || (m->m_next == NULL && loc == m->m_len)) {
			*p = (struct m_place){m, loc};
			return true;
		}
		loc -= m->m_len;
	}
	return false;
}

struct mbuf *
m_newhead(unsigned len)
{
	if (len > m_state.cluster_size)
		return m_fail(EINVAL);
	return len <= MHLEN ? m_newpkt() : m_newcluster();
}

struct mbuf *
m_newchain(unsigned len, unsigned off, bool hdr)
{
	struct mbuf *top = NULL, **tail = &top;
	unsigned left = len, segs = 0;

	if (off >= m_state.cluster_size ||
	    ((uint64_t)len + off) > (uint64_t)m_state.cluster_size * M_MAXSEGS)
		return m_fail(EINVAL);
	do {
		unsigned n = RTE_MIN(left, m_state.cluster_size - off);
		struct mbuf *m = hdr ? m_newhead(n + off) : m_newfor(n + off);

		if (m == NULL) {
			m_freem(top);
			return m_fail(ENOBUFS);
		}
		m->m_rte.data_off = (uint16_t)(m->m_rte.data_off + off);
		m->m_len = (uint16_t)n;
		*tail = m;
		tail = &m->m_next;
		left -= n;
		off = 0;
		hdr = false;
		segs++;
	} while (left > 0);
	m_setpkt(top, len, segs);
	return top;
}

void
m_fill(struct m_place *p, const char *from, unsigned n)
{
	while (n > 0) {
		unsigned k = RTE_MIN(n, p->m->m_len - p->off);

		memcpy(mtod(p->m, char *) + p->off, from, k);
		from += k;
		n -= k;
		p->off += k;
		if (n > 0)
			*p = (struct m_place){p->m->m_next, 0};
	}
}

void
m_fillfrom(struct m_place *p, struct mbuf *from, unsigned off, unsigned n)
{
	for (; n > 0; from = from->m_next) {
		unsigned k;

		if (off >= from->m_len) {
			off -= from->m_len;
			continue;
		}
		k = RTE_MIN(n, from->m_len - off);
		m_fill(p, mtod(from, const char *) + off, k);
		n -= k;
		off = 0;
	}
}

bool
m_anymarked(const struct mbuf *m, unsigned off, unsigned len)
{
	for (; m != NULL && len > 0; m = m->m_next) {
		unsigned k;

		if (off >= m->m_len) {
			off -= m->m_len;
			continue;
		}
		if (m_iszeroed(m))
			return true;
		k = RTE_MIN(len, m->m_len - off);
		len -= k;
		off = 0;
	}
	return false;
}

struct mbuf *
m_copyflat(struct mbuf *m, unsigned off, unsigned len)
{
	struct mbuf *c = m_newfor(len);
	struct m_place p = {c, 0};

	if (c == NULL)
		return NULL;
	/* a secret stays marked wherever it is copied to */
	if (m_anymarked(m, off, len) && m_zero(c) != 0) {
		m_freeseg(c);
		return m_fail(ENOBUFS);
	}
	c->m_len = (uint16_t)len;
	m_fillfrom(&p, m, off, len);
	return c;
}

struct mbuf *
m_putin(struct mbuf *m, unsigned o, struct mbuf *c, struct mbuf *t)
{
	if (o == 0) {
		if (m_takebody(m, c) != 0)
			return m_fail(ENOBUFS);
		c = m;
	} else {
		m->m_len = (uint16_t)o;
		c->m_next = m->m_next;
		m->m_next = c;
	}
	if (t != NULL) {
		t->m_next = c->m_next;
		c->m_next = t;
	}
	return c;
}

void
m_puthead(struct mbuf *p, struct mbuf *m)
{
	struct mbuf *next = m_nextpkt(m);

	if (m_haspkthdr(m))
		M_MOVE_PKTHDR(p, m);
	else
		m_sethdrbit(p, false);
	m_settype(p, m_gettype(m));
	m_setnextpkt(p, next);
	m_setnextpkt(m, NULL);
}
