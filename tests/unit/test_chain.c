/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Cutting, joining and growing: m_adj, m_cat, m_prepend, m_pullup, m_pulldown, m_split, ... */

#include "shapes.h"

static uint8_t want[2 * SHAPE_MAX];

static void
adj_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	m_adj(s->m, (int)off);
	shape_is(s->m, s->flat + off, s->len - off, name);
	m_adj(s->m, -(int)n); /* off + n <= len: n are left to take */
	shape_is(s->m, s->flat + off, s->len - off - n, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
adj_all(struct shape *s, unsigned off, unsigned n, const char *name)
{
	static const int all[] = {INT_MIN, INT_MIN + 1, INT_MAX, 100000};

	m_adj(s->m, all[(off + n) % RTE_DIM(all)]);
	shape_is(s->m, s->flat, 0, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_adj(void **state)
{
	(void)state;
	shape_each(adj_one);
	shape_each(adj_all);
}

static void
cat_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	struct mbuf *a = s->m, *b;
	struct m_tag *t = m_tag_get(3, 8, M_DONTWAIT);

	n = RTE_MIN(n, (unsigned)MCLBYTES);
	b = unit_cluster(n, 9);
	m_tag_prepend(b, t); /* goes with b's header */
	memcpy(want, s->flat, s->len);
	assert_int_equal(m_copydata(b, 0, (int)n, want + s->len), 0);
	if (off % 2 == 1) { /* the other way round */
		memmove(want + n, want, s->len);
		assert_int_equal(m_copydata(b, 0, (int)n, want), 0);
		a = b;
		b = s->m;
	}
	m_cat(a, b);
	shape_is(a, want, s->len + n, name);
	shape_done(s, s->flat, s->len, a);
}

static void
test_cat(void **state)
{
	struct mbuf *m, *n;

	(void)state;
	shape_each(cat_one);
	m = unit_small(10, 0);
	m_cat(m, unit_small(20, 10)); /* it fits: copied */
	unit_check(m, 30, 0);
	assert_int_equal(m->m_rte.nb_segs, 1);
	n = unit_small(5, 30);
	assert_int_equal(m_zero(n), 0);
	m_cat(m, n); /* a secret is linked */
	unit_check(m, 35, 0);
	assert_int_equal(m->m_rte.nb_segs, 2);
	m_cat(m, NULL);
	m_cat(NULL, NULL);
	unit_check(m, 35, 0);
	m_freem(m);
}

static void
prepend_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	struct mbuf *m = s->m;
	bool fast = off % 2 == 0;

	if (n > MCLBYTES)
		n = MCLBYTES;
	m_setflags(m, M_MCAST);
	if (fast)
		M_PREPEND(m, (int)n, M_DONTWAIT);
	else
		m = m_prepend(m, (int)n, M_DONTWAIT);
	assert_non_null(m);
	assert_int_equal(m->m_pkthdr.len, s->len + n);
	assert_true(m->m_len >= n);
	memset(mtod(m, char *), 0x5a, n); /* is ours to write */
	assert_true(n == 0 || m_iswritable(m));
	assert_int_equal(m_testflags(m, M_MCAST), M_MCAST);
	memset(want, 0x5a, n);
	memcpy(want + n, s->flat, s->len);
	shape_is(m, want, s->len + n, name);
	shape_done(s, s->flat, s->len, m);
}

static void
prepend_bad(struct shape *s, unsigned off, unsigned n, const char *name)
{
	struct mbuf *m = s->m;

	(void)name;
	(void)n;
	M_PREPEND(m, off % 2 ? -1 : MCLBYTES + 1, M_DONTWAIT); /* m is gone */
	assert_null(m);
	assert_int_equal(rte_errno, EINVAL);
	shape_done(s, s->flat, s->len, NULL);
}

static void
test_prepend(void **state)
{
	(void)state;
	shape_each(prepend_one);
	shape_each(prepend_bad);
}

static void
pullup_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	unsigned len = off + n;
	struct mbuf *m;

	m_setflags(s->m, M_BCAST);
	m = m_pullup(s->m, (int)len);
	if (len > MCLBYTES && m == NULL) { /* larger than a cluster of ours */
		assert_int_equal(rte_errno, EINVAL);
		shape_done(s, s->flat, s->len, NULL);
		return;
	}
	assert_non_null(m);
	assert_true(m->m_len >= len);
	assert_true(m_iswritable(m) || len == 0);
	assert_int_equal(m_testflags(m, M_BCAST), M_BCAST);
	shape_is(m, s->flat, s->len, name);
	memset(mtod(m, char *), 0x77, len); /* does not reach the other holder */
	shape_done(s, s->flat, s->len, m);
}

static void
pullup_bad(struct shape *s, unsigned off, unsigned n, const char *name)
{
	(void)n;
	(void)name;
	assert_null(m_pullup(s->m, off % 2 ? -1 : (int)s->len + 1));
	assert_int_equal(rte_errno, EINVAL);
	shape_done(s, s->flat, s->len, NULL);
}

