/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Completion in any order: chains whose clusters are shared go to drivers, which free them segment
 * by segment. Nobody may get a buffer back that another still holds, and each buffer must come
 * back when its last holder is gone, not before and not later.
 *
 * A chain of N segments with S holders of each cluster (the chain and S - 1 copies) is freed in
 * (N * S)! orders. All of them are run up to 8 frees. Beyond, orders that differ only in the names
 * of clusters, or of the followers of one cluster, are run once: clusters have no state in common,
 * and a follower holds nothing but its reference. That leaves (N * S)! / (N! * (S - 1)!^N). What
 * is more than a million then (5 and 6 segments with 3 holders) is run in all S!^N combinations of
 * an order for each cluster, with four ways to interleave the clusters.
 *
 * After each free one buffer of each pool is allocated, poisoned and freed again: the pools' caches
 * give the one that was freed last, so a buffer that came back too early loses its bytes.
 */

#include "unit.h"

#define SEGS 6
#define HOLDERS 3
#define BYTES 24 /* in a segment */
#define ALL 8	 /* up to so many frees no order is left out */
#define POISON 0xdb

/* Sanitizers cost ten times as much: there each 97th order is run. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(MBUF_DEBUG)
#define STRIDE 97
#else
#define STRIDE 1
#endif

struct shared {
	unsigned segs, holders;
	struct mbuf *m[SEGS][HOLDERS]; /* holder 0 is the leader; NULL: freed */
	unsigned left[SEGS];	       /* holders of the cluster */
	unsigned followers;	       /* alive */
	bool reduced;
	bool taken[SEGS][HOLDERS]; /* by the order that is being made */
	unsigned long orders, runs;
	uint8_t order[SEGS * HOLDERS];
};

static void
poison_one(struct rte_mempool *pool)
{
	struct rte_mbuf *r = rte_mbuf_raw_alloc(pool);

	if (r == NULL) {
		fail();
		return;
	}
	assert_int_equal(rte_mbuf_refcnt_read(r), 1);
	assert_null(r->next);
	memset(r->buf_addr, POISON, RTE_PKTMBUF_HEADROOM + BYTES);
	rte_mbuf_raw_free(r);
}

static void
poison(void)
{
	poison_one(m_cluster_pool(SOCKET_ID_ANY));
	poison_one(m_header_pool(SOCKET_ID_ANY));
}

static uint8_t
byte_of(unsigned seg, unsigned at)
{
	return (uint8_t)(seg * 37 + at);
}

static struct mbuf *
make_chain(unsigned segs)
{
	struct mbuf *v[SEGS], *m;
	unsigned i, k;

	assert_int_equal(m_get_bulk(v, segs), 0);
	for (i = 0; i < segs; i++) {
		m = v[i];
		for (k = 0; k < BYTES; k++)
			mtod(m, uint8_t *)[k] = byte_of(i, k);
		m->m_len = BYTES;
		if (i > 0)
			v[i - 1]->m_next = m;
	}
	m_calchdrlen(v[0]);
	return v[0];
}

/* The chain and its copies, taken apart as a driver's ring holds them. */
static void
share(struct shared *s)
{
	struct mbuf *chain[HOLDERS], *m, *next;
	unsigned i, h;

	chain[0] = make_chain(s->segs);
	for (h = 1; h < s->holders; h++) {
		chain[h] = m_copym(chain[0], 0, M_COPYALL, M_DONTWAIT);
		assert_non_null(chain[h]);
	}
	for (h = 0; h < s->holders; h++) {
		m = m_fromrte(m_unwrap(chain[h]));
		for (i = 0; i < s->segs; i++, m = next) {
			next = m->m_next;
			s->m[i][h] = m;
		}
		assert_null(m);
	}
	for (i = 0; i < s->segs; i++)
		s->left[i] = s->holders;
	s->followers = s->segs * (s->holders - 1);
}

static void
check_pools(unsigned clusters, unsigned headers)
{
	m_flush(); /* for a policy that holds frees back */
	assert_int_equal(rte_mempool_in_use_count(m_cluster_pool(SOCKET_ID_ANY)), clusters);
	assert_int_equal(rte_mempool_in_use_count(m_header_pool(SOCKET_ID_ANY)), headers);
}

/* What is not freed has its bytes; the pools have exactly what is. */
static void
check_rest(const struct shared *s)
{
	unsigned i, h, k, clusters = 0;

	for (i = 0; i < s->segs; i++) {
		clusters += s->left[i] > 0;
		for (h = 0; h < s->holders; h++) {
			const struct mbuf *m = s->m[i][h];

			if (m == NULL)
				continue;
			assert_int_equal(m->m_len, BYTES);
			for (k = 0; k < BYTES; k++)
				assert_int_equal(mtod(m, const uint8_t *)[k], byte_of(i, k));
		}
	}
	check_pools(clusters, s->followers);
}

