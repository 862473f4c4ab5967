/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <rte_prefetch.h>

#include <bsdmbuf/mbuf.h>

#include "../loop.h"
#include "modes.h"
#include "swap.h"

#define MACS 12
/* What the vector twin touches; a room has it, but a frame may be shorter. */
#define VECTOR 16

static __rte_always_inline uint8_t *
frame(struct rte_mbuf *r)
{
	return (uint8_t *)r->buf_addr + r->data_off;
}

/* Long enough for a vector, and nobody else holds the bytes. */
static __rte_always_inline bool
easy(const struct rte_mbuf *r)
{
	return r->data_len >= VECTOR && m_iswritable((const struct mbuf *)(const void *)r);
}

/*
 * One packet, whatever it is like: the two addresses are made contiguous and the packet's own.
 * Returns NULL when it was lost.
 */
static __rte_noinline struct rte_mbuf *
swap_one(struct stream *s, struct rte_mbuf *r)
{
	struct mbuf *m;

	if (r->pkt_len < MACS) {
		tx_drop(s, DROP_SWAP_SHORT, &r, 1);
		return NULL;
	}
	m = m_wrap(r);
	if (m == NULL) {
		tx_drop(s, DROP_SWAP_NOBUF, &r, 1);
		return NULL;
	}
	m = m_pullup(m, MACS);
	if (m == NULL) {
		count(&s->drops[DROP_SWAP_NOBUF], 1);
		return NULL;
	}
	swap_scalar(mtod(m, uint8_t *));
	return m_unwrap(m);
}

static __rte_noinline uint16_t
swap_each(struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *r = pkts[i];

		if (easy(r))
			swap_scalar(frame(r));
		else
			r = swap_one(s, r);
		if (r != NULL)
			pkts[kept++] = r;
	}
	return kept;
}

/* The frames of four packets, fetched ahead. */
static __rte_always_inline void
fetch4(struct rte_mbuf *const *v, uint8_t **f)
{
	for (unsigned k = 0; k < 4; k++) {
		f[k] = frame(v[k]);
		rte_prefetch0(f[k]);
	}
}

/* Four of a burst that are all easy. */
static __rte_always_inline bool
easy4(struct rte_mbuf *const *v)
{
	unsigned shorter = 0; /* the sign bit: a length less VECTOR is negative */

	for (unsigned k = 0; k < 4; k++)
		shorter |= (unsigned)v[k]->data_len - VECTOR;
	return (shorter >> 31) == 0 && m_iswritable4(v);
}

static __rte_always_inline void
macswap_burst(struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	uint8_t *f[4], *next[4];
	uint16_t i = 0;

	if (n >= 4)
		fetch4(pkts, next);
	for (; i + 4 <= n; i = (uint16_t)(i + 4)) {
		memcpy(f, next, sizeof(f));
		if (i + 8 <= n)
			fetch4(pkts + i + 4, next);
		if (unlikely(!easy4(pkts + i)))
			break;
		swap_vector4(f[0], f[1], f[2], f[3]);
	}
	if (i < n)
		n = (uint16_t)(i + swap_each(s, pkts + i, (uint16_t)(n - i)));
	tx_peer(s, pkts, n);
}

static void
macswap_run(struct lcore *lc)
{
	loop_run(lc, macswap_burst);
}

const struct mode *
mode_macswap(void)
{
	static const struct mode macswap = {
	    .name = "macswap",
	    .help = "swap source and destination MAC address, and send on the peer port",
	    .run = macswap_run,
	};

	return &macswap;
}
