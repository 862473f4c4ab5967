/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
/*
 * The operations of the policy leader, written out by hand for the loops alone: no interface, no
 * tags, no debug hooks, no foreign mbufs, no limit of the count. What the library's row is slower
 * than this, its interface costs. Packets of one segment leave the second cache line alone: next is
 * NULL there.
 */

#include <rte_mempool.h>

#include "row_dpdk.h"

#define HAND_PRIV 64 /* as the library's mbufs */
#define HAND_ROOM 256
#define HAND_MOST (DPDK_MAXBULK + MB_BURST)
#define HAND_AHEAD_HEADER 8 /* mbufs that a free looks ahead: their headers, */
#define HAND_AHEAD_LEADER 4 /* and what those refer to */
#define HAND_DATA (sizeof(struct rte_mbuf) + HAND_PRIV)

static inline struct rte_mbuf *
hand_leader(const struct rte_mbuf *m)
{
	return RTE_PTR_SUB(m->buf_addr, HAND_DATA);
}

/* n becomes a follower of m's cluster. */
static inline void
hand_follow(struct rte_mbuf *n, struct rte_mbuf *m)
{
	struct rte_mbuf *l = (m->ol_flags & RTE_MBUF_F_INDIRECT) != 0 ? hand_leader(m) : m;

	/* acquire: a later look at the count covers whoever left; relaxed: held once, and by us */
	if (__atomic_load_n(&l->refcnt, __ATOMIC_ACQUIRE) == 1)
		__atomic_store_n(&l->refcnt, 2, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&l->refcnt, 1, __ATOMIC_RELAXED); /* relaxed: we hold one */
	n->buf_addr = m->buf_addr;
	n->buf_iova = m->buf_iova;
	n->buf_len = m->buf_len;
	n->data_off = m->data_off;
	n->data_len = m->data_len;
	n->pkt_len = m->pkt_len;
	n->port = m->port;
	n->ol_flags = (m->ol_flags & ~RTE_MBUF_F_EXTERNAL) | RTE_MBUF_F_INDIRECT;
	n->packet_type = m->packet_type;
	n->vlan_tci = m->vlan_tci;
	n->vlan_tci_outer = m->vlan_tci_outer;
	n->hash = m->hash;
	if (unlikely((m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK) != 0))
		n->tx_offload = m->tx_offload;
}

static inline void *
hand_chain(struct rte_mbuf *m, struct rte_mbuf **head)
{
	unsigned segs = m->nb_segs;

	if (likely(segs == 1)) {
		hand_follow(head[0], m);
		return head[0];
	}
	for (unsigned i = 0; i < segs; i++, m = m->next) {
		hand_follow(head[i], m);
		if (i > 0)
			head[i - 1]->next = head[i];
	}
	head[0]->nb_segs = segs;
	return head[0];
}

/* Buffers on their way back, by pool. */
struct hand_back {
	unsigned nheaders, nclusters;
	void *header[HAND_MOST], *cluster[HAND_MOST];
};

static inline void
hand_flush(struct hand_back *b)
{
	if (b->nheaders > 0)
		rte_mempool_put_bulk(dpdk_headers, b->header, b->nheaders);
	if (b->nclusters > 0)
		rte_mempool_put_bulk(dpdk_clusters, b->cluster, b->nclusters);
	b->nheaders = b->nclusters = 0;
}

/* Drops one reference of leader l. */
static inline void
hand_drop(struct hand_back *b, struct rte_mbuf *l)
{
	/* acquire: the last one sees that the others are done; release: so are we */
	if (__atomic_load_n(&l->refcnt, __ATOMIC_ACQUIRE) != 1) {
		if (__atomic_fetch_sub(&l->refcnt, 1, __ATOMIC_ACQ_REL) != 1)
			return;
		__atomic_store_n(&l->refcnt, 1, __ATOMIC_RELAXED); /* relaxed: it is ours */
	}
	b->cluster[b->nclusters++] = l;
}

static inline void
hand_free(struct hand_back *b, struct rte_mbuf *m)
{
	struct rte_mbuf *l;

	if ((m->ol_flags & RTE_MBUF_F_INDIRECT) == 0) {
		hand_drop(b, m);
		return;
	}
	l = hand_leader(m);
	m->buf_addr = RTE_PTR_ADD(m, HAND_DATA);
	m->buf_iova = (rte_iova_t)(uintptr_t)m->buf_addr;
	m->buf_len = HAND_ROOM;
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->data_len = 0;
	m->ol_flags = 0;
	b->header[b->nheaders++] = m;
	hand_drop(b, l);
}

static void
hand_free_chain(struct hand_back *b, struct rte_mbuf *m)
{
	for (struct rte_mbuf *next; m != NULL; m = next) {
		next = m->next;
		if (b->nheaders >= DPDK_MAXBULK || b->nclusters >= DPDK_MAXBULK)
			hand_flush(b);
		m->next = NULL;
		m->nb_segs = 1;
		hand_free(b, m);
	}
}

static inline void
row_free(const struct mb_side *s, void **p, unsigned n)
{
	struct hand_back b;

	RTE_SET_USED(s);
	b.nheaders = b.nclusters = 0;
	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *m = p[i];

		if (i + HAND_AHEAD_HEADER < n)
			__builtin_prefetch(p[i + HAND_AHEAD_HEADER], 1);
		if (i + HAND_AHEAD_LEADER < n)
			__builtin_prefetch(hand_leader(p[i + HAND_AHEAD_LEADER]), 1);
		if (m->nb_segs == 1)
			hand_free(&b, m);
		else
			hand_free_chain(&b, m);
	}
	hand_flush(&b);
}

static inline bool
row_share(const struct mb_side *s, void **p, void **ref, unsigned n)
{
	struct rte_mbuf *head[DPDK_MAXBULK];
	unsigned k = s->segments, step = DPDK_MAXBULK / k, m;

	for (unsigned done = 0; done < n; done += m) {
		m = RTE_MIN(n - done, step);
		if (unlikely(rte_mempool_get_bulk(dpdk_headers, (void **)head, m * k) != 0)) {
			row_free(s, ref, done);
			return false;
		}
		for (unsigned i = 0; i < m; i++)
			ref[done + i] = hand_chain(p[done + i], &head[i * k]);
	}
	return true;
}

#include "workloads.h"

static int
open_hand(const struct mb_size *size)
{
	return dpdk_open("lhand", size, HAND_PRIV, HAND_ROOM);
}

static const struct mb_row row = {
    .name = "leader-hand",
    .what = "the operations of leader, written out by hand",
    .open = open_hand,
    .close = dpdk_close,
    .settle = dpdk_settle,
    .loops = row_loops,
};

MB_ROW_DEFINE(leader_hand, &row)