/* Free in the order that is set, by a driver, by us, or by turns. */
static void
run_order(struct shared *s)
{
	unsigned i, n = s->segs * s->holders, how = s->runs % 3;

	share(s);
	for (i = 0; i < n; i++) {
		unsigned seg = s->order[i] / HOLDERS, h = s->order[i] % HOLDERS;
		struct mbuf *m = s->m[seg][h];

		s->m[seg][h] = NULL;
		s->left[seg]--;
		s->followers -= h > 0;
		if (how == 0 || (how == 2 && i % 2 == 0))
			rte_pktmbuf_free_seg(&m->m_rte);
		else
			(void)m_free(m);
		poison();
		if (n <= ALL)
			check_rest(s);
	}
	check_pools(0, 0);
	s->runs++;
}

/* One of the first few, then each STRIDE-th. */
static void
maybe_run(struct shared *s)
{
	if (s->orders < 16 || s->orders % STRIDE == 0)
		run_order(s);
	s->orders++;
}

/* All orders, or all that differ by more than names. opened: clusters that an order has touched. */
static void
permute(struct shared *s, unsigned at, unsigned opened)
{
	unsigned seg, h;

	if (at == s->segs * s->holders) {
		maybe_run(s);
		return;
	}
	for (seg = 0; seg < s->segs; seg++) {
		bool follower = false;

		if (s->reduced && seg > opened)
			break;
		for (h = 0; h < s->holders; h++) {
			if (s->taken[seg][h] || (s->reduced && h > 0 && follower))
				continue;
			follower |= h > 0;
			s->taken[seg][h] = true;
			s->order[at] = (uint8_t)(seg * HOLDERS + h);
			permute(s, at + 1, opened + (seg == opened));
			s->taken[seg][h] = false;
		}
	}
}

static unsigned long
count_orders(unsigned segs, unsigned holders, bool reduced)
{
	unsigned long n = 1;
	unsigned i, k;

	for (i = 1; i <= segs * holders; i++)
		n *= i;
	if (!reduced)
		return n;
	for (i = 1; i <= segs; i++)
		n /= i;
	for (i = 0; i < segs; i++) {
		for (k = 1; k < holders; k++)
			n /= k;
	}
	return n;
}

static void
run_all_orders(unsigned segs, unsigned holders)
{
	struct shared s = {.segs = segs, .holders = holders};
	struct shared work;

	s.reduced = segs * holders > ALL;
	work = s;
	permute(&work, 0, 0);
	assert_int_equal(work.orders, count_orders(segs, holders, s.reduced));
	print_message(
	    "%u segments, %u holders: %lu of %lu orders\n", segs, holders, work.runs, work.orders);
}

static void
one_holder(void **state)
{
	unsigned segs;

	(void)state;
	for (segs = 1; segs <= SEGS; segs++)
		run_all_orders(segs, 1);
}

static void
two_holders(void **state)
{
	unsigned segs;

	(void)state;
	for (segs = 1; segs <= SEGS; segs++)
		run_all_orders(segs, 2);
}

static void
three_holders(void **state)
{
	unsigned segs;

	(void)state;
	for (segs = 1; segs <= 4; segs++)
		run_all_orders(segs, 3);
}

static const uint8_t orders3[6][HOLDERS] = {
    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

/* Interleave the clusters' orders: after each other, by turns, by turns backwards, at random. */
static void
interleave(struct shared *s, const uint8_t *pick, unsigned how, uint32_t *seed)
{
	unsigned done[SEGS] = {0}, at, seg, k, n = s->segs * HOLDERS;

	for (at = 0; at < n; at++) {
		*seed = *seed * 1664525u + 1013904223u;
		seg = how == 0 ? at / HOLDERS : at % s->segs;
		if (how == 2)
			seg = s->segs - 1 - seg;
		if (how == 3)
			seg = (*seed >> 16) % s->segs;
		while (done[seg] == HOLDERS)
			seg = (seg + 1) % s->segs;
		k = done[seg]++;
		s->order[at] = (uint8_t)(seg * HOLDERS + orders3[pick[seg]][k]);
	}
}

static void
three_holders_by_cluster(void **state)
{
	uint32_t seed = 1;
	unsigned segs, how, i, n, x;
	uint8_t pick[SEGS];

	(void)state;
	for (segs = 5; segs <= SEGS; segs++) {
		struct shared s = {.segs = segs, .holders = HOLDERS};

		n = segs == 5 ? 7776 : 46656; /* 6 to the power of segs */
		for (i = 0; i < n; i++) {
			for (x = i, how = 0; how < segs; how++, x /= 6)
				pick[how] = (uint8_t)(x % 6);
			for (how = 0; how < 4; how++) {
				interleave(&s, pick, how, &seed);
				maybe_run(&s);
			}
		}
		print_message("%u segments, 3 holders, by cluster: %lu of %lu orders\n", segs,
		    s.runs, s.orders);
	}
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST_CACHED(one_holder),
    UNIT_TEST_CACHED(two_holders),
    UNIT_TEST_CACHED(three_holders),
    UNIT_TEST_CACHED(three_holders_by_cluster),
};

UNIT_MAIN("complete")
