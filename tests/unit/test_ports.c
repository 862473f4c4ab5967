/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Bursts that a driver takes only in part, and one chain that goes to several ports, whose
 * completions come in any order. The driver here is a ring of segments, as a NIC's is: it takes a
 * packet if all its segments fit, and frees each segment by rte_pktmbuf_free_seg() when it is sent.
 */

#include "unit.h"

#define RING 64
#define PORTS 4
#define SEGS 3
#define BURST 8

struct port {
	struct rte_mbuf *ring[RING];
	unsigned head, tail, room;
};

static unsigned
tx_burst(struct port *p, struct rte_mbuf **v, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		struct rte_mbuf *r = v[i], *next;

		if (p->head - p->tail + r->nb_segs > p->room)
			break;
		for (; r != NULL; r = next) {
			next = r->next; /* it may not be looked at once it is the driver's */
			p->ring[p->head++ % RING] = r;
		}
	}
	return i;
}

/* One segment is sent. */
static bool
complete_one(struct port *p)
{
	if (p->head == p->tail)
		return false;
	rte_pktmbuf_free_seg(p->ring[p->tail++ % RING]);
	return true;
}

static struct mbuf *
packet(unsigned segs, uint8_t fill)
{
	struct mbuf *v[SEGS];
	unsigned i;

	assert_int_equal(m_get_bulk(v, segs), 0);
	for (i = 0; i < segs; i++) {
		memset(mtod(v[i], void *), fill + (int)i, 100);
		v[i]->m_len = 100;
		if (i > 0)
			v[i - 1]->m_next = v[i];
	}
	m_calchdrlen(v[0]);
	return v[0];
}

static void
check_packet(const struct mbuf *m, uint8_t fill)
{
	unsigned i;

	for (; m != NULL; m = m->m_next, fill++) {
		assert_int_equal(m->m_len, 100);
		for (i = 0; i < 100; i++)
			assert_int_equal(mtod(m, const uint8_t *)[i], fill);
	}
}

/* Send n packets of which k fit; a retransmit queue keeps a share of each. */
static void
partial(unsigned n, unsigned k, bool again, bool acked_first)
{
	struct port p = {.room = k * SEGS};
	struct mbuf *kept[BURST] = {NULL}, *sent[BURST];
	struct rte_mbuf *v[BURST];
	unsigned i, took;

	for (i = 0; i < n; i++)
		kept[i] = packet(SEGS, (uint8_t)(i * 8));
	assert_int_equal(m_copym_bulk(kept, sent, n), n);
	m_unwrap_bulk(sent, v, n);
	took = tx_burst(&p, v, n);
	assert_int_equal(took, k);
	if (again) { /* it is kept and sent when the driver has room */
		while (complete_one(&p))
			;
		p.room = RING;
		assert_int_equal(tx_burst(&p, v + took, n - took), n - took);
	} else {
		m_freem_rte_bulk(v + took, n - took);
	}
	if (acked_first) {
		m_freem_bulk(kept, n);
		while (complete_one(&p))
			;
	} else {
		while (complete_one(&p))
			;
		for (i = 0; i < n; i++) {
			check_packet(kept[i], (uint8_t)(i * 8));
			assert_int_equal(m_refs(kept[i]), 1);
			assert_false(M_READONLY(kept[i]));
		}
		m_freem_bulk(kept, n);
	}
	assert_int_equal(unit_out(), 0);
}

static void
partial_bursts(void **state)
{
	unsigned n, k;

	(void)state;
	for (n = 0; n <= BURST; n++) {
		for (k = 0; k <= n; k++) {
			partial(n, k, false, false);
			partial(n, k, false, true);
			partial(n, k, true, false);
			partial(n, k, true, true);
		}
	}
}

static struct {
	struct port port[PORTS];
	unsigned ports, segs;
	unsigned long orders;
} many;

static void
send_to_all(void)
{
	struct mbuf *m = packet(many.segs, 9), *copy;
	struct rte_mbuf *r;
	unsigned i;

	for (i = 0; i < many.ports; i++) {
		copy = i + 1 < many.ports ? m_copym(m, 0, M_COPYALL, M_DONTWAIT) : m;
		assert_non_null(copy);
		r = m_unwrap(copy);
		many.port[i] = (struct port){.room = RING};
		assert_int_equal(tx_burst(&many.port[i], &r, 1), 1);
	}
}

/* Complete one more segment, of each port in turn, until all are done. */
static void
complete(const uint8_t *order, unsigned n)
{
	unsigned i, port, left[PORTS], clusters, seg;

	send_to_all();
	for (i = 0; i < many.ports; i++)
		left[i] = many.segs;
	for (i = 0; i < n; i++) {
		port = order[i];
		assert_true(complete_one(&many.port[port]));
		left[port]--;
		/* segment seg is alive while a port has not come to it */
		for (clusters = 0, seg = 0; seg < many.segs; seg++) {
			for (port = 0; port < many.ports && many.segs - left[port] > seg; port++)
				;
			clusters += port < many.ports;
		}
		m_flush(); /* for a policy that holds frees back */
		assert_int_equal(rte_mempool_in_use_count(m_cluster_pool(SOCKET_ID_ANY)), clusters);
	}
	assert_int_equal(unit_out(), 0);
	many.orders++;
}

static void
interleavings(uint8_t *order, unsigned at, unsigned *left)
{
	unsigned i;

	if (at == many.ports * many.segs) {
		complete(order, at);
		return;
	}
	for (i = 0; i < many.ports; i++) {
		if (left[i] == 0)
			continue;
		left[i]--;
		order[at] = (uint8_t)i;
		interleavings(order, at + 1, left);
		left[i]++;
	}
}

static void
ports(unsigned n, unsigned segs, unsigned long orders)
{
	uint8_t order[PORTS * SEGS];
	unsigned left[PORTS] = {segs, segs, segs, segs};

	many.ports = n;
	many.segs = segs;
	many.orders = 0;
	interleavings(order, 0, left);
	assert_int_equal(many.orders, orders);
}

static void
one_chain_to_many_ports(void **state)
{
	(void)state;
	ports(1, 3, 1);
	ports(2, 3, 20);
	ports(3, 3, 1680);
	ports(4, 1, 24);
	ports(4, 2, 2520);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST_CACHED(partial_bursts),
    UNIT_TEST_CACHED(one_chain_to_many_ports),
};

UNIT_MAIN("ports")
