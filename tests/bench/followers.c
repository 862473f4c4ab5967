/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * How should a follower refer to its cluster: INDIRECT, whose count is the leader's refcnt, or
 * EXTERNAL, whose count is a shinfo in the leader's private line? Each is attached by hand, with
 * nothing but what it needs, and freed by the driver's function or by a loop of ours. What
 * docs/design/sharing.md argues with.
 *
 *	followers [slices]
 *
 * A window of 512 clusters, bursts of 32. "own": each lcore shares and frees its own clusters, on
 * one lcore and on two at once. "handed over": lcore 0 shares and keeps, lcore 1 frees. Slices of
 * all rows are interleaved; one in which an lcore was interrupted does not count. The median is
 * printed, million packets a second of all lcores, and how many slices it is of.
 */

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <bsdmbuf/mbuf.h>

#define WINDOW 512
#define BURST 32
#define BURSTS 1500 /* a slice */
#define MAXSLICES 999

enum row {
	CLONE,	       /* rte_pktmbuf_clone(), rte_pktmbuf_free() */
	INDIRECT_DPDK, /* attached by hand, rte_pktmbuf_free_seg() */
	INDIRECT_OURS, /* the same, freed by a loop */
	EXTERNAL_DPDK,
	EXTERNAL_OURS,
	LIBRARY, /* m_copym_bulk(), m_freem_bulk() */
	NROWS
};
static const char *const names[NROWS] = {
    [CLONE] = "rte_pktmbuf_clone, rte_pktmbuf_free",
    [INDIRECT_DPDK] = "INDIRECT, rte_pktmbuf_free_seg",
    [INDIRECT_OURS] = "INDIRECT, a loop of ours",
    [EXTERNAL_DPDK] = "EXTERNAL, rte_pktmbuf_free_seg",
    [EXTERNAL_OURS] = "EXTERNAL, a loop of ours",
    [LIBRARY] = "the library (INDIRECT)",
};

enum place { OWN_ONE, OWN_TWO, HANDED, NPLACES };

static struct mbuf *window[2][WINDOW];
static struct rte_ring *ring;
static double mpps[NROWS][NPLACES][MAXSLICES];
static unsigned good[NROWS][NPLACES]; /* slices that count */
static unsigned interrupted;	      /* atomic: switches that an lcore did not ask for */

/* The shinfo of a leader, where an EXTERNAL policy would have it. */
static struct rte_mbuf_ext_shared_info *
shinfo(struct mbuf *l)
{
	return (struct rte_mbuf_ext_shared_info *)&l->m_priv.words[0];
}

/* The leader keeps a reference in every row, so the last drop does not happen here. */
static void
last(void *addr, void *opaque)
{
	(void)addr;
	(void)opaque;
	abort();
}

static inline void
view(struct rte_mbuf *n, const struct rte_mbuf *l, uint64_t how)
{
	n->buf_addr = l->buf_addr;
	n->buf_iova = l->buf_iova;
	n->buf_len = l->buf_len;
	n->data_off = l->data_off;
	n->data_len = l->data_len;
	n->pkt_len = l->pkt_len;
	n->ol_flags = how;
}

