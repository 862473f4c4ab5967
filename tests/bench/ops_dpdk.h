/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BENCH_OPS_DPDK_H
#define BENCH_OPS_DPDK_H

/* The nearest calls of DPDK, for mbench --ops. Part of row_native.c. */

#include "ops.h"

static struct rte_mbuf *ops_held[OPS_HELD];

static int
ops_setup(void)
{
	int rc = rte_pktmbuf_alloc_bulk(dpdk_clusters, ops_held, OPS_HELD);

	for (unsigned i = 0; rc == 0 && i < OPS_HELD; i++) {
		ops_held[i]->data_len = OPS_LENGTH;
		ops_held[i]->pkt_len = OPS_LENGTH;
	}
	return rc;
}

static void
ops_teardown(void)
{
	rte_pktmbuf_free_bulk(ops_held, OPS_HELD);
}

static inline void
ops_rewind(int bytes)
{
	for (unsigned i = 0; i < OPS_HELD; i++) {
		ops_held[i]->data_off = (uint16_t)(ops_held[i]->data_off + bytes);
		ops_held[i]->data_len = OPS_LENGTH;
		ops_held[i]->pkt_len = OPS_LENGTH;
	}
}

static void
ops_get(unsigned batches)
{
	struct rte_mbuf *v[OPS_HELD];

	for (unsigned b = 0; b < batches; b++) {
		if (rte_pktmbuf_alloc_bulk(dpdk_clusters, v, OPS_HELD) != 0)
			return;
		OPS_BARRIER();
		rte_pktmbuf_free_bulk(v, OPS_HELD);
	}
}

static void
ops_clone(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++)
		for (unsigned i = 0; i < OPS_HELD; i++) {
			struct rte_mbuf *m = rte_pktmbuf_clone(ops_held[i], dpdk_headers);

			OPS_BARRIER();
			rte_pktmbuf_free(m);
		}
}

static void
ops_linearize(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++)
		for (unsigned i = 0; i < OPS_HELD; i++) {
			if (rte_pktmbuf_linearize(ops_held[i]) != 0)
				return;
			OPS_BARRIER();
		}
}

static void
ops_adj(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++) {
		for (unsigned k = 0; k < OPS_STEPS; k++)
			for (unsigned i = 0; i < OPS_HELD; i++) {
				if (rte_pktmbuf_adj(ops_held[i], OPS_BYTES) == NULL)
					return;
				OPS_BARRIER();
			}
		ops_rewind(-OPS_BYTES * OPS_STEPS);
	}
}

static void
ops_prepend(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++) {
		for (unsigned k = 0; k < OPS_STEPS; k++)
			for (unsigned i = 0; i < OPS_HELD; i++) {
				if (rte_pktmbuf_prepend(ops_held[i], OPS_BYTES) == NULL)
					return;
				OPS_BARRIER();
			}
		ops_rewind(OPS_BYTES * OPS_STEPS);
	}
}

static const struct mb_opset dpdk_ops = {
    .setup = ops_setup,
    .teardown = ops_teardown,
    .op =
	{
	    [MB_OP_GET] = {"rte_pktmbuf_alloc_bulk + free_bulk", OPS_HELD, ops_get},
	    [MB_OP_SHARE] = {"rte_pktmbuf_clone + free", OPS_HELD, ops_clone},
	    [MB_OP_SHARE_BULK] = {"rte_pktmbuf_clone + free", OPS_HELD, ops_clone},
	    [MB_OP_PULLUP] = {"rte_pktmbuf_linearize", OPS_HELD, ops_linearize},
	    [MB_OP_ADJ] = {"rte_pktmbuf_adj", OPS_HELD *OPS_STEPS, ops_adj},
	    [MB_OP_PREPEND] = {"rte_pktmbuf_prepend", OPS_HELD *OPS_STEPS, ops_prepend},
	},
};

#endif
