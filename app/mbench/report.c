/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "mbench.h"

void
mb_report_table(FILE *f, const struct mb_plan *plan, const struct mb_goal *goals, unsigned ngoals)
{
	fprintf(f, "%-12s %-12s %6s %6s %4s %9s %6s %8s %10s %7s %9s\n", "workload", "policy",
	    "lcores", "window", "segs", "Mpps", "MAD %", "ns/pkt", "pinned kB", "slices",
	    "discarded");
	for (unsigned i = 0; i < plan->ncells; i++) {
		const struct mb_cell *c = &plan->cells[i];

		fprintf(f,
		    "%-12s %-12s %6u %6u %4u %9.2f %6.1f %8.2f %10" PRIu64 " %7u %9" PRIu64 "%s\n",
		    mb_workload_name(c->workload), mb_cell_name(c), c->lcores, c->window,
		    c->segments, c->median, c->mad_percent, 1e3 * c->lcores / c->median,
		    c->pinned / 1024, c->nslices, c->discarded,
		    c->failed ? "  (pools ran out)" : "");
	}
	for (unsigned i = 0; i < ngoals; i++)
		if (goals[i].measured)
			fprintf(f, "%-7s %6.2f of %5.2f  %s\n",
			    goals[i].reached ? "reached" : "missed", goals[i].got, goals[i].wanted,
			    goals[i].name);
}

/* A figure that was not measured is null. */
static json_t *
real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *
cell_json(const struct mb_cell *c)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:o, s:o, s:o, s:I, s:i, s:I, s:I}", "policy",
	    mb_cell_name(c), "workload", mb_workload_name(c->workload), "lcores", (int)c->lcores,
	    "window", (int)c->window, "segments", (int)c->segments, "mpps", real(c->median),
	    "mad_percent", real(c->mad_percent), "ns_per_packet", real(1e3 * c->lcores / c->median),
	    "pinned_bytes_peak", (json_int_t)c->pinned, "slices", (int)c->nslices, "discarded",
	    (json_int_t)c->discarded, "failed", (json_int_t)c->failed);
}

static json_t *
goals_json(const struct mb_goal *goals, unsigned n)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++) {
		json_t *state = goals[i].measured ? json_boolean(goals[i].reached) : json_null();

		json_array_append_new(list,
		    json_pack("{s:s, s:f, s:o, s:o}", "goal", goals[i].name, "wanted",
			goals[i].wanted, "got", real(goals[i].got), "reached", state));
	}
	return list;
}

static json_t *
record(const struct mb_options *o, const struct mb_plan *plan, const struct mb_goal *goals,
    unsigned ngoals)
{
	json_t *cells = json_array();

	for (unsigned i = 0; i < plan->ncells; i++)
		json_array_append_new(cells, cell_json(&plan->cells[i]));
	return json_pack("{s:s, s:s, s:s, s:f, s:i, s:i, s:i, s:s, s:o, s:o}", "schema", MB_SCHEMA,
	    "program", "mbench", "version", MB_VERSION, "seconds", o->seconds, "pairs",
	    (int)o->pairs, "slice_us", (int)o->slice_us, "cache", (int)o->cache, "control",
	    o->rows[0]->name, "cells", cells, "goals", goals_json(goals, ngoals));
}

int
mb_json_write(const char *path, json_t *root)
{
	int rc;

	if (root == NULL)
		return -ENOMEM;
	if (strcmp(path, "-") == 0) {
		rc = json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
		putchar('\n');
		if (fflush(stdout) != 0)
			rc = -1;
	} else {
		rc = json_dump_file(root, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	}
	json_decref(root);
	if (rc != 0)
		fprintf(stderr, "mbench: --json=%s: cannot be written\n", path);
	return rc == 0 ? 0 : -EIO;
}

int
mb_report_json(const char *path, const struct mb_options *o, const struct mb_plan *plan,
    const struct mb_goal *goals, unsigned ngoals)
{
	return mb_json_write(path, record(o, plan, goals, ngoals));
}
