/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
/* mbench --ops: the cost of single operations, each beside the nearest of DPDK. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <jansson.h>

#include <rte_cycles.h>

#include "mbench.h"

#define OPS_POOL 2048
#define MAXSLICES 20000
#define SLICE_US 400
#define REFERENCE "native"

enum unit { RATIO, NS };

/* At most so much: of the reference's cost, or nanoseconds. */
static const struct goal {
	const char *name;
	enum unit unit;
	double most;
} goals[MB_NOPS] = {
    [MB_OP_GET] = {"get", RATIO, 1.05},
    [MB_OP_SHARE] = {"share", RATIO, 0.65},
    [MB_OP_SHARE_BULK] = {"share-bulk", RATIO, 0.40},
    [MB_OP_PULLUP] = {"pullup", NS, 3},
    [MB_OP_ADJ] = {"adj", NS, 3},
    [MB_OP_PREPEND] = {"prepend", NS, 3},
};

struct series {
	double *ns;
	unsigned n, discarded, batches;
	double median, mad_percent;
};

struct pair {
	struct series ours, reference;
};

static double
run_slice(const struct mb_opset *set, unsigned op, unsigned batches, bool *disturbed)
{
	struct rusage before, after;
	uint64_t start, cycles;

	getrusage(RUSAGE_THREAD, &before);
	start = rte_rdtsc_precise();
	set->op[op].run(batches);
	cycles = rte_rdtsc_precise() - start;
	getrusage(RUSAGE_THREAD, &after);
	*disturbed = after.ru_nivcsw != before.ru_nivcsw;
	return 1e9 * cycles / rte_get_tsc_hz() / ((double)batches * set->op[op].batch);
}

/* So many batches that a slice takes about SLICE_US. */
static unsigned
calibrate(const struct mb_opset *set, unsigned op)
{
	unsigned batches = 1;
	bool disturbed;

	while (batches < 1u << 24) {
		double ns = run_slice(set, op, batches, &disturbed);

		if (ns * batches * set->op[op].batch > 1e3 * SLICE_US / 2)
			break;
		batches *= 2;
	}
	return batches;
}

static void
measure(const struct mb_opset *set, unsigned op, struct series *s)
{
	bool disturbed;
	double ns = run_slice(set, op, s->batches, &disturbed);

	if (disturbed)
		s->discarded++;
	else if (s->n < MAXSLICES)
		s->ns[s->n++] = ns;
}

static void
settle(struct series *s)
{
	s->median = mb_median(s->ns, s->n);
	s->mad_percent = mb_mad_percent(s->ns, s->n);
}

static double
figure(unsigned op, const struct pair *p)
{
	return goals[op].unit == NS ? p->ours.median : p->ours.median / p->reference.median;
}

static json_t *
real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *
op_json(const struct mb_row *row, const struct mb_row *ref, unsigned op, const struct pair *p)
{
	bool reached = figure(op, p) <= goals[op].most;

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:s, s:f, s:b, s:i, s:i}",
	    "op", goals[op].name, "policy", row->name, "call", row->ops->op[op].call, "ns",
	    real(p->ours.median), "mad_percent", real(p->ours.mad_percent), "reference",
	    ref->ops->op[op].call, "reference_ns", real(p->reference.median),
	    "reference_mad_percent", real(p->reference.mad_percent), "ratio",
	    real(p->ours.median / p->reference.median), "unit",
	    goals[op].unit == NS ? "ns" : "ratio", "goal", goals[op].most, "reached", (int)reached,
	    "slices", (int)p->ours.n, "discarded",
	    (int)(p->ours.discarded + p->reference.discarded));
}

static void
print(
    FILE *f, const struct mb_row *row, const struct mb_row *ref, unsigned op, const struct pair *p)
{
	const char *unit = goals[op].unit == NS ? " ns" : "";

	fprintf(f,
	    "%-8s %-30s %7.2f ns (MAD %4.1f %%)  %-34s %7.2f ns  ratio %5.2f  %s: %.2f%s of "
	    "%.2f%s\n",
	    row->name, row->ops->op[op].call, p->ours.median, p->ours.mad_percent,
	    ref->ops->op[op].call, p->reference.median, p->ours.median / p->reference.median,
	    figure(op, p) <= goals[op].most ? "reached" : "missed", figure(op, p), unit,
	    goals[op].most, unit);
}

