/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* New packets from bytes: m_devget, m_dup_pkt; and when: m_microtime: data.h. */

#include "chain.h"

struct mbuf *
m_devget(const char *buf, int totlen, int off)
{
	struct m_place p;
	struct mbuf *m;

	M_ENTRY();
	if (buf == NULL || totlen <= 0 || off < 0)
		return m_fail(EINVAL);
	m = m_newchain((unsigned)totlen, (unsigned)off, true);
	if (m == NULL)
		return NULL;
	p = (struct m_place){m, 0};
	m_fill(&p, buf, (unsigned)totlen);
	return m;
}

struct mbuf *
m_dup_pkt(struct mbuf *m, unsigned adj, int how)
{
	unsigned len, segs;
	struct m_place p;
	struct mbuf *n;
	bool secret;

	if (m == NULL)
		return m_fail(EINVAL);
	M_CHECK(m);
	len = m_chainlen(m);
	n = m_newchain(len, adj, true);
	if (n == NULL)
		return NULL;
	segs = m_chainsegs(n);
	secret = m_anymarked(m, 0, len);
	for (struct mbuf *c = n; secret && c != NULL; c = c->m_next) {
		if (m_zero(c) != 0)
			goto fail;
	}
	if (!M_BREAKS(23) && m_dup_pkthdr(n, m, how) != 0)
		goto fail;
	m_setpkt(n, len, segs);
	p = (struct m_place){n, 0};
	m_fillfrom(&p, m, 0, len);
	return n;
fail:
	m_setpkt(n, len, segs);
	m_freem(n);
	return m_fail(ENOBUFS);
}

void
m_microtime(const struct mbuf *m, struct timeval *tv)
{
	(void)m; /* a driver's timestamp has no unit that is known here */
	gettimeofday(tv, NULL);
}
