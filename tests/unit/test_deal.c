/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* How streams are made and dealt, and what pools must hold. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "deal.h"
#include "plan.h"

static void
peers(void **state)
{
	static const struct {
		enum topology t;
		unsigned n, want[5];
	} v[] = {
	    {TOPOLOGY_PAIRED, 4, {1, 0, 3, 2}},
	    {TOPOLOGY_PAIRED, 5, {1, 0, 3, 2, 4}},
	    {TOPOLOGY_PAIRED, 1, {0}},
	    {TOPOLOGY_CHAINED, 3, {1, 2, 0}},
	    {TOPOLOGY_CHAINED, 1, {0}},
	    {TOPOLOGY_LOOP, 3, {0, 1, 2}},
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(v); i++)
		for (unsigned p = 0; p < v[i].n; p++)
			assert_int_equal(deal_peer(v[i].t, p, v[i].n), v[i].want[p]);
}

/* Every stream has one lcore, in order, and no two lcores differ by more than one. */
static void
shares(void **state)
{
	unsigned first, n;

	(void)state;
	for (unsigned streams = 1; streams < 40; streams++) {
		for (unsigned cores = 1; cores < 10; cores++) {
			unsigned used = deal_lcores(streams, cores), next = 0;

			assert_in_range(used, 1, RTE_MIN(streams, cores));
			for (unsigned i = 0; i < used; i++) {
				deal_share(streams, used, i, &first, &n);
				assert_int_equal(first, next);
				assert_in_range(n, streams / used, streams / used + 1);
				next += n;
			}
			assert_int_equal(next, streams);
		}
	}
	/* as testpmd: the last lcores have one more */
	deal_share(3, 2, 0, &first, &n);
	assert_int_equal(n, 1);
	deal_share(3, 2, 1, &first, &n);
	assert_int_equal(n, 2);
}

static void
queues(void **state)
{
	(void)state;
	assert_int_equal(deal_queues(1, 1), 1);
	assert_int_equal(deal_queues(4, 2), 2);
	assert_int_equal(deal_queues(2, 4), 2);
}

static void
pools(void **state)
{
	unsigned n;

	(void)state;
	assert_int_equal(plan_pool_size(0, 1, 0, 32), 4095);
	n = plan_pool_size(10000, 3, 250, 32);
	assert_true(n >= 10000 + 3 * (250 + 125 + 64));
	assert_true(rte_is_power_of_2(n + 1));
	/* absurd rings end in a size that m_init() can refuse */
	n = plan_pool_size(UINT32_MAX, 128, 512, 512);
	assert_true(rte_is_power_of_2(n + 1));
}

static void
segments(void **state)
{
	(void)state;
	assert_int_equal(plan_segments(60, 2048), 1);
	assert_int_equal(plan_segments(2048, 2048), 1);
	assert_int_equal(plan_segments(2049, 2048), 2);
	assert_int_equal(plan_segments(9018, 2048), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(peers),
	    cmocka_unit_test(shares),
	    cmocka_unit_test(queues),
	    cmocka_unit_test(pools),
	    cmocka_unit_test(segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
