/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The world: slots of chains, the pools below, and what must be left at the end. */

#include "world.h"

#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_ring.h>

#define FOREIGN 64

static struct rte_mempool *foreign_pool, *pinned_pool;

struct rte_mempool *
world_foreign_pool(void)
{
	return foreign_pool;
}

struct rte_mempool *
world_pinned_pool(void)
{
	return pinned_pool;
}

static int
make_pinned_pool(void)
{
	const uint16_t room = 2048 + RTE_PKTMBUF_HEADROOM;
	struct rte_pktmbuf_extmem ext = {.elt_size = room};

	ext.buf_len = (size_t)FOREIGN * room;
	ext.buf_ptr = rte_zmalloc("pinned", ext.buf_len, 64);
	ext.buf_iova = rte_malloc_virt2iova(ext.buf_ptr);
	if (ext.buf_ptr == NULL)
		return -1;
	pinned_pool = rte_pktmbuf_pool_create_extbuf(
	    "fuzz_pinned", FOREIGN, 0, 0, room, SOCKET_ID_ANY, &ext, 1);
	return pinned_pool != NULL ? 0 : -1;
}

/* The pools, after rte_eal_init(). Small ones, so that sequences meet empty pools. */
int
world_setup(void)
{
	const struct m_conf conf = {
	    .nmbufs = MBUFS, .nclusters = CLUSTERS, .cache = 32, .socket = SOCKET_ID_ANY};

	if (m_init(&conf) != 0)
		return -1;
	foreign_pool = rte_pktmbuf_pool_create(
	    "fuzz_foreign", FOREIGN, 16, 24, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return foreign_pool != NULL ? make_pinned_pool() : -1;
}

void
world_init(struct world *w, bool alone)
{
	memset(w, 0, sizeof(*w));
	w->alone = alone;
	w->noise = 1;
	ml_init(&w->ml);
	mq_init(&w->mq, QUEUED);
	storage_init(w);
}

/* Bytes that differ from one call to the next. */
void
world_fill(struct world *w, void *p, unsigned n)
{
	uint8_t *b = p;
	unsigned i;

	for (i = 0; i < n; i++) {
		w->noise = w->noise * 1664525u + 1013904223u;
		b[i] = (uint8_t)(w->noise >> 24);
	}
}

/* Take a chain out of its slot; the caller owns it. */
struct chain *
world_take(struct world *w, struct chain *c)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (w->slot[i] == c)
			w->slot[i] = NULL;
	}
	return c;
}

/* The chain is gone with its model: the library has consumed the mbufs. */
void
world_forget(struct world *w, struct chain *c)
{
	free(world_take(w, c));
}

void
world_drop(struct world *w, struct chain *c)
{
	struct mbuf *m = c->m;

	world_forget(w, c);
	(void)m_freem(m);
}

/* Put a chain in a slot; with all taken, in place of one. */
void
world_put(struct world *w, struct chain *c)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (w->slot[i] == NULL) {
			w->slot[i] = c;
			return;
		}
	}
	i = w->noise % SLOTS;
	world_drop(w, w->slot[i]);
	w->slot[i] = c;
}

/* A new chain of no bytes that has m, in a slot. */
struct chain *
world_new(struct world *w, struct mbuf *m)
{
	struct chain *c = calloc(1, sizeof(*c));

	MUST(c != NULL);
	c->m = m;
	c->hdr = true;
	world_put(w, c);
	return c;
}

/* The chain of a slot; an empty slot gets one. NULL when the pools are empty. */
struct chain *
world_have(struct world *w, unsigned slot)
{
	uint8_t buf[MCLBYTES];
	unsigned len;
	struct mbuf *m;
	struct chain *c;

	slot %= SLOTS;
	if (w->slot[slot] != NULL)
		return w->slot[slot];
	world_fill(w, buf, sizeof(buf));
	len = 1 + w->noise % sizeof(buf);
	m = m_devget((char *)buf, (int)len, 0);
	if (m == NULL) {
		MUST(rte_errno == ENOBUFS);
		w->refused++;
		return NULL;
	}
	c = world_new(w, m);
	c->len = len;
	memcpy(c->bytes, buf, len);
	return c;
}

/* A chain that is not c; NULL if there is none. */
struct chain *
world_other(struct world *w, unsigned slot, const struct chain *c)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		struct chain *o = w->slot[(slot + i) % SLOTS];

		if (o != NULL && o != c)
			return o;
	}
	return NULL;
}

/* Free all that the world holds. */
void
world_empty(struct world *w)
{
	unsigned i;

	for (i = 0; i < SLOTS; i++) {
		if (w->slot[i] != NULL)
			world_drop(w, w->slot[i]);
	}
	MUST(ml_purge(&w->ml) == w->mlist.n);
	for (i = 0; i < w->mlist.n; i++)
		free(w->mlist.c[i]);
	w->mlist.n = 0;
	MUST(mq_purge(&w->mq) == w->mqueue.n);
	for (i = 0; i < w->mqueue.n; i++)
		free(w->mqueue.c[i]);
	w->mqueue.n = 0;
	for (i = 0; i < w->nhog; i++)
		(void)m_freem(w->hog[i]);
	w->nhog = 0;
	m_flush();
}

void
world_fini(struct world *w)
{
	world_empty(w);
	(void)m_reap();
	check_marks(w);
	storage_fini(w);
}

static int
is_full(const struct m_poolstat *st, void *arg)
{
	(void)arg;
	if (st->in_use != 0)
		FAIL("pool %s: %u of %u buffers are still out", st->name, st->in_use, st->size);
	return 0;
}

/* Every pool is full again, by exact count. */
void
world_balance(void)
{
	MUST(m_pools(is_full, NULL) == 0);
	MUST(rte_mempool_full(foreign_pool));
	MUST(rte_mempool_full(pinned_pool));
}
