/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <stdio.h>

#include <rte_ethdev.h>

#include "contract.h"

/* Drivers that do not say report 0 or 65535: unknown, never "no segments". */
static bool
known(uint16_t segs)
{
	return segs != 0 && segs != UINT16_MAX;
}

/* Segments that one packet without TSO may have; 0 when the driver does not say. */
static uint16_t
driver_limit(const struct contract_in *in)
{
	if (known(in->mtu_seg_max))
		return in->mtu_seg_max;
	return known(in->seg_max) ? in->seg_max : 0;
}

static const char *
why_not_plain(const struct contract_in *in)
{
	if (in->max_segs != 1 && in->shared)
		return "chains and shared clusters reach it";
	if (in->max_segs != 1)
		return "chains reach it";
	if (in->shared)
		return "shared clusters reach it";
	return in->pools > 1 ? "packets of more than one pool reach it" : NULL;
}

void
contract_decide(const struct contract_in *in, struct contract *out)
{
	const char *why = why_not_plain(in);
	uint16_t limit = driver_limit(in);

	out->offloads = 0;
	out->max_segs = 0;
	if (why == NULL) {
		if (in->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) {
			out->offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
			snprintf(out->reason, sizeof(out->reason),
			    "FAST_FREE: no chain, no shared cluster and one pool reach it");
		} else {
			snprintf(out->reason, sizeof(out->reason),
			    "no offload: nothing but single buffers of one pool reach it, and the "
			    "driver has no FAST_FREE");
		}
		return;
	}
	if (in->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) {
		out->offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
		if (limit != 0 && (in->max_segs == 0 || in->max_segs > limit))
			out->max_segs = limit;
		if (out->max_segs != 0)
			snprintf(out->reason, sizeof(out->reason),
			    "MULTI_SEGS: %s; over %u segments a packet is copied into fewer", why,
			    limit);
		else
			snprintf(out->reason, sizeof(out->reason), "MULTI_SEGS: %s", why);
		return;
	}
	if (in->gathers && limit == 0) {
		snprintf(out->reason, sizeof(out->reason),
		    "no offload: %s, and the driver sends chains whole though it has no MULTI_SEGS",
		    why);
		return;
	}
	if (in->max_segs == 1) {
		snprintf(out->reason, sizeof(out->reason), "no offload: %s, so no FAST_FREE", why);
		return;
	}
	out->max_segs = 1;
	snprintf(out->reason, sizeof(out->reason),
	    "no MULTI_SEGS in the driver, but %s: a chain is copied into one buffer", why);
}
