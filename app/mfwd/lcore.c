/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_pause.h>

#include <bsdmbuf/mbuf.h>

#include "fail.h"
#include "lcore.h"
#include "loop.h"
#include "txfirst.h"

/* Empty polls before an lcore that may sleep does, and the bounds of a sleep in nanoseconds. */
#define SLEEP_AFTER 64
#define SLEEP_LEAST 5000
#define SLEEP_MOST 200000

/* Empty polls between two rounds of an idle lcore's chores. */
#define CHORES_EVERY 1024

uint16_t
budget_take(struct budget *b, uint16_t n)
{
	/* relaxed: the number alone matters; who finds none left looks again later */
	int64_t had = __atomic_fetch_sub(&b->tokens, n, __ATOMIC_RELAXED);
	uint16_t got = (uint16_t)RTE_MAX(RTE_MIN(had, (int64_t)n), 0);

	if (unlikely(got < n))
		__atomic_fetch_add(&b->tokens, n - got, __ATOMIC_RELAXED);
	return got;
}

void
budget_done(struct budget *b, uint16_t asked, uint16_t got)
{
	const uint64_t one = 1;
	int64_t left;

	/* relaxed: as above; main reads counters after it has waited for the lcores */
	if (got != asked)
		__atomic_fetch_add(&b->tokens, (int64_t)asked - got, __ATOMIC_RELAXED);
	if (got == 0)
		return;
	left = __atomic_fetch_sub(&b->left, got, __ATOMIC_RELAXED);
	if (left > 0 && left <= got && write(b->wakefd, &one, sizeof(one)) < 0)
		return; /* the counter of an eventfd cannot be full after one write */
}

static void
rest_poll(struct lcore *lc)
{
	(void)lc;
}

static void
rest_pause(struct lcore *lc)
{
	unsigned n = (unsigned)RTE_MIN(lc->empty_polls, UINT64_C(64));

	while (n-- > 0)
		rte_pause();
}

static void
rest_sleep(struct lcore *lc)
{
	struct timespec ts = {0, SLEEP_LEAST};
	uint64_t over;

	if (lc->empty_polls < SLEEP_AFTER) {
		rte_pause();
		return;
	}
	over = lc->empty_polls - SLEEP_AFTER;
	ts.tv_nsec = (long)RTE_MIN(SLEEP_LEAST << RTE_MIN(over / 8, UINT64_C(6)), SLEEP_MOST);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

static void (*const rests[])(struct lcore *) = {
    [IDLE_POLL] = rest_poll,
    [IDLE_PAUSE] = rest_pause,
    [IDLE_SLEEP] = rest_sleep,
};

/* The TSC is read when an lcore turns busy or idle, not every burst: it costs as much as a packet.
 */
void
loop_idle(struct lcore *lc)
{
	if (lc->busy) {
		uint64_t now = rte_rdtsc();

		lc->busy_cycles += now - lc->mark;
		lc->mark = now;
		lc->busy = false;
		lc->empty_polls = 0;
	}
	if (lc->empty_polls++ % CHORES_EVERY == 0) {
		m_flush();
		m_reap();
	}
	rests[lc->idle](lc);
}

void
loop_wake(struct lcore *lc)
{
	uint64_t now = rte_rdtsc();

	lc->poll_cycles += now - lc->mark;
	lc->mark = now;
	lc->busy = true;
}

static uint64_t
cpu_clock(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts) != 0)
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int
lcore_main(void *arg)
{
	struct lcore *lc = arg;
	uint64_t start = cpu_clock(), now;

	if (lc->idle == IDLE_SLEEP)
		prctl(PR_SET_TIMERSLACK, 1000ul, 0ul, 0ul, 0ul);
	lc->mark = rte_rdtsc();
	if (lc->tx_first)
		txfirst_send(lc);
	lc->mode->run(lc);
	m_flush();
	now = rte_rdtsc();
	*(lc->busy ? &lc->busy_cycles : &lc->poll_cycles) += now - lc->mark;
	lc->cpu_ns = cpu_clock() - start;
	lc->cpu = sched_getcpu();
	return 0;
}

int
lcores_start(struct mfwd *m)
{
	for (unsigned i = 0; i < m->plan.nlcores; i++) {
		struct lcore *lc = &m->plan.lcores[i];
		int rc = rte_eal_remote_launch(lcore_main, lc, lc->id);

		if (rc != 0) {
			lcores_stop(m);
			return fail(EXIT_RUN,
			    "lcore %u: cannot be started: %s; choose others with --lcores", lc->id,
			    strerror(-rc));
		}
	}
	return 0;
}

void
lcores_stop(struct mfwd *m)
{
	/* relaxed: waiting for the lcores orders what they wrote */
	__atomic_store_n(&m->stop, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < m->plan.nlcores; i++)
		rte_eal_wait_lcore(m->plan.lcores[i].id);
}
