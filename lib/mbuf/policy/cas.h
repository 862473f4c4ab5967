/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_CAS_H
#define M_POLICY_CAS_H

/*
 * A list of all that share a cluster, without any lock: compare-and-swap, and DPDK's rte_rcu_qsbr
 * to know when an unlinked record may be used again.
 *
 * Who proposed it: a reply in "mbuf cluster m_extref_mtx contention", February 2026 ("some CAS
 *	based loop should perform very well"), and the answer to it: "it's not that simple".
 * Bytes an mbuf: a pointer, 8 bytes, in the leader's private line; a record of 64 bytes a follower
 *	and one a shared cluster, and as many again of their pool's. The pool has two records a
 *	header, for those that have left and wait.
 * Atomics: none for the first share; one for each further one of a follower; three, one of them a
 *	full fence, for one of the leader's own mbuf. For a free a full fence, one to leave, one to
 *	be unlinked, and two more for the last. All but the fence on lines that other lcores write.
 * Pins at worst: no cluster. Records: CAS_HELD an lcore until all lcores have been seen outside
 *	of the list code; a list keeps at most about as many records of those that have left as it
 *	has holders.
 * Fails: sharing with ENOBUFS when no record is free. An lcore that is preempted inside the list
 *	code holds back every record that others unlink, not only its own.
 *
 * What makes it harder than a counter:
 *  - To leave a list is to write to a neighbour, whose owner may be leaving at that moment. With
 *    one compare-and-swap, two neighbours that leave at once bring one of them back, or lose what
 *    hangs behind it. So leaving has two steps (Harris 2001, Michael 2002): first mark the link
 *    that leads out of the own record, after which nobody changes it; then swing the link that
 *    leads in. If the record in front is itself leaving, that link is marked too and the swing
 *    fails; whoever meets a marked record unlinks it for its owner. That is the help.
 *  - Nobody knows from its own two links whether it is the last. Here the swing that empties the
 *    list decides it: there is one for each list, and a list that was empty once is closed. Who
 *    shares the leader's own mbuf then makes another.
 *  - A record that was unlinked is still being read by whoever came by it a moment ago, so it
 *    cannot go back to its pool, nor can the header it was part of, had it been one. Hence
 *    records apart from the headers, which a driver returns at once, and a grace period.
 *  - To see whether one is the only holder takes a walk, and the answer is good only if no link
 *    was added in front meanwhile.
 * A counter does all of that with one addition.
 */

#include "leader.h"
#include "rec.h"

#define MPOL_NAME "cas"

#define CAS_HELD 32 /* records an lcore unlinks before it asks for a grace period */
#define CAS_NEAR 16 /* holders that a free passes by to unlink its own record */

struct cas_list;

struct cas_rec {
	uintptr_t next; /* atomic: the record behind, or 0; bit 0: this one has left */
	void *retired;	/* the next one that waits for a grace period */
	struct cas_list *list;
	struct rte_mbuf_ext_shared_info shinfo;
};

/* A record too, of another kind, one a shared cluster: the head of its list. */
struct cas_list {
	uintptr_t next; /* atomic: the first, or 0: closed for good */
	void *retired;
	struct rte_mbuf *leader;
	uint32_t debt;	 /* atomic: records left where they were since the last whole walk */
	uint32_t length; /* atomic: holders that walk met */
};
M_ASSERT(offsetof(struct cas_rec, retired) == offsetof(struct cas_list, retired));
M_ASSERT(sizeof(struct cas_rec) <= RTE_CACHE_LINE_SIZE);

/* policy/cas.c */
int m_cas_init(void);
void m_cas_fini(void);
void m_cas_flush(void);
size_t m_cas_pinned(void);
void m_cas_freecb(void *addr, void *rec);
struct cas_rec *m_cas_getslow(void);
int m_cas_sharelead(struct cas_rec *r, struct rte_mbuf *l);
bool m_cas_link(struct cas_list *list, struct cas_rec *r);
struct rte_mbuf *m_cas_leave(struct cas_rec *r);
unsigned m_cas_refs(const struct rte_mbuf *l);

static inline int
mpol_init(void)
{
	return m_cas_init();
}

static inline void
mpol_fini(void)
{
	m_cas_fini();
}

static inline void
mpol_flush(void)
{
	m_cas_flush();
}

static inline void
mpol_reclaim(void)
{
	m_cas_flush();
}

static inline size_t
mpol_pinned(void)
{
	return m_cas_pinned();
}

/* A clone that DPDK made of a follower is one too: it counts in the same record. */
static inline bool
mpol_isfollower(const struct rte_mbuf *m)
{
	return (m->ol_flags & RTE_MBUF_F_EXTERNAL) != 0 && m->shinfo->free_cb == m_cas_freecb;
}

static inline struct rte_mbuf *
mpol_leader(const struct rte_mbuf *m)
{
	return lead_of(m);
}

static inline struct cas_rec *
cas_rec(const struct rte_mbuf *m)
{
	return (struct cas_rec *)((char *)m->shinfo - offsetof(struct cas_rec, shinfo));
}

static inline int
mpol_share(struct rte_mbuf *n, struct rte_mbuf *m)
{
	bool foll = mpol_isfollower(m);
	struct cas_rec *r;

	if ((m->ol_flags & RTE_MBUF_F_INDIRECT) != 0 || unlikely(!foll && !m_ispool(m->pool)))
		return lead_share(n, m);
	r = (struct cas_rec *)m_rec_get();
	if (unlikely(r == NULL)) {
		r = m_cas_getslow();
		if (r == NULL)
			return -ENOBUFS;
	}
	r->shinfo.free_cb = m_cas_freecb;
	r->shinfo.fcb_opaque = r;
	/* relaxed: nobody sees the record before it is linked with release */
	__atomic_store_n(&r->shinfo.refcnt, 1, __ATOMIC_RELAXED);
	/* m's own record keeps its list from being closed */
	if (foll ? !m_cas_link(cas_rec(m)->list, r) : m_cas_sharelead(r, m) != 0) {
		m_rec_put(r);
		return -ENOBUFS;
	}
	m_viewroom(n, m);
	n->shinfo = &r->shinfo;
	n->ol_flags |= RTE_MBUF_F_EXTERNAL;
	return 0;
}

static inline void
mpol_drop(struct m_coll *c, struct rte_mbuf *m)
{
	struct cas_rec *r = cas_rec(m);
	struct rte_mbuf *l;

	m_ownroom(m, m->pool == c->here->mp[0]);
	if (rte_mbuf_ext_refcnt_update(&r->shinfo, -1) != 0)
		return;
	l = m_cas_leave(r);
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
	return m_ispool(l->pool) ? m_cas_refs(l) : 0;
}

#endif /* M_POLICY_CAS_H */
