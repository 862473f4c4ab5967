/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_OBJECT_H
#define M_POLICY_OBJECT_H

/*
 * A reference object, allocated when a cluster is shared for the first time. It counts the
 * followers and stands between them and the cluster's own free.
 *
 * Who proposed it: the second message of "mbuf cluster m_extref_mtx contention", February 2026, as
 *	the option not taken there; it is what OpenBSD committed in July 2026 (uipc_mbuf.c 1.307:
 *	known to us from a port of that revision, not from its text).
 * Bytes an mbuf: a pointer, 8 bytes, in leader and follower; a follower's shared info for the
 *	driver's free, 24; an object of 64 bytes a shared cluster, and as many again of its pool's.
 * Atomics: none for the first share, one for each further one, one for every free of a follower.
 * Pins at worst: the cluster that is shared, and its object.
 * Fails: sharing with ENOBUFS when no object is free, which callers must cope with.
 * Limit: as the mutex policy: a clone that DPDK makes of a follower must be freed before it.
 *
 * A driver frees the leader's header without telling us, so the leader cannot count in the object,
 * as it does in BSD. The object holds one reference of the leader's DPDK count instead, and the
 * leader's private line only says where the object is. So the leader's owner may find an object
 * that is about to go, or has gone: it takes a reference only if there is one already, and then
 * looks whether the object is still this leader's. Objects never leave their pool's memory.
 */

#include <string.h>

#include "leader.h"
#include "rec.h"

#define MPOL_NAME "object"

struct obj_ref {
	uint32_t refs;		 /* atomic: followers. One a header, so it cannot overflow */
	struct rte_mbuf *leader; /* atomic: read by who may come too late */
};

/* A follower's words. A leader has the object in its first word, atomic. */
struct obj_words {
	struct rte_mbuf_ext_shared_info shinfo;
	struct obj_ref *obj;
};
M_ASSERT(sizeof(struct obj_words) <= sizeof(((struct m_private *)0)->words));

/* The callback of a follower that a driver frees. policy/object.c. */
void m_object_freecb(void *addr, void *follower);

static inline int
mpol_init(void)
{
	/* one a cluster; a new one may be needed while the old one goes */
	return m_rec_init(0, 2, 0);
}

static inline void
mpol_fini(void)
{
	m_rec_fini();
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

static inline struct obj_words *
obj_words(const struct rte_mbuf *m)
{
	return (struct obj_words *)(uintptr_t)((const struct mbuf *)(const void *)m)->m_priv.words;
}

static inline struct obj_ref **
obj_slot(const struct rte_mbuf *l)
{
	return (struct obj_ref **)(uintptr_t)((const struct mbuf *)(const void *)l)->m_priv.words;
}

static inline bool
mpol_isfollower(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_EXTERNAL) != 0 && m->shinfo == &obj_words(m)->shinfo;
}

static inline struct rte_mbuf *
mpol_leader(const struct rte_mbuf *m)
{
	return lead_of(m);
}

/* Give up a reference. Returns the leader if the object's reference to it is to be dropped. */
static inline struct rte_mbuf *
obj_unref(struct obj_ref *o)
{
	struct obj_ref *self = o;
	struct rte_mbuf *l;

	/*
	 * release: this holder is done with the cluster; acquire: the last one sees that all are.
	 * Never a plain store: the leader's owner may come without holding a reference.
	 */
	if (__atomic_fetch_sub(&o->refs, 1, __ATOMIC_ACQ_REL) != 1)
		return NULL;
	/* relaxed, both: what orders them against who comes next is the leader's count */
	l = __atomic_load_n(&o->leader, __ATOMIC_RELAXED);
	__atomic_compare_exchange_n(
	    obj_slot(l), &self, NULL, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	m_rec_put(o);
	return l;
}

/* The leader's owner, who holds no reference of o's, takes one if o is still l's. */
static inline bool
obj_tryref(struct m_coll *c, struct obj_ref *o, struct rte_mbuf *l)
{
	struct rte_mbuf *other;
	uint32_t refs = __atomic_load_n(&o->refs, __ATOMIC_RELAXED); /* only compared */

	do {
		if (refs == 0)
			return false;
		/* acquire: see whose object it is; relaxed on failure: only compared again */
	} while (!__atomic_compare_exchange_n(
	    &o->refs, &refs, refs + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	if (likely(__atomic_load_n(&o->leader, __ATOMIC_RELAXED) == l))
		return true;
	other = obj_unref(o);
	if (other != NULL)
		lead_drop(c, other);
	return false;
}

/* A reference for one follower more of direct mbuf l. NULL: ENOBUFS. policy/object.c. */
struct obj_ref *m_object_leadref(struct rte_mbuf *l);

static inline int
mpol_share(struct rte_mbuf *n, struct rte_mbuf *m)
{
	struct obj_words *w = obj_words(n);
	struct obj_ref *o;

	if ((m->ol_flags & RTE_MBUF_F_INDIRECT) != 0)
		return lead_share(n, m);
	if (mpol_isfollower(m)) {
		o = obj_words(m)->obj;
		/* relaxed: m's own reference keeps it */
		__atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
	} else if (unlikely(!m_ispool(m->pool))) {
		return lead_share(n, m);
	} else {
		o = m_object_leadref(m);
		if (unlikely(o == NULL))
			return -ENOBUFS;
	}
	w->obj = o;
	w->shinfo.free_cb = m_object_freecb;
	w->shinfo.fcb_opaque = n;
	/* relaxed: nobody sees it before the follower is handed over */
	__atomic_store_n(&w->shinfo.refcnt, 1, __ATOMIC_RELAXED);
	m_viewroom(n, m);
	n->shinfo = &w->shinfo;
	n->ol_flags |= RTE_MBUF_F_EXTERNAL;
	return 0;
}

/* Give up m's reference; its words are zero after that. Returns the leader to drop, or NULL. */
static inline struct rte_mbuf *
obj_leave(struct rte_mbuf *m)
{
	struct obj_words *w = obj_words(m);
	struct obj_ref *o = w->obj;

	memset(w, 0, sizeof(*w));
	return obj_unref(o);
}

static inline void
mpol_drop(struct m_coll *c, struct rte_mbuf *m)
{
	struct rte_mbuf *l = obj_leave(m);

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

/*
 * An object that is not l's any more only makes the answer larger, for whoever asks on behalf of
 * l's own header: no follower is left then.
 */
static inline unsigned
mpol_refs(const struct rte_mbuf *l)
{
	const struct obj_ref *o;

	if (!m_ispool(l->pool))
		return 0;
	/* acquire: the object as its maker left it */
	o = __atomic_load_n(obj_slot(l), __ATOMIC_ACQUIRE);
	/* acquire: those that are gone are done; the object's own reference stands for the first */
	return o == NULL ? 0 : __atomic_load_n(&o->refs, __ATOMIC_ACQUIRE) - 1;
}

#endif /* M_POLICY_OBJECT_H */