/* All operations of one row, each slice beside one of the reference. */
static int
measure_row(
    const struct mb_row *row, const struct mb_row *ref, double seconds, struct pair pairs[MB_NOPS])
{
	uint64_t end = rte_rdtsc() + seconds * rte_get_tsc_hz();

	for (unsigned op = 0; op < MB_NOPS; op++) {
		struct pair *p = &pairs[op];

		p->ours.ns = calloc(MAXSLICES, sizeof(double));
		p->reference.ns = calloc(MAXSLICES, sizeof(double));
		if (p->ours.ns == NULL || p->reference.ns == NULL)
			return -ENOMEM;
		p->ours.batches = calibrate(row->ops, op);
		p->reference.batches = calibrate(ref->ops, op);
	}
	for (unsigned turn = 0; turn == 0 || rte_rdtsc() < end; turn++)
		for (unsigned op = 0; op < MB_NOPS; op++) {
			if (turn % 2 == 0)
				measure(row->ops, op, &pairs[op].ours);
			measure(ref->ops, op, &pairs[op].reference);
			if (turn % 2 != 0)
				measure(row->ops, op, &pairs[op].ours);
		}
	for (unsigned op = 0; op < MB_NOPS; op++) {
		settle(&pairs[op].ours);
		settle(&pairs[op].reference);
	}
	return 0;
}

static int
open_row(const struct mb_row *row)
{
	const struct mb_size size = {OPS_POOL, OPS_POOL, 256};
	int rc = row->open(&size);

	if (rc != 0)
		return rc;
	rc = row->ops->setup();
	if (rc != 0)
		row->close();
	return rc;
}

static void
close_row(const struct mb_row *row)
{
	row->ops->teardown();
	row->close();
}

static int
ops_row(const struct mb_options *o, const struct mb_row *row, const struct mb_row *ref,
    double seconds, json_t *list)
{
	struct pair pairs[MB_NOPS] = {0};
	int rc = open_row(row);

	if (rc != 0) {
		fprintf(stderr, "mbench: %s: pools: %s\n", row->name, strerror(-rc));
		return rc;
	}
	rc = measure_row(row, ref, seconds, pairs);
	for (unsigned op = 0; op < MB_NOPS; op++) {
		if (rc == 0 && (o->json == NULL || strcmp(o->json, "-") != 0))
			print(stdout, row, ref, op, &pairs[op]);
		if (rc == 0)
			json_array_append_new(list, op_json(row, ref, op, &pairs[op]));
		free(pairs[op].ours.ns);
		free(pairs[op].reference.ns);
	}
	close_row(row);
	return rc;
}

int
mb_ops(const struct mb_options *o)
{
	const struct mb_row *ref = mb_row_find(REFERENCE, strlen(REFERENCE));
	json_t *list = json_array();
	int rc = open_row(ref);
	unsigned n = 0;

	for (unsigned i = 0; i < o->nrows; i++)
		n += o->rows[i] != ref && o->rows[i]->ops != NULL;
	if (rc != 0) {
		fprintf(stderr, "mbench: %s: pools: %s\n", ref->name, strerror(-rc));
		json_decref(list);
		return EXIT_FAILURE;
	}
	for (unsigned i = 0; rc == 0 && i < o->nrows; i++)
		if (o->rows[i] != ref && o->rows[i]->ops != NULL)
			rc = ops_row(o, o->rows[i], ref, o->seconds / n, list);
	close_row(ref);
	if (rc == 0 && o->json != NULL)
		rc = mb_json_write(o->json,
		    json_pack("{s:s, s:s, s:s, s:f, s:O}", "schema", MB_SCHEMA_OPS, "program",
			"mbench", "version", MB_VERSION, "seconds", o->seconds, "ops", list));
	json_decref(list);
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
