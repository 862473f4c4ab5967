/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef SHAPES_H
#define SHAPES_H

/*
 * Chains of every kind with one known content, so that a function can be tried on all of them at
 * every offset and compared with a flat array. Some are held by somebody else too (other): those
 * bytes must never change.
 */

#include "unit.h"

#include "internal.h"

#define SHAPE_MAX 8192

struct shape {
	struct mbuf *m;
	struct mbuf *other;	 /* another holder of m's bytes, or NULL */
	uint8_t flat[SHAPE_MAX]; /* what the chain holds */
	unsigned len;
};

static inline void
shape_bytes(struct mbuf *m, unsigned at)
{
	for (; m != NULL; m = m->m_next) {
		for (unsigned i = 0; i < m->m_len; i++, at++)
			mtod(m, uint8_t *)[i] = (uint8_t)(at * 7 + 1);
	}
}

static inline struct mbuf *
shape_link(struct mbuf **v, unsigned n)
{
	for (unsigned i = 0; i + 1 < n; i++)
		v[i]->m_next = v[i + 1];
	m_calchdrlen(v[0]);
	shape_bytes(v[0], 0);
	return v[0];
}

static inline struct mbuf *
shape_empty(void)
{
	struct mbuf *m = m_get(M_DONTWAIT, MT_DATA);

	assert_non_null(m);
	return m;
}

static inline struct mbuf *
shape_cluster(void)
{
	return shape_link((struct mbuf *[]){unit_cluster(300, 0)}, 1);
}

static inline struct mbuf *
shape_small(void)
{
	return shape_link((struct mbuf *[]){unit_small(100, 0)}, 1);
}

static inline struct mbuf *
shape_chain(void)
{
	return shape_link(
	    (struct mbuf *[]){unit_cluster(60, 0), unit_cluster(1, 0), unit_cluster(130, 0)}, 3);
}

/* Small ones, clusters, and empty mbufs in front, inside and behind. */
static inline struct mbuf *
shape_mixed(void)
{
	struct mbuf *v[] = {unit_small(0, 0), unit_small(40, 0), shape_empty(), unit_cluster(77, 0),
	    unit_small(33, 0), shape_empty()};

	return shape_link(v, RTE_DIM(v));
}

/* No room in front or behind. */
static inline struct mbuf *
shape_full(void)
{
	struct mbuf *m = unit_cluster(MCLBYTES, 0), *n = unit_small(50, 0);

	m->m_rte.data_off = 0;
	m->m_len = m->m_rte.buf_len;
	return shape_link((struct mbuf *[]){m, n}, 2);
}

static uint8_t shape_storage[600];

static inline void
shape_freed(void *buf, unsigned size, void *arg)
{
	(void)size;
	assert_ptr_equal(buf, shape_storage);
	*(unsigned *)arg += 1;
}

static unsigned shape_nfreed;

static inline struct mbuf *
shape_foreign(unsigned flags)
{
	struct mbuf *m = unit_small(0, 0), *n = unit_small(20, 0);

	assert_int_equal(MEXTADD(m, shape_storage, sizeof(shape_storage), flags,
			     mextfree_register(shape_freed), &shape_nfreed),
	    0);
	m->m_len = 500;
	return shape_link((struct mbuf *[]){m, n}, 2);
}

static inline struct mbuf *
shape_foreign_ro(void)
{
	return shape_foreign(0);
}

static inline struct mbuf *
shape_foreign_rw(void)
{
	return shape_foreign(M_EXTWR);
}

