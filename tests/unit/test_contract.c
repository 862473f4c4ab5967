/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The Tx contract: what a queue may be handed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_ethdev.h>

#include "contract.h"

#define MULTI RTE_ETH_TX_OFFLOAD_MULTI_SEGS
#define FAST RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE

/* A port that offers both, reached by single buffers of one pool. */
static struct contract_in
plain(void)
{
	return (struct contract_in){
	    .tx_offload_capa = MULTI | FAST,
	    .seg_max = UINT16_MAX,
	    .mtu_seg_max = UINT16_MAX,
	    .pools = 1,
	    .max_segs = 1,
	};
}

static struct contract
decide(struct contract_in in)
{
	struct contract c;

	memset(&c, 0xa5, sizeof(c));
	contract_decide(&in, &c);
	assert_true(c.offloads == 0 || c.offloads == MULTI || c.offloads == FAST);
	assert_int_not_equal(strlen(c.reason), 0);
	return c;
}

static void
plain_packets_may_be_freed_fast(void **state)
{
	struct contract_in in = plain();
	struct contract c = decide(in);

	(void)state;
	assert_int_equal(c.offloads, FAST);
	assert_int_equal(c.max_segs, 0);
	in.tx_offload_capa = MULTI;
	c = decide(in);
	assert_int_equal(c.offloads, 0);
	assert_int_equal(c.max_segs, 0);
}

static void
nothing_else_may(void **state)
{
	struct contract_in v[] = {plain(), plain(), plain(), plain()};

	(void)state;
	v[0].shared = true;
	v[1].pools = 2;
	v[2].max_segs = 2;
	v[3].max_segs = 0; /* unknown */
	for (unsigned i = 0; i < RTE_DIM(v); i++) {
		struct contract c = decide(v[i]);

		assert_int_equal(c.offloads, MULTI);
		assert_int_equal(c.max_segs, 0);
		v[i].tx_offload_capa = FAST;
		c = decide(v[i]);
		assert_int_equal(c.offloads, 0);
		assert_int_equal(c.max_segs, i >= 2 ? 1 : 0);
	}
}

static void
limits_of_segments(void **state)
{
	static const struct {
		uint16_t seg, mtu;
		unsigned reach;
		uint16_t want;
	} v[] = {
	    {UINT16_MAX, UINT16_MAX, 5, 0}, /* the driver does not say */
	    {0, 0, 5, 0},
	    {255, 8, 5, 0}, /* i40e: five fit */
	    {255, 8, 8, 0},
	    {255, 8, 9, 8},
	    {255, 8, 0, 8},  /* unknown */
	    {40, 0, 41, 40}, /* only the other limit is known */
	    {40, UINT16_MAX, 40, 0},
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(v); i++) {
		struct contract_in in = plain();
		struct contract c;

		in.seg_max = v[i].seg;
		in.mtu_seg_max = v[i].mtu;
		in.max_segs = v[i].reach;
		c = decide(in);
		assert_int_equal(c.offloads, MULTI);
		assert_int_equal(c.max_segs, v[i].want);
	}
}

static void
a_driver_that_gathers_by_itself(void **state)
{
	struct contract_in in = plain();
	struct contract c;

	(void)state;
	in.tx_offload_capa = 0;
	in.max_segs = 0;
	in.gathers = true;
	c = decide(in);
	assert_int_equal(c.offloads, 0);
	assert_int_equal(c.max_segs, 0);
	/* with a limit it is a port like any other */
	in.seg_max = 8;
	c = decide(in);
	assert_int_equal(c.max_segs, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_packets_may_be_freed_fast),
	    cmocka_unit_test(nothing_else_may),
	    cmocka_unit_test(limits_of_segments),
	    cmocka_unit_test(a_driver_that_gathers_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
