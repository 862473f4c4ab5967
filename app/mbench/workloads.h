/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MBENCH_WORKLOADS_H
#define MBENCH_WORKLOADS_H

/*
 * The workloads, written once. Each row includes this file after it has defined, as static inline
 * functions over its own way to share:
 *
 *	bool row_get(const struct mb_side *, void **p, unsigned n)      n packets as a port gives
 *	bool row_share(const struct mb_side *, void **p, void **ref, unsigned n)
 *	void row_free(const struct mb_side *, void **p, unsigned n)
 *	void row_send(const struct mb_side *, void **p, unsigned n)     the port frees them
 *
 * get and share give all n or none. So the whole loop is compiled into the row, and no call through
 * a pointer stands between a row and what it is measured for. A row then names row_loops.
 */

#include <rte_cycles.h>
#include <rte_pause.h>

#include "mbench.h"

#define MB_TURNS 8 /* bursts between two looks at the clock */
#define MB_RESEND 100

static inline void
side_next(struct mb_side *s)
{
	s->at += s->burst;
	if (s->at >= s->npackets)
		s->at = 0;
}

static int
fill_window(struct mb_side *s)
{
	s->at = 0;
	s->turn = 0;
	for (unsigned i = 0; i < s->npackets; i += s->burst)
		if (!row_get(s, s->window + i, s->burst)) {
			s->npackets = i; /* what drain has to free */
			return -ENOBUFS;
		}
	return 0;
}

/* All lcores have stopped: nobody adds to the ring any more. */
static void
drain_window(struct mb_side *s)
{
	void *p[MB_BURST];
	unsigned n;

	while ((n = rte_ring_sc_dequeue_burst(s->in, p, MB_BURST, NULL)) > 0)
		row_free(s, p, n);
	for (unsigned i = 0; i < s->npackets; i += s->burst)
		row_free(s, s->window + i, s->burst);
}

/* Each lcore shares and frees its own. */
static inline unsigned
turn_independent(struct mb_side *s)
{
	void *ref[MB_BURST];

	if (!row_share(s, s->window + s->at, ref, s->burst)) {
		s->failed++;
		return 0;
	}
	row_free(s, ref, s->burst);
	side_next(s);
	return s->burst;
}

/* Shares one burst and hands the references on, when the ring has room for them. */
static inline void
side_give(struct mb_side *s)
{
	void *ref[MB_BURST];

	if (rte_ring_free_count(s->out) < s->burst) {
		rte_pause();
		return;
	}
	if (!row_share(s, s->window + s->at, ref, s->burst)) {
		s->failed++;
		return;
	}
	rte_ring_sp_enqueue_bulk(s->out, ref, s->burst, NULL);
	side_next(s);
}

static inline unsigned
side_take(struct mb_side *s)
{
	void *ref[MB_BURST];
	unsigned n = rte_ring_sc_dequeue_burst(s->in, ref, s->burst, NULL);

	if (n > 0)
		row_free(s, ref, n);
	else
		rte_pause();
	return n;
}

/* A shares and keeps, B frees what A handed over. */
static inline unsigned
turn_handoff(struct mb_side *s)
{
	if (s->gives)
		side_give(s);
	return s->takes ? side_take(s) : 0;
}

/* Both ways at once. */
static inline unsigned
turn_exchange(struct mb_side *s)
{
	side_give(s);
	return side_take(s);
}

/* The oldest burst of the window is acknowledged: a new one takes its place. */
static inline bool
side_renew(struct mb_side *s)
{
	void *fresh[MB_BURST];

	if (!row_get(s, fresh, s->burst)) {
		s->failed++;
		return false;
	}
	row_free(s, s->window + s->at, s->burst);
	for (unsigned i = 0; i < s->burst; i++)
		s->window[s->at + i] = fresh[i];
	return true;
}

static inline bool
side_transmit(struct mb_side *s, void **p, unsigned n)
{
	void *ref[MB_BURST];

	if (!row_share(s, p, ref, n)) {
		s->failed++;
		return false;
	}
	row_send(s, ref, n);
	return true;
}

/* One packet from the middle of the window again: here, and by the next lcore. */
static inline unsigned
side_resend(struct mb_side *s)
{
	unsigned middle = s->at + s->npackets / 2;
	void *ref[1];
	unsigned done;

	if (middle >= s->npackets)
		middle -= s->npackets;
	done = side_transmit(s, s->window + middle, 1) ? 1 : 0;
	if (rte_ring_free_count(s->out) > 0) {
		if (row_share(s, s->window + middle, ref, 1))
			rte_ring_sp_enqueue_bulk(s->out, ref, 1, NULL);
		else
			s->failed++;
	}
	return done;
}

/* A window that is kept until acknowledged; the port's completion frees what was sent. */
static inline unsigned
turn_retransmit(struct mb_side *s)
{
	void *late[MB_BURST];
	unsigned done = 0, n;

	if (side_renew(s) && side_transmit(s, s->window + s->at, s->burst)) {
		done = s->burst;
		s->turn += s->burst;
		if (s->turn >= MB_RESEND) {
			s->turn -= MB_RESEND;
			done += side_resend(s);
		}
		side_next(s);
	}
	n = rte_ring_sc_dequeue_burst(s->in, late, s->burst, NULL);
	if (n > 0)
		row_send(s, late, n);
	return done + n;
}

/* Receives for one flow and hands it on; sends for the other, and keeps it until acknowledged. */
static inline unsigned
turn_splice(struct mb_side *s)
{
	void *p[MB_BURST];

	if (rte_ring_free_count(s->out) >= s->burst) {
		if (row_get(s, p, s->burst))
			rte_ring_sp_enqueue_bulk(s->out, p, s->burst, NULL);
		else
			s->failed++;
	}
	if (rte_ring_sc_dequeue_bulk(s->in, p, s->burst, NULL) == 0) {
		rte_pause();
		return 0;
	}
	row_free(s, s->window + s->at, s->burst);
	for (unsigned i = 0; i < s->burst; i++)
		s->window[s->at + i] = p[i];
	side_transmit(s, s->window + s->at, s->burst);
	side_next(s);
	return s->burst;
}

#define MB_RUN(workload)                                                                           \
	static uint64_t run_##workload(struct mb_side *s, uint64_t until)                          \
	{                                                                                          \
		uint64_t done = 0;                                                                 \
                                                                                                   \
		do {                                                                               \
			for (unsigned i = 0; i < MB_TURNS; i++)                                    \
				done += turn_##workload(s);                                        \
		} while (rte_rdtsc() < until);                                                     \
		return done;                                                                       \
	}

MB_RUN(independent)
MB_RUN(handoff)
MB_RUN(exchange)
MB_RUN(retransmit)
MB_RUN(splice)

static const struct mb_loop row_loops[MB_NWORKLOADS] = {
    [MB_INDEPENDENT] = {fill_window, run_independent, drain_window},
    [MB_HANDOFF] = {fill_window, run_handoff, drain_window},
    [MB_EXCHANGE] = {fill_window, run_exchange, drain_window},
    [MB_RETRANSMIT] = {fill_window, run_retransmit, drain_window},
    [MB_SPLICE] = {fill_window, run_splice, drain_window},
};

#endif
