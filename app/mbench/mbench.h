/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MBENCH_H
#define MBENCH_H

/*
 * mbench: what sharing a cluster costs, policy by policy, in one run of one program.
 *
 * A row is one way to share: the library built with one policy, or plain DPDK. A cell is one row
 * under one workload with one set of numbers. A visit is a short stay in a cell: fill the windows,
 * run some slices, drain. Rounds visit every cell, in an order that changes, so that what disturbs
 * the machine disturbs all rows alike.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#define MB_SCHEMA "mbench-1"
#define MB_SCHEMA_OPS "mbench-ops-1"
#define MB_BURST 32
#define MB_MAXLCORES 64
#define MB_MAXSWEEP 64
#define MB_MAXROWS 24
#define MB_MAXSEGMENTS 64
#define MB_MAXPOOLS 16 /* of one row */

enum mb_workload {
	MB_INDEPENDENT,
	MB_HANDOFF,
	MB_EXCHANGE,
	MB_RETRANSMIT,
	MB_SPLICE,
	MB_NWORKLOADS
};

/* What a row's pools must be able to hold. */
struct mb_size {
	unsigned clusters;
	unsigned headers;
	unsigned cache;
};

/* One lcore's side of a visit. The row works on it; the runner sets it up. */
struct mb_side {
	unsigned index;	   /* 0 .. nsides - 1 */
	unsigned nsides;   /* lcores of this cell */
	unsigned npackets; /* packets in the window, a multiple of the burst */
	unsigned burst;
	unsigned segments; /* of each packet */
	uint16_t port;
	uint16_t queue;
	struct rte_ring *in;  /* what others hand to this lcore */
	struct rte_ring *out; /* what this lcore hands on */
	void **window;	      /* the packets that are held */
	unsigned at;	      /* next place in the window */
	unsigned turn;	      /* counts packets, to choose 1 in 100 */
	bool gives;	      /* handoff: this lcore shares */
	bool takes;	      /* handoff: this lcore frees */
	uint64_t failed;      /* allocations that failed */
} __rte_cache_aligned;

/* A row's code for one workload, all of it inside the row: one call a slice. */
struct mb_loop {
	int (*fill)(struct mb_side *);
	uint64_t (*run)(struct mb_side *, uint64_t until); /* returns the packets done */
	void (*drain)(struct mb_side *);
};

struct mb_row {
	const char *name;
	const char *what;
	int (*open)(const struct mb_size *); /* makes the pools; negative errno */
	void (*close)(void);
	void (*settle)(void);	     /* on each lcore, after a visit: give back what is collected */
	const struct mb_loop *loops; /* MB_NWORKLOADS of them */
	const struct mb_opset *ops;  /* for --ops, or NULL */
};

#define MB_JOIN_(a, b) a##b
#define MB_JOIN(a, b) MB_JOIN_(a, b)

/* Each row is one file that ends with this; rows.c lists them. */
#define MB_ROW_DEFINE(name, row)                                                                   \
	const struct mb_row *MB_JOIN(mb_row_, name)(void);                                         \
	const struct mb_row *MB_JOIN(mb_row_, name)(void)                                          \
	{                                                                                          \
		return row;                                                                        \
	}

/* The operations whose cost --ops measures, in this order in every row. */
enum mb_op {
	MB_OP_GET,
	MB_OP_SHARE,
	MB_OP_SHARE_BULK,
	MB_OP_PULLUP,
	MB_OP_ADJ,
	MB_OP_PREPEND,
	MB_NOPS
};

struct mb_opset {
	int (*setup)(void); /* takes the mbufs that are worked on; negative errno */
	void (*teardown)(void);
	struct {
		const char *call; /* what is called */
		unsigned batch;	  /* operations of one batch */
		void (*run)(unsigned batches);
	} op[MB_NOPS];
};

/* rows.c */
unsigned mb_rows(const struct mb_row *rows[MB_MAXROWS]);
const struct mb_row *mb_row_find(const char *name, size_t len);

/* workload.c */
const char *mb_workload_name(enum mb_workload);
int mb_workload_find(const char *name, size_t len);

/* options.c */
struct mb_sweep {
	unsigned n;
	unsigned value[MB_MAXSWEEP];
};

struct mb_options {
	unsigned nrows;
	const struct mb_row *rows[MB_MAXROWS];
	unsigned nworkloads;
	enum mb_workload workloads[MB_NWORKLOADS];
	struct mb_sweep lcores;
	struct mb_sweep window;
	struct mb_sweep segments;
	double seconds;
	unsigned pairs;
	unsigned slice_us;
	unsigned cache;
	unsigned memory; /* MB */
	bool ops;
	bool nohuge;
	const char *json;
};

int mb_sweep_parse(const char *text, unsigned min, unsigned max, struct mb_sweep *);
/* Returns 0, 1 when all is said already (--help), negative after one line on stderr. */
int mb_options_parse(int argc, char **argv, struct mb_options *);

/* cell.c */
struct mb_cell {
	const struct mb_row *row;
	bool control; /* the A/A row: the first row once more */
	enum mb_workload workload;
	unsigned lcores, window, segments;
	double *mpps; /* one a kept slice */
	unsigned nslices, maxslices;
	uint64_t discarded;
	uint64_t pinned; /* bytes, peak */
	uint64_t failed;
	double median, mad_percent;
};

struct mb_plan {
	struct mb_cell *cells;
	unsigned ncells;
	unsigned rounds;
};

int mb_plan_make(const struct mb_options *, struct mb_plan *);
void mb_plan_free(struct mb_plan *);
int mb_cell_add(struct mb_cell *, double mpps);
void mb_cell_settle(struct mb_cell *);
const char *mb_cell_name(const struct mb_cell *);

/* visit.c */
struct mb_lab {
	uint16_t port;
	unsigned nlcores;
	unsigned lcore[MB_MAXLCORES]; /* EAL's number of each; the first is the main one */
	struct rte_ring *ring[MB_MAXLCORES];
	unsigned ringsize;
};
struct mb_pools {
	unsigned n;
	struct rte_mempool *pool[MB_MAXPOOLS];
};
/* One visit: adds its slices to the cell. 0 or negative errno, -EBUSY when buffers are missing. */
int mb_visit(const struct mb_lab *, struct mb_cell *, const struct mb_pools *, unsigned nslices,
    unsigned slice_us);

/* run.c */
int mb_eal(int argc, char **argv, const struct mb_options *, const struct mb_plan *);
int mb_run(const struct mb_options *, struct mb_plan *);

/* stats.c: sort what they are given */
double mb_median(double *v, unsigned n);
double mb_mad_percent(double *v, unsigned n);

/* goals.c */
struct mb_goal {
	char name[96];
	double wanted, got;
	bool measured, reached;
};
unsigned mb_goals(const struct mb_plan *, struct mb_goal *, unsigned max);

/* ops.c */
int mb_ops(const struct mb_options *);

/* report.c */
struct json_t;
int mb_json_write(const char *path, struct json_t *root); /* takes root */
void mb_report_table(FILE *, const struct mb_plan *, const struct mb_goal *, unsigned);
int mb_report_json(const char *path, const struct mb_options *, const struct mb_plan *,
    const struct mb_goal *, unsigned);

#endif
