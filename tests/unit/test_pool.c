/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* m_init(), m_fini(), the pools and their balance. */

#include "unit.h"

static void
refuses_what_cannot_be(void **state)
{
	static const struct {
		struct m_conf c;
		int want;
	} bad[] = {
	    {{.cluster_size = MSIZE, .socket = SOCKET_ID_ANY}, -EINVAL},
	    {{.cluster_size = MAXMCLBYTES + 1, .socket = SOCKET_ID_ANY}, -EINVAL},
	    {{.cache = RTE_MEMPOOL_CACHE_MAX_SIZE + 1, .socket = SOCKET_ID_ANY}, -EINVAL},
	    {{.nmbufs = 64, .nclusters = 64, .cache = 50, .socket = SOCKET_ID_ANY}, -EINVAL},
	    {{.nmbufs = UINT32_MAX, .socket = SOCKET_ID_ANY}, -EINVAL},
	    {{.nclusters = 0x80000000u, .socket = SOCKET_ID_ANY}, -EINVAL},
	    {{.nclusters = 10000000, .socket = SOCKET_ID_ANY}, -ENOMEM},
	    {{.socket = 1000}, -EINVAL},
	    {{.socket = 31}, -EINVAL},
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		assert_int_equal(m_init(&bad[i].c), bad[i].want);
		assert_null(m_cluster_pool(SOCKET_ID_ANY));
		assert_null(m_header_pool(0));
		assert_null(m_get(M_DONTWAIT, MT_DATA));
		assert_int_equal(rte_errno, ENOBUFS);
	}
	/* nothing was left behind that would be in the way now */
	assert_int_equal(unit_pools(64, 64, 0), 0);
	assert_int_equal(m_fini(), 0);
}

static void
starts_and_ends_many_times(void **state)
{
	(void)state;
	assert_int_equal(m_fini(), 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(unit_pools(100, 100, M_NOCACHE), 0);
		assert_int_equal(m_init(NULL), -EALREADY);
		assert_int_equal(m_fini(), 0);
		assert_int_equal(m_fini(), 0);
	}
}

static void
default_conf(void **state)
{
	(void)state;
	assert_int_equal(m_init(NULL), 0);
	assert_int_equal(m_cluster_pool(SOCKET_ID_ANY)->size, 8192);
	assert_int_equal(
	    rte_pktmbuf_data_room_size(m_cluster_pool(0)), MCLBYTES + RTE_PKTMBUF_HEADROOM);
	assert_int_equal(rte_pktmbuf_data_room_size(m_header_pool(0)), MSIZE);
	assert_int_equal(m_fini(), 0);
}

static void
largest_cluster(void **state)
{
	struct m_conf c = {
	    .nmbufs = 16,
	    .nclusters = 4,
	    .cluster_size = MAXMCLBYTES,
	    .cache = M_NOCACHE,
	    .socket = SOCKET_ID_ANY,
	};
	struct mbuf *m;

	(void)state;
	assert_int_equal(m_init(&c), 0);
	m = m_clget(NULL, M_DONTWAIT, MAXMCLBYTES);
	assert_non_null(m);
	assert_int_equal(m_trailingspace(m), MAXMCLBYTES);
	assert_null(m_clget(NULL, M_DONTWAIT, MAXMCLBYTES + 1));
	assert_int_equal(rte_errno, EINVAL);
	m_freem(m);
	assert_int_equal(m_fini(), 0);
}

static void
fini_refuses_while_buffers_are_out(void **state)
{
	struct mbuf *m;

	(void)state;
	assert_int_equal(unit_pools(100, 100, M_NOCACHE), 0);
	m = m_get(M_DONTWAIT, MT_DATA);
	assert_int_equal(m_fini(), -EBUSY);
	/* and all works as before */
	assert_int_equal(unit_out(), 1);
	m_freem(m);
	assert_int_equal(m_fini(), 0);
}

struct seen {
	unsigned n, kinds[3], size, in_use, stop_after;
};

