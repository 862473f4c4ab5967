/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * M_ZEROIZE, and leaders that live in two rooms: share.h.
 *
 * A driver that frees the last follower knows nothing of us, so a cluster that needs more than to
 * go back to its pool is held by the library too: one reference more, then the mark, in this
 * order. Whoever sees the mark knows that the count includes it. The list of such leaders hangs in
 * their private lines, under one lock: this is the rare path.
 */

#include <string.h>

#include <rte_lcore.h>
#include <rte_spinlock.h>

#include "internal.h"
#include "room.h"
#include "seg.h"

#define LINK_NEXT 3 /* m_priv.words[] */
#define LINK_PREV 4

static struct {
	rte_spinlock_t lock;
	struct mbuf *head;
} reap;

static struct mbuf *
link_get(const struct mbuf *m, unsigned which)
{
	return (struct mbuf *)(uintptr_t)m->m_priv.words[which];
}

static void
link_set(struct mbuf *m, unsigned which, struct mbuf *to)
{
	m->m_priv.words[which] = (uintptr_t)to;
}

/* Under the lock. */
static void
list_add(struct mbuf *l)
{
	link_set(l, LINK_PREV, NULL);
	link_set(l, LINK_NEXT, reap.head);
	if (reap.head != NULL)
		link_set(reap.head, LINK_PREV, l);
	reap.head = l;
	/* release: pairs with m_refs(), which looks at marks only if there are any */
	__atomic_fetch_add(&m_hot.zero_pending, 1, __ATOMIC_RELEASE);
}

/* Under the lock. */
static void
list_del(struct mbuf *l)
{
	struct mbuf *next = link_get(l, LINK_NEXT), *prev = link_get(l, LINK_PREV);

	if (next != NULL)
		link_set(next, LINK_PREV, prev);
	if (prev != NULL)
		link_set(prev, LINK_NEXT, next);
	else
		reap.head = next;
	link_set(l, LINK_NEXT, NULL);
	link_set(l, LINK_PREV, NULL);
	/* relaxed: too high for a moment only costs a look */
	__atomic_fetch_sub(&m_hot.zero_pending, 1, __ATOMIC_RELAXED);
}

/* Set a bit of l's mark; the caller holds a reference to l's room. 0 or -ENOBUFS. */
static int
mark(struct mbuf *l, uint32_t bit)
{
	int rc = 0;
	uint32_t old;

	if (M_BREAKS(3)) { /* hazard 3: a plain read-modify-write, and no lock */
		if (l->m_priv.zero != 0) {
			l->m_priv.zero |= bit;
			return 0;
		}
	}
	rte_spinlock_lock(&reap.lock);
	/* relaxed: only changed under the lock, or by the reaper, who needs our reference gone */
	old = __atomic_load_n(&l->m_priv.zero, __ATOMIC_RELAXED);
	if (old == 0) {
		rc = lead_ref(&l->m_rte);
		if (rc == 0)
			list_add(l);
	}
	if (rc == 0) /* release: the count is raised before the mark can be seen */
		__atomic_store_n(&l->m_priv.zero, old | bit, __ATOMIC_RELEASE);
	rte_spinlock_unlock(&reap.lock);
	return rc;
}

/* Only the library holds l, and it is off the list. */
static void
reap_one(struct m_coll *c, struct mbuf *l)
{
	/* relaxed: l is ours alone */
	uint32_t why = __atomic_load_n(&l->m_priv.zero, __ATOMIC_RELAXED);

	if ((why & M_ZERO_MARK) != 0) {
		explicit_bzero((char *)l + sizeof(*l), rte_pktmbuf_data_room_size(l->m_rte.pool));
		M_ZEROED(l);
	}
	__atomic_store_n(&l->m_priv.zero, 0, __ATOMIC_RELAXED);
	m_cleanpriv(l);
	m_dropseg(c, &l->m_rte); /* which drops its other room as well, if it has one */
}

