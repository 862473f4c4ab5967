/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_TX_H
#define MFWD_TX_H

#include <rte_ethdev.h>

#include "mfwd.h"

/* Which drop reasons a Tx queue's packets have: the peer's or the mirror's. */
struct tx_reasons {
	enum drop full, segs, nobuf;
};

/*
 * Counters have one writer, their lcore; main reads them while they run. So a plain load, and a
 * relaxed store that cannot tear: nothing is ordered by them.
 */
static __rte_always_inline void
count(uint64_t *c, uint64_t n)
{
	__atomic_store_n(c, *c + n, __ATOMIC_RELAXED);
}

/* Free n packets that are lost for this reason. */
void tx_drop(struct stream *s, enum drop why, struct rte_mbuf **pkts, uint16_t n);

/*
 * Make every packet fit the queue's limit of segments: copied into fewer, or dropped and counted.
 * Returns how many are left in pkts, in order.
 */
uint16_t tx_fit(struct stream *s, const struct txq *q, const struct tx_reasons *why,
    struct rte_mbuf **pkts, uint16_t n);

/* Send a burst; what the queue does not take is dropped. pkts is not looked at again. */
static __rte_always_inline void
tx_send(struct stream *s, const struct txq *q, const struct tx_reasons *why, struct rte_mbuf **pkts,
    uint16_t n)
{
	uint16_t sent;

	if (unlikely(q->max_segs != 0))
		n = tx_fit(s, q, why, pkts, n);
	sent = rte_eth_tx_burst(q->port, q->queue, pkts, n);
	count(&s->tx_packets, sent);
	if (unlikely(sent < n))
		tx_drop(s, why->full, pkts + sent, (uint16_t)(n - sent));
}

/* Send to the stream's peer. */
static __rte_always_inline void
tx_peer(struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	static const struct tx_reasons why = {DROP_TX_FULL, DROP_TX_SEGS, DROP_TX_NOBUF};

	tx_send(s, &s->tx, &why, pkts, n);
}

#endif
