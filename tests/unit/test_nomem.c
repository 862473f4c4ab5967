/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Every function that allocates, with too little memory: nomem.h says how. */

#include "nomem.h"

#define PASS(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			return -rte_errno;                                                         \
	} while (0)

/* Alloc */
static int
do_get(struct env *e)
{
	e->aux = m_get(M_DONTWAIT, MT_DATA);
	PASS(e->aux != NULL);
	return 0;
}

static int
do_gethdr(struct env *e)
{
	e->aux = m_gethdr(M_WAIT, MT_DATA);
	PASS(e->aux != NULL);
	return 0;
}

static int
do_getclr(struct env *e)
{
	e->aux = m_getclr(M_DONTWAIT, MT_CONTROL);
	PASS(e->aux != NULL);
	return 0;
}

static int
do_clget(struct env *e)
{
	e->aux = m_clget(NULL, M_DONTWAIT, MCLBYTES);
	PASS(e->aux != NULL);
	return 0;
}

static void
make_small(struct env *e)
{
	e->aux = unit_small(20, 3);
}

static int
do_clget_attach(struct env *e)
{
	if (m_clget(e->aux, M_DONTWAIT, 1000) == NULL) {
		int err = rte_errno;

		unit_check(e->aux, 20, 3); /* untouched */
		assert_true(!m_hascluster(e->aux));
		return -err;
	}
	assert_true(m_hascluster(e->aux));
	return 0;
}

static int
do_get_bulk(struct env *e)
{
	struct mbuf *v[3] = {NULL, NULL, NULL};
	int rc = m_get_bulk(v, 3);

	(void)e;
	if (rc == 0)
		m_freem_bulk(v, 3);
	else
		assert_true(v[0] == NULL && v[1] == NULL && v[2] == NULL);
	return rc;
}

static void
freed(void *buf, unsigned size, void *arg)
{
	assert_ptr_equal(buf, taken);
	assert_int_equal(size, 100);
	*(unsigned *)arg += 1;
}

static int
do_extadd(struct env *e)
{
	int rc;

	e->nfreed = 0;
	rc = MEXTADD(e->aux, taken, 100, 0, mextfree_register(freed), &e->nfreed);
	if (rc != 0) {
		unit_check(e->aux, 20, 3);
		return rc;
	}
	assert_int_equal(m_freem(e->aux) == NULL, 1);
	e->aux = NULL;
	assert_int_equal(e->nfreed, 1);
	return 0;
}

/* Tags */
static int
do_tag_get(struct env *e)
{
	struct m_tag *t = m_tag_get(1, 80, M_DONTWAIT);

	(void)e;
	PASS(t != NULL);
	m_tag_free(t);
	return 0;
}

static int
do_tag_copy(struct env *e)
{
	struct m_tag *t = m_tag_copy(m_tag_first(e->s.m), M_DONTWAIT);

	PASS(t != NULL);
	m_tag_free(t);
	return 0;
}

static void
make_tagged(struct env *e)
{
	make_small(e);
	m_tag_prepend(e->aux, m_tag_get(5, 4, M_DONTWAIT));
}

static int
do_tag_copy_chain(struct env *e)
{
	if (m_tag_copy_chain(e->aux, e->s.m, M_DONTWAIT) == 0) {
		assert_null(m_tag_first(e->aux));
		return -ENOBUFS;
	}
	assert_non_null(m_tag_find(e->aux, 7, NULL));
	return 0;
}

static int
do_dup_pkthdr(struct env *e)
{
	int rc = m_dup_pkthdr(e->aux, e->s.m, M_DONTWAIT);

	if (rc != 0) {
		assert_null(m_tag_first(e->aux));
		unit_check(e->aux, 20, 3);
		return rc;
	}
	assert_non_null(m_tag_find(e->aux, 8, NULL));
	m_calchdrlen(e->aux);
	return 0;
}

/* Sharing and copies */
static int
do_copym(struct env *e)
{
	e->aux = m_copym(e->s.m, 0, M_COPYALL, M_DONTWAIT);
	PASS(e->aux != NULL);
	shape_is(e->aux, e->s.flat, e->s.len, "copy");
	assert_non_null(m_tag_find(e->aux, 7, NULL));
	return 0;
}

static int
do_copym_part(struct env *e)
{
	e->aux = m_copym(e->s.m, 30, 60, M_DONTWAIT);
	PASS(e->aux != NULL);
	shape_is(e->aux, e->s.flat + 30, 60, "part");
	return 0;
}

