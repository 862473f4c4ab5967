/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Bursts: many packets for one entry into a pool. Frees are in free.c. */

#include <rte_lcore.h>

#include "follow.h"
#include "internal.h"
#include "seg.h"

#define BURST 32
#define AHEAD 6 /* packets that a bulk share looks ahead */

int
m_get_bulk(struct mbuf **v, unsigned n)
{
	M_ENTRY();
	if (unlikely(m_rawget(m_mynode()->cluster, (void **)v, n) != 0))
		return -ENOBUFS;
	for (unsigned i = 0; i < n; i++)
		m_blank(v[i], M_HEADROOM, 0);
	return 0;
}

/* Put back headers that were not used. A failed m_followpkt() may have left flags. */
static void
headers_back(struct rte_mempool *mp, struct mbuf **hdr, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		hdr[i]->m_rte.ol_flags = 0;
	if (n != 0)
		rte_mempool_put_bulk(mp, (void **)hdr, n);
}

/* Share n (<= BURST) packets; returns how many. */
static unsigned
share_burst(struct mbuf *const *v, struct mbuf **out, unsigned n)
{
	struct rte_mempool *mp = m_mynode()->header;
	struct mbuf *hdr[BURST];
	unsigned got = n, used = 0, k;

	if (unlikely(m_rawget(mp, (void **)hdr, n) != 0))
		got = 0;
	for (k = 0; k < got; k++) {
		struct mbuf *m = v[k];

		if (k + AHEAD < got && v[k + AHEAD] != NULL) {
			__builtin_prefetch(v[k + AHEAD], 1); /* the count */
			__builtin_prefetch(&v[k + AHEAD]->m_next);
		}
		if (unlikely(m == NULL || !m_followable(m))) {
			out[k] = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
			if (out[k] == NULL)
				break;
			continue;
		}
		M_CHECK(m);
		if (unlikely(m_followpkt(hdr[used], m) != 0))
			break;
		out[k] = hdr[used++];
	}
	if (unlikely(used < got))
		headers_back(mp, hdr + used, got - used);
	/* the rest one by one, with all the headers that there are */
	for (; unlikely(k < n); k++) {
		out[k] = m_copym(v[k], 0, M_COPYALL, M_DONTWAIT);
		if (out[k] == NULL)
			break;
	}
	return k;
}

unsigned
m_copym_bulk(struct mbuf *const *v, struct mbuf **out, unsigned n)
{
	unsigned done = 0, k, want;

	M_ENTRY();
	while (done < n) {
		want = RTE_MIN(n - done, (unsigned)BURST);
		k = share_burst(v + done, out + done, want);
		done += k;
		if (unlikely(k < want))
			break;
	}
	return done;
}

bool
m_isplain_bulk(struct rte_mbuf *const *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!m_isplain(v[i]))
			return false;
	}
	return true;
}

unsigned
m_wrap_bulk(struct rte_mbuf *const *v, struct mbuf **out, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct mbuf *m = m_wrap(v[i]);

		if (unlikely(m == NULL && v[i] != NULL))
			return i;
		out[i] = m;
	}
	return n;
}

void
m_unwrap_bulk(struct mbuf *const *v, struct rte_mbuf **out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = m_unwrap(v[i]);
}
