/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_SWAP_H
#define MFWD_SWAP_H

#include <stdint.h>
#include <string.h>

/*
 * Swap the two MAC addresses of a frame: bytes 0 to 5 with 6 to 11. Two twins that the tests
 * compare. The vector one reads and writes 16 bytes, the last four as they were.
 */
static inline void
swap_scalar(uint8_t *frame)
{
	uint8_t dst[6];

	memcpy(dst, frame, 6);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, dst, 6);
}

typedef uint8_t swap_v16 __attribute__((vector_size(16)));

static inline swap_v16
swap_load(const uint8_t *p)
{
	swap_v16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline swap_v16
swap_shuffle(swap_v16 v)
{
	return __builtin_shufflevector(v, v, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 12, 13, 14, 15);
}

static inline void
swap_store(uint8_t *p, swap_v16 v)
{
	memcpy(p, &v, sizeof(v));
}

static inline void
swap_vector4(uint8_t *a, uint8_t *b, uint8_t *c, uint8_t *d)
{
	swap_v16 va = swap_load(a), vb = swap_load(b), vc = swap_load(c), vd = swap_load(d);

	swap_store(a, swap_shuffle(va));
	swap_store(b, swap_shuffle(vb));
	swap_store(c, swap_shuffle(vc));
	swap_store(d, swap_shuffle(vd));
}

#endif
