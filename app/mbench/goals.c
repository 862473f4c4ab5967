/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <math.h>
#include <string.h>

#include "mbench.h"

#define GOAL_WINDOW 512

/* a's throughput over b's: at least so much. */
static const struct goal_entry {
	enum mb_workload workload;
	const char *a;
	unsigned a_lcores;
	const char *b;
	unsigned b_lcores;
	double wanted;
} table[] = {
    {MB_INDEPENDENT, "leader", 2, "mutex", 2, 15},
    {MB_INDEPENDENT, "leader", 2, "native", 2, 2},
    {MB_INDEPENDENT, "leader", 2, "native-bulk", 2, 1.4},
    {MB_INDEPENDENT, "leader", 2, "leader", 1, 1.9},
    {MB_HANDOFF, "leader", 2, "mutex", 2, 10},
    {MB_HANDOFF, "leader", 2, "native", 2, 2.5},
    {MB_HANDOFF, "leader", 2, "native-bulk", 2, 1.8},
    {MB_EXCHANGE, "leader", 2, "mutex", 2, 10},
    {MB_EXCHANGE, "leader", 2, "native", 2, 2.5},
    {MB_EXCHANGE, "leader", 2, "native-bulk", 2, 1.8},
    {MB_RETRANSMIT, "leader", 2, "native", 2, 1.1},
    {MB_RETRANSMIT, "leader", 2, "mutex", 2, 4},
    {MB_INDEPENDENT, "leader", 2, "leader-hand", 2, 0.9},
    {MB_HANDOFF, "leader", 2, "leader-hand", 2, 0.9},
    {MB_INDEPENDENT, "mutex", 2, "mutex-hand", 2, 0.9},
    {MB_HANDOFF, "mutex", 2, "mutex-hand", 2, 0.9},
};

static double
figure(const struct mb_plan *plan, enum mb_workload w, const char *row, unsigned lcores)
{
	for (unsigned i = 0; i < plan->ncells; i++) {
		const struct mb_cell *c = &plan->cells[i];

		if (c->workload == w && c->lcores == lcores && c->window == GOAL_WINDOW &&
		    c->segments == 1 && strcmp(mb_cell_name(c), row) == 0)
			return c->median;
	}
	return NAN;
}

unsigned
mb_goals(const struct mb_plan *plan, struct mb_goal *goals, unsigned max)
{
	unsigned n;

	for (n = 0; n < RTE_DIM(table) && n < max; n++) {
		const struct goal_entry *e = &table[n];
		struct mb_goal *g = &goals[n];

		snprintf(g->name, sizeof(g->name), "%s: %s on %u / %s on %u",
		    mb_workload_name(e->workload), e->a, e->a_lcores, e->b, e->b_lcores);
		g->wanted = e->wanted;
		g->got = figure(plan, e->workload, e->a, e->a_lcores) /
		    figure(plan, e->workload, e->b, e->b_lcores);
		g->measured = isfinite(g->got);
		g->reached = g->measured && g->got >= g->wanted;
	}
	return n;
}
