/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_LEADER_H
#define M_POLICY_LEADER_H

/*
 * The leader: the mbuf whose room the cluster is holds the count, in DPDK's own refcnt. A follower
 * is a mbuf from a header pool, attached INDIRECT, so a driver's free drops the right count.
 *
 * Who proposed it: the discussion "mbuf cluster m_extref_mtx contention" on OpenBSD's tech@,
 *	February 2026; FreeBSD and NetBSD count alike.
 * Bytes an mbuf: none beyond what an rte_mbuf has.
 * Atomics: none for the first share of an unshared cluster, one add for each further one; one
 *	add for a drop that is not the last, a load for the last.
 * Pins at worst: the cluster that is shared. Header and buffer are one allocation, so a leader
 *	freed early pins nothing that the cluster would not pin by itself.
 * Fails: with ENOBUFS when a count is near 16 bits.
 *
 * Every policy needs these functions: DPDK's own attach counts like this.
 */

#include "coll.h"
#include "room.h"

#if M_BREAKS(4)
#define LEAD_DROP_ORDER __ATOMIC_RELEASE
#elif M_BREAKS(14)
#define LEAD_DROP_ORDER __ATOMIC_ACQUIRE
#else
/* release: what this holder read and wrote is over before another may reuse the cluster;
 * acquire: the last one sees it. One order for both, for TSan does not know fences. */
#define LEAD_DROP_ORDER __ATOMIC_ACQ_REL
#endif

#if M_BREAKS(13)
#define LEAD_ONLY_ORDER __ATOMIC_RELAXED
#else
/* acquire: the count is 1 because others dropped theirs, and they were done before */
#define LEAD_ONLY_ORDER __ATOMIC_ACQUIRE
#endif

/* The leader of an INDIRECT mbuf. It need not be of our pools. */
static inline struct rte_mbuf *
lead_of(const struct rte_mbuf *r)
{
	return (struct rte_mbuf *)((char *)r->buf_addr - sizeof(struct rte_mbuf) - r->priv_size);
}

/* One reference more, of a 16 bit count, for a caller that holds one. 0 or -ENOBUFS. */
static inline int
lead_refcount(uint16_t *cnt)
{
	uint16_t prev;

	/*
	 * Hazard 1. Held once, and by the caller: nobody else can change the count, so a plain
	 * store will do. acquire: so that a later "the count is 1" still covers whoever left.
	 */
	if (likely(__atomic_load_n(cnt, LEAD_ONLY_ORDER) == 1)) {
		__atomic_store_n(cnt, 2, __ATOMIC_RELAXED);
		return 0;
	}
	if (M_BREAKS(1)) { /* two lcores that share one mbuf lose a reference */
		prev = __atomic_load_n(cnt, __ATOMIC_RELAXED);
		if (prev >= M_REF_LIMIT)
			return -ENOBUFS;
		M_POINT(1);
		__atomic_store_n(cnt, (uint16_t)(prev + 1), __ATOMIC_RELAXED);
		return 0;
	}
	M_POINT(1);
	/* relaxed: the caller's own reference keeps the cluster; nothing is read on account of it
	 */
	prev = __atomic_fetch_add(cnt, 1, __ATOMIC_RELAXED);
	if (unlikely(prev >= M_REF_LIMIT && !M_BREAKS(11))) { /* hazard 11 */
		/* release, as in any drop; it is not the last, for the caller holds one */
		__atomic_fetch_sub(cnt, 1, __ATOMIC_RELEASE);
		return -ENOBUFS;
	}
	return 0;
}

static inline int
lead_ref(struct rte_mbuf *l)
{
	return lead_refcount(&l->refcnt);
}

/* Drop one reference. True: it was the last, the count is 1 again and l the caller's. */
static inline bool
lead_unref(struct rte_mbuf *l)
{
	if (likely(__atomic_load_n(&l->refcnt, LEAD_ONLY_ORDER) == 1))
		return true;
	M_POINT(4);
	if (__atomic_fetch_sub(&l->refcnt, 1, LEAD_DROP_ORDER) != 1)
		return false;
	/* relaxed: nobody else can see it now */
	__atomic_store_n(&l->refcnt, 1, __ATOMIC_RELAXED);
	return true;
}

/* l, whose last reference is gone, goes back to its pool. */
static inline void
lead_putback(struct m_coll *c, struct rte_mbuf *l)
{
	/* a driver may have freed it early and left these as they were */
	l->next = NULL;
	l->nb_segs = 1;
	m_coll_put(c, l);
}

/* Drop a reference to leader l, and give it back if that was the last. l may be foreign. */
static inline void
lead_drop(struct m_coll *c, struct rte_mbuf *l)
{
	/* relaxed: a mark that this holder must see was made before it got its reference, or
	 * its maker still holds one; else m_reap() finds it */
	if (unlikely(__atomic_load_n(&m_hot.zero_pending, __ATOMIC_RELAXED) != 0) && m_zerodrop(l))
		return;
	if (!lead_unref(l)) {
		/* hazard 6: l may be anybody's now, not even its address is good */
		M_POINT(6);
		if (M_BREAKS(6))
			(void)*(volatile uint16_t *)&l->nb_segs;
		return;
	}
	lead_putback(c, l);
}

/* Make n, a blank mbuf of ours, a follower of the room of m (direct, or INDIRECT), counted. */
static inline int
lead_share(struct rte_mbuf *n, struct rte_mbuf *m)
{
	struct rte_mbuf *l = (m->ol_flags & RTE_MBUF_F_INDIRECT) != 0 ? lead_of(m) : m;
	int rc = lead_ref(l);

	if (unlikely(rc != 0))
		return rc;
	if (M_BREAKS(2)) { /* the count goes along with the fields beside it */
		rte_memcpy(n, l, 24);
		__atomic_store_n(&n->refcnt, 1, __ATOMIC_RELAXED);
	}
	m_viewroom(n, m);
	if (unlikely(m->priv_size != sizeof(struct m_private)))
		n->priv_size = m->priv_size;
	n->ol_flags |= RTE_MBUF_F_INDIRECT;
	return 0;
}

#endif /* M_POLICY_LEADER_H */
