/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "mbench.h"

#define LATE 20	    /* of a slice is too late */
#define SPINS 20000 /* before a waiting lcore lets others run */

struct slice {
	uint64_t packets, start, cycles;
	long switches; /* involuntary */
};

struct visit {
	const struct mb_loop *loop;
	void (*settle)(void);
	const struct mb_pools *pools;
	unsigned nsides, nslices;
	uint64_t slice_tsc;
	uint64_t pinned;
	uint32_t arrived;    /* atomic: lcores at the barrier, ever */
	uint32_t failed;     /* atomic: a window could not be filled */
	struct slice *slice; /* nsides rows of nslices + 1; the first warms up */
	struct mb_side side[MB_MAXLCORES];
};

struct member {
	struct visit *visit;
	unsigned index;
};

/* All lcores of the visit arrive, then all go on. */
static void
barrier(struct visit *v)
{
	uint32_t ticket, goal;

	/* release: what this lcore did is seen behind the barrier; acquire: see the others' */
	ticket = __atomic_fetch_add(&v->arrived, 1, __ATOMIC_ACQ_REL);
	goal = (ticket / v->nsides + 1) * v->nsides;
	for (unsigned spins = 0;; spins++) {
		/* acquire: as above */
		if (__atomic_load_n(&v->arrived, __ATOMIC_ACQUIRE) >= goal)
			return;
		rte_pause();
		if (spins % SPINS == SPINS - 1)
			sched_yield();
	}
}

static long
switches(void)
{
	struct rusage ru;

	return getrusage(RUSAGE_THREAD, &ru) == 0 ? ru.ru_nivcsw : 0;
}

/* Bytes of the row's buffers that are out of their pools. */
static uint64_t
bytes_out(const struct mb_pools *pools)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < pools->n; i++) {
		const struct rte_mempool *mp = pools->pool[i];

		sum += (uint64_t)rte_mempool_in_use_count(mp) *
		    (mp->header_size + mp->elt_size + mp->trailer_size);
	}
	return sum;
}

static void
run_slice(struct visit *v, struct mb_side *s, struct slice *out, uint64_t length)
{
	long before;

	barrier(v);
	before = switches();
	out->start = rte_rdtsc();
	out->packets = v->loop->run(s, out->start + length);
	out->cycles = rte_rdtsc() - out->start;
	out->switches = switches() - before;
}

/* What each lcore does in a visit. */
static int
visit_lcore(void *arg)
{
	const struct member *me = arg;
	struct visit *v = me->visit;
	struct mb_side *s = &v->side[me->index];
	struct slice *slices = v->slice + (size_t)me->index * (v->nslices + 1);
	uint64_t out;

	if (v->loop->fill(s) != 0)
		__atomic_store_n(&v->failed, 1, __ATOMIC_RELAXED); /* the barrier orders it */
	barrier(v);
	if (__atomic_load_n(&v->failed, __ATOMIC_RELAXED) == 0) {
		run_slice(v, s, &slices[0], v->slice_tsc / 4);
		for (unsigned i = 1; i <= v->nslices; i++) {
			run_slice(v, s, &slices[i], v->slice_tsc);
			barrier(v);
			if (s->index == 0) {
				out = bytes_out(v->pools);
				v->pinned = RTE_MAX(v->pinned, out);
			}
		}
	}
	barrier(v);
	v->loop->drain(s);
	v->settle();
	return 0;
}

static int
collect(const struct visit *v, struct mb_cell *c)
{
	double hz = rte_get_tsc_hz();
	int rc;

	for (unsigned i = 1; i <= v->nslices; i++) {
		uint64_t first = UINT64_MAX, last = 0;
		double mpps = 0;
		bool disturbed = false;

		for (unsigned k = 0; k < v->nsides; k++) {
			const struct slice *s = v->slice + (size_t)k * (v->nslices + 1) + i;

			mpps += s->packets / 1e6 * hz / s->cycles;
			disturbed |= s->switches > 0;
			first = RTE_MIN(first, s->start);
			last = RTE_MAX(last, s->start);
		}
		/* an lcore that lost its CPU at the barrier came late: the others ran without it */
		disturbed |= last - first > v->slice_tsc / LATE;
		if (disturbed) {
			c->discarded++;
			continue;
		}
		rc = mb_cell_add(c, mpps);
		if (rc != 0)
			return rc;
	}
	for (unsigned k = 0; k < v->nsides; k++)
		c->failed += v->side[k].failed;
	c->pinned = RTE_MAX(c->pinned, v->pinned);
	return 0;
}

/* The lcore's place: whom it gets from, whom it hands to, what it does in a hand-over. */
static int
side_init(const struct mb_lab *lab, const struct mb_cell *c, unsigned i, struct mb_side *s)
{
	unsigned packets = RTE_MAX(c->window / c->segments, 1u);

	s->index = i;
	s->nsides = c->lcores;
	s->burst = RTE_MIN(packets, (unsigned)MB_BURST);
	s->npackets = packets / s->burst * s->burst;
	s->segments = c->segments;
	s->port = lab->port;
	s->queue = i;
	s->in = lab->ring[i];
	s->out = lab->ring[(i + 1) % c->lcores];
	s->gives = i % 2 == 0;
	s->takes = i % 2 == 1;
	if (c->workload == MB_HANDOFF && i + 1 == c->lcores && s->gives) {
		/* without a partner it hands over to itself */
		s->takes = true;
		s->out = s->in;
	}
	s->window = calloc(s->npackets, sizeof(*s->window));
	return s->window == NULL ? -ENOMEM : 0;
}

static int
visit_run(const struct mb_lab *lab, struct visit *v)
{
	struct member member[MB_MAXLCORES] = {{v, 0}};
	int rc = 0;

	for (unsigned i = 0; i < v->nsides; i++)
		member[i] = (struct member){v, i};
	for (unsigned i = 1; i < v->nsides; i++) {
		/* a worker that cannot be started would leave the others at the barrier */
		rc = rte_eal_remote_launch(visit_lcore, &member[i], lab->lcore[i]);
		if (rc != 0)
			abort();
	}
	visit_lcore(&member[0]);
	for (unsigned i = 1; i < v->nsides; i++)
		rte_eal_wait_lcore(lab->lcore[i]);
	v->settle(); /* what an lcore could not yet give back while another was busy */
	return v->failed ? -ENOBUFS : 0;
}

int
mb_visit(const struct mb_lab *lab, struct mb_cell *c, const struct mb_pools *pools,
    unsigned nslices, unsigned slice_us)
{
	struct visit *v = rte_zmalloc(NULL, sizeof(*v), 0);
	int rc = -ENOMEM;

	if (v == NULL)
		return -ENOMEM;
	v->loop = &c->row->loops[c->workload];
	v->settle = c->row->settle;
	v->pools = pools;
	v->nsides = c->lcores;
	v->nslices = nslices;
	v->slice_tsc = rte_get_tsc_hz() / 1000000 * slice_us;
	v->slice = calloc((size_t)v->nsides * (nslices + 1), sizeof(*v->slice));
	if (v->slice == NULL)
		goto out;
	for (unsigned i = 0; i < v->nsides; i++)
		if (side_init(lab, c, i, &v->side[i]) != 0)
			goto out;
	rc = visit_run(lab, v);
	if (rc == 0)
		rc = collect(v, c);
	if (rc == 0 && bytes_out(pools) != 0)
		rc = -EBUSY;
out:
	for (unsigned i = 0; i < v->nsides; i++)
		free(v->side[i].window);
	free(v->slice);
	rte_free(v);
	return rc;
}
