/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>

#include "mbench.h"

#define MAXGOALS 32

static int
run_workloads(const struct mb_options *o, struct mb_plan *plan)
{
	struct mb_goal goals[MAXGOALS];
	unsigned n;

	if (mb_run(o, plan) != 0)
		return EXIT_FAILURE;
	n = mb_goals(plan, goals, MAXGOALS);
	if (o->json == NULL || strcmp(o->json, "-") != 0)
		mb_report_table(stdout, plan, goals, n);
	if (o->json != NULL && mb_report_json(o->json, o, plan, goals, n) != 0)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct mb_options o;
	struct mb_plan plan;
	int rc, split = 0;

	for (int i = 1; i < argc && split == 0; i++)
		if (strcmp(argv[i], "--") == 0)
			split = i;
	rc = mb_options_parse(argc - split - 1, argv + split + 1, &o);
	if (rc != 0)
		return rc > 0 ? EXIT_SUCCESS : 2;
	if (mb_plan_make(&o, &plan) != 0) {
		fprintf(stderr, "mbench: too many cells\n");
		return EXIT_FAILURE;
	}
	rc = mb_eal(split > 0 ? split - 1 : 0, argv + 1, &o, &plan);
	if (rc != 0) {
		fprintf(stderr, "mbench: EAL: %s; try --no-huge, or --memory\n", strerror(-rc));
		mb_plan_free(&plan);
		return EXIT_FAILURE;
	}
	rc = o.ops ? mb_ops(&o) : run_workloads(&o, &plan);
	rte_eal_cleanup();
	mb_plan_free(&plan);
	return rc;
}
