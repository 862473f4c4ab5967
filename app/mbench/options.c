/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mbench.h"

/* One option: how it is written, what it does. Help and parser come from this table. */
struct option_entry {
	const char *name;
	const char *arg; /* NULL: takes none */
	const char *help;
	int (*parse)(const struct option_entry *, const char *value, struct mb_options *);
	size_t field;
	unsigned min, max;
};

static int
parse_number(const char *text, unsigned min, unsigned max, unsigned *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || v < min || v > max)
		return -EINVAL;
	*out = v;
	return 0;
}

/* "first,last,inc,ADD|MUL", or one number. */
int
mb_sweep_parse(const char *text, unsigned min, unsigned max, struct mb_sweep *sweep)
{
	char buf[64], *field[4], *save = NULL;
	unsigned first, last, inc, n = 0;
	uint64_t v;
	bool multiply;

	if (strlen(text) >= sizeof(buf))
		return -EINVAL;
	strcpy(buf, text);
	for (char *p = strtok_r(buf, ",", &save); p != NULL; p = strtok_r(NULL, ",", &save)) {
		if (n == RTE_DIM(field))
			return -EINVAL;
		field[n++] = p;
	}
	if (n == 1) {
		sweep->n = 1;
		return parse_number(field[0], min, max, &sweep->value[0]);
	}
	if (n != 4 || parse_number(field[0], min, max, &first) != 0 ||
	    parse_number(field[1], first, max, &last) != 0 ||
	    parse_number(field[2], 1, UINT_MAX, &inc) != 0)
		return -EINVAL;
	multiply = strcmp(field[3], "MUL") == 0;
	if (!multiply && strcmp(field[3], "ADD") != 0)
		return -EINVAL;
	if (multiply && (inc < 2 || first == 0))
		return -EINVAL;
	sweep->n = 0;
	for (v = first; v <= last; v = multiply ? v * inc : v + inc) {
		if (sweep->n == MB_MAXSWEEP)
			return -E2BIG;
		sweep->value[sweep->n++] = v;
	}
	return 0;
}

static int
opt_sweep(const struct option_entry *e, const char *value, struct mb_options *o)
{
	return mb_sweep_parse(value, e->min, e->max, (void *)((char *)o + e->field));
}

static int
opt_number(const struct option_entry *e, const char *value, struct mb_options *o)
{
	return parse_number(value, e->min, e->max, (void *)((char *)o + e->field));
}

static int
opt_seconds(const struct option_entry *e, const char *value, struct mb_options *o)
{
	char *end;
	double v = strtod(value, &end);

	if (end == value || *end != '\0' || !isfinite(v) || v <= 0 || v > e->max)
		return -EINVAL;
	o->seconds = v;
	return 0;
}

static int
opt_flag(const struct option_entry *e, const char *value, struct mb_options *o)
{
	RTE_SET_USED(value);
	*(bool *)((char *)o + e->field) = true;
	return 0;
}

static int
opt_string(const struct option_entry *e, const char *value, struct mb_options *o)
{
	if (value[0] == '\0')
		return -EINVAL;
	*(const char **)((char *)o + e->field) = value;
	return 0;
}

/* Calls add for each name of a list that commas part; "all" is every one. */
static int
opt_policy(const struct option_entry *e, const char *value, struct mb_options *o)
{
	RTE_SET_USED(e);
	if (strcmp(value, "all") == 0) {
		o->nrows = mb_rows(o->rows);
		return 0;
	}
	o->nrows = 0;
	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ",");
		const struct mb_row *row = mb_row_find(p, len);

		if (row == NULL || o->nrows == MB_MAXROWS)
			return -ENOENT;
		for (unsigned i = 0; i < o->nrows; i++)
			if (o->rows[i] == row)
				return -EEXIST;
		o->rows[o->nrows++] = row;
		p += len;
		if (*p == '\0')
			return 0;
	}
}

static int
opt_workload(const struct option_entry *e, const char *value, struct mb_options *o)
{
	RTE_SET_USED(e);
	o->nworkloads = 0;
	if (strcmp(value, "all") == 0) {
		for (int w = 0; w < MB_NWORKLOADS; w++)
			o->workloads[o->nworkloads++] = w;
		return 0;
	}
	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ",");
		int w = mb_workload_find(p, len);

		if (w < 0 || o->nworkloads == MB_NWORKLOADS)
			return -ENOENT;
		o->workloads[o->nworkloads++] = w;
		p += len;
		if (*p == '\0')
			return 0;
	}
}

