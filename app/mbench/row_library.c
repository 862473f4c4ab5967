/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
/*
 * The library as a row. Compiled once a policy, together with the library itself; of the result
 * only mb_row_POLICY stays visible (see meson.build).
 */

#include <errno.h>

#include <rte_ethdev.h>

#include <bsdmbuf/mbuf.h>

#include "mbench.h"

#define LENGTH 1400 /* bytes in a segment */

static void
set_length(struct mbuf **seg, unsigned k)
{
	for (unsigned i = 0; i < k; i++) {
		seg[i]->m_len = LENGTH;
		seg[i]->m_next = i + 1 < k ? seg[i + 1] : NULL;
	}
	m_calchdrlen(seg[0]);
}

/* Packets of more than one segment, one after the other. */
static bool
get_chains(unsigned k, void **p, unsigned n)
{
	struct mbuf *seg[MB_MAXSEGMENTS];

	for (unsigned i = 0; i < n; i++) {
		if (m_get_bulk(seg, k) != 0) {
			m_freem_bulk((struct mbuf **)p, i);
			return false;
		}
		set_length(seg, k);
		p[i] = seg[0];
	}
	return true;
}

static inline bool
row_get(const struct mb_side *s, void **p, unsigned n)
{
	struct mbuf **v = (struct mbuf **)p;

	if (unlikely(s->segments > 1))
		return get_chains(s->segments, p, n);
	if (unlikely(m_get_bulk(v, n) != 0))
		return false;
	for (unsigned i = 0; i < n; i++) {
		v[i]->m_len = LENGTH;
		v[i]->m_pkthdr.len = LENGTH;
	}
	return true;
}

static inline bool
row_share(const struct mb_side *s, void **p, void **ref, unsigned n)
{
	unsigned made = m_copym_bulk((struct mbuf **)p, (struct mbuf **)ref, n);

	RTE_SET_USED(s);
	if (likely(made == n))
		return true;
	m_freem_bulk((struct mbuf **)ref, made);
	return false;
}

static inline void
row_free(const struct mb_side *s, void **p, unsigned n)
{
	RTE_SET_USED(s);
	m_freem_bulk((struct mbuf **)p, n);
}

static inline void
row_send(const struct mb_side *s, void **p, unsigned n)
{
	struct rte_mbuf **r = (struct rte_mbuf **)p;
	unsigned sent;

	m_unwrap_bulk((struct mbuf **)p, r, n);
	sent = rte_eth_tx_burst(s->port, s->queue, r, n);
	if (unlikely(sent < n))
		m_freem_rte_bulk(r + sent, n - sent);
}

#include "workloads.h"
#include "ops_library.h"

static int
open_library(const struct mb_size *size)
{
	struct m_conf conf = {
	    .nmbufs = size->headers,
	    .nclusters = size->clusters,
	    .cache = size->cache ? size->cache : M_NOCACHE,
	    .socket = SOCKET_ID_ANY,
	};

	return m_init(&conf);
}

static void
close_library(void)
{
	m_fini();
}

static void
settle_library(void)
{
	m_flush();
	m_reap();
}

static const struct mb_row row = {
    .name = RTE_STR(MB_POLICY),
    .what = "the library, sharing by policy " RTE_STR(MB_POLICY),
    .open = open_library,
    .close = close_library,
    .settle = settle_library,
    .loops = row_loops,
    .ops = &library_ops,
};

MB_ROW_DEFINE(MB_POLICY, &row)
