/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Frees collected per lcore: batch.h. */

#include <string.h>

#include "policy/policy.h"

/*
 * One lcore's batch. Only the lcore itself adds, anybody may take all, so there is no ABA: a head
 * that was taken comes back only by the hand of the lcore that is about to compare with it.
 */
static struct batch_lcore {
	struct batch_rec *head; /* atomic */
	uint64_t collected;	/* written by the lcore alone */
	uint64_t released;	/* atomic */
	unsigned n;		/* since the lcore last flushed; others may have flushed since */
} __rte_cache_aligned batch[RTE_MAX_LCORE];

int
m_batch_init(void)
{
	memset(batch, 0, sizeof(batch));
	return m_rec_init(1, 0, M_BATCH);
}

void
m_batch_fini(void)
{
	m_batch_flushall();
	m_rec_fini();
}

/* Let the records of a list leave their circles. */
static void
release(struct batch_rec *list)
{
	struct batch_rec *rec, *next;
	struct m_coll c;

	pthread_mutex_lock(&m_sib_lock);
	for (rec = list; rec != NULL; rec = rec->older)
		rec->last = sib_unlink(&rec->link);
	pthread_mutex_unlock(&m_sib_lock);
	m_coll_init(&c);
	for (rec = list; rec != NULL; rec = next) {
		next = rec->older;
		if (rec->last != NULL)
			lead_drop(&c, rec->last);
		m_rec_put(rec);
	}
	m_coll_flush(&c);
}

static void
flush_one(struct batch_lcore *b)
{
	struct batch_rec *list, *rec;
	uint64_t n = 0;

	/* relaxed: a look, so that an empty batch costs no write */
	if (__atomic_load_n(&b->head, __ATOMIC_RELAXED) == NULL)
		return;
	/* acquire: pairs with the release that added them */
	list = __atomic_exchange_n(&b->head, NULL, __ATOMIC_ACQUIRE);
	if (list == NULL)
		return;
	for (rec = list; rec != NULL; rec = rec->older)
		n++;
	release(list);
	/* relaxed: a statistic */
	__atomic_fetch_add(&b->released, n, __ATOMIC_RELAXED);
}

/* The last mbuf that counted in this record is gone. A driver calls this, and mpol_drop(). */
void
m_batch_freecb(void *addr, void *opaque)
{
	struct batch_rec *rec = opaque, *old;
	unsigned lcore = rte_lcore_id();
	struct batch_lcore *b;

	(void)addr;
	/* acquire: DPDK sees the last reference by a relaxed load */
	(void)__atomic_load_n(&rec->shinfo.refcnt, __ATOMIC_ACQUIRE);
	/* release: this holder is done; pairs with mpol_refs() */
	__atomic_store_n(&rec->dead, 1, __ATOMIC_RELEASE);
	if (unlikely(lcore >= RTE_MAX_LCORE)) {
		rec->older = NULL;
		release(rec);
		return;
	}
	b = &batch[lcore];
	/* relaxed: a statistic, and this lcore its only writer */
	__atomic_store_n(&b->collected, b->collected + 1, __ATOMIC_RELAXED);
	/* relaxed: only compared */
	old = __atomic_load_n(&b->head, __ATOMIC_RELAXED);
	do {
		rec->older = old;
		/* release: whoever takes the batch sees the record, and that the holder is done */
	} while (!__atomic_compare_exchange_n(
	    &b->head, &old, rec, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	if (++b->n >= M_BATCH) {
		b->n = 0;
		flush_one(b);
	}
}

void
m_batch_flush(void)
{
	unsigned lcore = rte_lcore_id();

	if (lcore < RTE_MAX_LCORE) {
		batch[lcore].n = 0;
		flush_one(&batch[lcore]);
	}
}

void
m_batch_flushall(void)
{
	for (unsigned i = 0; i < RTE_DIM(batch); i++)
		flush_one(&batch[i]);
}

struct batch_rec *
m_batch_getslow(void)
{
	m_batch_flushall();
	return m_rec_get();
}

size_t
m_batch_pinned(void)
{
	int64_t n = 0;

	/* relaxed: a statistic, and exact while nobody frees */
	for (unsigned i = 0; i < RTE_DIM(batch); i++)
		n += (int64_t)(__atomic_load_n(&batch[i].collected, __ATOMIC_RELAXED) -
		    __atomic_load_n(&batch[i].released, __ATOMIC_RELAXED));
	return n <= 0 ? 0 : (size_t)n * (sizeof(struct mbuf) + M_HEADROOM + m_state.cluster_size);
}
