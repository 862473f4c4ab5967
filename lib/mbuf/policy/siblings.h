/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_SIBLINGS_H
#define M_POLICY_SIBLINGS_H

/*
 * The circle of all that share a cluster, and the one lock over all circles: what the policies
 * mutex and batch have in common.
 *
 * The leader's own link is in its private line and stays in the circle when the leader's header is
 * freed early, for it stands for the room. A circle as a whole holds one reference of the leader's
 * count: raised by the share that makes it, dropped by whoever unlinks the last follower. A leader
 * without followers has no circle: its link is zero.
 */

#include <pthread.h>

#include "leader.h"

struct m_sib {
	struct m_sib *next;
	struct m_sib *prev;
};

/* policy/siblings.c. A lock that sleeps: whoever holds it may be preempted, as no kernel's can. */
extern pthread_mutex_t m_sib_lock;

/* The leader's own link; and back. */
static inline struct m_sib *
sib_of(const struct rte_mbuf *l)
{
	return (struct m_sib *)(uintptr_t)((const struct mbuf *)(const void *)l)->m_priv.words;
}

static inline struct rte_mbuf *
sib_leader(struct m_sib *s)
{
	return (struct rte_mbuf *)(void *)((char *)s - offsetof(struct mbuf, m_priv.words));
}

/*
 * Link n behind at, which is the link of leader l or of one of its followers, the caller's own.
 * 0 or -ENOBUFS.
 */
static inline int
sib_link(struct m_sib *n, struct m_sib *at, struct rte_mbuf *l)
{
	/*
	 * Held once, and by the caller: no circle, and nobody who could make one. acquire: whoever
	 * dissolved the last circle was done before.
	 */
	bool alone = at == sib_of(l) && __atomic_load_n(&l->refcnt, __ATOMIC_ACQUIRE) == 1;
	int rc = 0;

	if (!alone)
		pthread_mutex_lock(&m_sib_lock);
	if (at->next == NULL) {
		rc = lead_ref(l);
		if (likely(rc == 0))
			at->next = at->prev = at;
	}
	if (likely(rc == 0)) {
		n->next = at->next;
		n->prev = at;
		at->next->prev = n;
		at->next = n;
	}
	if (!alone)
		pthread_mutex_unlock(&m_sib_lock);
	return rc;
}

/*
 * Unlink follower n; the caller has the lock. When it was the last, the circle is no more, and
 * sib_unlink() returns the leader: the circle's reference is the caller's to drop once the lock is
 * released. Else NULL.
 */
static inline struct rte_mbuf *
sib_unlink(struct m_sib *n)
{
	struct m_sib *next = n->next, *prev = n->prev;

	next->prev = prev;
	prev->next = next;
	if (next != prev)
		return NULL;
	next->next = next->prev = NULL;
	return sib_leader(next);
}

#endif /* M_POLICY_SIBLINGS_H */
