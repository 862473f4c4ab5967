/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* m_wrap() and m_unwrap(): our mbufs are cast, foreign ones become followers. */

#define ALLOW_EXPERIMENTAL_API /* rte_pktmbuf_pool_create_extbuf() */
#include "unit.h"

#define NFOREIGN 63

#ifndef MBUF_DEBUG /* which looks at the private line, and reports such poison */
/* The private line of each mbuf of the pools says who touched it. */
static void
poison(struct rte_mempool *mp, void *arg, void *obj, unsigned idx)
{
	(void)mp;
	(void)idx;
	memset(&((struct mbuf *)obj)->m_priv, *(int *)arg, sizeof(struct m_private));
}

static void
check_poison(struct rte_mempool *mp, void *arg, void *obj, unsigned idx)
{
	const uint8_t *p = (const uint8_t *)&((struct mbuf *)obj)->m_priv;

	(void)mp;
	(void)arg;
	(void)idx;
	for (unsigned i = 0; i < sizeof(struct m_private); i++)
		assert_int_equal(p[i], 0x5a);
}

/*
 * Receive and plain forwarding do not touch the private line: forward with the line of each mbuf
 * poisoned, and find the poison whole. A read that mattered would crash: 0x5a5a... is no address.
 */
static void
forwarding_leaves_the_private_line(void **state)
{
	struct rte_mbuf *r[32];
	struct mbuf *m[32], *copy[32];
	int byte = 0x5a;

	(void)state;
	rte_mempool_obj_iter(m_cluster_pool(0), poison, &byte);
	rte_mempool_obj_iter(m_header_pool(0), poison, &byte);
	for (int round = 0; round < 3; round++) {
		/* as a driver receives */
		assert_int_equal(rte_pktmbuf_alloc_bulk(m_cluster_pool(0), r, 32), 0);
		for (int i = 0; i < 32; i++)
			assert_non_null(rte_pktmbuf_append(r[i], 64));
		assert_int_equal(m_wrap_bulk(r, m, 32), 32);
		for (int i = 0; i < 32; i++) {
			assert_int_equal(m_testflags(m[i], M_PKTHDR | M_MCAST), M_PKTHDR);
			assert_null(m_nextpkt(m[i]));
			assert_null(m_tag_first(m[i]));
			assert_true(m_isplain(&m[i]->m_rte));
		}
		/* a mirror shares, and all is sent and freed, by a driver or by us */
		if (unit_countonly())
			assert_int_equal(m_copym_bulk(m, copy, 32), 32);
		m_unwrap_bulk(m, r, 32);
		if (round == 0)
			rte_pktmbuf_free_bulk(r, 32);
		else
			m_freem_rte_bulk(r, 32);
		if (unit_countonly())
			m_unwrap_bulk(copy, r, 32);
		if (unit_countonly() && round == 1)
			rte_pktmbuf_free_bulk(r, 32);
		else if (unit_countonly())
			m_freem_bulk(copy, 32);
		assert_int_equal(unit_out(), 0);
	}
	rte_mempool_obj_iter(m_cluster_pool(0), check_poison, NULL);
	rte_mempool_obj_iter(m_header_pool(0), check_poison, NULL);
	byte = 0;
	rte_mempool_obj_iter(m_cluster_pool(0), poison, &byte);
	rte_mempool_obj_iter(m_header_pool(0), poison, &byte);
}

#endif

