/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <rte_common.h>

#include "deal.h"

unsigned
deal_peer(enum topology t, unsigned i, unsigned n)
{
	switch (t) {
	case TOPOLOGY_LOOP:
		return i;
	case TOPOLOGY_CHAINED:
		return (i + 1) % n;
	case TOPOLOGY_PAIRED:
		break;
	}
	/* With an odd number of ports the last is its own peer. */
	return (i ^ 1) < n ? i ^ 1 : i;
}

unsigned
deal_queues(unsigned rxq, unsigned txq)
{
	return RTE_MIN(rxq, txq);
}

unsigned
deal_lcores(unsigned nstreams, unsigned nb_cores)
{
	return RTE_MIN(nstreams, nb_cores);
}

void
deal_share(unsigned nstreams, unsigned n, unsigned i, unsigned *first, unsigned *count)
{
	unsigned each = nstreams / n, even = n - nstreams % n;

	*first = i * each + (i > even ? i - even : 0);
	*count = each + (i >= even);
}
