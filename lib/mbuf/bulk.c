/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Bursts: many packets for one entry into a pool. Frees are in free.c. */

#include <rte_lcore.h>

#include "follow.h"
#include "internal.h"
#include "seg.h"

#define BURST 32

int
m_get_bulk(struct mbuf **v, unsigned n)
{
	if (unlikely(m_rawget(m_mynode()->cluster, (void **)v, n) != 0))
		return -ENOBUFS;
	for (unsigned i = 0; i < n; i++)
		m_blank(v[i], M_HEADROOM, 0);
	return 0;
}

/* The first packets, of at most BURST, that one header each can share. */
static unsigned
followable_run(struct mbuf *const *v, unsigned n)
{
	unsigned k = 0;

	n = RTE_MIN(n, (unsigned)BURST);
	while (k < n && v[k] != NULL && m_followable(v[k]))
		k++;
	return k;
}

/* Share n (<= BURST) followable packets; returns how many. */
static unsigned
share_run(struct mbuf *const *v, struct mbuf **out, unsigned n)
{
	const struct m_node *node = m_mynode();
	struct mbuf *hdr[BURST];
	unsigned k;

	while (unlikely(m_rawget(node->header, (void **)hdr, n) != 0)) {
		if (n == 1)
			return 0;
		n /= 2; /* as many as there are, in a few steps */
	}
	for (k = 0; k < n; k++) {
		M_CHECK(v[k]);
		if (unlikely(m_followpkt(hdr[k], v[k]) != 0)) {
			for (unsigned i = k; i < n; i++)
				hdr[i]->m_rte.ol_flags = 0;
			rte_mempool_put_bulk(node->header, (void **)&hdr[k], n - k);
			break;
		}
		out[k] = hdr[k];
	}
	return k;
}

unsigned
m_copym_bulk(struct mbuf *const *v, struct mbuf **out, unsigned n)
{
	unsigned done = 0;

	while (done < n) {
		unsigned run = followable_run(v + done, n - done);

		if (likely(run != 0)) {
			unsigned got = share_run(v + done, out + done, run);

			done += got;
			if (unlikely(got == 0)) {
				rte_errno = ENOBUFS;
				break;
			}
		} else {
			out[done] = m_copym(v[done], 0, M_COPYALL, M_DONTWAIT);
			if (out[done] == NULL)
				break;
			done++;
		}
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
