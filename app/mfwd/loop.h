/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_LOOP_H
#define MFWD_LOOP_H

/*
 * The loop of a forwarding lcore. A mode's run() is loop_run() with its burst function, which is
 * inlined: no indirect call of ours stands between receive and transmit.
 */

#include <rte_ethdev.h>

#include "mfwd.h"
#include "tx.h"

typedef void (*loop_burst)(struct stream *, struct rte_mbuf **, uint16_t);

/* No stream had a packet: the clock, the chores of an idle lcore, and its rest. */
void loop_idle(struct lcore *lc);

/* Packets again, after an idle time. */
void loop_wake(struct lcore *lc);

/* --packets: how many of n may be asked for; and what came of them. */
uint16_t budget_take(struct budget *b, uint16_t n);
void budget_done(struct budget *b, uint16_t asked, uint16_t got);

static __rte_always_inline uint16_t
loop_stream(
    struct lcore *lc, struct stream *s, struct rte_mbuf **pkts, loop_burst burst, bool counted)
{
	uint16_t n = lc->burst, asked = 0;

	if (counted) {
		asked = budget_take(lc->budget, n);
		if (asked == 0)
			return 0;
		/* A vector receive path may take nothing at all when asked for a few. */
		n = RTE_MAX(asked, s->least);
	}
	n = rte_eth_rx_burst(s->rx_port, s->rx_queue, pkts, n);
	if (counted)
		budget_done(lc->budget, asked, n);
	if (unlikely(n == 0))
		return 0;
	count(&s->rx_packets, n);
	burst(s, pkts, n);
	return n;
}

static __rte_always_inline void
loop_streams(struct lcore *lc, loop_burst burst, bool counted)
{
	struct rte_mbuf *pkts[MFWD_MAX_BURST];
	struct stream *const first = lc->streams, *const end = first + lc->nstreams;

	/* relaxed: a word to look at; main waits for the lcore's end, and that orders the rest */
	while (!__atomic_load_n(lc->stop, __ATOMIC_RELAXED)) {
		uint16_t got = 0;

		for (struct stream *s = first; s < end; s++)
			got |= loop_stream(lc, s, pkts, burst, counted);
		if (unlikely(got == 0))
			loop_idle(lc);
		else if (unlikely(!lc->busy))
			loop_wake(lc);
	}
}

static __rte_always_inline void
loop_run(struct lcore *lc, loop_burst burst)
{
	if (lc->budget != NULL)
		loop_streams(lc, burst, true);
	else
		loop_streams(lc, burst, false);
}

#endif