#define FIELD(f) offsetof(struct mb_options, f)

static const struct option_entry table[] = {
    {"policy", "LIST", "rows to measure, parted by commas (default all)", opt_policy, 0, 0, 0},
    {"workload", "LIST", "independent,handoff,exchange,retransmit,splice (default all)",
	opt_workload, 0, 0, 0},
    {"lcores", "N", "lcores; one lcore is measured beside (default 2)", opt_sweep, FIELD(lcores), 1,
	MB_MAXLCORES},
    {"window", "W", "clusters an lcore keeps (default 512)", opt_sweep, FIELD(window), 1, 65536},
    {"segments", "K", "segments of a packet (default 1)", opt_sweep, FIELD(segments), 1,
	MB_MAXSEGMENTS},
    {"seconds", "S", "length of the whole run (default 30)", opt_seconds, 0, 0, 86400},
    {"pairs", "P", "rounds: how often each cell is visited (default 9)", opt_number, FIELD(pairs),
	1, 1000},
    {"slice-us", "N", "length of a slice in microseconds (default 2000)", opt_number,
	FIELD(slice_us), 50, 1000000},
    {"cache", "N", "mempool cache of an lcore (default 256)", opt_number, FIELD(cache), 0, 512},
    {"memory", "MB", "memory for EAL (default: what the cells need)", opt_number, FIELD(memory), 64,
	1 << 20},
    {"no-huge", NULL, "ordinary memory, though there are hugepages", opt_flag, FIELD(nohuge), 0, 0},
    {"ops", NULL, "cost of single operations beside DPDK's, instead of workloads", opt_flag,
	FIELD(ops), 0, 0},
    {"json", "FILE|-", "write the record; with - nothing else goes to stdout", opt_string,
	FIELD(json), 0, 0},
};

static void
help(void)
{
	const struct mb_row *rows[MB_MAXROWS];
	unsigned n = mb_rows(rows);

	printf("usage: mbench [EAL options --] [options]\n\n");
	for (unsigned i = 0; i < RTE_DIM(table); i++) {
		char left[32];

		snprintf(left, sizeof(left), "--%s%s%s", table[i].name, table[i].arg ? "=" : "",
		    table[i].arg ? table[i].arg : "");
		printf("  %-18s %s\n", left, table[i].help);
	}
	printf("\nlcores, window and segments take a sweep: first,last,inc,ADD|MUL\n\nrows:\n");
	for (unsigned i = 0; i < n; i++)
		printf("  %-18s %s\n", rows[i]->name, rows[i]->what);
}

static const struct option_entry *
find(const char *name, size_t len)
{
	for (unsigned i = 0; i < RTE_DIM(table); i++)
		if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

static int
refuse(const char *what, const char *arg)
{
	fprintf(stderr, "mbench: %s: %s; see mbench --help\n", what, arg);
	return -EINVAL;
}

int
mb_options_parse(int argc, char **argv, struct mb_options *o)
{
	*o = (struct mb_options){.seconds = 30, .pairs = 9, .slice_us = 2000, .cache = 256};
	o->lcores = (struct mb_sweep){1, {2}};
	o->window = (struct mb_sweep){1, {512}};
	o->segments = (struct mb_sweep){1, {1}};
	o->nrows = mb_rows(o->rows);
	opt_workload(NULL, "all", o);
	for (int i = 0; i < argc; i++) {
		const char *name = argv[i] + 2, *value;
		size_t len = strcspn(argv[i], "=");
		const struct option_entry *e;

		if (strcmp(argv[i], "--help") == 0) {
			help();
			return 1;
		}
		if (strncmp(argv[i], "--", 2) != 0 || (e = find(name, len - 2)) == NULL)
			return refuse("unknown option", argv[i]);
		value = argv[i] + len;
		if (e->arg != NULL && *value == '=')
			value++;
		else if (e->arg != NULL && i + 1 < argc)
			value = argv[++i];
		else if (e->arg != NULL || *value == '=')
			return refuse(e->arg ? "needs a value" : "takes no value", argv[i]);
		if (e->parse(e, value, o) != 0) {
			fprintf(stderr, "mbench: --%s: cannot use '%s' (%s); see mbench --help\n",
			    e->name, value, e->arg ? e->arg : "");
			return -EINVAL;
		}
	}
	return 0;
}
