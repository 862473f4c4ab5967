/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Allocation, free, flags and the packet header. */

#include "unit.h"

/* Take all of a pool but k; returns the count, v owns them. */
static unsigned
drain(struct mbuf **v, unsigned max, bool clusters, unsigned k)
{
	unsigned n = 0;

	for (; n < max; n++) {
		v[n] = clusters ? m_clget(NULL, M_DONTWAIT, 1) : m_get(M_DONTWAIT, MT_DATA);
		if (v[n] == NULL)
			break;
	}
	while (k-- > 0)
		m_freem(v[--n]);
	return n;
}

static void
kinds_of_mbuf(void **state)
{
	struct mbuf *m;

	(void)state;
	m = m_get(M_DONTWAIT, MT_DATA);
	assert_int_equal(m_testflags(m, 0xffff), 0);
	assert_int_equal(m_trailingspace(m), MLEN);
	assert_int_equal(m_leadingspace(m), MSIZE - MLEN);
	assert_int_equal(m->m_len, 0);
	assert_null(m->m_next);
	assert_int_equal(m_gettype(m), MT_DATA);
	assert_null(m_free(m));
	m = m_gethdr(M_WAIT, MT_CONTROL);
	assert_int_equal(m_testflags(m, 0xffff), M_PKTHDR);
	assert_int_equal(m_trailingspace(m), MHLEN);
	assert_int_equal(m_gettype(m), MT_CONTROL);
	m_freem(m);
	m = m_clget(NULL, M_DONTWAIT, MCLBYTES);
	assert_int_equal(m_testflags(m, 0xffff), M_PKTHDR | M_EXT | M_EXTWR);
	assert_int_equal(m_trailingspace(m), MCLBYTES);
	assert_int_equal(m_leadingspace(m), RTE_PKTMBUF_HEADROOM);
	m_freem(m);
}

static void
getclr_zeroes(void **state)
{
	static const char zero[MLEN];
	struct mbuf *m = m_get(M_DONTWAIT, MT_DATA);

	(void)state;
	memset(mtod(m, char *), 0x5a, MLEN);
	m_freem(m); /* the pool has no cache and is a ring: take all to meet it again */
	struct mbuf *v[UNIT_NMBUFS];

	for (unsigned i = 0; i < UNIT_NMBUFS; i++) {
		v[i] = m_getclr(M_DONTWAIT, MT_DATA);
		assert_memory_equal(mtod(v[i], char *), zero, MLEN);
	}
	m_freem_bulk(v, UNIT_NMBUFS);
}

static void
bad_types(void **state)
{
	static const int bad[] = {MT_FREE, MT_NTYPES, -1, 1 << 20};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(bad); i++) {
		assert_null(m_get(M_DONTWAIT, bad[i]));
		assert_int_equal(rte_errno, EINVAL);
		assert_null(m_gethdr(M_DONTWAIT, bad[i]));
		assert_null(m_getclr(M_DONTWAIT, bad[i]));
	}
}

static void
empty_pools(void **state)
{
	static struct mbuf *h[UNIT_NMBUFS + 1], *c[UNIT_NCLUSTERS + 1];
	unsigned nh = drain(h, RTE_DIM(h), false, 0), nc = drain(c, RTE_DIM(c), true, 0);
	struct mbuf *v[4];

	(void)state;
	assert_int_equal(nh, UNIT_NMBUFS);
	assert_int_equal(nc, UNIT_NCLUSTERS);
	rte_errno = 0;
	assert_null(m_get(M_WAIT, MT_DATA));
	assert_int_equal(rte_errno, ENOBUFS);
	rte_errno = 0;
	assert_null(m_gethdr(M_WAIT, MT_DATA));
	assert_int_equal(rte_errno, ENOBUFS);
	rte_errno = 0;
	assert_null(m_clget(NULL, M_WAIT, 10));
	assert_int_equal(rte_errno, ENOBUFS);
	rte_errno = 0;
	assert_null(m_clget(h[0], M_WAIT, 10));
	assert_int_equal(rte_errno, ENOBUFS);
	assert_int_equal(m_testflags(h[0], M_EXT), 0);
	assert_int_equal(m_get_bulk(v, 4), -ENOBUFS);
	m_freem_bulk(c, 3);
	assert_int_equal(m_get_bulk(v, 4), -ENOBUFS);
	assert_int_equal(m_get_bulk(v, 3), 0);
	memcpy(c, v, 3 * sizeof(v[0]));
	m_freem_bulk(h, nh);
	m_freem_bulk(c, nc);
}

