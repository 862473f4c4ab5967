/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Operations as drivers do them: receive, send, complete, with pools of ours and of others. */

#include "world.h"

#include <stdlib.h>
#include <string.h>

#include <rte_ring.h>

/* What a driver receives: 1 to 3 segments of one pool. NULL when it is empty. */
static struct rte_mbuf *
receive(
    struct world *w, struct rte_mempool *pool, const struct op *op, uint8_t *bytes, unsigned *len)
{
	unsigned i, n, segs = 1 + op->a % 3;
	struct rte_mbuf *head = NULL, *r;
	char *p;

	*len = 0;
	for (i = 0; i < segs; i++) {
		r = rte_pktmbuf_alloc(pool);
		if (r == NULL) {
			rte_pktmbuf_free(head);
			w->refused++;
			return NULL;
		}
		n = 1 + (op->b + i * 331u) % 1400;
		p = rte_pktmbuf_append(r, (uint16_t)n);
		MUST(p != NULL);
		world_fill(w, p, n);
		memcpy(bytes + *len, p, n);
		*len += n;
		if (head == NULL)
			head = r;
		else
			MUST(rte_pktmbuf_chain(head, r) == 0);
	}
	return head;
}

static void
wrap(struct world *w, struct rte_mbuf *r, const uint8_t *bytes, unsigned len)
{
	struct mbuf *m = m_wrap(r);
	struct chain *c;

	if (m == NULL) {
		MUST(rte_errno == ENOBUFS && r->pkt_len == len);
		w->refused++;
		rte_pktmbuf_free(r);
		return;
	}
	c = world_new(w, m);
	c->len = len;
	memcpy(c->bytes, bytes, len);
}

static void
op_rx(struct world *w, const struct op *op)
{
	struct rte_mempool *const pools[] = {
	    m_cluster_pool(SOCKET_ID_ANY), world_foreign_pool(), world_pinned_pool()};
	uint8_t bytes[MAXLEN];
	struct rte_mbuf *r;
	unsigned len;

	r = receive(w, pools[op->c % RTE_DIM(pools)], op, bytes, &len);
	if (r != NULL)
		wrap(w, r, bytes, len);
}

/* A driver with an external buffer and a shinfo of its own. */
static void
op_rx_shinfo(struct world *w, const struct op *op)
{
	struct storage *s = storage_get(w, op->a);
	unsigned len = 1 + op->b % STORAGE;
	uint8_t bytes[STORAGE];
	struct rte_mbuf *r;

	if (s == NULL)
		return;
	r = s->writable ? rte_pktmbuf_alloc(world_foreign_pool()) : NULL;
	if (r == NULL) {
		__atomic_store_n(&s->state, STORAGE_FREE, __ATOMIC_RELEASE);
		return;
	}
	s->shinfo.free_cb = storage_shinfo_free;
	s->shinfo.fcb_opaque = s;
	rte_mbuf_ext_refcnt_set(&s->shinfo, 1);
	rte_pktmbuf_attach_extbuf(r, s->buf, (rte_iova_t)(uintptr_t)s->buf, STORAGE, &s->shinfo);
	rte_pktmbuf_reset_headroom(r);
	r->data_off = 0;
	MUST(rte_pktmbuf_append(r, (uint16_t)len) != NULL);
	world_fill(w, s->buf, len);
	memcpy(bytes, s->buf, len);
	wrap(w, r, bytes, len);
}

/* Fisher-Yates, from the operation's own numbers. */
static void
shuffle(struct rte_mbuf **v, unsigned n, unsigned seed)
{
	unsigned i, k;

	for (i = n; i > 1; i--) {
		seed = seed * 1103515245u + 12345u;
		k = (seed >> 16) % i;
		struct rte_mbuf *t = v[k];

		v[k] = v[i - 1];
		v[i - 1] = t;
	}
}

/* A header that the driver will free, but that stays behind: see struct world. */
static void
note_zombies(struct world *w, const struct rte_mbuf *r)
{
	for (; r != NULL && w->alone; r = r->next) {
		if (!m_ispool(r->pool) || !RTE_MBUF_CLONED(r) || rte_mbuf_refcnt_read(r) == 1)
			continue;
		MUST(w->nzombies < ZOMBIES);
		w->zombie[w->nzombies++] = (const struct mbuf *)(const void *)r;
	}
}

/* Send a packet, and free its segments as drivers do: in any order, by DPDK's own functions. */
static void
op_tx(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	struct rte_mbuf *r, *v[1024];
	unsigned n = 0;
	const char *why;

	if (c == NULL)
		return;
	r = m_unwrap(c->m);
	MUST(r->pkt_len == c->len);
	if (rte_mbuf_check(r, 1, &why) != 0)
		FAIL("after m_unwrap(): %s", why);
	world_forget(w, c);
	note_zombies(w, r);
	if (op->a % 4 == 0) {
		rte_pktmbuf_free(r);
		return;
	}
	if (op->a % 4 == 1) {
		rte_pktmbuf_free_bulk(&r, 1);
		return;
	}
	for (; r != NULL && n < RTE_DIM(v); r = r->next)
		v[n++] = r;
	MUST(r == NULL);
	shuffle(v, n, op->b);
	while (n > 0)
		rte_pktmbuf_free_seg(v[--n]);
}

/* What a driver did not take: freed in bulk, or wrapped again. */
static void
op_tx_refused(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	struct rte_mbuf *r;
	struct mbuf *m;

	if (c == NULL || !c->hdr)
		return;
	r = m_unwrap(c->m);
	c->ntags = 0;
	if (op->a & 1) {
		world_forget(w, c);
		m_freem_rte_bulk(&r, 1);
		return;
	}
	m = m_wrap(r);
	MUST(m == c->m);
}

/* Give a chain to another lcore, or take one from there. */
static void
op_exchange(struct world *w, const struct op *op)
{
	struct chain *c;
	void *p;

	if (w->in != NULL && rte_ring_dequeue(w->in, &p) == 0)
		world_put(w, p);
	if (w->out == NULL || (c = world_have(w, op->slot)) == NULL)
		return;
	(void)world_take(w, c);
	if (rte_ring_enqueue(w->out, c) != 0)
		world_put(w, c);
}

const struct op_desc ops_driver[] = {
    {"rx", op_rx},
    {"rx_shinfo", op_rx_shinfo},
    {"tx", op_tx},
    {"tx_refused", op_tx_refused},
    {"exchange", op_exchange},
    {NULL, NULL},
};
