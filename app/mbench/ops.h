/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MBENCH_OPS_H
#define MBENCH_OPS_H

/* What the measured operations of all rows have in common. */

#include "mbench.h"

#define OPS_HELD 32  /* mbufs worked on */
#define OPS_STEPS 16 /* header operations on each before it is put back */
#define OPS_BYTES 4  /* bytes such an operation moves */
#define OPS_LENGTH 1400

/* Each operation's stores are made: the compiler may not melt two into one. */
#define OPS_BARRIER() __asm__ volatile("" ::: "memory")

#endif