static void
test_pullup(void **state)
{
	(void)state;
	shape_each(pullup_one);
	shape_each(pullup_bad);
}

static void
pulldown_at(struct shape *s, unsigned off, unsigned n, const char *name, bool wantoff)
{
	int at = 0;
	struct mbuf *p = m_pulldown(s->m, (int)off, (int)n, wantoff ? &at : NULL);

	if (n > MCLBYTES && p == NULL) {
		shape_done(s, s->flat, s->len, NULL);
		return;
	}
	assert_non_null(p);
	assert_true(p->m_len >= (unsigned)at + n);
	assert_true(n == 0 || m_iswritable(p));
	assert_memory_equal(mtod(p, uint8_t *) + at, s->flat + off, n);
	shape_is(s->m, s->flat, s->len, name);
	memset(mtod(p, uint8_t *) + at, 0x66, n);
	memcpy(want, s->flat, s->len);
	memset(want + off, 0x66, n);
	shape_is(s->m, want, s->len, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
pulldown_off(struct shape *s, unsigned off, unsigned n, const char *name)
{
	pulldown_at(s, off, n, name, true);
}

static void
pulldown_start(struct shape *s, unsigned off, unsigned n, const char *name)
{
	pulldown_at(s, off, n, name, false);
}

static void
pulldown_bad(struct shape *s, unsigned off, unsigned n, const char *name)
{
	(void)n;
	(void)name;
	assert_null(m_pulldown(s->m, (int)off, (int)(s->len - off) + 1, NULL));
	assert_int_equal(rte_errno, EINVAL);
	shape_done(s, s->flat, s->len, NULL);
}

static void
test_pulldown(void **state)
{
	(void)state;
	shape_each(pulldown_off);
	shape_each(pulldown_start);
	shape_each(pulldown_bad);
	assert_null(m_pulldown(unit_small(5, 0), -1, 1, NULL));
	assert_null(m_pulldown(unit_small(5, 0), 0, -1, NULL));
	assert_null(m_pulldown(unit_small(5, 0), INT_MAX, INT_MAX, NULL));
}

static void
split_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	struct mbuf *tail;

	m_setflags(s->m, M_MCAST);
	m_tag_prepend(s->m, m_tag_get(7, 4, M_DONTWAIT));
	tail = m_split(s->m, (int)off, M_DONTWAIT);
	(void)n;
	shape_is(s->m, s->flat, off, name);
	shape_is(tail, s->flat + off, s->len - off, name);
	assert_int_equal(m_testflags(tail, M_MCAST | M_PKTHDR), M_MCAST | M_PKTHDR);
	assert_non_null(m_tag_find(tail, 7, NULL));
	assert_non_null(m_tag_find(s->m, 7, NULL));
	/* and together again */
	m_cat(s->m, tail);
	shape_is(s->m, s->flat, s->len, name);
	assert_null(m_split(s->m, (int)s->len + 1, M_DONTWAIT));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(m_split(s->m, -1, M_DONTWAIT));
	shape_is(s->m, s->flat, s->len, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_split(void **state)
{
	struct mbuf *m, *n;

	(void)state;
	shape_each(split_one);
	/* cut in the middle of a cluster, both halves are read-only */
	m = unit_cluster(100, 0);
	n = m_split(m, 40, M_DONTWAIT);
	assert_true(M_READONLY(m));
	assert_true(M_READONLY(n));
	assert_int_equal(m_refs(m), 2);
	m_freem(m);
	assert_false(M_READONLY(n));
	m_freem(n);
}

static void
makespace_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	int at = -1;
	unsigned k = RTE_MIN(n, (unsigned)MCLBYTES);
	struct mbuf *p = m_makespace(s->m, (int)off, (int)k, &at);

	assert_non_null(p);
	assert_true(p->m_len >= (unsigned)at + k);
	memset(mtod(p, char *) + at, 0x3c, k);
	memcpy(want, s->flat, off);
	memset(want + off, 0x3c, k);
	memcpy(want + off + k, s->flat + off, s->len - off);
	shape_is(s->m, want, s->len + k, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_makespace(void **state)
{
	struct mbuf *m = unit_small(9, 0);
	int at;

	(void)state;
	assert_null(m_makespace(m, 10, 1, &at));
	assert_null(m_makespace(m, -1, 1, &at));
	assert_null(m_makespace(m, 0, -1, &at));
	assert_null(m_makespace(m, 0, MCLBYTES + 1, &at));
	unit_check(m, 9, 0);
	m_freem(m);
	shape_each(makespace_one);
}

static void
defrag_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	(void)off;
	(void)n;
	if (s->len > MCLBYTES) {
		assert_int_equal(m_defrag(s->m, M_DONTWAIT), s->m->m_next ? -EINVAL : 0);
	} else {
		assert_int_equal(m_defrag(s->m, M_DONTWAIT), 0);
		assert_null(s->m->m_next);
		assert_memory_equal(mtod(s->m, char *), s->flat, s->len);
	}
	shape_is(s->m, s->flat, s->len, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_defrag(void **state)
{
	(void)state;
	shape_each(defrag_one);
}

static void
dup_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	struct mbuf *d = m_dup_pkt(s->m, off %= MCLBYTES, M_DONTWAIT);

	(void)n;
	shape_is(d, s->flat, s->len, name);
	for (struct mbuf *m = d; m != NULL; m = m->m_next)
		assert_true(m_iswritable(m));
	assert_true(d->m_rte.data_off >= off);
	m_freem(d);
	shape_is(s->m, s->flat, s->len, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_dup(void **state)
{
	struct mbuf *m, *d;

	(void)state;
	shape_each(dup_one);
	m = unit_cluster(64, 0);
	assert_null(m_dup_pkt(m, MCLBYTES, M_DONTWAIT));
	assert_int_equal(rte_errno, EINVAL);
	m_setflags(m, M_BCAST);
	m->m_rte.vlan_tci = 77;
	m_tag_prepend(m, m_tag_get(9, 3, M_DONTWAIT));
	assert_int_equal(m_zero(m), 0);
	d = m_dup_pkt(m, 0, M_DONTWAIT);
	assert_int_equal(m_testflags(d, M_BCAST | M_ZEROIZE), M_BCAST | M_ZEROIZE);
	assert_int_equal(d->m_rte.vlan_tci, 77);
	assert_int_equal(m_tag_find(d, 9, NULL)->m_tag_len, 3);
	m_freem(d);
	m_freem(m);
	m_reap();
}

static void
test_devget(void **state)
{
	static const int lens[] = {1, 100, MHLEN, MHLEN + 1, MCLBYTES, MCLBYTES + 1, 6000};
	static const int offs[] = {0, 2, 16, 200, MCLBYTES - 1};
	char buf[6000];

	(void)state;
	for (unsigned i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i + 5);
	for (unsigned i = 0; i < RTE_DIM(lens); i++) {
		for (unsigned j = 0; j < RTE_DIM(offs); j++) {
			struct mbuf *m = m_devget(buf, lens[i], offs[j]);

			unit_check(m, (unsigned)lens[i], 5);
			assert_true(m->m_rte.data_off >= offs[j]);
			m_freem(m);
		}
	}
	assert_null(m_devget(buf, 0, 0));
	assert_null(m_devget(buf, -1, 0));
	assert_null(m_devget(buf, 1, -1));
	assert_null(m_devget(buf, 1, MCLBYTES));
	assert_null(m_devget(NULL, 1, 0));
}

/* NULL is an error where a chain is due, never a crash. */
static void
test_null(void **state)
{
	struct timeval tv = {0};
	int at;

	(void)state;
	m_adj_chain(NULL, 1);
	assert_null(m_prepend(NULL, 1, M_DONTWAIT));
	assert_null(m_pullup_chain(NULL, 1));
	assert_null(m_pulldown(NULL, 0, 0, NULL));
	assert_null(m_split(NULL, 0, M_DONTWAIT));
	assert_null(m_makespace(NULL, 0, 0, &at));
	assert_null(m_dup_pkt(NULL, 0, M_DONTWAIT));
	assert_int_equal(m_defrag(NULL, M_DONTWAIT), -EINVAL);
	m_microtime(NULL, &tv);
	assert_true(tv.tv_sec > 0);
}

/* An mbuf without a packet header stays one. */
static void
test_nohdr(void **state)
{
	struct mbuf *m = m_get(M_DONTWAIT, MT_CONTROL), *n;

	(void)state;
	m->m_len = 10;
	m_calchdrlen(m);
	memset(mtod(m, char *), 1, 10);
	m = m_prepend(m, 20, M_DONTWAIT);
	assert_int_equal(m_testflags(m, M_PKTHDR), 0);
	assert_int_equal(m_gettype(m), MT_CONTROL);
	n = m_split(m, 25, M_DONTWAIT);
	assert_int_equal(m_testflags(n, M_PKTHDR), 0);
	m_freem(n);
	n = m_split(m, 25, M_DONTWAIT);
	assert_int_equal(m_testflags(n, M_PKTHDR), 0);
	m_freem(n);
	m_freem(m);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(test_adj),
    UNIT_TEST(test_cat),
    UNIT_TEST(test_prepend),
    UNIT_TEST(test_pullup),
    UNIT_TEST(test_pulldown),
    UNIT_TEST(test_split),
    UNIT_TEST(test_makespace),
    UNIT_TEST(test_defrag),
    UNIT_TEST(test_dup),
    UNIT_TEST(test_devget),
    UNIT_TEST(test_null),
    UNIT_TEST(test_nohdr),
};

UNIT_MAIN("chain")