static void
unwrap_cleans(void **state)
{
	struct mbuf *m = unit_chain(3, 20, 5);
	struct rte_mbuf *r;

	(void)state;
	assert_null(m_unwrap(NULL));
	for (struct mbuf *n = m; n != NULL; n = n->m_next) {
		struct m_tag *t = m_tag_get(3, 3, M_DONTWAIT);

		assert_non_null(t);
		m_tag_prepend(n, t);
		m_setflags(n, M_LOOP);
		m_settype(n, MT_CONTROL);
	}
	m_setnextpkt(m, m);
	r = m_unwrap(m);
	assert_int_equal(unit_out(), 3);
	unit_check(m, 60, 5);
	rte_pktmbuf_free(r);
	assert_int_equal(unit_badobjs(), 0);
	/* a chain that BSD code linked by hand, without a header, is made valid */
	m = m_get(M_DONTWAIT, MT_DATA);
	m->m_len = 3;
	memcpy(mtod(m, char *), "\x05\x06\x07", 3);
	m->m_next = unit_cluster(4, 8);
	r = m_unwrap(m);
	unit_check(m_wrap(r), 7, 5);
	rte_pktmbuf_free(r);
}

static struct rte_mempool *
foreign_pool(unsigned priv)
{
	struct rte_mempool *mp =
	    rte_pktmbuf_pool_create("foreign", NFOREIGN, 0, (uint16_t)priv, 1024, SOCKET_ID_ANY);

	assert_non_null(mp);
	return mp;
}

static struct rte_mbuf *
foreign(struct rte_mempool *mp, unsigned n, unsigned seed)
{
	struct rte_mbuf *r = rte_pktmbuf_alloc(mp);
	uint8_t *p;

	assert_non_null(r);
	p = (uint8_t *)rte_pktmbuf_append(r, (uint16_t)n);
	assert_non_null(p);
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(seed + i);
	return r;
}

static void
ours(struct mbuf *m)
{
	m_freem(m);
}

static void
driver(struct mbuf *m)
{
	rte_pktmbuf_free(m_unwrap(m));
}

static void (*const drops[])(struct mbuf *) = {ours, driver};

/* What m_wrap() made shares, splits into holders and goes back, by each way in each order. */
static void
goes_round(struct mbuf *m, unsigned n, unsigned seed, unsigned way)
{
	struct mbuf *v[3] = {m};

	unit_check(m, n, seed);
	v[1] = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	v[2] = m_copym(v[1], 1, M_COPYALL, M_DONTWAIT);
	assert_non_null(v[1]);
	assert_non_null(v[2]);
	assert_int_equal(m_refs(v[0]), 3);
	assert_true(M_READONLY(v[0]));
	for (unsigned k = 0; k < 3; k++) {
		unsigned w = (k + way) % 3;

		unit_check(v[w], w == 2 ? n - 1 : n, w == 2 ? seed + 1 : seed);
		drops[way >> k & 1](v[w]);
	}
	assert_int_equal(unit_out(), 0);
}

static void
foreign_direct(void **state)
{
	static const unsigned privs[] = {0, 8, 64, 128};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(privs) * 24; i++) {
		struct rte_mempool *mp = foreign_pool(privs[i / 24]);
		struct rte_mbuf *r = foreign(mp, 100, 9);
		struct mbuf *m;

		r->port = 7;
		r->ol_flags |= RTE_MBUF_F_RX_VLAN;
		m = m_wrap(r);
		assert_non_null(m);
		assert_true(m_ispool(m->m_rte.pool));
		assert_int_equal(m->m_rte.port, 7);
		assert_true((m->m_rte.ol_flags & RTE_MBUF_F_RX_VLAN) != 0);
		assert_int_equal(m_testflags(m, 0xffff), M_PKTHDR | M_EXT | M_EXTWR);
		assert_int_equal(m_refs(m), 1);
		assert_false(M_READONLY(m));
		goes_round(m, 100, 9, i % 24);
		assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
		rte_mempool_free(mp);
	}
}

static void
foreign_clone(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 24; way++) {
		struct rte_mempool *mp = foreign_pool(32);
		struct rte_mbuf *r = foreign(mp, 100, 9), *c = rte_pktmbuf_clone(r, mp);

		rte_pktmbuf_free(r);
		goes_round(m_wrap(c), 100, 9, way);
		assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
		rte_mempool_free(mp);
	}
}

