/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
/* The reference: a clone for each packet, and DPDK's own free. */

#include "row_dpdk.h"

static inline void
row_free(const struct mb_side *s, void **p, unsigned n)
{
	RTE_SET_USED(s);
	for (unsigned i = 0; i < n; i++)
		rte_pktmbuf_free(p[i]);
}

static inline bool
row_share(const struct mb_side *s, void **p, void **ref, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		ref[i] = rte_pktmbuf_clone(p[i], dpdk_headers);
		if (unlikely(ref[i] == NULL)) {
			row_free(s, ref, i);
			return false;
		}
	}
	return true;
}

#include "workloads.h"
#include "ops_dpdk.h"

static int
open_native(const struct mb_size *size)
{
	return dpdk_open("native", size, 0, 0);
}

static const struct mb_row row = {
    .name = "native",
    .what = "rte_pktmbuf_clone and rte_pktmbuf_free",
    .open = open_native,
    .close = dpdk_close,
    .settle = dpdk_settle,
    .loops = row_loops,
    .ops = &dpdk_ops,
};

MB_ROW_DEFINE(native, &row)