static void
clget_attaches(void **state)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA);
	const char *why;

	(void)state;
	m->m_len = 10;
	assert_null(m_clget(m, M_DONTWAIT, MCLBYTES + 1));
	assert_int_equal(rte_errno, EINVAL);
	assert_ptr_equal(m_clget(m, M_DONTWAIT, MCLBYTES), m);
	assert_int_equal(m->m_len, 10);
	m->m_pkthdr.len = 10;
	assert_int_equal(rte_mbuf_check(&m->m_rte, 1, &why), 0);
	assert_int_equal(m_trailingspace(m), MCLBYTES - 10);
	assert_int_equal(m_testflags(m, 0xffff), M_PKTHDR | M_EXT | M_EXTWR);
	assert_int_equal(m_refs(m), 1);
	assert_int_equal(unit_out(), 2);
	memset(mtod(m, char *), 1, MCLBYTES);
	assert_null(m_clget(m, M_DONTWAIT, 10)); /* it has one */
	assert_int_equal(rte_errno, EINVAL);
	m_freem(m);
	/* and a driver frees it as well */
	m = m_get(M_DONTWAIT, MT_DATA);
	MCLGET(m, M_DONTWAIT);
	assert_true(m_testflags(m, M_EXT) != 0);
	rte_pktmbuf_free(m_unwrap(m));
}

static void
free_forms(void **state)
{
	struct mbuf *m = unit_chain(3, 10, 0), *n = unit_chain(2, 5, 0), *second = m->m_next;

	(void)state;
	assert_null(m_free(NULL));
	assert_null(m_freem(NULL));
	m_purge(NULL);
	m_freem_bulk(NULL, 0);
	assert_ptr_equal(m_free(m), second);
	m_setnextpkt(second, n);
	assert_ptr_equal(m_nextpkt(second), n);
	assert_ptr_equal(m_freem(second), n);
	m = NULL;
	assert_null(m_freemp(&m));
	m = n;
	assert_null(m_freemp(&m));
	assert_null(m);
	/* a list */
	m = unit_small(3, 0);
	m_setnextpkt(m, unit_cluster(3, 0));
	m_setnextpkt(m_nextpkt(m), unit_chain(3, 3, 0));
	m_purge(m);
	assert_int_equal(unit_out(), 0);
	/* a long chain, longer than what is collected in one go, and NULLs in a burst */
	struct mbuf *v[5] = {NULL, unit_chain(200, 1, 0), NULL, unit_small(1, 0), NULL};

	m_freem_bulk(v, 5);
	assert_int_equal(unit_out(), 0);
}

static void
bulk_get_and_free(void **state)
{
	static const unsigned sizes[] = {0, 1, 2, 31, 32, 33, 64, 65, 500};
	struct mbuf *v[500];
	const char *why;

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(sizes); i++) {
		assert_int_equal(m_get_bulk(v, sizes[i]), 0);
		for (unsigned k = 0; k < sizes[i]; k++) {
			assert_int_equal(rte_mbuf_check(&v[k]->m_rte, 1, &why), 0);
			assert_int_equal(m_testflags(v[k], 0xffff), M_PKTHDR | M_EXT | M_EXTWR);
			assert_int_equal(m_trailingspace(v[k]), MCLBYTES);
			assert_int_equal(v[k]->m_pkthdr.len, 0);
		}
		assert_int_equal(unit_out(), sizes[i]);
		m_freem_bulk(v, sizes[i]);
		assert_int_equal(unit_out(), 0);
	}
}

static void
flags(void **state)
{
	struct mbuf *m = unit_cluster(10, 0);

	(void)state;
	m_setflags(m, M_EXT | M_EXTWR | M_ZEROIZE); /* derived: nothing happens */
	assert_int_equal(m_testflags(m, 0xffff), M_PKTHDR | M_EXT | M_EXTWR);
	assert_int_equal(m_testflags(m, M_ZEROIZE), 0);
	m_setflags(m, M_MCAST | M_EOR);
	assert_int_equal(m_testflags(m, M_MCAST | M_BCAST), M_MCAST);
	m_clrflags(m, M_MCAST | M_PKTHDR);
	assert_int_equal(m_testflags(m, M_MCAST | M_EOR | M_PKTHDR), M_EOR);
	m_setflags(m, M_PKTHDR);
	assert_int_equal(m_testflags(m, M_PKTHDR), M_PKTHDR);
	m_settype(m, MT_OOBDATA);
	assert_int_equal(m_gettype(m), MT_OOBDATA);
	m_settype(m, 77);
	assert_int_equal(m_gettype(m), MT_OOBDATA);
	m_settype(m, MT_DATA);
	assert_int_equal(m_gettype(m), MT_DATA);
	m_freem(m);
	/* clearing what never was set leaves the private line alone */
	m = unit_cluster(10, 0);
	m_clrflags(m, M_MCAST);
	m_setnextpkt(m, NULL);
	assert_true(m_isplain(&m->m_rte));
	m_freem(m);
}

static struct m_tag *
hang(struct mbuf *m, int type)
{
	struct m_tag *t = m_tag_get(type, 8, M_DONTWAIT);

	assert_non_null(t);
	m_tag_prepend(m, t);
	return t;
}