static inline void
ref(uint16_t *count)
{
	/* acquire and relaxed, as the library does it */
	if (__atomic_load_n(count, __ATOMIC_ACQUIRE) == 1)
		__atomic_store_n(count, 2, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

static inline bool
unref(uint16_t *count)
{
	if (__atomic_load_n(count, __ATOMIC_ACQUIRE) == 1)
		return true;
	return __atomic_fetch_sub(count, 1, __ATOMIC_ACQ_REL) == 1;
}

static void
share(enum row row, struct mbuf *const *from, struct mbuf **to)
{
	struct rte_mempool *mp = m_header_pool(0);

	if (row == LIBRARY) {
		if (m_copym_bulk(from, to, BURST) != BURST)
			abort();
		return;
	}
	if (row == CLONE) {
		for (unsigned i = 0; i < BURST; i++)
			to[i] = m_fromrte(rte_pktmbuf_clone(&from[i]->m_rte, mp));
		return;
	}
	if (rte_mempool_get_bulk(mp, (void **)to, BURST) != 0)
		abort();
	for (unsigned i = 0; i < BURST; i++) {
		struct rte_mbuf *n = &to[i]->m_rte, *l = &from[i]->m_rte;

		if (row == INDIRECT_DPDK || row == INDIRECT_OURS) {
			ref(&l->refcnt);
			view(n, l, RTE_MBUF_F_INDIRECT);
		} else {
			ref(&shinfo(from[i])->refcnt);
			view(n, l, RTE_MBUF_F_EXTERNAL);
			n->shinfo = shinfo(from[i]);
		}
	}
}

static void
drop(enum row row, struct mbuf **v)
{
	if (row == LIBRARY) {
		m_freem_bulk(v, BURST);
		return;
	}
	if (row == CLONE || row == INDIRECT_DPDK || row == EXTERNAL_DPDK) {
		for (unsigned i = 0; i < BURST; i++)
			rte_pktmbuf_free_seg(&v[i]->m_rte);
		return;
	}
	for (unsigned i = 0; i < BURST; i++) {
		struct rte_mbuf *n = &v[i]->m_rte;
		uint16_t *count =
		    row == INDIRECT_OURS ? &rte_mbuf_from_indirect(n)->refcnt : &n->shinfo->refcnt;

		if (i + 4 < BURST)
			__builtin_prefetch(v[i + 4], 1);
		if (unref(count))
			abort();
		n->buf_addr = v[i] + 1;
		n->buf_iova = (rte_iova_t)(uintptr_t)(v[i] + 1);
		n->buf_len = MSIZE;
		n->ol_flags = 0;
	}
	rte_mempool_put_bulk(m_header_pool(0), (void **)v, BURST);
}

static long
switches(void)
{
	struct rusage ru;

	getrusage(RUSAGE_THREAD, &ru);
	return ru.ru_nivcsw;
}

static int
run_own(void *arg)
{
	enum row row = *(enum row *)arg;
	struct mbuf **w = window[rte_lcore_index((int)rte_lcore_id())], *v[BURST];

	for (unsigned i = 0; i < BURSTS; i++) {
		share(row, &w[i * BURST % WINDOW], v);
		drop(row, v);
	}
	return 0;
}

static int
run_receiver(void *arg)
{
	enum row row = *(enum row *)arg;
	struct mbuf *v[BURST];

	for (unsigned i = 0; i < BURSTS; i++) {
		while (rte_ring_dequeue_bulk(ring, (void **)v, BURST, NULL) == 0)
			sched_yield();
		drop(row, v);
	}
	return 0;
}

static int
run_sender(void *arg)
{
	enum row row = *(enum row *)arg;
	struct mbuf *v[BURST];

	for (unsigned i = 0; i < BURSTS; i++) {
		share(row, &window[0][i * BURST % WINDOW], v);
		while (rte_ring_enqueue_bulk(ring, (void **)v, BURST, NULL) == 0)
			sched_yield();
	}
	return 0;
}

struct job {
	int (*fn)(void *);
	enum row row;
	unsigned lcores;
	uint64_t start;
};

static unsigned ready; /* atomic: lcores that run; all start together */

static int
run(void *arg)
{
	struct job *job = arg;
	long before;

	/* relaxed: nothing but the time depends on it */
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&ready, __ATOMIC_RELAXED) < job->lcores)
		sched_yield();
	before = switches();
	job->start = rte_get_tsc_cycles();
	job->fn(&job->row);
	/* relaxed: EAL's join orders it */
	__atomic_fetch_add(&interrupted, (unsigned)(switches() - before), __ATOMIC_RELAXED);
	return 0;
}

