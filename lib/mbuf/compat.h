/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_COMPAT_H
#define M_COMPAT_H

/* Where DPDK's releases differ, from 22.11 on. */

#include <stdbool.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>
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

/*
 * One object out of and into an lcore's cache: NULL or false if it is empty or full, or there is
 * none. What a cache looks like is public, and the same in every release.
 */
static inline void *
m_cacheget(struct rte_mempool_cache *c)
{
	return likely(c != NULL && c->len != 0) ? c->objs[--c->len] : NULL;
}

static inline bool
m_cacheput(struct rte_mempool_cache *c, void *obj)
{
	if (unlikely(c == NULL || c->len >= c->flushthresh))
		return false;
	c->objs[c->len++] = obj;
	return true;
}

#endif /* M_COMPAT_H */
