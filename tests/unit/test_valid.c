/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* m_valid(): a chain as it must be has no fault, and each fault is seen. */

#include "unit.h"

#include "internal.h"

static void
good_chains(void **state)
{
	struct mbuf *m = unit_chain(3, 100, 0), *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	struct m_tag *t = m_tag_get(1, PACKET_TAG_MAXSIZE, M_DONTWAIT);

	(void)state;
	assert_null(m_valid(m));
	assert_null(m_valid(n));
	m_tag_prepend(m, t);
	m_setflags(m, M_MCAST | M_EOR);
	m_settype(m, MT_CONTROL);
	assert_null(m_valid(m));
	m_freem(m);
	assert_null(m_valid(n));
	m_freem(n);
	m = unit_small(MHLEN, 0);
	assert_null(m_valid(m));
	m_freem(m);
	m = m_get(M_DONTWAIT, MT_DATA); /* without a header, lengths are nobody's */
	m->m_len = 5;
	assert_null(m_valid(m));
	m_freem(m);
}

/* Break one thing, ask, and mend it, so that the chain can be freed. */
#define FAULT(m, field, value)                                                                     \
	do {                                                                                       \
		__typeof__(field) was = (field);                                                   \
		assert_null(m_valid(m));                                                           \
		(field) = (value);                                                                 \
		assert_non_null(m_valid(m));                                                       \
		(field) = was;                                                                     \
		assert_null(m_valid(m));                                                           \
	} while (0)

static void
each_fault_is_seen(void **state)
{
	struct mbuf *m = unit_chain(3, 100, 0), *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	struct m_tag *t = m_tag_get(1, 4, M_DONTWAIT);
	struct rte_mempool *foreign =
	    rte_pktmbuf_pool_create("foreign", 31, 0, 0, 512, SOCKET_ID_ANY);

	(void)state;
	assert_non_null(foreign);
	assert_non_null(m_valid(NULL));
	FAULT(m, m->m_pkthdr.len, 299);
	FAULT(m, m->m_rte.nb_segs, 2);
	FAULT(m, m->m_next->m_len, 99);
	FAULT(m, m->m_next->m_len, UINT16_MAX);
	FAULT(m, m->m_next->m_rte.data_off, UINT16_MAX);
	FAULT(m, m->m_next->m_next, NULL);
	FAULT(m, m->m_next->m_next->m_next, m); /* a loop */
	FAULT(m, m->m_rte.refcnt, 0);
	FAULT(n, m->m_rte.refcnt, 0); /* its cluster's */
	FAULT(m, m->m_rte.pool, NULL);
	FAULT(m, m->m_rte.pool, foreign);
	FAULT(m, m->m_rte.buf_addr, (char *)m->m_rte.buf_addr + 1);
	FAULT(n, n->m_rte.buf_addr, (char *)n->m_rte.buf_addr + 64);
	FAULT(n, n->m_rte.buf_len, 1000);
	FAULT(n, n->m_rte.ol_flags, n->m_rte.ol_flags | M_ATTACHED);
	/* the private line, without the flag that says so, and with it */
	FAULT(m, m->m_priv.flags, M_MCAST);
	FAULT(m, m->m_priv.type, MT_CONTROL);
	FAULT(m, m->m_priv.nextpkt, n);
	FAULT(m, m->m_priv.tags, t);
	m_tag_prepend(m, t);
	FAULT(m, m->m_priv.type, MT_NTYPES);
	FAULT(m, m->m_priv.flags, M_EXT);
	FAULT(m, t->m_tag_id, 0);
	FAULT(m, t->m_tag_len, PACKET_TAG_MAXSIZE + 1);
	FAULT(m, t->m_tag_link, t); /* a loop */
	m_freem(m);
	m_freem(n);
	rte_mempool_free(foreign);
}

static void
nothing(void *buf, unsigned size, void *arg)
{
	(void)buf;
	(void)size;
	(void)arg;
}

static void
foreign_storage(void **state)
{
	static char buf[1000];
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA);

	(void)state;
	assert_int_equal(MEXTADD(m, buf, sizeof(buf), 0, mextfree_register(nothing), NULL), 0);
	m->m_len = sizeof(buf);
	m->m_pkthdr.len = sizeof(buf);
	FAULT(m, m->m_rte.shinfo, NULL);
	FAULT(m, m->m_rte.shinfo->refcnt, 0);
	FAULT(m, m->m_len, sizeof(buf) + 1);
	m_freem(m);
}

/* An mbuf of a foreign pool is none of ours until it is wrapped. */
static void
foreign_mbuf(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create("foreign", 31, 0, 0, 512, SOCKET_ID_ANY);
	struct mbuf *m;

	(void)state;
	assert_non_null(mp);
	m = m_wrap(rte_pktmbuf_alloc(mp));
	assert_non_null(m);
	assert_null(m_valid(m));
	m_freem(m);
	assert_int_equal(rte_mempool_avail_count(mp), 31);
	rte_mempool_free(mp);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(good_chains),
    UNIT_TEST(each_fault_is_seen),
    UNIT_TEST(foreign_storage),
    UNIT_TEST(foreign_mbuf),
};

UNIT_MAIN("valid")
