/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* What every policy promises about memory that it holds back, and what some have of their own. */

#include "unit.h"

#include <pthread.h>

#include "internal.h"
#include "policy/policy.h"

#if defined(MBUF_POLICY_OBJECT) || defined(MBUF_POLICY_BATCH) || defined(MBUF_POLICY_CAS)
#define RECORDS 1
#else
#define RECORDS 0
#endif
#ifdef MBUF_POLICY_BATCH
#define HELD M_BATCH
#else
#define HELD 1
#endif

static unsigned
clusters_out(void)
{
	return rte_mempool_in_use_count(m_cluster_pool(SOCKET_ID_ANY));
}

/* A shared cluster that only a follower is left of, freed by us or by a driver. */
static void
free_last(unsigned i, bool driver)
{
	struct mbuf *m = unit_cluster(10, i), *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);

	assert_non_null(n);
	m_freem(m);
	if (driver)
		rte_pktmbuf_free(m_unwrap(n));
	else
		m_freem(n);
}

static void
name_is_the_builds(void **state)
{
	(void)state;
	assert_string_equal(m_policy(), MBUF_POLICY_NAME);
}

/* Fewer than HELD frees may wait; each is told of; m_flush() does them all. */
static void
holds_back_a_bounded_number(void **state)
{
	const unsigned room = sizeof(struct mbuf) + M_HEADROOM + MCLBYTES;

	(void)state;
	for (unsigned n = 0; n <= 3 * HELD + 1; n++) {
		for (unsigned i = 0; i < n; i++)
			free_last(i, i % 2);
		assert_int_equal(clusters_out(), n % HELD);
		if (HELD > 1)
			assert_int_equal(m_pinned(), n % HELD * room);
		m_flush();
		assert_int_equal(clusters_out(), 0);
		if (HELD > 1)
			assert_int_equal(m_pinned(), 0);
	}
}

static void *
free_on_a_thread(void *arg)
{
	bool lcore = *(bool *)arg;

	if (lcore)
		assert_int_equal(rte_thread_register(), 0);
	for (unsigned i = 0; i < HELD + HELD / 2; i++)
		free_last(i, i % 2);
	if (lcore)
		rte_thread_unregister();
	return NULL;
}

/* What another lcore holds back is there when a pool is empty; a thread that is none holds none. */
static void
pressure_reaches_other_lcores(void **state)
{
	static struct mbuf *v[UNIT_NCLUSTERS];

	(void)state;
	for (int lcore = 0; lcore < 2; lcore++) {
		bool is = lcore;
		pthread_t t;

		assert_int_equal(pthread_create(&t, NULL, free_on_a_thread, &is), 0);
		pthread_join(t, NULL);
		assert_int_equal(clusters_out(), is ? HELD / 2 : 0);
		assert_int_equal(m_get_bulk(v, UNIT_NCLUSTERS), 0);
		m_freem_bulk(v, UNIT_NCLUSTERS);
		assert_int_equal(clusters_out(), 0);
	}
}

/* What waits is no holder: the cluster may be written, and read-only ends. */
static void
who_waits_does_not_count(void **state)
{
	struct mbuf *m = unit_cluster(10, 1), *n, *o;

	(void)state;
	n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	o = m_copym(n, 0, M_COPYALL, M_DONTWAIT);
	assert_int_equal(m_refs(m), 3);
	m_freem(n);
	assert_int_equal(m_refs(m), 2);
	assert_true(M_READONLY(m) && M_READONLY(o));
	m_freem(m);
	assert_int_equal(m_refs(o), 1);
	assert_false(M_READONLY(o));
	m = m_copym(o, 0, M_COPYALL, M_DONTWAIT);
	m_freem(o);
	assert_false(M_READONLY(m));
	m_freem(m);
}

static struct mbuf *read_by_other;
static bool other_is_done; /* atomic */
static unsigned sum;

static void *
read_and_free(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < read_by_other->m_len; i++)
		sum += mtod(read_by_other, uint8_t *)[i];
	m_freem(read_by_other);
	/* relaxed: must order nothing */
	__atomic_store_n(&other_is_done, true, __ATOMIC_RELAXED);
	return NULL;
}

