/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* New mbufs: alloc.h. */

#include <string.h>

#include <rte_lcore.h>

#include "blank.h"
#include "internal.h"
#include "policy/policy.h"

/* The pool was empty: fetch back what is held, and try once more. */
int
m_pressure(struct rte_mempool *mp, void **obj, unsigned n)
{
	if (mp == NULL)
		return -ENOBUFS;
	if (n == 0) /* which DPDK refuses, if the pool has no cache */
		return 0;
	mpol_reclaim();
	m_reap();
	return rte_mempool_get_bulk(mp, obj, n) == 0 ? 0 : -ENOBUFS;
}

static struct mbuf *
get_one(struct rte_mempool *mp)
{
	void *obj = m_rawget1(mp);

	return likely(obj != NULL) ? obj : m_fail(ENOBUFS);
}

struct mbuf *
m_newhdr(void)
{
	struct mbuf *m = get_one(m_mynode()->header);

	if (likely(m != NULL))
		m_blank(m, MSIZE - MLEN, m_hot.nohdr);
	return m;
}

struct mbuf *
m_newpkt(void)
{
	struct mbuf *m = get_one(m_mynode()->header);

	if (likely(m != NULL))
		m_blank(m, MSIZE - MHLEN, 0);
	return m;
}

struct mbuf *
m_newcluster(void)
{
	struct mbuf *m = get_one(m_mynode()->cluster);

	if (likely(m != NULL))
		m_blank(m, M_HEADROOM, 0);
	return m;
}

struct mbuf *
m_newfor(unsigned len)
{
	struct mbuf *m;

	if (len <= MLEN)
		return m_newhdr();
	if (len > m_state.cluster_size)
		return m_fail(EINVAL);
	m = m_newcluster();
	if (m != NULL)
		m_sethdrbit(m, false);
	return m;
}

/* A type other than MT_DATA costs the private line. */
static struct mbuf *
typed(struct mbuf *m, int type)
{
	if (m != NULL && type != MT_DATA)
		m_settype(m, type);
	return m;
}

static bool
type_ok(int type)
{
	return type > MT_FREE && type < MT_NTYPES;
}

struct mbuf *
m_get(int how, int type)
{
	M_ENTRY();
	(void)how;
	return unlikely(!type_ok(type)) ? m_fail(EINVAL) : typed(m_newhdr(), type);
}

struct mbuf *
m_gethdr(int how, int type)
{
	M_ENTRY();
	(void)how;
	return unlikely(!type_ok(type)) ? m_fail(EINVAL) : typed(m_newpkt(), type);
}

struct mbuf *
m_getclr(int how, int type)
{
	struct mbuf *m = m_get(how, type);

	M_ENTRY();
	if (m != NULL)
		memset(mtod(m, char *), 0, MLEN);
	return m;
}

struct mbuf *
m_clget(struct mbuf *m, int how, unsigned len)
{
	struct mbuf *c;
	unsigned mlen;

	M_ENTRY();
	(void)how;
	/* a small mbuf that is shared cannot move: its room is somebody's */
	if (len > m_state.cluster_size || (m != NULL && (m_hascluster(m) || !m_iswritable(m))))
		return m_fail(EINVAL);
	c = m_newcluster();
	if (m == NULL || c == NULL)
		return c;
	M_CHECK(m);
	mlen = m->m_len;
	if (unlikely(m_takebody(m, c) != 0)) {
		m_freeseg(c);
		return m_fail(ENOBUFS);
	}
	m->m_len = (uint16_t)mlen; /* as BSD: the length stays, the bytes do not */
	return m;
}