static int
see(const struct m_poolstat *st, void *arg)
{
	struct seen *s = arg;

	assert_non_null(st->name);
	assert_true(st->kind == M_POOL_CLUSTER || st->kind == M_POOL_HEADER);
	s->kinds[st->kind]++;
	s->n++;
	s->size += st->size;
	s->in_use += st->in_use;
	return s->n == s->stop_after ? 7 : 0;
}

static void
balance_is_exact(void **state)
{
	struct seen s = {0};
	struct mbuf *v[40];

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		v[i] = i < 30 ? m_get(M_DONTWAIT, MT_DATA) : m_clget(NULL, M_DONTWAIT, MCLBYTES);
	assert_int_equal(m_pools(see, &s), 0);
	assert_int_equal(s.in_use, 40);
	assert_int_equal(s.n, s.kinds[M_POOL_CLUSTER] + s.kinds[M_POOL_HEADER]);
	assert_int_equal(s.kinds[M_POOL_CLUSTER], s.kinds[M_POOL_HEADER]);
	assert_int_equal(s.size, s.kinds[M_POOL_CLUSTER] * (UNIT_NCLUSTERS + UNIT_NMBUFS));
	s = (struct seen){.stop_after = 1};
	assert_int_equal(m_pools(see, &s), 7);
	assert_int_equal(s.n, 1);
	m_freem_bulk(v, 40);
	assert_int_equal(unit_out(), 0);
}

/* A pool of somebody else's is told from ours. */
static void
pools_know_whose_they_are(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create("foreign", 31, 0, 64, 512, SOCKET_ID_ANY);

	(void)state;
	assert_non_null(mp);
	assert_false(m_ispool(mp));
	assert_true(m_ispool(m_cluster_pool(0)));
	assert_true(m_ispool(m_header_pool(0)));
	assert_ptr_equal(m_cluster_pool(99), m_cluster_pool(SOCKET_ID_ANY));
	rte_mempool_free(mp);
}

/* DPDK's own allocations from our pools are plain mbufs, and DPDK's own free brings them back. */
static void
dpdk_may_use_our_pools(void **state)
{
	struct rte_mempool *cp = m_cluster_pool(0), *hp = m_header_pool(0);
	struct rte_mbuf *r[UNIT_NCLUSTERS], *clone;
	const char *why;

	(void)state;
	assert_int_equal(rte_pktmbuf_alloc_bulk(cp, r, UNIT_NCLUSTERS), 0);
	assert_null(m_clget(NULL, M_DONTWAIT, 1));
	for (unsigned i = 0; i < UNIT_NCLUSTERS; i++) {
		assert_int_equal(rte_mbuf_check(r[i], 1, &why), 0);
		assert_true(m_isplain(r[i]));
		rte_pktmbuf_append(r[i], 100);
	}
	clone = rte_pktmbuf_clone(r[0], hp);
	assert_non_null(clone);
	assert_int_equal(m_refs(m_wrap(clone)), 2);
	assert_true(M_READONLY(m_wrap(r[0])));
	assert_false(m_isplain(r[0]));
	assert_false(m_isplain(clone));
	rte_pktmbuf_free(r[0]);
	assert_int_equal(m_refs(m_wrap(clone)), 1);
	m_freem(m_wrap(clone));
	rte_pktmbuf_free_bulk(r + 1, UNIT_NCLUSTERS - 1);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST_BARE(refuses_what_cannot_be),
    UNIT_TEST_BARE(starts_and_ends_many_times),
    UNIT_TEST_BARE(default_conf),
    UNIT_TEST_BARE(largest_cluster),
    UNIT_TEST_BARE(fini_refuses_while_buffers_are_out),
    UNIT_TEST(balance_is_exact),
    UNIT_TEST_CACHED(balance_is_exact),
    UNIT_TEST(pools_know_whose_they_are),
    UNIT_TEST(dpdk_may_use_our_pools),
    UNIT_TEST_CACHED(dpdk_may_use_our_pools),
};

UNIT_MAIN("pool")