/* 0: somebody was interrupted. */
static double
measure(enum row row, enum place place)
{
	unsigned lcores = place == OWN_ONE ? 1 : 2;
	struct job here = {place == HANDED ? run_sender : run_own, row, lcores, 0};
	struct job there = {place == HANDED ? run_receiver : run_own, row, lcores, 0};
	unsigned worker = rte_get_next_lcore(-1, 1, 0);
	double packets = (double)BURSTS * BURST * (place == OWN_TWO ? 2 : 1);
	uint64_t end;

	ready = interrupted = 0;
	if (place != OWN_ONE)
		rte_eal_remote_launch(run, &there, worker);
	run(&here);
	rte_eal_mp_wait_lcore();
	end = rte_get_tsc_cycles();
	if (interrupted != 0)
		return 0;
	return packets * (double)rte_get_tsc_hz() / (double)(end - here.start) / 1e6;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
report(bool two)
{
	printf("%-38s %12s %12s %12s\n", "Mpps (slices)", "one lcore", "two apart", "handed over");
	for (unsigned r = 0; r < NROWS; r++) {
		printf("%-38s", names[r]);
		for (unsigned p = 0; p < NPLACES; p++) {
			unsigned n = good[r][p];

			qsort(mpps[r][p], n, sizeof(double), compare);
			if (p == OWN_ONE || two)
				printf("  %6.1f (%3u)", n == 0 ? 0 : mpps[r][p][n / 2], n);
		}
		printf("\n");
	}
}

static int
setup(unsigned lcores)
{
	struct m_conf conf = {
	    .nmbufs = 16383, .nclusters = 4095, .cache = 256, .socket = SOCKET_ID_ANY};

	if (m_init(&conf) != 0)
		return -1;
	ring = rte_ring_create("handed", 512, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (ring == NULL)
		return -1;
	for (unsigned k = 0; k < lcores; k++) {
		if (m_get_bulk(window[k], WINDOW) != 0)
			return -1;
		for (unsigned i = 0; i < WINDOW; i++) {
			window[k][i]->m_len = 1460;
			window[k][i]->m_pkthdr.len = 1460;
			*shinfo(window[k][i]) =
			    (struct rte_mbuf_ext_shared_info){.free_cb = last, .refcnt = 1};
		}
	}
	return 0;
}

static void
teardown(unsigned lcores)
{
	for (unsigned k = 0; k < lcores; k++) {
		for (unsigned i = 0; i < WINDOW; i++)
			memset(shinfo(window[k][i]), 0, sizeof(struct rte_mbuf_ext_shared_info));
		m_freem_bulk(window[k], WINDOW);
	}
	rte_ring_free(ring);
}

int
main(int argc, char **argv)
{
	unsigned slices = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 31, lcores;
	char lcore_list[32];
	char *eal[] = {argv[0], strdup("--no-huge"), strdup("--no-pci"), strdup("--no-telemetry"),
	    strdup("--no-shconf"), strdup("-m"), strdup("512"), strdup("--log-level=3"),
	    strdup("--lcores"), lcore_list, NULL};
	int cpu[2] = {0}, n = 0;
	cpu_set_t set;

	if (slices < 1 || slices > MAXSLICES || sched_getaffinity(0, sizeof(set), &set) != 0)
		return 2;
	for (int c = 0; c < CPU_SETSIZE && n < 2; c++) {
		if (CPU_ISSET(c, &set))
			cpu[n++] = c;
	}
	snprintf(lcore_list, sizeof(lcore_list), n == 2 ? "0@%d,1@%d" : "0@%d", cpu[0], cpu[1]);
	if (rte_eal_init(RTE_DIM(eal) - 1, eal) < 0)
		return 1;
	lcores = rte_lcore_count();
	if (setup(lcores) != 0)
		return 1;
	for (unsigned s = 0; s < slices * NROWS; s++) {
		unsigned r = s % NROWS;

		for (unsigned p = 0; p < (lcores > 1 ? (unsigned)NPLACES : 1); p++) {
			double x = measure((enum row)r, (enum place)p);

			if (x > 0)
				mpps[r][p][good[r][p]++] = x;
		}
	}
	report(lcores > 1);
	teardown(lcores);
	return m_fini() == 0 ? 0 : 1;
}