static int
do_copym_bulk(struct env *e)
{
	struct mbuf *v[2] = {e->s.m, e->s.m}, *out[2];
	unsigned n = m_copym_bulk(v, out, 2);

	for (unsigned i = 0; i < n; i++)
		shape_is(out[i], e->s.flat, e->s.len, "bulk");
	m_freem_bulk(out, n);
	PASS(n == 2);
	return 0;
}

static int
do_dup_pkt(struct env *e)
{
	e->aux = m_dup_pkt(e->s.m, 10, M_DONTWAIT);
	PASS(e->aux != NULL);
	shape_is(e->aux, e->s.flat, e->s.len, "deep copy");
	assert_non_null(m_tag_find(e->aux, 8, NULL));
	return 0;
}

static int
do_devget(struct env *e)
{
	e->aux = m_devget((const char *)e->s.flat, 5000, 2);
	PASS(e->aux != NULL);
	return 0;
}

/* Bytes */
static uint8_t want[2 * SHAPE_MAX];

static int
copyback(struct env *e, unsigned off, unsigned n)
{
	static const uint8_t bytes[3000];
	int rc = m_copyback(e->s.m, (int)off, (int)n, bytes, M_DONTWAIT);

	if (rc != 0)
		return rc;
	memset(want, 0, sizeof(want));
	memcpy(want, e->s.flat, e->s.len);
	memset(want + off, 0, n);
	shape_is(e->s.m, want, RTE_MAX(e->s.len, off + n), "copyback");
	return 0;
}

static int
do_copyback_in(struct env *e)
{
	return copyback(e, 20, 70);
}

static int
do_copyback_over(struct env *e)
{
	return copyback(e, e->s.len - 10, 3000);
}

static int
do_copyback_gap(struct env *e)
{
	return copyback(e, e->s.len + 2500, 10);
}

static int
do_makewritable(struct env *e)
{
	int rc = m_makewritable(e->s.m, 0, (int)e->s.len);

	if (rc == 0)
		shape_is(e->s.m, e->s.flat, e->s.len, "makewritable");
	return rc;
}

static int
do_pullup(struct env *e)
{
	struct mbuf *m = m_pullup(e->s.m, 90);

	PASS(m != NULL);
	e->s.m = m;
	assert_true(m->m_len >= 90 && m_iswritable(m));
	shape_is(m, e->s.flat, e->s.len, "pullup");
	return 0;
}

static int
do_pulldown(struct env *e)
{
	struct mbuf *m = m_pulldown(e->s.m, 30, 50, NULL);

	PASS(m != NULL);
	assert_true(m->m_len >= 50 && m_iswritable(m));
	shape_is(e->s.m, e->s.flat, e->s.len, "pulldown");
	return 0;
}

static int
split(struct env *e, unsigned at)
{
	e->aux = m_split(e->s.m, (int)at, M_DONTWAIT);
	PASS(e->aux != NULL);
	shape_is(e->s.m, e->s.flat, at, "first half");
	shape_is(e->aux, e->s.flat + at, e->s.len - at, "second half");
	assert_non_null(m_tag_find(e->aux, 7, NULL));
	return 0;
}

static int
do_split(struct env *e)
{
	return split(e, 50);
}

static int
do_split_edge(struct env *e)
{
	return split(e, e->s.len > 100 ? 60 : 40); /* between two mbufs of some shapes */
}

static int
do_split_end(struct env *e)
{
	return split(e, e->s.len);
}

static int
do_makespace(struct env *e)
{
	int off;
	struct mbuf *m = m_makespace(e->s.m, 45, 300, &off);

	PASS(m != NULL);
	memset(mtod(m, char *) + off, 0, 300);
	memset(want, 0, sizeof(want));
	memcpy(want, e->s.flat, 45);
	memcpy(want + 345, e->s.flat + 45, e->s.len - 45);
	shape_is(e->s.m, want, e->s.len + 300, "makespace");
	return 0;
}

static int
prepend(struct env *e, struct mbuf *m, unsigned n)
{
	PASS(m != NULL);
	e->s.m = m;
	memset(mtod(m, char *), 0, n);
	memset(want, 0, n);
	memcpy(want + n, e->s.flat, e->s.len);
	shape_is(m, want, e->s.len + n, "prepend");
	assert_non_null(m_tag_find(m, 7, NULL));
	return 0;
}

static int
do_prepend(struct env *e)
{
	return prepend(e, m_prepend(e->s.m, 14, M_DONTWAIT), 14);
}

static int
do_prepend_macro(struct env *e)
{
	struct mbuf *m = e->s.m;

	M_PREPEND(m, 600, M_DONTWAIT);
	return prepend(e, m, 600);
}

static int
do_defrag(struct env *e)
{
	int rc = m_defrag(e->s.m, M_DONTWAIT);

	if (rc == 0) {
		assert_null(e->s.m->m_next);
		shape_is(e->s.m, e->s.flat, e->s.len, "defrag");
	}
	return rc;
}

