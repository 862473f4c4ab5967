/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Sharing clusters: m_copym(), the counts, who is last. */

#include "unit.h"

#include "internal.h"

static struct mbuf *
share(struct mbuf *m)
{
	struct mbuf *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);

	assert_non_null(n);
	return n;
}

/* Make the private line dirty: a tag, a flag. */
static void
dirty(struct mbuf *m)
{
	struct m_tag *t = m_tag_get(5, 4, M_DONTWAIT);

	assert_non_null(t);
	m_tag_prepend(m, t);
	m_setflags(m, M_MCAST);
}

static void
drop_ours(struct mbuf *m)
{
	m_freem(m);
}

static void
drop_bulk(struct mbuf *m)
{
	m_freem_bulk(&m, 1);
}

static void
drop_driver(struct mbuf *m)
{
	rte_pktmbuf_free(m_unwrap(m));
}

static void
drop_driver_bulk(struct mbuf *m)
{
	struct rte_mbuf *r = m_unwrap(m);

	rte_pktmbuf_free_bulk(&r, 1);
}

static void (*const drops[])(struct mbuf *) = {drop_ours, drop_bulk, drop_driver, drop_driver_bulk};
#define NDROPS RTE_DIM(drops)

static void
shares_and_is_readonly(void **state)
{
	struct mbuf *m = unit_cluster(1000, 3), *n;

	(void)state;
	assert_false(M_READONLY(m));
	n = share(m);
	assert_ptr_equal(mtod(m, char *), mtod(n, char *));
	assert_true(M_READONLY(m) && M_READONLY(n));
	assert_int_equal(m_leadingspace(m) + m_trailingspace(m), 0);
	assert_int_equal(m_leadingspace(n) + m_trailingspace(n), 0);
	assert_int_equal(m_refs(m), 2);
	assert_int_equal(m_refs(n), 2);
	assert_int_equal(m_testflags(n, 0xffff), M_PKTHDR | M_EXT | M_EXTWR);
	unit_check(m, 1000, 3);
	unit_check(n, 1000, 3);
	assert_int_equal(unit_out(), 2);
	m_freem(n);
	assert_false(M_READONLY(m));
	assert_int_equal(m_refs(m), 1);
	m_flush();
	assert_true(m_isplain(&m->m_rte));
	m_freem(m);
}

/* Three holders freed in each order, each by each way there is. */
static void
every_order_every_way(void **state)
{
	static const unsigned order[6][3] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	(void)state;
	for (unsigned i = 0; i < 6 * NDROPS * NDROPS * NDROPS; i++) {
		unsigned way = i / 6;
		struct mbuf *v[3];

		v[0] = unit_cluster(100, i);
		v[1] = share(v[0]);
		v[2] = share(v[1]); /* of a follower: of its leader */
		assert_int_equal(m_refs(v[0]), 3);
		for (unsigned k = 0; k < 3; k++, way /= NDROPS) {
			for (unsigned j = k; j < 3; j++) {
				unit_check(v[order[i % 6][j]], 100, i);
				assert_int_equal(m_refs(v[order[i % 6][j]]), 3 - k);
			}
			drops[way % NDROPS](v[order[i % 6][k]]);
		}
		assert_int_equal(unit_out(), 0);
	}
	assert_int_equal(unit_badobjs(), 0);
}

/* An early-freed leader of many segments leaves nothing behind in its header. */
static void
leader_of_a_chain_freed_early(void **state)
{
	(void)state;
	for (unsigned way = 0; way < NDROPS * NDROPS; way++) {
		struct mbuf *m = unit_chain(4, 50, way), *n = share(m);

		dirty(m);
		drops[way % NDROPS](m);
		unit_check(n, 200, way);
		assert_false(M_READONLY(n));
		assert_int_equal(unit_out(), 8);
		drops[way / NDROPS](n);
		assert_int_equal(unit_out(), 0);
		assert_int_equal(unit_badobjs(), 0);
	}
}

