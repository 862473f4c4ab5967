/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_MUTEX_H
#define M_POLICY_MUTEX_H

/*
 * One global lock and a circular list of all mbufs that share a cluster.
 *
 * Who proposed it: nobody; it is what OpenBSD had until 2026 (m_extref_mtx, ext_nextref,
 *	ext_prevref), and what the discussion "mbuf cluster m_extref_mtx contention" set out from.
 * Bytes an mbuf: two links, 16 bytes, in leader and follower; a follower's shared info for the
 *	driver's free, 24. All in the private line.
 * Atomics: none for the first share of an unshared cluster; the lock and its release for every
 *	further share and for every free of a follower, on one cache line for all clusters, all
 *	lcores. Freeing the leader's header takes no lock: DPDK counts that.
 * Pins at worst: the cluster that is shared.
 * Fails: sharing never does by itself. It stops scaling at one core: whoever frees waits for all
 *	who free, whatever their clusters, and a preempted holder stops everybody.
 * Limit: a follower's shared info lies in its own private line. A clone that DPDK makes of a
 *	follower (rte_pktmbuf_attach()) must be freed before it.
 */

#include <string.h>

#include "siblings.h"

#define MPOL_NAME "mutex"

/* A follower's words. The link is where a leader has its own. */
struct mutex_words {
	struct m_sib link;
	struct rte_mbuf_ext_shared_info shinfo;
};
M_ASSERT(offsetof(struct mutex_words, link) == 0);
M_ASSERT(sizeof(struct mutex_words) <= sizeof(((struct m_private *)0)->words));

static inline struct mutex_words *
mutex_words(const struct rte_mbuf *m)
{
	return (struct mutex_words *)(uintptr_t)((const struct mbuf *)(const void *)m)
	    ->m_priv.words;
}

/* The callback of a follower that a driver frees. policy/mutex.c. */
void m_mutex_freecb(void *addr, void *follower);

static inline int
mpol_init(void)
{
	return 0;
}

static inline void
mpol_fini(void)
{
}

/* A follower of ours has its shared info in itself; a clone of one has not. */
static inline bool
mpol_isfollower(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_EXTERNAL) != 0 && m->shinfo == &mutex_words(m)->shinfo;
}

static inline struct rte_mbuf *
mpol_leader(const struct rte_mbuf *m)
{
	return lead_of(m);
}

static inline int
mpol_share(struct rte_mbuf *n, struct rte_mbuf *m)
{
	struct mutex_words *w = mutex_words(n);
	int rc;

	if ((m->ol_flags & RTE_MBUF_F_INDIRECT) != 0 || unlikely(!m_ispool(m->pool)))
		return lead_share(n, m);
	rc = sib_link(&w->link, sib_of(m), mpol_isfollower(m) ? lead_of(m) : m);
	if (unlikely(rc != 0))
		return rc;
	w->shinfo.free_cb = m_mutex_freecb;
	w->shinfo.fcb_opaque = n;
	/* relaxed: nobody sees it before the follower is handed over */
	__atomic_store_n(&w->shinfo.refcnt, 1, __ATOMIC_RELAXED);
	m_viewroom(n, m);
	n->shinfo = &w->shinfo;
	n->ol_flags |= RTE_MBUF_F_EXTERNAL;
	return 0;
}

/* Leave the circle; the words are zero after that. Returns the leader if it is to be dropped. */
static inline struct rte_mbuf *
mutex_leave(struct rte_mbuf *m)
{
	struct mutex_words *w = mutex_words(m);
	struct rte_mbuf *last;

	pthread_mutex_lock(&m_sib_lock);
	last = sib_unlink(&w->link);
	pthread_mutex_unlock(&m_sib_lock);
	memset(w, 0, sizeof(*w));
	return last;
}

static inline void
mpol_drop(struct m_coll *c, struct rte_mbuf *m)
{
	struct rte_mbuf *l = mutex_leave(m);

	m_ownroom(m, m->pool == c->here->mp[0]);
	if (l != NULL)
		lead_drop(c, l);
}

static inline void
mpol_free(struct m_coll *c, struct rte_mbuf *m)
{
	mpol_drop(c, m);
	m_coll_put(c, m);
}

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
			const struct mutex_words *w = (const struct mutex_words *)(const void *)s;

			/* a driver that is about to call us has set it to 0 */
			n += RTE_MAX(rte_mbuf_ext_refcnt_read(&w->shinfo), 1);
		}
	}
	pthread_mutex_unlock(&m_sib_lock);
	return n;
}

static inline void
mpol_flush(void)
{
}

static inline void
mpol_reclaim(void)
{
}

static inline size_t
mpol_pinned(void)
{
	return 0;
}

#endif /* M_POLICY_MUTEX_H */
