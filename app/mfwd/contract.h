/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_CONTRACT_H
#define MFWD_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The Tx contract: what a port's Tx queues may be handed, decided once before the port starts.
 * A queue that chains, shared clusters or more than one pool can reach has MULTI_SEGS where the
 * port offers it, and never FAST_FREE. Where the port takes fewer segments than a chain can have, a
 * packet over the limit is copied into fewer segments, or dropped under a named counter; never cut.
 */

/* What can reach the port, and what the port offers. */
struct contract_in {
	uint64_t tx_offload_capa; /* RTE_ETH_TX_OFFLOAD_* */
	uint16_t seg_max;	  /* rte_eth_desc_lim.nb_seg_max */
	uint16_t mtu_seg_max;	  /* rte_eth_desc_lim.nb_mtu_seg_max */
	bool gathers;		  /* sends chains whole, MULTI_SEGS or not (net_pcap) */
	bool shared;		  /* clusters that something else holds */
	unsigned pools;		  /* pools that its packets come from */
	unsigned max_segs;	  /* most segments a packet can have; 0: unknown; 1: no chains */
};

struct contract {
	uint64_t offloads; /* MULTI_SEGS or FAST_FREE or none */
	uint16_t max_segs; /* the limit to check each packet against; 0: no packet can exceed it */
	char reason[160];  /* for people: what was chosen and why */
};

void contract_decide(const struct contract_in *in, struct contract *out);

#endif