/* A clone by DPDK of an mbuf of ours into a pool without private lines. */
static void
foreign_clone_of_ours(void **state)
{
	struct rte_mempool *mp = foreign_pool(0);
	struct mbuf *m = unit_cluster(100, 9), *w;
	struct rte_mbuf *c;

	(void)state;
	m_setflags(m, M_MCAST); /* which attach copies, as it does all of ol_flags */
	c = rte_pktmbuf_clone(&m->m_rte, mp);
	m_freem_rte_bulk(&c, 1); /* its private line, which is not there, is not cleaned */
	c = rte_pktmbuf_clone(&m->m_rte, mp);
	w = m_wrap(c);
	assert_int_equal(m_refs(w), 2);
	assert_int_equal(m_testflags(w, M_MCAST), 0);
	m_freem(m);
	goes_round(w, 100, 9, 3);
	assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
	rte_mempool_free(mp);
}

static unsigned freed;

static void
count_free(void *addr, void *opaque)
{
	(void)addr;
	assert_ptr_equal(opaque, &freed);
	freed++;
}

/* An extbuf with a count of its own, as mlx5's multi-packet receive delivers: on our mbuf or not.
 */
static void
foreign_extbuf(void **state)
{
	static uint8_t storage[2048];
	static struct rte_mbuf_ext_shared_info si;

	(void)state;
	for (unsigned way = 0; way < 48; way++) {
		struct rte_mempool *mp = foreign_pool(0);
		struct rte_mempool *from = way < 24 ? mp : m_cluster_pool(0);
		struct rte_mbuf *r = rte_pktmbuf_alloc(from);
		struct mbuf *m;

		for (unsigned i = 0; i < 100; i++)
			storage[64 + i] = (uint8_t)(9 + i);
		freed = 0;
		si = (struct rte_mbuf_ext_shared_info){
		    .free_cb = count_free, .fcb_opaque = &freed, .refcnt = 1};
		rte_pktmbuf_attach_extbuf(
		    r, storage, (rte_iova_t)(uintptr_t)storage, sizeof(storage), &si);
		r->data_off = 64;
		r->data_len = 100;
		r->pkt_len = 100;
		m = m_wrap(r);
		assert_non_null(m);
		assert_int_equal(m_refs(m), 1);
		assert_int_equal(m_zero(m), -ENOTSUP);
		assert_false(M_READONLY(m));
		assert_int_equal(freed, 0);
		goes_round(m, 100, 9, way % 24);
		assert_int_equal(freed, 1);
		assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
		rte_mempool_free(mp);
	}
}

/* Pinned external buffers, as rte_pktmbuf_pool_create_extbuf() makes them. */
static void
foreign_pinned(void **state)
{
	static uint8_t storage[NFOREIGN * 1024] __rte_cache_aligned;
	const struct rte_pktmbuf_extmem mem = {.buf_ptr = storage,
	    .buf_iova = (rte_iova_t)(uintptr_t)storage,
	    .buf_len = sizeof(storage),
	    .elt_size = 1024};

	(void)state;
	for (unsigned way = 0; way < 24; way++) {
		struct rte_mempool *mp = rte_pktmbuf_pool_create_extbuf(
		    "pinned", NFOREIGN, 0, 0, 1024, SOCKET_ID_ANY, &mem, 1);
		struct rte_mbuf *r;

		assert_non_null(mp);
		r = foreign(mp, 100, 9);
		goes_round(m_wrap(r), 100, 9, way);
		assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
		/* never wrapped, freed by us */
		r = foreign(mp, 100, 9);
		r->next = foreign(mp, 100, 9);
		m_freem_rte_bulk(&r, 1);
		assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
		rte_mempool_free(mp);
	}
}