static const struct {
	const char *name;
	struct mbuf *(*make)(void);
	enum { ALONE, SHARED, FOLLOWER } who; /* FOLLOWER: the leader's own header is gone */
} shapes[] = {
    {"one cluster", shape_cluster, ALONE},
    {"one cluster, shared", shape_cluster, SHARED},
    {"one follower", shape_cluster, FOLLOWER},
    {"one small", shape_small, ALONE},
    {"a chain", shape_chain, ALONE},
    {"a chain, shared", shape_chain, SHARED},
    {"a chain of followers", shape_chain, FOLLOWER},
    {"mixed, with empty ones", shape_mixed, ALONE},
    {"mixed, shared", shape_mixed, SHARED},
    {"no room", shape_full, ALONE},
    {"no room, shared", shape_full, SHARED},
    {"foreign, writable", shape_foreign_rw, ALONE},
    {"foreign, read-only", shape_foreign_ro, ALONE},
    {"foreign, shared", shape_foreign_rw, SHARED},
};
#define NSHAPES RTE_DIM(shapes)

static inline void
shape_make(struct shape *s, unsigned i)
{
	s->m = shapes[i].make();
	s->other = NULL;
	s->len = s->m->m_pkthdr.len;
	assert_true(s->len <= SHAPE_MAX);
	assert_int_equal(m_copydata(s->m, 0, (int)s->len, s->flat), 0);
	if (shapes[i].who == ALONE)
		return;
	s->other = m_copym(s->m, 0, M_COPYALL, M_DONTWAIT);
	assert_non_null(s->other);
	if (shapes[i].who == FOLLOWER) {
		struct mbuf *m = s->m;

		s->m = m_copym(s->other, 0, M_COPYALL, M_DONTWAIT);
		assert_non_null(s->m);
		m_freem(m);
	}
}

/* The chain holds exactly these bytes and is one that DPDK accepts. */
static inline void
shape_is(struct mbuf *m, const uint8_t *flat, unsigned len, const char *name)
{
	static uint8_t got[2 * SHAPE_MAX];
	const char *why = "?";

	assert_non_null(m);
	if (rte_mbuf_check(&m->m_rte, 1, &why) != 0)
		fail_msg("%s: rte_mbuf_check: %s", name, why);
	if (m->m_pkthdr.len != len)
		fail_msg("%s: %u bytes, not %u", name, m->m_pkthdr.len, len);
	assert_int_equal(m_copydata(m, 0, (int)len, got), 0);
	for (unsigned i = 0; i < len; i++) {
		if (got[i] != flat[i])
			fail_msg("%s: byte %u of %u is %u, not %u", name, i, len, got[i], flat[i]);
	}
}

/* What another holder has is as it was; then all of it goes. m may be NULL: it went already. */
static inline void
shape_done(struct shape *s, const uint8_t *before, unsigned len, struct mbuf *m)
{
	if (s->other != NULL)
		shape_is(s->other, before, len, "the other holder");
	m_freem(m);
	m_freem(s->other);
	m_reap();
	assert_int_equal(unit_out(), 0);
}

/* Offsets and lengths that are worth a try, for a chain of len bytes. */
#define SHAPE_POINTS 16
static inline unsigned
shape_points(unsigned len, unsigned *v)
{
	const unsigned want[SHAPE_POINTS] = {
	    0, 1, 2, 39, 40, 41, 59, 60, 61, 62, 99, 100, 117, len / 2, len - 1, len};
	unsigned n = 0;

	for (unsigned i = 0; i < SHAPE_POINTS; i++) {
		if (want[i] <= len)
			v[n++] = want[i];
	}
	return n;
}

/* Run fn on every shape at every pair (off, off + n) inside it. */
static inline void
shape_each(void (*fn)(struct shape *s, unsigned off, unsigned n, const char *name))
{
	for (unsigned i = 0; i < NSHAPES; i++) {
		unsigned v[SHAPE_POINTS], k;
		static struct shape s;

		shape_make(&s, i);
		k = shape_points(s.len, v);
		shape_done(&s, s.flat, s.len, s.m);
		for (unsigned a = 0; a < k; a++) {
			for (unsigned b = 0; b < k; b++) {
				if (v[b] < v[a])
					continue;
				shape_make(&s, i);
				fn(&s, v[a], v[b] - v[a], shapes[i].name);
			}
		}
	}
}

#endif /* SHAPES_H */
