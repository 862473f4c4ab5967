/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_DEAL_H
#define MFWD_DEAL_H

#include "options.h"

/* How streams are made and dealt to lcores: testpmd's rules, as pure functions. */

/* The index of the port that the port with index i of n sends to. */
unsigned deal_peer(enum topology t, unsigned i, unsigned n);

/* Queue pairs of a port that carry streams: the fewer of its Rx and Tx queues. */
unsigned deal_queues(unsigned rxq, unsigned txq);

/* Lcores that get a stream: no more than there are streams. */
unsigned deal_lcores(unsigned nstreams, unsigned nb_cores);

/*
 * The streams of lcore i of n: *count of them from *first on. Where they do not come out even, the
 * last lcores have one more.
 */
void deal_share(unsigned nstreams, unsigned n, unsigned i, unsigned *first, unsigned *count);

#endif
