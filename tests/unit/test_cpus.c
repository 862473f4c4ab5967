/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Which CPUs EAL's lcore options name: looked at before EAL would panic. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "cpus.h"

/* The process may use CPUs 0, 1 and 3. */
static cpu_set_t
may_set(void)
{
	cpu_set_t may;

	CPU_ZERO(&may);
	CPU_SET(0, &may);
	CPU_SET(1, &may);
	CPU_SET(3, &may);
	return may;
}

static int
check(const char *w1, const char *w2, int *cpu)
{
	char prog[] = "mfwd", a[64], b[64];
	char *argv[] = {prog, a, b, NULL};
	const char *opt = NULL, *val = NULL;
	cpu_set_t may = may_set();

	snprintf(a, sizeof(a), "%s", w1);
	snprintf(b, sizeof(b), "%s", w2 != NULL ? w2 : "");
	*cpu = -2;
	return cpus_check(w2 != NULL ? 3 : 2, argv, &may, cpu, &opt, &val);
}

static void
good_and_bad_values(void **state)
{
	static const struct {
		const char *w1, *w2;
		int rc, cpu;
	} v[] = {
	    {"-l", "0,1", 0, -1},
	    {"-l0-1,3", NULL, 0, -1},
	    {"-l", "0-3", 1, 2},
	    {"-l", "7", 1, 7},
	    {"-l", "0-", -EINVAL, -2},
	    {"-l", "", -EINVAL, -2},
	    {"-l", NULL, -EINVAL, -2},
	    {"-l", "0,,1", -EINVAL, -2},
	    {"-l", "a", -EINVAL, -2},
	    {"-l", "1-0", 0, -1},
	    {"-c", "0xb", 0, -1},
	    {"-c", "f", 1, 2},
	    {"-cB", NULL, 0, -1},
	    {"-c", "0x", -EINVAL, -2},
	    {"-c", "0xg", -EINVAL, -2},
	    {"--lcores", "0@0,1@0", 0, -1},
	    {"--lcores=0@0,9@1", NULL, 0, -1},
	    {"--lcores=(0-5)@(0,1),7@3", NULL, 0, -1},
	    {"--lcores=0@0,1@2", NULL, 1, 2},
	    {"--lcores=0@0,1@(0,1,2)", NULL, 1, 2},
	    {"--lcores=0,1", NULL, 0, -1},
	    {"--lcores=0,2", NULL, 1, 2},
	    {"--lcores=(0,2)", NULL, 1, 2},
	    {"--lcores=0@@1", NULL, -EINVAL, -2},
	    {"--lcores=(0@1", NULL, -EINVAL, -2},
	    {"--lcores=0@0,", NULL, -EINVAL, -2},
	    {"--lcores=99999999999999999999@0", NULL, -EINVAL, -2},
	    {"--lcores=0@5000", NULL, 1, 5000},
	    {"--no-pci", NULL, 2, -2},
	    {"--log-level", "8", 2, -2},
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(v); i++) {
		int cpu, rc = check(v[i].w1, v[i].w2, &cpu);

		if (rc != v[i].rc || cpu != v[i].cpu)
			fail_msg(
			    "%s %s: %d, CPU %d", v[i].w1, v[i].w2 != NULL ? v[i].w2 : "", rc, cpu);
	}
}

static void
printed(void **state)
{
	cpu_set_t may = may_set();
	char buf[64];

	(void)state;
	assert_string_equal(cpus_print(&may, buf, sizeof(buf)), "0-1,3");
	CPU_ZERO(&may);
	assert_string_equal(cpus_print(&may, buf, sizeof(buf)), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_and_bad_values),
	    cmocka_unit_test(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
