/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* M_ZEROIZE: the last dropper zeroes, whoever it is, before the cluster is allocated again. */

#include "unit.h"

static struct mbuf *
share(struct mbuf *m)
{
	struct mbuf *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);

	assert_non_null(n);
	return n;
}

static void
ours(struct mbuf *m)
{
	m_freem(m);
}

static void
bulk(struct mbuf *m)
{
	m_freem_bulk(&m, 1);
}

static void
driver(struct mbuf *m)
{
	rte_pktmbuf_free(m_unwrap(m));
}

static void (*const drops[])(struct mbuf *) = {ours, bulk, driver};
#define NDROPS RTE_DIM(drops)

static bool
is_zero(const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++) {
		if (b[i] != 0)
			return false;
	}
	return true;
}

static void
zeroed_whoever_is_last(void **state)
{
	static const unsigned order[6][3] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	(void)state;
	for (unsigned i = 0; i < 6 * 3 * NDROPS * NDROPS * NDROPS; i++) {
		unsigned way = i / 18, w = 0;
		struct mbuf *v[3] = {unit_cluster(500, 7)};
		uint8_t *room = v[0]->m_rte.buf_addr;

		v[1] = share(v[0]);
		v[2] = share(v[0]);
		assert_int_equal(m_zero(v[i / 6 % 3]), 0);
		assert_int_equal(m_zero(v[0]), 0); /* twice is once */
		for (unsigned k = 0; k < 3; k++, way /= NDROPS) {
			w = order[i % 6][k];
			assert_int_equal(m_refs(v[w]), 3 - k);
			assert_int_equal(M_READONLY(v[w]), k < 2);
			assert_int_equal(m_testflags(v[w], M_ZEROIZE), M_ZEROIZE);
			unit_check(v[w], 500, 7);
			drops[way % NDROPS](v[w]);
		}
		/* our own free reaps at once; behind a driver's free m_reap() does, unless the
		 * driver called us back */
		m_flush();
		way = i / 18 / NDROPS / NDROPS;
		if (unit_countonly())
			assert_int_equal(m_reap(), way == 2 ? 1 : 0);
		else
			assert_in_range(m_reap(), 0, way == 2 ? 1 : 0);
		assert_true(is_zero(room, MCLBYTES + RTE_PKTMBUF_HEADROOM));
		assert_int_equal(unit_out(), 0);
	}
	assert_int_equal(unit_badobjs(), 0);
}

static void
small_and_its_copies(void **state)
{
	(void)state;
	for (unsigned way = 0; way < NDROPS * NDROPS; way++) {
		struct mbuf *m = unit_small(60, 3), *n;
		uint8_t *a = m->m_rte.buf_addr, *b;

		assert_int_equal(m_zero(m), 0);
		assert_false(M_READONLY(m));
		assert_int_equal(m_refs(m), 1);
		n = share(m); /* a copy: it is a secret too */
		b = n->m_rte.buf_addr;
		assert_ptr_not_equal(a, b);
		assert_int_equal(m_testflags(n, M_ZEROIZE), M_ZEROIZE);
		drops[way % NDROPS](m);
		unit_check(n, 60, 3);
		drops[way / NDROPS](n);
		m_reap();
		assert_true(is_zero(a, MSIZE) && is_zero(b, MSIZE));
	}
}

/* What a driver freed comes back when a pool runs dry, without anybody calling m_reap(). */
static void
pressure_reaps(void **state)
{
	static struct mbuf *v[UNIT_NCLUSTERS];

	(void)state;
	assert_int_equal(m_get_bulk(v, UNIT_NCLUSTERS), 0);
	for (unsigned i = 0; i < UNIT_NCLUSTERS; i++) {
		memset(mtod(v[i], char *), 0x77, 100);
		assert_int_equal(m_zero(v[i]), 0);
	}
	assert_null(m_clget(NULL, M_DONTWAIT, 1));
	for (unsigned i = 0; i < UNIT_NCLUSTERS; i++)
		driver(v[i]);
	assert_int_equal(m_get_bulk(v, UNIT_NCLUSTERS), 0);
	for (unsigned i = 0; i < UNIT_NCLUSTERS; i++)
		assert_true(is_zero(v[i]->m_rte.buf_addr, MCLBYTES));
	m_freem_bulk(v, UNIT_NCLUSTERS);
	assert_int_equal(m_reap(), 0);
}

/* Marks on many, dropped in a mixed order by all ways: exactly those are zeroed. */
static void
only_marked_ones(void **state)
{
	enum { N = 300 };
	struct mbuf *v[N], *w[N];
	uint8_t *room[N];

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		v[i] = unit_cluster(50, i);
		w[i] = share(v[i]);
		room[i] = mtod(v[i], uint8_t *);
		if (i % 3 == 0)
			assert_int_equal(m_zero(w[i]), 0);
	}
	for (unsigned i = 0; i < N; i++)
		drops[i % NDROPS](v[(i * 7) % N]);
	for (unsigned i = 0; i < N; i++)
		unit_check(w[i], 50, i);
	for (unsigned i = 0; i < N; i++)
		drops[i / 2 % NDROPS](w[(i * 11) % N]);
	m_reap();
	assert_int_equal(unit_out(), 0);
	for (unsigned i = 0; i < N; i++)
		assert_int_equal(is_zero(room[i], 50), i % 3 == 0);
}

/* A mark made while others share it holds for all of them. */
static void
mark_is_the_clusters(void **state)
{
	struct mbuf *m = unit_cluster(10, 0), *n = share(m), *o;

	(void)state;
	assert_int_equal(m_zero(n), 0);
	m_freem(n);
	assert_int_equal(m_testflags(m, M_ZEROIZE), M_ZEROIZE);
	assert_false(M_READONLY(m));
	o = share(m);
	assert_true(M_READONLY(m));
	m_freem(m);
	assert_int_equal(m_testflags(o, M_ZEROIZE), M_ZEROIZE);
	assert_int_equal(m_refs(o), 1);
	m_freem(o);
	/* and is gone with it */
	assert_int_equal(unit_out(), 0);
	assert_int_equal(unit_badobjs(), 0);
}

static void
foreign_cannot_be_marked(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create("foreign", 31, 0, 0, 512, SOCKET_ID_ANY);
	struct rte_mbuf *r = rte_pktmbuf_alloc(mp);
	struct mbuf *m = m_wrap(r);

	(void)state;
	assert_non_null(m);
	assert_int_equal(m_zero(m), -ENOTSUP);
	/* and with a mark pending elsewhere its leader's missing private line is not looked at */
	struct mbuf *other = unit_cluster(1, 0);

	assert_int_equal(m_zero(other), 0);
	assert_int_equal(m_testflags(m, M_ZEROIZE), 0);
	assert_int_equal(m_refs(m), 1);
	m_freem(m);
	m_freem(other);
	assert_int_equal(rte_mempool_avail_count(mp), 31);
	rte_mempool_free(mp);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(zeroed_whoever_is_last),
    UNIT_TEST_CACHED(zeroed_whoever_is_last),
    UNIT_TEST(small_and_its_copies),
    UNIT_TEST(pressure_reaps),
    UNIT_TEST(only_marked_ones),
    UNIT_TEST(mark_is_the_clusters),
    UNIT_TEST(foreign_cannot_be_marked),
};

UNIT_MAIN("zero")
