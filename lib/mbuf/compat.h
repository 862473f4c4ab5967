/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_COMPAT_H
#define M_COMPAT_H

/* Where DPDK's releases differ, from 22.11 on. */

#include <rte_mbuf.h>
#include <rte_version.h>

/* An mbuf may have no field for the IO address since 23.03. */
static inline void
compat_setiova(struct rte_mbuf *r, rte_iova_t iova)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	rte_mbuf_iova_set(r, iova);
#else
	r->buf_iova = iova;
#endif
}

static inline rte_iova_t
compat_iova(const struct rte_mbuf *r)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_mbuf_iova_get(r);
#else
	return r->buf_iova;
#endif
}

#endif /* M_COMPAT_H */
