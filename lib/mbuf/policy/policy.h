/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_H
#define M_POLICY_H

/*
 * How shared clusters are accounted for, chosen at compile time: policy/NAME.h and, if it has
 * state, policy/NAME.c. Everything is inline; there is no indirect call.
 *
 * What holds under every policy:
 *  - A direct mbuf's refcnt is the count of its room, as DPDK reads it: 1 for the mbuf itself, and
 *    one for each INDIRECT mbuf that DPDK or m_takebody() attached. A policy whose followers are
 *    not INDIRECT holds one reference of that count for all of them together (lead_ref() when the
 *    first comes, lead_drop() when the last goes). So "direct and refcnt 1" means unshared under
 *    every policy, a driver may free the direct mbuf early, and M_ZEROIZE works on that count.
 *  - A driver frees a follower with rte_pktmbuf_free_seg(), which knows INDIRECT (it drops the
 *    refcnt of the leader) and EXTERNAL (it drops shinfo->refcnt and calls shinfo->free_cb at 0). A
 *    policy that needs a hook at each drop makes its followers EXTERNAL, each with a shinfo of its
 *    own, refcnt 1, in its m_priv.words, and does in free_cb what mpol_drop() does.
 *  - m_priv.words of a follower are the policy's; of a leader the first three are (the last two
 *    link the reap list). They are zero again before the mbuf goes to its pool. A leader that is
 *    foreign (not m_ispool()) has none: share it by lead_share().
 *  - INDIRECT mbufs are always counted as leader.h does; the functions below are asked only about
 *    mbufs that mpol_isfollower() claims, and to share.
 *
 * A policy defines MPOL_NAME, its name, and these functions (struct rte_mbuf *l, *m, *n):
 *
 * - int mpol_init(void): at m_init(), after the pools. 0 or negative errno.
 * - void mpol_fini(void): at m_fini(), when everything is back.
 * - int mpol_share(n, m): n, blank, becomes a follower of m's room; m is direct, INDIRECT, or
 *   claimed. Sets n's room and attach flags (m_viewroom()), no lengths. 0, or -ENOBUFS: n is then
 *   still blank.
 * - bool mpol_isfollower(m): whether m is attached in this policy's own way (m is claimed).
 * - struct rte_mbuf *mpol_leader(m): the direct mbuf whose room m, claimed, refers to.
 * - void mpol_free(c, m): free m, claimed: its private line is clean, it is unlinked. Gives up its
 *   reference and puts what is free into c (m after m_ownroom()), now or later.
 * - void mpol_drop(c, m): m, claimed, gives up its reference and stays the caller's: it is in its
 *   own room again (m_ownroom()).
 * - unsigned mpol_refs(l): holders of l's room beyond what its refcnt says, which was read before.
 *   Modulo 2^32: the reference that a policy's followers hold together may stand for none.
 * - void mpol_flush(void): do what this lcore held back.
 * - void mpol_reclaim(void): do what any lcore held back, if that can be: a pool is empty.
 * - size_t mpol_pinned(void): bytes that wait for mpol_flush(), at most.
 *
 * MPOL_DPDKFREE 1: what is INDIRECT or direct is freed as DPDK does it.
 */

#include "policy/leader.h"

#if defined(MBUF_POLICY_FILE) && !defined(MBUF_POLICY_LEADER)
#include MBUF_POLICY_FILE
#else

#define MPOL_NAME "leader"

static inline int
mpol_init(void)
{
	return 0;
}

static inline void
mpol_fini(void)
{
}

static inline int
mpol_share(struct rte_mbuf *n, struct rte_mbuf *m)
{
	return lead_share(n, m);
}

/* Its followers are INDIRECT, so there is nothing to claim. */
static inline bool
mpol_isfollower(const struct rte_mbuf *m)
{
	(void)m;
	return false;
}

static inline struct rte_mbuf *
mpol_leader(const struct rte_mbuf *m)
{
	return lead_of(m);
}

static inline void
mpol_free(struct m_coll *c, struct rte_mbuf *m)
{
	(void)c;
	(void)m;
}

static inline void
mpol_drop(struct m_coll *c, struct rte_mbuf *m)
{
	(void)c;
	(void)m;
}

static inline unsigned
mpol_refs(const struct rte_mbuf *l)
{
	(void)l;
	return 0;
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

#endif

#ifndef MPOL_DPDKFREE
#define MPOL_DPDKFREE 0
#endif

/* The direct mbuf whose room r refers to, or NULL: foreign storage. */
static inline struct rte_mbuf *
m_roomof(const struct rte_mbuf *r)
{
	if ((r->ol_flags & M_ATTACHED) == 0)
		return (struct rte_mbuf *)(uintptr_t)r;
	if ((r->ol_flags & RTE_MBUF_F_INDIRECT) != 0)
		return lead_of(r);
	return mpol_isfollower(r) ? mpol_leader(r) : NULL;
}

#endif /* M_POLICY_H */