/* Whoever's follower is shared, its leader is the mbuf with the room; freed ones are not in it. */
static void
no_chains_of_leaders(void **state)
{
	struct mbuf *m = unit_cluster(64, 0), *n = m;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct mbuf *next = share(n);

		assert_ptr_equal(next->m_rte.buf_addr, m->m_rte.buf_addr);
		if (n != m || i == 500)
			m_freem(n);
		n = next;
		assert_in_range(m_refs(n), 1, 2);
		if (i == 0)
			continue;
		assert_in_range(unit_out(), 2, 3);
	}
	unit_check(n, 64, 0);
	m_freem(n);
	if (unit_out() != 0)
		m_freem(m);
}

/* Hazard 11: 70,000 shares of one cluster. The count never wraps; past its limit sharing fails. */
static void
count_never_wraps(void **state)
{
	enum { N = 70000 };
	static struct mbuf *v[N];
	struct mbuf *m;
	unsigned n, lim = 0;

	(void)state;
	assert_int_equal(unit_pools(N + 100, 16, M_NOCACHE), 0);
	m = unit_cluster(500, 1);
	for (n = 0; n < N; n++) {
		v[n] = m_copym(n % 2 == 0 ? m : v[n / 2], 0, M_COPYALL, M_DONTWAIT);
		if (v[n] == NULL)
			break;
	}
	if (unit_countonly()) { /* in 16 bits */
		assert_int_equal(rte_errno, ENOBUFS);
		assert_in_range(n, 60000, UINT16_MAX - 1);
	} else {
		assert_int_equal(n, N);
	}
	assert_int_equal(m_refs(m), n + 1);
	for (unsigned i = n; i < N; i++) {
		assert_null(m_copym(v[i - n], 0, M_COPYALL, M_DONTWAIT));
		assert_int_equal(m_copym_bulk(&m, &v[n], 1), 0);
	}
	assert_int_equal(m_refs(m), n + 1);
	assert_int_equal(unit_out(), n + 1);
	/* one gone makes room for one */
	m_freem(v[0]);
	v[0] = share(m);
	lim = m_refs(m);
	if (unit_countonly())
		assert_null(m_copym(m, 0, M_COPYALL, M_DONTWAIT));
	m_freem(m);
	assert_int_equal(m_refs(v[1]), lim - 1);
	m_freem_bulk(v + 1, n - 1);
	assert_int_equal(m_refs(v[0]), 1);
	unit_check(v[0], 500, 1);
	m_freem(v[0]);
	assert_int_equal(unit_out(), 0);
	assert_int_equal(unit_badobjs(), 0);
	assert_int_equal(m_fini(), 0);
}

/* A chain of everything: 7 in a cluster, none, 5 small, 9 in a follower, 3 in a cluster. */
static struct mbuf *
mixed(unsigned seed)
{
	struct mbuf *m = unit_cluster(7, seed), *t, *shared = unit_cluster(20, seed + 12 - 6);

	m->m_next = t = unit_small(0, 0);
	t->m_next = unit_small(5, seed + 7);
	t = t->m_next;
	t->m_next = m_copym(shared, 6, 9, M_DONTWAIT);
	assert_non_null(t->m_next);
	m_freem(shared);
	t = t->m_next;
	t->m_next = unit_cluster(3, seed + 21);
	m_calchdrlen(m);
	unit_check(m, 24, seed);
	return m;
}

static void
every_range(void **state)
{
	struct mbuf *m = mixed(40);

	(void)state;
	for (int off = 0; off <= 25; off++) {
		for (int len = 0; len <= 26; len++) {
			struct mbuf *n;

			rte_errno = -1;
			n = m_copym(m, off, len, M_DONTWAIT);
			if (off + len > 24) {
				assert_null(n);
				assert_int_equal(rte_errno, EINVAL);
			} else if (len == 0) {
				assert_null(n);
				assert_int_equal(rte_errno, 0);
			} else {
				unit_check(n, (unsigned)len, 40 + (unsigned)off);
				assert_int_equal(m_testflags(n, M_PKTHDR), off == 0 ? M_PKTHDR : 0);
				m_freem(n);
			}
		}
		struct mbuf *n = m_copym(m, off, M_COPYALL, M_DONTWAIT);

		if (off < 24)
			unit_check(n, 24 - (unsigned)off, 40 + (unsigned)off);
		else
			assert_null(n);
		m_freem(n);
	}
	unit_check(m, 24, 40);
	m_freem(m);
}

