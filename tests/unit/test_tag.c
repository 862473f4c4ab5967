/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Packet tags: mbuf_tags(9). */

#include "unit.h"

static struct m_tag *
tag(int type, unsigned len, int seed)
{
	struct m_tag *t = m_tag_get(type, (int)len, M_DONTWAIT);

	assert_non_null(t);
	assert_int_equal(t->m_tag_id, type);
	assert_int_equal(t->m_tag_len, len);
	memset(M_TAG_DATA(t), seed, len);
	return t;
}

/* The types of m's tags, in order. */
static void
types_are(const struct mbuf *m, const int *v, unsigned n)
{
	const struct m_tag *t = m_tag_first(m);

	for (unsigned i = 0; i < n; i++, t = m_tag_next(m, t)) {
		assert_non_null(t);
		assert_int_equal(t->m_tag_id, v[i]);
	}
	assert_null(t);
}
#define TYPES_ARE(m, ...)                                                                          \
	types_are((m), (const int[]){__VA_ARGS__}, RTE_DIM(((const int[]){__VA_ARGS__})))

static void
test_get(void **state)
{
	static const struct {
		int type, len;
	} bad[] = {{0, 4}, {-1, 4}, {UINT16_MAX + 1, 4}, {1, -1}, {1, PACKET_TAG_MAXSIZE + 1},
	    {1, INT_MAX}, {1, INT_MIN}, {INT_MAX, 4}};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		rte_errno = 0;
		assert_null(m_tag_get(bad[i].type, bad[i].len, M_DONTWAIT));
		assert_int_equal(rte_errno, EINVAL);
	}
	m_tag_free(tag(1, 0, 0));
	m_tag_free(tag(UINT16_MAX, PACKET_TAG_MAXSIZE, 0xff));
	m_tag_free(NULL);
}

static void
test_find(void **state)
{
	struct mbuf *m = unit_small(10, 0);
	struct m_tag *t, *two[2];

	(void)state;
	assert_null(m_tag_first(m));
	assert_null(m_tag_find(m, 1, NULL));
	m_tag_prepend(m, tag(1, 4, 'a'));
	m_tag_prepend(m, two[1] = tag(2, 8, 'b'));
	m_tag_prepend(m, tag(3, 0, 0));
	m_tag_prepend(m, two[0] = tag(2, 80, 'c'));
	TYPES_ARE(m, 2, 3, 2, 1);
	/* from the start, and on from there */
	t = m_tag_find(m, 2, NULL);
	assert_ptr_equal(t, two[0]);
	t = m_tag_find(m, 2, t);
	assert_ptr_equal(t, two[1]);
	assert_null(m_tag_find(m, 2, t));
	assert_null(m_tag_find(m, 4, NULL));
	/* first, middle, last, and one that is not there */
	m_tag_delete(m, two[0]);
	m_tag_delete(m, two[1]);
	TYPES_ARE(m, 3, 1);
	m_tag_delete(m, m_tag_find(m, 1, NULL));
	TYPES_ARE(m, 3);
	t = tag(3, 1, 0);
	m_tag_delete(m, t);
	TYPES_ARE(m, 3);
	m_tag_free(t);
	m_tag_delete(m, m_tag_first(m));
	assert_null(m_tag_first(m));
	m_tag_delete_chain(m);
	m_freem(m);
}

static void
test_copy(void **state)
{
	struct mbuf *a = unit_small(10, 0), *b = unit_cluster(10, 0);
	struct m_tag *t;

	(void)state;
	m_tag_prepend(a, tag(1, 80, 'x'));
	m_tag_prepend(a, tag(2, 3, 'y'));
	m_tag_prepend(b, tag(9, 3, 'z'));
	assert_int_equal(m_tag_copy_chain(b, a, M_DONTWAIT), 1);
	TYPES_ARE(a, 2, 1);
	TYPES_ARE(b, 2, 1); /* in order, and b's own is gone */
	t = m_tag_find(b, 1, NULL);
	assert_ptr_not_equal(t, m_tag_find(a, 1, NULL));
	for (unsigned i = 0; i < 80; i++)
		assert_int_equal(((char *)M_TAG_DATA(t))[i], 'x');
	/* a chain without tags takes them away */
	m_tag_delete_chain(a);
	assert_int_equal(m_tag_copy_chain(b, a, M_DONTWAIT), 1);
	assert_null(m_tag_first(b));
	m_freem(a);
	m_freem(b);
}

