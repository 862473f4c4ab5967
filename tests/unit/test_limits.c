/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Limits of 16 bits: chains of 65535 segments (nb_segs), and clusters with as many holders as one
 * can have. No function goes beyond; each fails as its prototype says.
 */

#include "unit.h"

#include <limits.h>

#include "internal.h"

#define FULL UINT16_MAX
#define FREE 200 /* headers beyond a full chain */

static int
setup(void **state)
{
	(void)state;
	return unit_pools(FULL + FREE, 1023, M_NOCACHE);
}

/*
 * n followers of a byte each, of two clusters, for one cannot have as many; the first is a cluster
 * mbuf with room.
 */
static struct mbuf *
chain(unsigned n)
{
	struct mbuf *top = unit_cluster(10, 0), *last = top;
	struct mbuf *c[] = {unit_cluster(1, 0), unit_cluster(1, 0)};

	for (unsigned i = 1; i < n; i++) {
		last->m_next = m_copym(c[i % 2], 0, M_COPYALL, M_DONTWAIT);
		last = last->m_next;
		assert_non_null(last);
	}
	m_freem(c[0]);
	m_freem(c[1]);
	m_calchdrlen(top);
	return top;
}

static void
is(struct mbuf *m, unsigned segs)
{
	const char *why = "?";

	if (rte_mbuf_check(&m->m_rte, 1, &why) != 0)
		fail_msg("rte_mbuf_check: %s", why);
	assert_int_equal(m->m_rte.nb_segs, segs);
	assert_int_equal(m->m_pkthdr.len, 10 + FULL - 1);
}

static void
test_full(void **state)
{
	struct mbuf *m;
	int at;

	(void)state;
	m = chain(FULL - 1);
	m_cat(m, unit_cluster(1, 0)); /* the last is read-only: linked */
	is(m, FULL);
	rte_errno = 0;
	m_cat(m, unit_cluster(MCLBYTES, 0)); /* does not fit the last */
	assert_int_equal(rte_errno, EMSGSIZE);
	is(m, FULL);
	assert_null(m_makespace(m, 20, 4, &at));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(m_makespace(m, 20000, MCLBYTES, &at));
	is(m, FULL);
	/* there is room in the last mbuf, but a chain of one more is not */
	assert_int_equal(m_copyback(m, 10 + FULL - 1 + MCLBYTES, 1, "x", M_DONTWAIT), -EINVAL);
	assert_int_equal(m_copyback(m, 10 + FULL - 3, 2, "xy", M_DONTWAIT), 0);
	is(m, FULL);
	m_adj(m, INT_MIN);
	assert_int_equal(m->m_pkthdr.len, 0);
	m_freem(m);
}

static void
test_full_head(void **state)
{
	struct mbuf *m = chain(FULL);

	(void)state;
	M_PREPEND(m, 16, M_DONTWAIT); /* in place */
	assert_int_equal(m->m_pkthdr.len, 26 + FULL - 1);
	m_adj(m, 16);
	assert_null(m_prepend(m, 4, M_DONTWAIT)); /* and m is freed */
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(unit_out(), 0);
	m = chain(FULL);
	m = m_pullup(m, 12);
	is(m, FULL - 2);
	m_freem(m);
	m = chain(FULL);
	m = m_pullup(m, 10 + MCLBYTES - 10);
	is(m, FULL - (MCLBYTES - 10));
	m_freem(m);
}

/* The first segment is read-only and longer than what is asked for: it would become two. */
static void
test_full_pull(void **state)
{
	struct mbuf *m = chain(FULL), *other;

	(void)state;
	other = m_copym(m, 0, 10, M_DONTWAIT);
	assert_null(m_pullup(m, 4));
	assert_int_equal(rte_errno, EINVAL);
	m_freem(other);
	assert_int_equal(unit_out(), 0);
	m = chain(FULL);
	other = m_copym(m, 0, 10, M_DONTWAIT);
	assert_null(m_pulldown(m, 4, 4, NULL));
	assert_int_equal(rte_errno, EINVAL);
	m_freem(other);
}

/* Halves of a full chain, one segment of which is in both. */
static void
test_full_split(void **state)
{
	struct mbuf *m = chain(FULL), *n;

	(void)state;
	n = m_split(m, 5, M_DONTWAIT);
	assert_int_equal(n->m_rte.nb_segs, FULL);
	assert_int_equal(m->m_rte.nb_segs, 1);
	m_cat(m, n);
	assert_int_equal(rte_errno, EMSGSIZE);
	unit_check(m, 5, 0);
	m_freem(m);
}

static uint8_t large[60000];

static void
large_freed(void *buf, unsigned size, void *arg)
{
	assert_ptr_equal(buf, large);
	(void)size;
	*(unsigned *)arg += 1;
}

