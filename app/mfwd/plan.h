/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_PLAN_H
#define MFWD_PLAN_H

#include "mfwd.h"

/*
 * The plan: which port forwards, which lcore serves which stream, what each pool must hold, what
 * each Tx queue may be handed. Made from the options and what the drivers say, before a port is
 * touched. These return 0 or an exit code, and have said why.
 */
int plan_make(struct mfwd *m);
void plan_free(struct mfwd *m);

/* The plan in testpmd's words, then the pools and each port's Tx contract. */
void plan_print(const struct mfwd *m, FILE *f);

/* Mbufs of a pool that must serve this many descriptors and lcores: 2^k - 1, as a ring likes it. */
unsigned plan_pool_size(uint64_t descriptors, unsigned lcores, unsigned cache, unsigned burst);

/* Segments of a frame in rooms of this size. */
unsigned plan_segments(uint32_t frame, uint32_t room);

#endif
