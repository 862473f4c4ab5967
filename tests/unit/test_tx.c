/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Packets with more segments than a Tx queue takes: copied into fewer, or dropped and counted. */

#include "unit.h"

#include "txfirst.h"
#include "tx.h"

static const struct tx_reasons why = {DROP_TX_FULL, DROP_TX_SEGS, DROP_TX_NOBUF};

static uint8_t
byte_at(unsigned i)
{
	return (uint8_t)(i * 7 + i / 251);
}

/* A packet of segs segments of len bytes each, as a driver delivers it. */
static struct rte_mbuf *
packet(unsigned segs, unsigned len)
{
	struct mbuf *v[32];
	unsigned at = 0;

	assert_int_equal(m_get_bulk(v, segs), 0);
	for (unsigned i = 0; i < segs; i++) {
		for (unsigned j = 0; j < len; j++)
			mtod(v[i], uint8_t *)[j] = byte_at(at++);
		v[i]->m_len = (uint16_t)len;
		if (i > 0)
			v[i - 1]->m_next = v[i];
	}
	m_calchdrlen(v[0]);
	return m_unwrap(v[0]);
}

static void
assert_bytes(const struct rte_mbuf *r, unsigned len)
{
	unsigned at = 0;

	assert_int_equal(r->pkt_len, len);
	for (; r != NULL; r = r->next)
		for (unsigned j = 0; j < r->data_len; j++)
			assert_int_equal(*rte_pktmbuf_mtod_offset(r, uint8_t *, j), byte_at(at++));
	assert_int_equal(at, len);
}

static void
copied_into_what_the_queue_takes(void **state)
{
	static const struct {
		unsigned segs, len;
		uint16_t limit;
		unsigned want; /* segments; 0: dropped */
	} v[] = {
	    {1, 60, 1, 1}, {5, 100, 1, 1}, {5, 100, 5, 5}, /* fits as it is */
	    {5, 100, 4, 1},				   /* is copied into as few as hold it */
	    {2, MCLBYTES / 2, 1, 1}, {3, MCLBYTES / 2, 1, 0}, {3, MCLBYTES / 2, 2, 2},
	    {8, MCLBYTES, 7, 0}, {9, MCLBYTES - 1, 8, 0}, {20, MCLBYTES / 3, 8, 7},
	    {3, 0, 2, 1}, /* no data at all */
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(v); i++) {
		struct txq q = {.max_segs = v[i].limit, .room = MCLBYTES};
		struct rte_mbuf *r = packet(v[i].segs, v[i].len);
		struct stream s = {0};
		uint16_t n = tx_fit(&s, &q, &why, &r, 1);

		assert_int_equal(n, v[i].want != 0);
		assert_int_equal(s.drops[DROP_TX_SEGS], v[i].want == 0);
		if (n != 1)
			continue;
		assert_int_equal(r->nb_segs, v[i].want);
		assert_bytes(r, v[i].segs * v[i].len);
		assert_int_equal(rte_mbuf_check(r, 1, &(const char *){NULL}), 0);
		m_freem_rte_bulk(&r, 1);
	}
}

/* What is dropped leaves no gap, and the others keep their order. */
static void
order_is_kept(void **state)
{
	struct txq q = {.max_segs = 2, .room = MCLBYTES};
	struct rte_mbuf *v[4], *first, *last;
	struct stream s = {0};

	(void)state;
	first = v[0] = packet(1, 60);
	v[1] = packet(5, MCLBYTES);
	v[2] = packet(5, 100);
	last = v[3] = packet(2, 100);
	assert_int_equal(tx_fit(&s, &q, &why, v, 4), 3);
	assert_ptr_equal(v[0], first);
	assert_int_equal(v[1]->pkt_len, 500);
	assert_int_equal(v[1]->nb_segs, 1);
	assert_ptr_equal(v[2], last);
	assert_int_equal(s.drops[DROP_TX_SEGS], 1);
	m_freem_rte_bulk(v, 3);
}

static void
no_buffer_for_the_copy(void **state)
{
	struct txq q = {.max_segs = 1, .room = MCLBYTES};
	static struct mbuf *held[UNIT_NCLUSTERS];
	struct rte_mbuf *r = packet(3, 100);
	struct stream s = {0};
	unsigned n = 0;

	(void)state;
	while (n < RTE_DIM(held) && m_get_bulk(&held[n], 1) == 0)
		n++;
	assert_int_equal(tx_fit(&s, &q, &why, &r, 1), 0);
	assert_int_equal(s.drops[DROP_TX_NOBUF], 1);
	m_freem_bulk(held, n);
}

/* The frame of --tx-first, byte by byte as testpmd sends it. */
static void
first_frame(void **state)
{
	static const uint8_t want[TXFIRST_LEN] = {2, 0, 0, 0, 0, 3, 10, 11, 12, 13, 14, 15, 8, 0,
	    0x45, 0, 0, 0x32, 0, 0, 0, 0, 0x40, 0x11, 0xee, 0x93, 198, 18, 0, 1, 198, 18, 0, 2, 0,
	    9, 0, 9, 0, 0x1e, 0, 0};
	const struct rte_ether_addr mac = {{10, 11, 12, 13, 14, 15}};
	uint8_t got[TXFIRST_LEN];

	(void)state;
	txfirst_frame(got, &mac, 3);
	assert_memory_equal(got, want, sizeof(got));
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(copied_into_what_the_queue_takes),
    UNIT_TEST(order_is_kept),
    UNIT_TEST(no_buffer_for_the_copy),
    UNIT_TEST(first_frame),
};

UNIT_MAIN("tx")