static void
bad_arguments(void **state)
{
	static const int bad[][2] = {{-1, 1}, {0, -1}, {INT32_MIN, INT32_MIN}, {0, INT32_MAX},
	    {INT32_MAX, M_COPYALL}, {0, 11}, {11, 0}, {5, 6}};
	struct mbuf *m = unit_cluster(10, 0);

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		rte_errno = 0;
		assert_null(m_copym(m, bad[i][0], bad[i][1], M_DONTWAIT));
		assert_int_equal(rte_errno, EINVAL);
	}
	assert_null(m_copym(NULL, 0, 1, M_DONTWAIT));
	m_freem(m);
}

/* Small mbufs are copied: both stay writable. */
static void
small_is_copied(void **state)
{
	struct mbuf *m = unit_small(50, 9), *n = share(m);

	(void)state;
	assert_ptr_not_equal(mtod(m, char *), mtod(n, char *));
	assert_false(M_READONLY(m) || M_READONLY(n));
	assert_int_equal(m_refs(n), 1);
	assert_int_equal(m_leadingspace(n), m_leadingspace(m));
	mtod(m, uint8_t *)[0] ^= 0xff;
	unit_check(n, 50, 9);
	m_freem(m);
	m_freem(n);
}

static void
header_is_copied(void **state)
{
	(void)state;
	for (int tags = 0; tags < 2; tags++) {
		struct mbuf *m = unit_chain(2, 30, 1), *n;

		m->m_rte.port = 5;
		m->m_rte.ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_TX_TCP_CKSUM;
		m->m_rte.vlan_tci = 77;
		m->m_rte.packet_type = 0x11;
		m->m_rte.hash.rss = 0xabcdef;
		m->m_rte.l2_len = 14;
		m->m_rte.dynfield1[3] = 0x1234;
		if (tags)
			dirty(m);
		n = share(m);
		unit_check(n, 60, 1);
		assert_int_equal(n->m_rte.port, 5);
		assert_int_equal(n->m_rte.ol_flags & (RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_TX_TCP_CKSUM),
		    RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_TX_TCP_CKSUM);
		assert_int_equal(n->m_rte.vlan_tci, 77);
		assert_int_equal(n->m_rte.packet_type, 0x11);
		assert_int_equal(n->m_rte.hash.rss, 0xabcdef);
		assert_int_equal(n->m_rte.l2_len, 14);
		assert_int_equal(n->m_rte.dynfield1[3], 0x1234);
		assert_int_equal(m_tag_first(n) != NULL, tags);
		assert_int_equal(m_testflags(n, M_MCAST) != 0, tags);
		m_freem(n);
		n = m_copym(m, 1, M_COPYALL, M_DONTWAIT);
		assert_null(m_tag_first(n));
		assert_int_equal(m_testflags(n, M_PKTHDR | M_MCAST), 0);
		m_freem(m);
		m_freem(n);
	}
}

/* With exactly k headers free, for each k: all or nothing, and the source as before. */
static void
fails_clean(void **state)
{
	static struct mbuf *held[UNIT_NMBUFS + 1];
	struct mbuf *m = mixed(3), *n = NULL;
	unsigned have = 0, k;

	(void)state;
	dirty(m);
	while ((held[have] = m_get(M_DONTWAIT, MT_DATA)) != NULL)
		have++;
	for (k = 0; n == NULL; k++) {
		unsigned out = unit_out();

		rte_errno = 0;
		n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		if (n == NULL) {
			assert_int_equal(rte_errno, ENOBUFS);
			assert_int_equal(unit_out(), out);
			assert_false(M_READONLY(m));
			m_freem(held[--have]);
		}
		unit_check(m, 24, 3);
	}
	assert_int_equal(k, 6); /* four segments with data and a tag */
	unit_check(n, 24, 3);
	m_freem_bulk(held, have);
	m_freem(m);
	m_freem(n);
}