/* Foreign segments */
static void
make_foreign(struct env *e)
{
	struct rte_mbuf *r[3];

	assert_int_equal(rte_pktmbuf_alloc_bulk(e->foreign, r, 3), 0);
	e->rte = r[0];
	for (unsigned i = 0; i < 3; i++)
		memset(rte_pktmbuf_append(r[i], 10), (int)i, 10);
	assert_int_equal(rte_pktmbuf_chain(r[0], r[1]), 0);
	assert_int_equal(rte_pktmbuf_chain(r[0], r[2]), 0);
}

static int
do_wrap(struct env *e)
{
	e->aux = m_wrap(e->rte);
	if (e->aux == NULL) { /* it is as it was, and the caller's */
		int err = rte_errno;

		assert_int_equal(rte_mbuf_check(e->rte, 1, &(const char *){NULL}), 0);
		assert_int_equal(e->rte->nb_segs, 3);
		assert_int_equal(e->rte->refcnt, 1);
		assert_ptr_equal(e->rte->pool, e->foreign);
		return -err;
	}
	e->rte = NULL;
	assert_int_equal(e->aux->m_pkthdr.len, 30);
	return 0;
}

static int
do_wrap_bulk(struct env *e)
{
	struct rte_mbuf *v[2] = {m_torte(e->s.m), e->rte};
	struct mbuf *out[2];
	unsigned n = m_wrap_bulk(v, out, 2);

	assert_true(n == 1 || n == 2);
	assert_ptr_equal(out[0], e->s.m);
	PASS(n == 2);
	e->rte = NULL;
	e->aux = out[1];
	return 0;
}

static const struct op ops[] = {
    {"m_get", NONE, do_get, NULL},
    {"m_gethdr", NONE, do_gethdr, NULL},
    {"m_getclr", NONE, do_getclr, NULL},
    {"m_clget", NONE, do_clget, NULL},
    {"m_clget(m)", NONE, do_clget_attach, make_small},
    {"m_get_bulk", NONE, do_get_bulk, NULL},
    {"MEXTADD", NONE, do_extadd, make_small},
    {"m_tag_get", NONE, do_tag_get, NULL},
    {"m_tag_copy", SAME, do_tag_copy, NULL},
    {"m_tag_copy_chain", SAME, do_tag_copy_chain, make_tagged},
    {"m_dup_pkthdr", SAME, do_dup_pkthdr, make_tagged},
    {"m_copym", SAME, do_copym, NULL},
    {"m_copym, a part", SAME, do_copym_part, NULL},
    {"m_copym_bulk", SAME, do_copym_bulk, NULL},
    {"m_dup_pkt", SAME, do_dup_pkt, NULL},
    {"m_devget", NONE, do_devget, NULL},
    {"m_copyback, inside", BYTES, do_copyback_in, NULL},
    {"m_copyback, over the end", BYTES, do_copyback_over, NULL},
    {"m_copyback, behind a gap", BYTES, do_copyback_gap, NULL},
    {"m_makewritable", BYTES, do_makewritable, NULL},
    {"m_pullup", GONE, do_pullup, NULL},
    {"m_pulldown", GONE, do_pulldown, NULL},
    {"m_split", SAME, do_split, NULL},
    {"m_split, at an edge", SAME, do_split_edge, NULL},
    {"m_split, at the end", SAME, do_split_end, NULL},
    {"m_makespace", SAME, do_makespace, NULL},
    {"m_prepend", GONE, do_prepend, NULL},
    {"M_PREPEND", GONE, do_prepend_macro, NULL},
    {"m_defrag", SAME, do_defrag, NULL},
    {"m_wrap", NONE, do_wrap, make_foreign},
    {"m_wrap_bulk", SAME, do_wrap_bulk, make_foreign},
};

static void
test_nomem(void **state)
{
	static struct env e;

	(void)state;
	e.foreign = rte_pktmbuf_pool_create("foreign", 63, 0, 0, 512, SOCKET_ID_ANY);
	assert_non_null(e.foreign);
	for (unsigned i = 0; i < RTE_DIM(ops); i++)
		nomem_op(&ops[i], &e);
	rte_mempool_free(e.foreign);
}

/* Every function of the headers that can fail for lack of memory is in the table above. */
static int
setup(void **state)
{
	(void)state;
	return unit_pools(63, 31, M_NOCACHE);
}

static const struct CMUnitTest unit_tests[] = {
    cmocka_unit_test_setup_teardown(test_nomem, setup, unit_teardown),
};

UNIT_MAIN("nomem")