static void
header_functions(void **state)
{
	struct mbuf *m = unit_chain(3, 20, 0);

	(void)state;
	/* BSD code links by hand; m_calchdrlen() puts it right */
	m->m_pkthdr.len = 1;
	m->m_rte.nb_segs = 1;
	m_calchdrlen(m);
	unit_check(m, 60, 0);
	assert_int_equal(m->m_rte.nb_segs, 3);
	hang(m, 5);
	m->m_rte.ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	m_setflags(m, M_MCAST | M_EOR);
	m_resethdr(m);
	unit_check(m, 60, 0);
	assert_null(m_tag_first(m));
	assert_int_equal(m_testflags(m, 0xffff), M_PKTHDR | M_EXT | M_EXTWR | M_EOR);
	assert_true((m->m_rte.ol_flags & RTE_MBUF_F_TX_IP_CKSUM) == 0);
	hang(m, 5);
	m_clearhdr(m);
	assert_null(m_tag_first(m));
	assert_int_equal(m->m_pkthdr.len, 0);
	assert_int_equal(m_testflags(m, M_PKTHDR), M_PKTHDR);
	m_calchdrlen(m);
	hang(m, 5);
	m_removehdr(m);
	assert_null(m_tag_first(m));
	assert_int_equal(m_testflags(m, M_PKTHDR), 0);
	m_freem(m);
	m = unit_small(20, 0);
	hang(m, 1);
	m_setflags(m, M_LOOP);
	assert_ptr_equal(m_inithdr(m), m);
	assert_int_equal(m_testflags(m, 0xffff), M_PKTHDR);
	assert_int_equal(m_trailingspace(m), MHLEN);
	assert_null(m_tag_first(m));
	m_freem(m);
}

static void
moves_headers(void **state)
{
	struct mbuf *from = unit_chain(2, 30, 0), *to = m_get(M_DONTWAIT, MT_DATA);
	struct m_tag *t;

	(void)state;
	hang(from, 7);
	t = hang(from, 8);
	hang(to, 9); /* goes */
	from->m_rte.port = 3;
	m_setflags(from, M_BCAST);
	M_MOVE_PKTHDR(to, from);
	assert_int_equal(m_testflags(from, M_PKTHDR), 0);
	assert_null(m_tag_first(from));
	assert_ptr_equal(m_tag_first(to), t);
	assert_int_equal(m_testflags(to, M_PKTHDR | M_BCAST), M_PKTHDR | M_BCAST);
	assert_int_equal(to->m_rte.port, 3);
	assert_int_equal(to->m_pkthdr.len, 60);
	to->m_next = from;
	m_calchdrlen(to);
	unit_check(to, 60, 0);
	m_freem(to);
	from = unit_cluster(5, 0);
	to = m_gethdr(M_DONTWAIT, MT_DATA);
	hang(from, 7);
	assert_int_equal(m_dup_pkthdr(to, from, M_DONTWAIT), 0);
	assert_non_null(m_tag_find(to, 7, NULL));
	assert_non_null(m_tag_find(from, 7, NULL));
	assert_int_equal(to->m_pkthdr.len, 5);
	M_MOVE_HDR(to, from);
	assert_int_equal(m_testflags(from, M_PKTHDR), 0);
	m_freem(from);
	m_freem(to);
}

static void
align(void **state)
{
	struct mbuf *m = m_get(M_DONTWAIT, MT_DATA), *n;

	(void)state;
	assert_int_equal(m_align(m, MSIZE + 1), -EINVAL);
	assert_int_equal(m_align(m, 13), 0);
	assert_true(m_trailingspace(m) >= 13 && m_trailingspace(m) < 13 + sizeof(long));
	assert_int_equal((uintptr_t)mtod(m, char *) % sizeof(long), 0);
	m->m_len = 13;
	assert_int_equal(m_align(m, 5), -EINVAL);
	m_freem(m);
	m = unit_cluster(4, 0);
	n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	n->m_len = 0;
	assert_int_equal(m_align(n, 5), -EINVAL); /* read-only */
	m_freem(m);
	m_freem(n);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(kinds_of_mbuf),
    UNIT_TEST(getclr_zeroes),
    UNIT_TEST(bad_types),
    UNIT_TEST(empty_pools),
    UNIT_TEST(clget_attaches),
    UNIT_TEST_CACHED(clget_attaches),
    UNIT_TEST(free_forms),
    UNIT_TEST_CACHED(free_forms),
    UNIT_TEST(bulk_get_and_free),
    UNIT_TEST_CACHED(bulk_get_and_free),
    UNIT_TEST(flags),
    UNIT_TEST(header_functions),
    UNIT_TEST(moves_headers),
    UNIT_TEST(align),
};

UNIT_MAIN("alloc")
