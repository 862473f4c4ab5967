/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_STATS_H
#define MFWD_STATS_H

#include "mfwd.h"

/* Statistics as text, in testpmd's form where testpmd has one. */

/* A port's block, with the rates since it was shown last. */
void stats_show_ports(struct mfwd *m);

/* The end: forward statistics, then what was lost by reason, then the pools. */
void stats_show_end(const struct mfwd *m);

/* Sums over all streams. */
struct stats_total {
	uint64_t rx, tx, dropped;
	uint64_t drops[DROP_MAX];
};
void stats_total(const struct mfwd *m, struct stats_total *t);

/* Take the pools' balance, once the ports are closed. 0 or an exit code: buffers are missing. */
int stats_pools(struct mfwd *m);

#endif