/* A chain of ours and foreign segments in turn. */
static void
foreign_in_chains(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 16; bits++) {
		struct rte_mempool *mp = foreign_pool(0);
		struct rte_mbuf *top = NULL, **tail = &top;
		struct mbuf *m;

		for (unsigned i = 0; i < 4; i++) {
			*tail = (bits >> i & 1) != 0 ? foreign(mp, 10, 3 + 10 * i)
						     : &unit_cluster(10, 3 + 10 * i)->m_rte;
			tail = &(*tail)->next;
		}
		top->nb_segs = 4;
		top->pkt_len = 40;
		top->vlan_tci = 5;
		m = m_wrap(top);
		assert_int_equal(m->m_rte.vlan_tci, 5);
		goes_round(m, 40, 3, bits);
		assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
		rte_mempool_free(mp);
	}
}

/* With k headers free for a chain with three foreign segments: as it was, and still the caller's.
 */
static void
fails_clean(void **state)
{
	static struct mbuf *held[UNIT_NMBUFS + 1];
	struct rte_mempool *mp = foreign_pool(0);
	struct rte_mbuf *r = foreign(mp, 10, 0), *v[2];
	struct mbuf *m = NULL, *w[2];
	unsigned have = 0, k;

	(void)state;
	r->next = foreign(mp, 10, 10);
	r->next->next = foreign(mp, 10, 20);
	r->nb_segs = 3;
	r->pkt_len = 30;
	while ((held[have] = m_get(M_DONTWAIT, MT_DATA)) != NULL)
		have++;
	for (k = 0; m == NULL; k++) {
		rte_errno = 0;
		m = m_wrap(r);
		if (m != NULL)
			break;
		assert_int_equal(rte_errno, ENOBUFS);
		unit_check(m_fromrte(r), 30, 0);
		assert_int_equal(rte_mbuf_refcnt_read(r->next), 1);
		assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN - 3);
		v[0] = &held[0]->m_rte;
		v[1] = r;
		assert_int_equal(m_wrap_bulk(v, w, 2), 1);
		m_freem(held[--have]);
	}
	assert_int_equal(k, 3);
	unit_check(m, 30, 0);
	m_freem(m);
	m_freem_bulk(held, have);
	assert_int_equal(rte_mempool_avail_count(mp), NFOREIGN);
	rte_mempool_free(mp);
	assert_null(m_wrap(NULL));
}

static void
plain_is_plain(void **state)
{
	struct mbuf *m[3] = {unit_cluster(5, 0), unit_chain(2, 5, 0), unit_cluster(5, 0)}, *n;
	struct rte_mbuf *r[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		r[i] = &m[i]->m_rte;
	assert_false(m_isplain_bulk(r, 3)); /* a chain */
	assert_true(m_isplain_bulk(r, 1));
	assert_true(m_isplain_bulk(&r[2], 1));
	assert_true(m_isplain_bulk(NULL, 0));
	m_setflags(m[0], M_MCAST);
	assert_false(m_isplain(r[0]));
	m_clrflags(m[2], M_PKTHDR);
	assert_false(m_isplain(r[2]));
	m_setflags(m[2], M_PKTHDR);
	n = m_copym(m[2], 0, M_COPYALL, M_DONTWAIT);
	assert_false(m_isplain(r[2]));
	m_freem(n);
	m_flush();
	assert_true(m_isplain(r[2]));
	m_freem_bulk(m, 3);
}

static const struct CMUnitTest unit_tests[] = {
#ifndef MBUF_DEBUG
    UNIT_TEST(forwarding_leaves_the_private_line),
    UNIT_TEST_CACHED(forwarding_leaves_the_private_line),
#endif
    UNIT_TEST(unwrap_cleans),
    UNIT_TEST(foreign_direct),
    UNIT_TEST(foreign_clone),
    UNIT_TEST(foreign_clone_of_ours),
    UNIT_TEST(foreign_extbuf),
    UNIT_TEST(foreign_pinned),
    UNIT_TEST(foreign_in_chains),
    UNIT_TEST(fails_clean),
    UNIT_TEST(plain_is_plain),
};

UNIT_MAIN("wrap")