bool
m_zerodrop(struct rte_mbuf *r)
{
	struct mbuf *l = m_fromrte(r);
	struct m_coll c;
	bool last;

	/* acquire: a mark that is seen is in the count */
	if (!m_ispool(r->pool) || __atomic_load_n(&l->m_priv.zero, __ATOMIC_ACQUIRE) == 0)
		return false;
	rte_spinlock_lock(&reap.lock);
	/* Look again: its owner may have taken the mark back, and the reference (m_bodyclear()). */
	if (__atomic_load_n(&l->m_priv.zero, __ATOMIC_RELAXED) == 0) {
		rte_spinlock_unlock(&reap.lock);
		return false;
	}
	/* Under the lock, so that no m_reap() takes l away between the drop and the look. */
	last = __atomic_fetch_sub(&r->refcnt, 1, LEAD_DROP_ORDER) == 2;
	if (last)
		list_del(l);
	rte_spinlock_unlock(&reap.lock);
	if (last) {
		m_coll_init(&c);
		reap_one(&c, l);
		m_coll_flush(&c);
	}
	return true;
}

unsigned
m_markedrefs(const struct mbuf *l)
{
	unsigned own, n;

	/* Under the lock, for m_bodyclear() changes mark and count: one of each is too low. */
	rte_spinlock_lock(&reap.lock);
	own = __atomic_load_n(&l->m_priv.zero, __ATOMIC_RELAXED) != 0;
	/* acquire: as in m_refs() */
	n = __atomic_load_n(&l->m_rte.refcnt, M_ALONE_ORDER) - own;
	rte_spinlock_unlock(&reap.lock);
	return n;
}

unsigned
m_reap(void)
{
	struct mbuf *l, *next, *done = NULL;
	struct m_coll c;
	unsigned n = 0;

	/* relaxed: who needs the answer to be exact has synchronised with the droppers */
	if (__atomic_load_n(&m_hot.zero_pending, __ATOMIC_RELAXED) == 0)
		return 0;
	rte_spinlock_lock(&reap.lock);
	for (l = reap.head; l != NULL; l = next) {
		next = link_get(l, LINK_NEXT);
		/* acquire: the other holders are done with it */
		if (__atomic_load_n(&l->m_rte.refcnt, LEAD_ONLY_ORDER) == 1) {
			list_del(l);
			link_set(l, LINK_NEXT, done);
			done = l;
			n++;
		}
	}
	rte_spinlock_unlock(&reap.lock);
	m_coll_init(&c);
	for (l = done; l != NULL; l = next) {
		next = link_get(l, LINK_NEXT);
		link_set(l, LINK_NEXT, NULL);
		reap_one(&c, l);
	}
	m_coll_flush(&c);
	return n;
}

int
m_zero(struct mbuf *m)
{
	struct rte_mbuf *l = m_roomof(&m->m_rte);

	M_CHECK(m);
	if (l == NULL)
		return m_extzero(m);
	return m_ispool(l->pool) ? mark(m_fromrte(l), M_ZERO_MARK) : -ENOTSUP;
}

bool
m_iszeroed(const struct mbuf *m)
{
	const struct rte_mbuf *l = m_roomof(&m->m_rte);

	if (l == NULL)
		return m_extiszeroed(m);
	/* acquire, both: a mark goes with what its maker wrote before */
	return __atomic_load_n(&m_hot.zero_pending, __ATOMIC_ACQUIRE) != 0 && m_ispool(l->pool) &&
	    (__atomic_load_n(&((const struct mbuf *)l)->m_priv.zero, __ATOMIC_ACQUIRE) &
		M_ZERO_MARK) != 0;
}

int
m_bodymark(struct mbuf *m)
{
	return mark(m, M_ZERO_BODY);
}

void
m_bodyclear(struct mbuf *m)
{
	uint32_t left;

	rte_spinlock_lock(&reap.lock);
	left = __atomic_load_n(&m->m_priv.zero, __ATOMIC_RELAXED) & ~M_ZERO_BODY;
	if (left == 0)
		list_del(m);
	__atomic_store_n(&m->m_priv.zero, left, __ATOMIC_RELEASE);
	/* release, as any drop; not the last, for m's header holds one. After the mark: a count
	 * that is too high for a moment is safe, one too low is not. */
	if (left == 0)
		__atomic_fetch_sub(&m->m_rte.refcnt, 1, __ATOMIC_RELEASE);
	rte_spinlock_unlock(&reap.lock);
}
