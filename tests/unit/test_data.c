/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Bytes of a chain: m_copydata, m_copyback, m_apply, m_getptr, m_makewritable. */

#include "shapes.h"

static void
copydata_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	static uint8_t got[SHAPE_MAX];

	memset(got, 0xaa, sizeof(got));
	assert_int_equal(m_copydata(s->m, (int)off, (int)n, got), 0);
	assert_memory_equal(got, s->flat + off, n);
	assert_int_equal(got[n], 0xaa);
	assert_int_equal(m_copydata(s->m, (int)off, (int)(s->len - off + 1), got), -EINVAL);
	shape_is(s->m, s->flat, s->len, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_copydata(void **state)
{
	struct mbuf *m;
	uint8_t b;

	(void)state;
	shape_each(copydata_one);
	m = unit_small(4, 0);
	assert_int_equal(m_copydata(m, -1, 1, &b), -EINVAL);
	assert_int_equal(m_copydata(m, 0, -1, &b), -EINVAL);
	assert_int_equal(m_copydata(m, INT_MAX, INT_MAX, &b), -EINVAL);
	assert_int_equal(m_copydata(m, 5, 0, &b), -EINVAL);
	assert_int_equal(m_copydata(m, 4, 0, NULL), 0);
	assert_int_equal(m_copydata(m, 0, 1, NULL), -EINVAL);
	assert_int_equal(m_copydata(NULL, 0, 0, &b), -EINVAL);
	m_freem(m);
}

/* Write n + extra bytes at off: inside, over the end, and behind a gap. */
static void
copyback_at(struct shape *s, unsigned off, unsigned n, const char *name)
{
	static uint8_t want[2 * SHAPE_MAX], data[SHAPE_MAX];
	unsigned end = off + n, len = RTE_MAX(end, s->len);

	memset(want, 0, sizeof(want));
	memcpy(want, s->flat, s->len);
	for (unsigned i = 0; i < n; i++)
		want[off + i] = data[i] = (uint8_t)(200 + i * 3);
	assert_int_equal(m_copyback(s->m, (int)off, (int)n, data, M_DONTWAIT), 0);
	if (n == 0)
		len = s->len;
	shape_is(s->m, want, len, name);
}

static void
copyback_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	copyback_at(s, off, n, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
copyback_beyond(struct shape *s, unsigned off, unsigned n, const char *name)
{
	copyback_at(s, off, s->len - off + n, name); /* from inside to n bytes behind the end */
	shape_done(s, s->flat, s->len, s->m);
}

static void
copyback_gap(struct shape *s, unsigned off, unsigned n, const char *name)
{
	copyback_at(s, s->len + off, n, name); /* a gap of off bytes */
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_copyback(void **state)
{
	struct mbuf *m;

	(void)state;
	shape_each(copyback_one);
	shape_each(copyback_beyond);
	shape_each(copyback_gap);
	m = unit_small(4, 0);
	assert_int_equal(m_copyback(m, -1, 1, "x", M_DONTWAIT), -EINVAL);
	assert_int_equal(m_copyback(m, 0, -1, "x", M_DONTWAIT), -EINVAL);
	assert_int_equal(m_copyback(m, INT_MAX, INT_MAX, "x", M_DONTWAIT), -EINVAL);
	assert_int_equal(m_copyback(m, 0, 1, NULL, M_DONTWAIT), -EINVAL);
	assert_int_equal(m_copyback(NULL, 0, 1, "x", M_DONTWAIT), -EINVAL);
	/* more than the pools hold: the chain is as before */
	assert_int_equal(m_copyback(m, 100000000, 1, "x", M_DONTWAIT), -ENOBUFS);
	unit_check(m, 4, 0);
	m_freem(m);
}

struct seen {
	uint8_t bytes[SHAPE_MAX];
	unsigned n, calls, stop;
};

static int
see(char *state, char *data, unsigned n)
{
	struct seen *s = (struct seen *)(void *)state;

	assert_true(n > 0);
	memcpy(s->bytes + s->n, data, n);
	s->n += n;
	return ++s->calls == s->stop ? 42 : 0;
}

static void
apply_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	static struct seen seen;

	memset(&seen, 0, sizeof(seen));
	assert_int_equal(m_apply(s->m, (int)off, (int)n, see, (char *)&seen), 0);
	assert_int_equal(seen.n, n);
	assert_memory_equal(seen.bytes, s->flat + off, n);
	if (seen.calls > 1) { /* stops at the first non-zero */
		memset(&seen, 0, sizeof(seen));
		seen.stop = 1;
		assert_int_equal(m_apply(s->m, (int)off, (int)n, see, (char *)&seen), 42);
		assert_int_equal(seen.calls, 1);
	}
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(
	    m_apply(s->m, (int)off, (int)(s->len - off + 1), see, (char *)&seen), -EINVAL);
	assert_int_equal(seen.calls, 0);
	shape_is(s->m, s->flat, s->len, name);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_apply(void **state)
{
	(void)state;
	shape_each(apply_one);
	assert_int_equal(m_apply(NULL, 0, 0, see, NULL), -EINVAL);
}

static void
getptr_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	int at = -1;
	struct mbuf *p = m_getptr(s->m, (int)off, &at);

	(void)n;
	(void)name;
	assert_non_null(p);
	if (off < s->len) {
		assert_in_range(at, 0, p->m_len - 1);
		assert_int_equal(mtod(p, uint8_t *)[at], s->flat[off]);
	} else {
		assert_null(p->m_next);
		assert_int_equal(at, p->m_len);
	}
	assert_null(m_getptr(s->m, (int)s->len + 1, &at));
	assert_null(m_getptr(s->m, -1, &at));
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_getptr(void **state)
{
	(void)state;
	shape_each(getptr_one);
}

/* Exactly the segments that the range touches are writable; the others are what they were. */
static void
makewritable_one(struct shape *s, unsigned off, unsigned n, const char *name)
{
	struct mbuf *rooms[16];
	bool was[16];
	unsigned at = 0, i = 0;

	for (struct mbuf *m = s->m; m != NULL; m = m->m_next, i++) {
		rooms[i] = (struct mbuf *)m->m_rte.buf_addr;
		was[i] = m_iswritable(m);
	}
	assert_int_equal(m_makewritable(s->m, (int)off, (int)n), 0);
	/* a segment larger than a cluster becomes two: then the rooms cannot be compared one by one
	 */
	if (s->m->m_rte.nb_segs != i)
		at = s->len;
	i = 0;
	for (struct mbuf *m = at == 0 ? s->m : NULL; m != NULL;
	     at += m->m_len, m = m->m_next, i++) {
		bool touched = n > 0 && at < off + n && at + m->m_len > off;

		if (touched)
			assert_true(m_iswritable(m));
		if (!touched || was[i])
			assert_ptr_equal(rooms[i], m->m_rte.buf_addr);
	}
	shape_is(s->m, s->flat, s->len, name);
	assert_int_equal(m_makewritable(s->m, (int)off, (int)(s->len - off) + 1), -EINVAL);
	shape_done(s, s->flat, s->len, s->m);
}

static void
test_makewritable(void **state)
{
	(void)state;
	shape_each(makewritable_one);
}

/* Foreign storage larger than a cluster of ours becomes several. */
static uint8_t large[40000];

static void
large_freed(void *buf, unsigned size, void *arg)
{
	assert_ptr_equal(buf, large);
	assert_int_equal(size, sizeof(large));
	*(unsigned *)arg += 1;
}

static void
test_makewritable_large(void **state)
{
	struct mbuf *m = unit_small(0, 0);
	unsigned freed = 0, i;
	uint8_t got;

	(void)state;
	for (i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 5);
	assert_int_equal(
	    m_extadd(m, large, sizeof(large), 0, mextfree_register(large_freed), &freed), 0);
	m->m_len = sizeof(large);
	m_calchdrlen(m);
	assert_int_equal(m_makewritable(m, 39000, 10), 0);
	assert_int_equal(freed, 1);
	assert_int_equal(m->m_pkthdr.len, sizeof(large));
	assert_int_equal(rte_mbuf_check(&m->m_rte, 1, &(const char *){NULL}), 0);
	for (i = 0; i < sizeof(large); i += 97) {
		assert_int_equal(m_copydata(m, (int)i, 1, &got), 0);
		assert_int_equal(got, (uint8_t)(i * 5));
	}
	m_freem(m);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(test_copydata),
    UNIT_TEST(test_copyback),
    UNIT_TEST(test_apply),
    UNIT_TEST(test_getptr),
    UNIT_TEST(test_makewritable),
    UNIT_TEST(test_makewritable_large),
};

UNIT_MAIN("data")