static void
bulk_of_all_kinds(void **state)
{
	static struct mbuf *v[200], *out[200], *held[UNIT_NMBUFS + 1];
	unsigned have = 0, k;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		v[i] = i % 67 == 66 ? mixed(i)
		    : i % 50 == 49  ? unit_small(24, i)
				    : unit_cluster(24, i);
		if (i % 31 == 30)
			dirty(v[i]);
	}
	assert_int_equal(m_copym_bulk(v, out, 0), 0);
	assert_int_equal(m_copym_bulk(v, out, 200), 200);
	for (unsigned i = 0; i < 200; i++) {
		unit_check(v[i], 24, i);
		unit_check(out[i], 24, i);
		assert_int_equal(m_tag_first(out[i]) != NULL, i % 31 == 30);
		assert_int_equal(m_refs(v[i]), i % 67 != 66 && i % 50 == 49 ? 1 : 2);
	}
	m_freem_bulk(out, 200);
	/* with k headers free: some first ones, then no more, and none leaks */
	while ((held[have] = m_get(M_DONTWAIT, MT_DATA)) != NULL)
		have++;
	for (k = 0; k < 100; k++) {
		unsigned n;

		n = m_copym_bulk(v, out, 200);
		assert_int_equal(rte_errno, ENOBUFS);
		assert_in_range(n, 0, k);
		if (k < 30)
			assert_int_equal(n, k);
		for (unsigned i = 0; i < n; i++)
			unit_check(out[i], 24, i);
		m_freem_bulk(out, n);
		m_freem(held[--have]);
	}
	m_freem_bulk(held, have);
	m_freem_bulk(v, 200);
}

/* m_share1(), m_dropdata(), m_takebody(): what the chain functions build on. */
static void
one_segment_shared(void **state)
{
	struct mbuf *m = unit_chain(2, 100, 0), *n = m_share1(m, 10, 20);

	(void)state;
	unit_check(n, 20, 10);
	assert_null(n->m_next);
	assert_int_equal(m_testflags(n, M_PKTHDR), 0);
	m_dropdata(n);
	assert_int_equal(n->m_len, 0);
	assert_int_equal(m_refs(m), 1);
	assert_true(m_issmall(n));
	assert_int_equal(m_trailingspace(n), MLEN);
	m_freem(n);
	m_dropdata(m);
	assert_int_equal(m->m_len, 0);
	assert_int_equal(m_trailingspace(m), MCLBYTES);
	m_freem(m);
}

static struct mbuf *
take(struct mbuf *m, struct mbuf *c)
{
	assert_non_null(c);
	assert_int_equal(m_takebody(m, c), 0);
	m->m_pkthdr.len = m->m_len;
	return m;
}

static void
takes_a_body(void **state)
{
	struct mbuf *m, *n;

	(void)state;
	m = take(unit_small(10, 0), unit_cluster(300, 5)); /* small: a follower */
	unit_check(m, 300, 5);
	assert_false(M_READONLY(m));
	take(m, unit_cluster(200, 6)); /* follower: another */
	unit_check(m, 200, 6);
	assert_int_equal(unit_out(), 2);
	n = share(m);
	assert_int_equal(m_refs(m), 2);
	take(m, unit_small(30, 7)); /* and back into its own room */
	unit_check(m, 30, 7);
	assert_true(m_issmall(m));
	unit_check(n, 200, 6);
	m_freem(m);
	m_freem(n);
	m = take(unit_cluster(100, 0), unit_cluster(90, 2)); /* unshared cluster */
	unit_check(m, 90, 2);
	m_freem(m);
	m = take(unit_cluster(100, 0), unit_small(80, 2));
	unit_check(m, 80, 2);
	assert_int_equal(unit_out(), 1);
	m_freem(m);
}

