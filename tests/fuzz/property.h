/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef FUZZ_PROPERTY_H
#define FUZZ_PROPERTY_H

#include "world.h"

struct property {
	uint64_t seed;
	unsigned runs;	 /* sequences */
	size_t steps;	 /* operations of each */
	unsigned lcores; /* more than one: each has a world, and they exchange chains */
};

uint64_t property_random(uint64_t *state);
struct op property_op(uint64_t *state);
void property_eal(const char *lcores, int (*prepare)(void));
int property_lcores(const struct property *p);

#endif /* FUZZ_PROPERTY_H */