/* What happens to the tags of a packet on every way that it can go. */
static struct mbuf *
tagged(void)
{
	struct mbuf *m = unit_cluster(100, 0);

	m_tag_prepend(m, tag(1, 8, 'q'));
	m_tag_prepend(m, tag(2, 8, 'r'));
	return m;
}

static void
test_packet(void **state)
{
	struct mbuf *m = tagged(), *n;
	unsigned before;

	(void)state;
	n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	TYPES_ARE(n, 2, 1);
	m_freem(m); /* n's tags are its own */
	TYPES_ARE(n, 2, 1);
	m = m_copym(n, 1, M_COPYALL, M_DONTWAIT); /* not the packet's start: no header */
	assert_null(m_tag_first(m));
	m_freem(m);
	n = m_prepend(n, 20, M_DONTWAIT);
	TYPES_ARE(n, 2, 1);
	n = m_pullup(n, 60);
	TYPES_ARE(n, 2, 1);
	assert_int_equal(m_defrag(n, M_DONTWAIT), 0);
	TYPES_ARE(n, 2, 1);
	m = m_gethdr(M_DONTWAIT, MT_DATA);
	M_MOVE_PKTHDR(m, n);
	TYPES_ARE(m, 2, 1);
	assert_null(m_tag_first(n));
	m_freem(n);
	m_calchdrlen(m);
	before = unit_out();
	m_resethdr(m);
	assert_int_equal(unit_out(), before - 2);
	m_freem(m);
}

/* A driver knows no tags: they are gone before it gets the packet, and none leaks. */
static void
test_unwrap(void **state)
{
	struct mbuf *m = tagged();
	struct rte_mbuf *r;

	(void)state;
	assert_int_equal(unit_out(), 3);
	m_tag_prepend(m->m_next = tagged(), tag(5, 1, 0)); /* inside the chain, too */
	m_calchdrlen(m);
	assert_int_equal(unit_out(), 7);
	r = m_unwrap(m);
	assert_int_equal(unit_out(), 2);
	rte_pktmbuf_free(r);
}

static void
test_removehdr(void **state)
{
	struct mbuf *m = tagged();

	(void)state;
	m_removehdr(m);
	assert_int_equal(unit_out(), 1);
	m_freem(m);
	m = tagged();
	m_clearhdr(m);
	assert_int_equal(unit_out(), 1);
	m_freem(m);
	m = tagged();
	assert_ptr_equal(m_inithdr(m), m);
	assert_int_equal(unit_out(), 1);
	m_freem(m);
}

/* A tag takes its memory from the header pool, so it fails as mbufs do. */
static void
test_exhaust(void **state)
{
	struct mbuf *m = unit_cluster(10, 0), *n = unit_cluster(10, 0);
	unsigned got = 0;
	struct m_tag *t;

	(void)state;
	while ((t = m_tag_get(1, 80, M_DONTWAIT)) != NULL) {
		m_tag_prepend(m, t);
		got++;
	}
	assert_int_equal(rte_errno, ENOBUFS);
	assert_int_equal(got, UNIT_NMBUFS * rte_socket_count());
	assert_int_equal(m_tag_copy_chain(n, m, M_DONTWAIT), 0);
	assert_null(m_tag_first(n));
	assert_null(m_tag_copy(m_tag_first(m), M_DONTWAIT));
	assert_int_equal(rte_errno, ENOBUFS);
	m_tag_delete(m, m_tag_first(m));
	assert_int_equal(m_dup_pkthdr(n, m, M_DONTWAIT), -ENOBUFS); /* one is free, more needed */
	assert_null(m_tag_first(n));
	assert_int_equal(unit_out(), got + 1);
	m_freem(m);
	m_freem(n);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(test_get),
    UNIT_TEST(test_find),
    UNIT_TEST(test_copy),
    UNIT_TEST(test_packet),
    UNIT_TEST(test_unwrap),
    UNIT_TEST(test_removehdr),
    UNIT_TEST(test_exhaust),
};

UNIT_MAIN("tag")