/* A private copy of large foreign storage takes several segments. */
static void
test_full_large(void **state)
{
	struct mbuf *m = chain(FULL - 1), *e = unit_small(0, 0);
	unsigned freed = 0;

	(void)state;
	assert_int_equal(
	    MEXTADD(e, large, sizeof(large), 0, mextfree_register(large_freed), &freed), 0);
	e->m_len = sizeof(large);
	m_calchdrlen(e);
	m_cat(m, e);
	assert_int_equal(m->m_rte.nb_segs, FULL);
	assert_int_equal(m_makewritable(m, 10 + FULL - 2 + 3000, 1), -EINVAL);
	assert_int_equal(freed, 0);
	assert_int_equal(rte_mbuf_check(&m->m_rte, 1, &(const char *){NULL}), 0);
	m_freem(m);
	assert_int_equal(freed, 1);
}

/* Lengths that no chain can have fail before anything is taken from a pool. */
static void
test_too_long(void **state)
{
	struct mbuf *m = unit_small(4, 0);
	char c = 0;

	(void)state;
	assert_int_equal(m_copyback(m, INT_MAX - 1, 1, &c, M_DONTWAIT), -EINVAL);
	assert_null(m_devget(&c, INT_MAX, 0));
	assert_int_equal(rte_errno, EINVAL);
	unit_check(m, 4, 0);
	m_freem(m);
}

/* What a cluster with too many holders does to each function that shares, or moves m off it. */
enum holder_op {
	COPYM,
	SPLIT,
	MAKESPACE,
	PULLUP,
	PULLDOWN,
	WRITABLE,
	COPYBACK,
	DEFRAG,
	ZERO,
	NOPS
};

/* 0 or an error; *gone: m is freed, as documented; *n is another chain that came out. */
static int
holder_run(enum holder_op op, struct mbuf *m, bool *gone, struct mbuf **n)
{
	int at;

	rte_errno = 0;
	switch (op) {
	case COPYM:
		*n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		return *n == NULL ? -rte_errno : 0;
	case SPLIT:
		*n = m_split(m, 50, M_DONTWAIT);
		return *n == NULL ? -rte_errno : 0;
	case MAKESPACE:
		return m_makespace(m, 0, 300, &at) == NULL ? -rte_errno : 0;
	case PULLUP:
		*n = m_pullup(m, 120);
		*gone = true;
		return *n == NULL ? -rte_errno : 0;
	case PULLDOWN:
		*gone = m_pulldown(m, 0, 50, NULL) == NULL;
		return *gone ? -rte_errno : 0;
	case WRITABLE:
		return m_makewritable(m, 0, 150);
	case COPYBACK:
		return m_copyback(m, 10, 200, large, M_DONTWAIT);
	case DEFRAG:
		return m_defrag(m, M_DONTWAIT);
	default:
		return m_zero(m);
	}
}

static void
test_holders(void **state)
{
	unsigned failed[NOPS] = {0}, done[NOPS] = {0};

	(void)state;
	if (!unit_countonly())
		return; /* another policy counts elsewhere, and has its own tests */
	for (unsigned i = 0; i < 4 * NOPS; i++) {
		struct mbuf *m = unit_chain(2, 75, 0), *n = NULL;
		struct mbuf *other = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		uint16_t many = (uint16_t)(M_REF_LIMIT - 2 - i / NOPS); /* 0 .. 3 are left */
		struct rte_mbuf *leader = &m->m_rte;
		enum holder_op op = i % NOPS;
		bool gone = false;
		int rc;

		__atomic_fetch_add(&leader->refcnt, many, __ATOMIC_RELAXED);
		rc = holder_run(op, m, &gone, &n);
		if (rc == 0) {
			done[op]++;
		} else {
			failed[op]++;
			assert_int_equal(rc, -ENOBUFS);
			if (!gone)
				unit_check(m, 150, 0);
			assert_int_equal(leader->refcnt, many + (gone ? 1 : 2));
		}
		unit_check(other, 150, 0);
		m_freem(n);
		if (!gone)
			m_freem(m);
		__atomic_fetch_sub(&leader->refcnt, many, __ATOMIC_RELAXED);
		m_freem(other);
		m_reap();
		assert_int_equal(unit_out(), 0);
	}
	for (unsigned op = 0; op < NOPS; op++) {
		assert_true(done[op] > 0);
		if (op != PULLUP) /* which copies */
			assert_true(failed[op] > 0);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, unit_teardown)
static const struct CMUnitTest unit_tests[] = {
    TEST(test_full),
    TEST(test_full_head),
    TEST(test_full_pull),
    TEST(test_full_split),
    TEST(test_full_large),
    TEST(test_too_long),
    TEST(test_holders),
};

UNIT_MAIN("limits")
