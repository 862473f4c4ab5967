/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
/* What plain DPDK can do best: headers in bulk, an attach each, and its bulk free. */

#include "row_dpdk.h"

static inline void
row_free(const struct mb_side *s, void **p, unsigned n)
{
	RTE_SET_USED(s);
	rte_pktmbuf_free_bulk((struct rte_mbuf **)p, n);
}

/* Attaches a header to each segment of the packet. */
static inline void *
attach(struct rte_mbuf *m, struct rte_mbuf **head)
{
	struct rte_mbuf *first = m;
	unsigned i;

	for (i = 0; m != NULL; m = m->next, i++) {
		rte_pktmbuf_attach(head[i], m);
		if (i > 0)
			head[i - 1]->next = head[i];
	}
	head[0]->nb_segs = i;
	head[0]->pkt_len = first->pkt_len;
	return head[0];
}

static inline bool
row_share(const struct mb_side *s, void **p, void **ref, unsigned n)
{
	struct rte_mbuf *head[DPDK_MAXBULK];
	unsigned k = s->segments, step = DPDK_MAXBULK / k, m;

	for (unsigned done = 0; done < n; done += m) {
		m = RTE_MIN(n - done, step);
		if (unlikely(rte_pktmbuf_alloc_bulk(dpdk_headers, head, m * k) != 0)) {
			row_free(s, ref, done);
			return false;
		}
		for (unsigned i = 0; i < m; i++)
			ref[done + i] = attach(p[done + i], &head[i * k]);
	}
	return true;
}

#include "workloads.h"

static int
open_bulk(const struct mb_size *size)
{
	return dpdk_open("nbulk", size, 0, 0);
}

static const struct mb_row row = {
    .name = "native-bulk",
    .what = "bulk headers, rte_pktmbuf_attach, rte_pktmbuf_free_bulk",
    .open = open_bulk,
    .close = dpdk_close,
    .settle = dpdk_settle,
    .loops = row_loops,
};

MB_ROW_DEFINE(native_bulk, &row)
