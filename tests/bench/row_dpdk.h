/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BENCH_ROW_DPDK_H
#define BENCH_ROW_DPDK_H

/* What the rows over plain DPDK have in common: two pools, receiving, sending. */

#include <errno.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "mbench.h"

#define DPDK_CLUSTER 2048
#define DPDK_LENGTH 1400 /* bytes in a segment */
#define DPDK_MAXBULK 256 /* mbufs of one allocation */

static struct rte_mempool *dpdk_clusters, *dpdk_headers;

static inline void
dpdk_close(void)
{
	rte_mempool_free(dpdk_clusters);
	rte_mempool_free(dpdk_headers);
}

/* priv: bytes of private area of each mbuf; room: data room of a header. */
static inline int
dpdk_open(const char *name, const struct mb_size *size, uint16_t priv, uint16_t room)
{
	char pool[RTE_MEMPOOL_NAMESIZE];

	snprintf(pool, sizeof(pool), "%s_cl", name);
	dpdk_clusters = rte_pktmbuf_pool_create(pool, size->clusters, size->cache, priv,
	    RTE_PKTMBUF_HEADROOM + DPDK_CLUSTER, SOCKET_ID_ANY);
	snprintf(pool, sizeof(pool), "%s_hd", name);
	dpdk_headers =
	    rte_pktmbuf_pool_create(pool, size->headers, size->cache, priv, room, SOCKET_ID_ANY);
	if (dpdk_clusters != NULL && dpdk_headers != NULL)
		return 0;
	dpdk_close();
	return -ENOMEM;
}

/* Makes k mbufs one packet. */
static inline void
dpdk_link(struct rte_mbuf **seg, unsigned k)
{
	for (unsigned i = 0; i + 1 < k; i++)
		seg[i]->next = seg[i + 1];
	seg[0]->nb_segs = k;
	seg[0]->pkt_len = k * DPDK_LENGTH;
}

/* n packets as a driver delivers them. */
static inline bool
row_get(const struct mb_side *s, void **p, unsigned n)
{
	struct rte_mbuf *seg[DPDK_MAXBULK];
	unsigned k = s->segments, step = DPDK_MAXBULK / k, m;

	for (unsigned done = 0; done < n; done += m) {
		m = RTE_MIN(n - done, step);
		if (rte_pktmbuf_alloc_bulk(dpdk_clusters, seg, m * k) != 0) {
			rte_pktmbuf_free_bulk((struct rte_mbuf **)p, done);
			return false;
		}
		for (unsigned i = 0; i < m * k; i++)
			seg[i]->data_len = DPDK_LENGTH;
		for (unsigned i = 0; i < m; i++) {
			dpdk_link(&seg[i * k], k);
			p[done + i] = seg[i * k];
		}
	}
	return true;
}

/* The port frees what it sends. */
static inline void
row_send(const struct mb_side *s, void **p, unsigned n)
{
	unsigned sent = rte_eth_tx_burst(s->port, s->queue, (struct rte_mbuf **)p, n);

	if (unlikely(sent < n))
		rte_pktmbuf_free_bulk((struct rte_mbuf **)p + sent, n - sent);
}

static inline void
dpdk_settle(void)
{
}

#endif