/*
 * A leader whose cluster is shared takes another: it refers to that, while its own room lives on
 * for its followers. Freed in each order, by each way.
 */
static void
leader_in_two_rooms(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6 * NDROPS * NDROPS * NDROPS; i++) {
		static const unsigned order[6][3] = {
		    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
		struct mbuf *v[3];
		unsigned way = i / 6;

		v[0] = unit_cluster(100, 1);
		v[1] = share(v[0]);
		take(v[0], unit_cluster(60, 2));
		assert_false(M_READONLY(v[0]));
		assert_int_equal(m_refs(v[0]), 1);
		/* the old room has v[0] in it as long as its header is used */
		assert_true(M_READONLY(v[1]));
		assert_int_equal(m_refs(v[1]), 2);
		v[2] = share(v[0]);
		assert_true(M_READONLY(v[0]));
		assert_ptr_equal(mtod(v[2], char *), mtod(v[0], char *));
		take(v[0], unit_cluster(50, 3)); /* once more */
		for (unsigned k = 0; k < 3; k++, way /= NDROPS) {
			for (unsigned j = k; j < 3; j++) {
				unsigned w = order[i % 6][j];

				unit_check(v[w], w == 0 ? 50 : w == 1 ? 100 : 60, w == 0 ? 3 : w);
			}
			drops[way % NDROPS](v[order[i % 6][k]]);
		}
		assert_int_equal(unit_out(), 0);
	}
	assert_int_equal(unit_badobjs(), 0);
	/* and its body given up while shared: direct again, and read-only */
	struct mbuf *m = unit_cluster(100, 1), *n = share(m);

	take(m, unit_cluster(60, 2));
	m_dropdata(m);
	assert_true(M_READONLY(m));
	assert_int_equal(m_refs(n), 2);
	m_freem(m);
	unit_check(n, 100, 1);
	m_freem(n);
}

/* DPDK's own clones of our mbufs count like ours. */
static void
clones_mix(void **state)
{
	struct mbuf *m = unit_chain(2, 40, 8), *n = share(m), *c;
	struct rte_mbuf *r = rte_pktmbuf_clone(&n->m_rte, m_header_pool(0));

	(void)state;
	assert_non_null(r);
	c = m_wrap(r);
	/* the object policy sees the follower, not who else counts in it */
	assert_int_equal(m_refs(m), strcmp(m_policy(), "object") == 0 ? 2 : 3);
	m_freem(m);
	if (unit_inheader())
		m_freem(c);
	else
		m_freem(n);
	c = unit_inheader() ? n : c;
	unit_check(c, 80, 8);
	n = share(c);
	m_freem(c);
	unit_check(n, 80, 8);
	assert_false(M_READONLY(n));
	m_freem(n);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(shares_and_is_readonly),
    UNIT_TEST(every_order_every_way),
    UNIT_TEST_CACHED(every_order_every_way),
    UNIT_TEST(leader_of_a_chain_freed_early),
    UNIT_TEST_CACHED(leader_of_a_chain_freed_early),
    UNIT_TEST(no_chains_of_leaders),
    UNIT_TEST_BARE(count_never_wraps),
    UNIT_TEST(every_range),
    UNIT_TEST(bad_arguments),
    UNIT_TEST(small_is_copied),
    UNIT_TEST(header_is_copied),
    UNIT_TEST(fails_clean),
    UNIT_TEST(bulk_of_all_kinds),
    UNIT_TEST(one_segment_shared),
    UNIT_TEST(takes_a_body),
    UNIT_TEST(leader_in_two_rooms),
    UNIT_TEST_CACHED(leader_in_two_rooms),
    UNIT_TEST(clones_mix),
};

UNIT_MAIN("share")
