/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_BATCH_H
#define M_POLICY_BATCH_H

/*
 * The mutex policy, but frees are collected per lcore, and M_BATCH of them leave their circles
 * under one lock.
 *
 * Who proposed it: the first message of "mbuf cluster m_extref_mtx contention", February 2026,
 *	with 50 mbufs a CPU. There the mbufs wait in the batch. Here a driver returns a header as
 *	soon as it has called back, so what waits is a record; the header goes at once.
 * Bytes an mbuf: two links, 16 bytes, in the leader's private line; a record of 64 bytes a
 *	follower, and as many again of its pool's own.
 * Atomics: for a share what the mutex costs; for a free one compare-and-swap on a line of the
 *lcore's own, and a 50th of the lock. The proposal had none in the free; here others may take what
 *	an lcore collected when a pool is empty, instead of waiting for it.
 * Pins at worst: M_BATCH clusters an lcore, each as large as clusters are, until the lcore frees
 *	more, is idle (m_flush()), or somebody finds a pool empty. m_pinned() tells how much.
 * Fails: sharing with ENOBUFS when no record is free. A driver that fills its ring from a pool
 *	does not flush: it just misses what is pinned.
 */

#include "rec.h"
#include "siblings.h"

#define MPOL_NAME "batch"

#ifndef M_BATCH
#define M_BATCH 50
#endif

struct batch_rec {
	struct m_sib link;
	struct rte_mbuf_ext_shared_info shinfo;
	struct batch_rec *older; /* of the same lcore's batch */
	struct rte_mbuf *last;	 /* the leader to drop, of the last one that left its circle */
	uint32_t dead;		 /* atomic: in a batch, no longer a holder */
};
M_ASSERT(offsetof(struct batch_rec, link) == 0);
M_ASSERT(sizeof(struct batch_rec) <= RTE_CACHE_LINE_SIZE);

/* policy/batch.c */
void m_batch_freecb(void *addr, void *rec);
int m_batch_init(void);
void m_batch_fini(void);
void m_batch_flush(void);
void m_batch_flushall(void);
size_t m_batch_pinned(void);
struct batch_rec *m_batch_getslow(void);

static inline int
mpol_init(void)
{
	return m_batch_init();
}

static inline void
mpol_fini(void)
{
	m_batch_fini();
}

static inline void
mpol_flush(void)
{
	m_batch_flush();
}

static inline void
mpol_reclaim(void)
{
	m_batch_flushall();
}

static inline size_t
mpol_pinned(void)
{
	return m_batch_pinned();
}

/* A clone that DPDK made of a follower is one too: it counts in the same record. */
static inline bool
mpol_isfollower(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_EXTERNAL) != 0 && m->shinfo->free_cb == m_batch_freecb;
}

static inline struct rte_mbuf *
mpol_leader(const struct rte_mbuf *m)
{
	return lead_of(m);
}

static inline struct batch_rec *
batch_rec(const struct rte_mbuf *m)
{
	return (struct batch_rec *)((char *)m->shinfo - offsetof(struct batch_rec, shinfo));
}

static inline int
mpol_share(struct rte_mbuf *n, struct rte_mbuf *m)
{
	bool foll = mpol_isfollower(m);
	struct batch_rec *rec;
	int rc;

	if ((m->ol_flags & RTE_MBUF_F_INDIRECT) != 0 || unlikely(!foll && !m_ispool(m->pool)))
		return lead_share(n, m);
	rec = (struct batch_rec *)m_rec_get();
	if (unlikely(rec == NULL)) {
		rec = m_batch_getslow();
		if (rec == NULL)
			return -ENOBUFS;
	}
	rec->shinfo.free_cb = m_batch_freecb;
	rec->shinfo.fcb_opaque = rec;
	/* relaxed, both: nobody sees the record before it is linked under the lock */
	__atomic_store_n(&rec->shinfo.refcnt, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&rec->dead, 0, __ATOMIC_RELAXED);
	rc = foll ? sib_link(&rec->link, &batch_rec(m)->link, lead_of(m))
		  : sib_link(&rec->link, sib_of(m), m);
	if (unlikely(rc != 0)) {
		m_rec_put(rec);
		return rc;
	}
	m_viewroom(n, m);
	n->shinfo = &rec->shinfo;
	n->ol_flags |= RTE_MBUF_F_EXTERNAL;
	return 0;
}

static inline void
mpol_drop(struct m_coll *c, struct rte_mbuf *m)
{
	struct batch_rec *rec = batch_rec(m);

	m_ownroom(m, m->pool == c->here->mp[0]);
	if (rte_mbuf_ext_refcnt_update(&rec->shinfo, -1) == 0)
		m_batch_freecb(NULL, rec);
}

static inline void
mpol_free(struct m_coll *c, struct rte_mbuf *m)
{
	mpol_drop(c, m);
	m_coll_put(c, m);
}

/* Records in a batch are still linked, but hold nothing: the sum may be -1. */
static inline unsigned
mpol_refs(const struct rte_mbuf *l)
{
	const struct m_sib *own, *s;
	unsigned n = 0;

	if (!m_ispool(l->pool))
		return 0;
	own = sib_of(l);
	pthread_mutex_lock(&m_sib_lock);
	if (own->next != NULL) {
		n--; /* the circle's own reference */
		for (s = own->next; s != own; s = s->next) {
			const struct batch_rec *rec = (const struct batch_rec *)(const void *)s;

			/* acquire: who is dead was done with the cluster before; and who is not
			 * may be on its way, its count 0 already, but counts as one */
			if (__atomic_load_n(&rec->dead, __ATOMIC_ACQUIRE) == 0)
				n += RTE_MAX(rte_mbuf_ext_refcnt_read(&rec->shinfo), 1);
		}
	}
	pthread_mutex_unlock(&m_sib_lock);
	return n;
}

#endif /* M_POLICY_BATCH_H */
