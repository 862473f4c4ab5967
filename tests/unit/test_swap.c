/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The vector and the scalar swap of MAC addresses are the same. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "modes/swap.h"

#define LEN 64

static void
fill(uint8_t *p, unsigned seed)
{
	for (unsigned i = 0; i < LEN; i++)
		p[i] = (uint8_t)(seed * 37 + i * 11 + 1);
}

static void
twins(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 256; seed++) {
		/* every alignment within 16 bytes */
		uint8_t a[4][LEN], b[4][LEN];
		unsigned at = seed % 16;

		for (unsigned i = 0; i < 4; i++) {
			fill(a[i], seed + i);
			fill(b[i], seed + i);
			swap_scalar(a[i] + at);
		}
		swap_vector4(b[0] + at, b[1] + at, b[2] + at, b[3] + at);
		assert_memory_equal(a, b, sizeof(a));
	}
}

static void
what_it_does(void **state)
{
	uint8_t p[16] = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 8, 0, 0x45, 0};
	const uint8_t want[16] = {11, 12, 13, 14, 15, 16, 1, 2, 3, 4, 5, 6, 8, 0, 0x45, 0};

	(void)state;
	swap_scalar(p);
	assert_memory_equal(p, want, sizeof(p));
	swap_scalar(p);
	assert_memory_not_equal(p, want, sizeof(p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(twins),
	    cmocka_unit_test(what_it_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
