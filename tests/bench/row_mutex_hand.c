/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
/*
 * The operations of the policy mutex, written out by hand for the loops alone: no interface, no
 * tags, no debug hooks, no foreign mbufs. What the library's row is slower than this, its
 * interface costs. The private area is the hand's own: links, then the shared info that a driver
 * frees a follower by.
 */

#include <pthread.h>

#include <rte_mempool.h>

#include "row_dpdk.h"

#define HAND_PRIV 64 /* as the library's mbufs */
#define HAND_ROOM 256
#define HAND_MOST (DPDK_MAXBULK + MB_BURST)
#define HAND_DATA (sizeof(struct rte_mbuf) + HAND_PRIV)

struct hand_link {
	struct hand_link *next, *prev;
	struct rte_mbuf_ext_shared_info shinfo;
};

static pthread_mutex_t hand_lock = PTHREAD_MUTEX_INITIALIZER;

static inline struct rte_mbuf *
hand_leader(const struct rte_mbuf *m)
{
	return RTE_PTR_SUB(m->buf_addr, HAND_DATA);
}

static inline struct hand_link *
hand_link(struct rte_mbuf *m)
{
	return rte_mbuf_to_priv(m);
}

/* Unlinks a follower; whether it was the last. */
static inline bool
hand_unlink(struct rte_mbuf *m)
{
	struct hand_link *l = hand_link(m), *next, *prev;

	pthread_mutex_lock(&hand_lock);
	next = l->next;
	prev = l->prev;
	next->prev = prev;
	prev->next = next;
	if (next == prev)
		next->next = next->prev = NULL;
	pthread_mutex_unlock(&hand_lock);
	memset(l, 0, sizeof(*l));
	return next == prev;
}

/* Whether the caller's reference was the last one of a cluster. */
static inline bool
hand_last(struct rte_mbuf *l)
{
	/* acquire: the last one sees that the others are done; release: so are we */
	if (__atomic_load_n(&l->refcnt, __ATOMIC_ACQUIRE) != 1) {
		if (__atomic_fetch_sub(&l->refcnt, 1, __ATOMIC_ACQ_REL) != 1)
			return false;
		__atomic_store_n(&l->refcnt, 1, __ATOMIC_RELAXED); /* relaxed: it is ours */
	}
	l->next = NULL;
	l->nb_segs = 1;
	return true;
}

/* A driver frees a follower. */
static void
hand_freecb(void *addr, void *follower)
{
	struct rte_mbuf *l = hand_leader(follower);

	(void)addr;
	if (hand_unlink(follower) && hand_last(l))
		rte_mempool_put(l->pool, l);
}

/* n becomes a follower of m's cluster. */
static inline void
hand_follow(struct rte_mbuf *n, struct rte_mbuf *m)
{
	struct hand_link *at = hand_link(m), *l = hand_link(n);
	bool direct = (m->ol_flags & RTE_MBUF_F_EXTERNAL) == 0;
	/* acquire: held once, so there is no circle, and who dissolved the last was done */
	bool alone = direct && __atomic_load_n(&m->refcnt, __ATOMIC_ACQUIRE) == 1;

	if (!alone)
		pthread_mutex_lock(&hand_lock);
	if (at->next == NULL) {
		if (alone)
			__atomic_store_n(&m->refcnt, 2, __ATOMIC_RELAXED); /* relaxed: ours */
		else
			__atomic_fetch_add(&m->refcnt, 1, __ATOMIC_RELAXED); /* we hold one */
		at->next = at->prev = at;
	}
	l->next = at->next;
	l->prev = at;
	at->next->prev = l;
	at->next = l;
	if (!alone)
		pthread_mutex_unlock(&hand_lock);
	l->shinfo.free_cb = hand_freecb;
	l->shinfo.fcb_opaque = n;
	__atomic_store_n(&l->shinfo.refcnt, 1, __ATOMIC_RELAXED); /* relaxed: nobody sees it yet */
	n->shinfo = &l->shinfo;
	n->buf_addr = m->buf_addr;
	n->buf_iova = m->buf_iova;
	n->buf_len = m->buf_len;
	n->data_off = m->data_off;
	n->data_len = m->data_len;
	n->pkt_len = m->pkt_len;
	n->port = m->port;
	n->ol_flags = m->ol_flags | RTE_MBUF_F_EXTERNAL;
	n->packet_type = m->packet_type;
	n->vlan_tci = m->vlan_tci;
	n->vlan_tci_outer = m->vlan_tci_outer;
	n->hash = m->hash;
	n->tx_offload = m->tx_offload;
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

static inline void
hand_free(struct hand_back *b, struct rte_mbuf *m)
{
	struct rte_mbuf *l = m;

	if ((m->ol_flags & RTE_MBUF_F_EXTERNAL) != 0) {
		l = hand_unlink(m) ? hand_leader(m) : NULL;
		m->buf_addr = RTE_PTR_ADD(m, HAND_DATA);
		m->buf_iova = (rte_iova_t)(uintptr_t)m->buf_addr;
		m->buf_len = HAND_ROOM;
		m->data_off = RTE_PKTMBUF_HEADROOM;
		m->data_len = 0;
		m->ol_flags = 0;
		b->header[b->nheaders++] = m;
	}
	if (l != NULL && hand_last(l))
		b->cluster[b->nclusters++] = l;
}

static inline void
row_free(const struct mb_side *s, void **p, unsigned n)
{
	struct hand_back b;
	struct rte_mbuf *m, *next;

	RTE_SET_USED(s);
	b.nheaders = b.nclusters = 0;
	for (unsigned i = 0; i < n; i++) {
		for (m = p[i]; m != NULL; m = next) {
			next = m->next;
			if (b.nheaders >= DPDK_MAXBULK || b.nclusters >= DPDK_MAXBULK)
				hand_flush(&b);
			if (next != NULL || m->nb_segs != 1) {
				m->next = NULL;
				m->nb_segs = 1;
			}
			hand_free(&b, m);
		}
	}
	hand_flush(&b);
}

static inline bool
row_share(const struct mb_side *s, void **p, void **ref, unsigned n)
{
	struct rte_mbuf *head[DPDK_MAXBULK], **h, *m;
	unsigned k = s->segments, step = DPDK_MAXBULK / k, take;

	for (unsigned done = 0; done < n; done += take) {
		take = RTE_MIN(n - done, step);
		if (unlikely(rte_mempool_get_bulk(dpdk_headers, (void **)head, take * k) != 0)) {
			row_free(s, ref, done);
			return false;
		}
		h = head;
		for (unsigned i = 0; i < take; i++, h += k) {
			m = p[done + i];
			for (unsigned j = 0; j < k; j++, m = m->next) {
				hand_follow(h[j], m);
				if (j > 0)
					h[j - 1]->next = h[j];
			}
			h[0]->nb_segs = k;
			ref[done + i] = h[0];
		}
	}
	return true;
}

#include "workloads.h"

static int
open_hand(const struct mb_size *size)
{
	return dpdk_open("mhand", size, HAND_PRIV, HAND_ROOM);
}

static const struct mb_row row = {
    .name = "mutex-hand",
    .what = "the operations of mutex, written out by hand",
    .open = open_hand,
    .close = dpdk_close,
    .settle = dpdk_settle,
    .loops = row_loops,
};

MB_ROW_DEFINE(mutex_hand, &row)