/*
 * A thread reads and frees, another one then writes, and nothing but the policy orders the two:
 * ThreadSanitizer sees whether it does. The one that is freed was shared first, and many after it.
 */
static void
free_comes_before_write(void **state)
{
	struct mbuf *m = unit_cluster(1000, 1), *later[30];
	pthread_t t;

	(void)state;
	for (unsigned k = 0; k <= RTE_DIM(later); k += 5) {
		m_flush();
		read_by_other = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		other_is_done = false;
		for (unsigned i = 0; i < k; i++)
			later[i] = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		assert_int_equal(pthread_create(&t, NULL, read_and_free, NULL), 0);
		while (!__atomic_load_n(&other_is_done, __ATOMIC_RELAXED))
			sched_yield();
		m_freem_bulk(later, k);
		assert_false(M_READONLY(m));
		memset(mtod(m, char *), (int)k, 1000);
		pthread_join(t, NULL);
	}
	m_freem(m);
}

#if RECORDS
/* Without a record to account with, sharing fails as it does without a header, and recovers. */
static void
fails_without_records(void **state)
{
	struct mbuf *m = unit_cluster(10, 1), *n;
	void **v = calloc(m_rec.mp[0]->size + 1, sizeof(*v));
	unsigned k = 0;

	(void)state;
	assert_non_null(v);
	while ((v[k] = m_rec_get()) != NULL)
		k++;
	assert_int_equal(k, m_rec.mp[0]->size);
	for (int i = 0; i < 3; i++) {
		rte_errno = 0;
		assert_null(m_copym(m, 0, M_COPYALL, M_DONTWAIT));
		assert_int_equal(rte_errno, ENOBUFS);
		assert_null(m_copym(m, 1, 5, M_DONTWAIT));
		assert_int_equal(m_copym_bulk(&m, &n, 1), 0);
		assert_int_equal(m_refs(m), 1);
		assert_false(M_READONLY(m));
		assert_int_equal(unit_out(), 1);
	}
	while (k > 0)
		m_rec_put(v[--k]);
	n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	assert_non_null(n);
	m_freem(m);
	unit_check(n, 10, 1);
	m_freem(n);
	m_flush();
	free(v);
}

/* Many shares and frees in mixed order take no record for good. */
static void
records_come_back(void **state)
{
	struct mbuf *v[64] = {NULL}, *lead = unit_cluster(10, 1);
	unsigned seed = 1;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct mbuf **p;

		seed = seed * 1103515245 + 12345;
		p = &v[seed >> 16 & 63];
		if (*p != NULL) {
			unit_check(*p, 10, 1);
			if ((seed & 1 << 24) != 0)
				rte_pktmbuf_free(m_unwrap(*p));
			else
				m_freem(*p);
			*p = NULL;
		} else {
			struct mbuf *from = v[seed >> 8 & 63];

			*p = m_copym(from == NULL ? lead : from, 0, M_COPYALL, M_DONTWAIT);
			assert_non_null(*p);
		}
#ifdef MBUF_POLICY_CAS
		assert_in_range(m_pinned(), 0, (CAS_HELD + 2) * RTE_CACHE_LINE_SIZE);
#endif
	}
	m_freem(lead);
	for (unsigned i = 0; i < 64; i++)
		m_freem(v[i]);
	m_flush();
	assert_int_equal(unit_out(), 0);
	assert_int_equal(m_rec_inuse(), 0);
}
#endif

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(name_is_the_builds),
    UNIT_TEST(holds_back_a_bounded_number),
    UNIT_TEST_CACHED(holds_back_a_bounded_number),
    UNIT_TEST(pressure_reaches_other_lcores),
    UNIT_TEST(who_waits_does_not_count),
    UNIT_TEST(free_comes_before_write),
#if RECORDS
    UNIT_TEST(fails_without_records),
    UNIT_TEST(records_come_back),
    UNIT_TEST_CACHED(records_come_back),
#endif
};

UNIT_MAIN("policy")
