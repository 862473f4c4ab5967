/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mbench.h"

const char *
mb_cell_name(const struct mb_cell *c)
{
	return c->control ? "control" : c->row->name;
}

int
mb_cell_add(struct mb_cell *c, double mpps)
{
	if (c->nslices == c->maxslices) {
		unsigned max = c->maxslices ? 2 * c->maxslices : 256;
		double *v = realloc(c->mpps, max * sizeof(*v));

		if (v == NULL)
			return -ENOMEM;
		c->mpps = v;
		c->maxslices = max;
	}
	c->mpps[c->nslices++] = mpps;
	return 0;
}

/* The figures of the whole run. The order of the slices is lost. */
void
mb_cell_settle(struct mb_cell *c)
{
	double *copy;

	c->median = NAN;
	c->mad_percent = NAN;
	if (c->nslices == 0)
		return;
	c->median = mb_median(c->mpps, c->nslices);
	copy = malloc(c->nslices * sizeof(*copy));
	if (copy == NULL)
		return;
	memcpy(copy, c->mpps, c->nslices * sizeof(*copy));
	c->mad_percent = mb_mad_percent(copy, c->nslices);
	free(copy);
}

/* The lcore counts to measure: what was asked for, and one lcore beside it. */
static struct mb_sweep
lcore_counts(const struct mb_sweep *asked)
{
	struct mb_sweep s = {1, {1}};

	for (unsigned i = 0; i < asked->n && s.n < MB_MAXSWEEP; i++)
		if (asked->value[i] != 1)
			s.value[s.n++] = asked->value[i];
	return s;
}

static void
add_rows(const struct mb_options *o, struct mb_plan *plan, struct mb_cell like)
{
	for (unsigned r = 0; r <= o->nrows; r++) {
		like.control = r == o->nrows;
		like.row = o->rows[like.control ? 0 : r];
		plan->cells[plan->ncells++] = like;
	}
}

/* Cells that are compared stand side by side: rows are the innermost loop. */
int
mb_plan_make(const struct mb_options *o, struct mb_plan *plan)
{
	struct mb_sweep lcores = lcore_counts(&o->lcores);
	uint64_t n =
	    (uint64_t)(o->nrows + 1) * o->nworkloads * lcores.n * o->window.n * o->segments.n;

	memset(plan, 0, sizeof(*plan));
	plan->rounds = o->pairs;
	plan->cells = n < 1000000 ? calloc(n, sizeof(*plan->cells)) : NULL;
	if (plan->cells == NULL)
		return -ENOMEM;
	for (unsigned w = 0; w < o->nworkloads; w++)
		for (unsigned l = 0; l < lcores.n; l++)
			for (unsigned i = 0; i < o->window.n; i++)
				for (unsigned k = 0; k < o->segments.n; k++)
					add_rows(o, plan,
					    (struct mb_cell){
						.workload = o->workloads[w],
						.lcores = lcores.value[l],
						.window = o->window.value[i],
						.segments = o->segments.value[k],
					    });
	return 0;
}

void
mb_plan_free(struct mb_plan *plan)
{
	for (unsigned i = 0; i < plan->ncells; i++)
		free(plan->cells[i].mpps);
	free(plan->cells);
	memset(plan, 0, sizeof(*plan));
}
