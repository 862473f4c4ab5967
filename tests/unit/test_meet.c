/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Threads that meet in clusters: each takes an mbuf from where another left one, shares it, frees
 * it in one way or another, or writes to it if it is the only holder. Bytes show who wrote when he
 * must not; ThreadSanitizer shows what orders are missing; the balance at the end shows a lost or
 * a doubled reference.
 *
 * The pools lie on a stack with a lock. DPDK's ring spins behind a thread that is preempted, which
 * takes for ever where the threads outnumber the CPUs; and ThreadSanitizer does not see into it.
 */

#include "unit.h"

#include <pthread.h>

#include "unit_ops.h"

#define NTHREADS 4
#define NPLACES 24
#define BYTES 64
#ifdef __SANITIZE_THREAD__
#define SANITIZED 1
#define ROUNDS 20000
#else
#define SANITIZED 0
#define ROUNDS 100000
#endif

static cpu_set_t cpus;		    /* that the process may use */
static struct mbuf *place[NPLACES]; /* atomic */
static unsigned writes;		    /* atomic */

struct job {
	unsigned seed;
	bool lcore;
};

static unsigned
roll(struct job *j, unsigned n)
{
	j->seed = j->seed * 1103515245 + 12345;
	return (j->seed >> 16) % n;
}

/* All bytes are alike, or somebody writes who is not alone. */
static void
check_bytes(const struct mbuf *m)
{
	const uint8_t *p = mtod(m, const uint8_t *);

	for (unsigned i = 1; i < BYTES; i++) {
		if (p[i] != p[0])
			abort();
	}
}

static void
give_up(struct job *j, struct mbuf *m)
{
	unsigned ways = 3;
	struct rte_mbuf *r;

	/*
	 * ThreadSanitizer does not see into rte_pktmbuf_free_bulk(), which is in DPDK's library.
	 * And it rightly reports that DPDK recognises the last holder of an INDIRECT mbuf by a
	 * relaxed load; a policy that is called back adds the order.
	 */
	if (SANITIZED)
		ways = unit_countonly() ? 1 : 2;
	switch (roll(j, ways)) {
	case 0:
		m_freem(m);
		break;
	case 1:
		rte_pktmbuf_free(m_unwrap(m));
		break;
	default:
		r = m_unwrap(m);
		rte_pktmbuf_free_bulk(&r, 1);
	}
}

static struct mbuf *
make(struct job *j)
{
	struct mbuf *m = m_clget(NULL, M_DONTWAIT, BYTES);

	if (m == NULL)
		return NULL;
	m->m_len = BYTES;
	m->m_pkthdr.len = BYTES;
	memset(mtod(m, char *), (int)roll(j, 256), BYTES);
	return m;
}

/* Leave m somewhere; who lay there is the caller's. */
static struct mbuf *
leave(struct job *j, struct mbuf *m)
{
	/* acquire and release: the mbuf changes its owner */
	return __atomic_exchange_n(&place[roll(j, NPLACES)], m, __ATOMIC_ACQ_REL);
}

static void
one_round(struct job *j)
{
	struct mbuf *m = leave(j, NULL), *n;

	if (m == NULL)
		m = make(j);
	if (m == NULL)
		return;
	check_bytes(m);
	if (!M_READONLY(m)) {
		memset(mtod(m, char *), (int)roll(j, 256), BYTES);
		__atomic_fetch_add(&writes, 1, __ATOMIC_RELAXED); /* a statistic */
	} else if (m_refs(m) == 0) {
		abort();
	}
	for (unsigned k = roll(j, 3); k > 0; k--) {
		n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		n = n == NULL ? NULL : leave(j, n);
		if (n != NULL) {
			check_bytes(n);
			give_up(j, n);
		}
	}
	if (roll(j, 2) == 0)
		m = leave(j, m);
	if (m != NULL)
		give_up(j, m);
	if (roll(j, 64) == 0) {
		m_flush();
		m_reap();
	}
}

static void *
work(void *arg)
{
	struct job *j = arg;

	/* not only where EAL put its main lcore */
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	if (j->lcore && rte_thread_register() != 0)
		abort();
	for (unsigned i = 0; i < ROUNDS; i++)
		one_round(j);
	m_flush();
	if (j->lcore)
		rte_thread_unregister();
	return NULL;
}

/* Three lcores and a thread that is none. */
static void
threads_meet(void **state)
{
	struct job job[NTHREADS];
	pthread_t t[NTHREADS];

	(void)state;
	writes = 0;
	for (unsigned i = 0; i < NTHREADS; i++) {
		job[i] = (struct job){.seed = i + 1, .lcore = i > 0};
		assert_int_equal(pthread_create(&t[i], NULL, work, &job[i]), 0);
	}
	for (unsigned i = 0; i < NTHREADS; i++)
		pthread_join(t[i], NULL);
	for (unsigned i = 0; i < NPLACES; i++) {
		m_freem(place[i]);
		place[i] = NULL;
	}
	m_flush();
	assert_true(writes > 0);
	assert_int_equal(unit_out(), 0);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(threads_meet),
    UNIT_TEST_CACHED(threads_meet),
};

int
main(void)
{
	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0 || unit_eal("meet", 1) != 0 ||
	    unit_ops_use() != 0)
		return 1;
	return cmocka_run_group_tests_name("meet", unit_tests, NULL, NULL);
}
