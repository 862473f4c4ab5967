/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include "../loop.h"
#include "modes.h"

static __rte_always_inline void
io_burst(struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	tx_peer(s, pkts, n);
}

static void
io_run(struct lcore *lc)
{
	loop_run(lc, io_burst);
}

const struct mode *
mode_io(void)
{
	static const struct mode io = {
	    .name = "io",
	    .help = "send every packet on the peer port as it came",
	    .run = io_run,
	};

	return &io;
}
