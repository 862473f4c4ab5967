/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_POLICY_CASRCU_H
#define M_POLICY_CASRCU_H

/*
 * Grace periods for the cas policy. A reader is an lcore inside the list code, between cas_enter()
 * and cas_exit(): only then does it block others' records, so an lcore that stops calling us holds
 * back nothing. That costs a full fence for each call; reporting quiescent states from the poll
 * loop would cost less and make every caller promise to keep polling.
 *
 * Threads that are no lcore share one place, one at a time.
 */

#include <rte_rcu_qsbr.h>

#include "policy/policy.h"

/* What an lcore has unlinked. Only it looks at this, m_fini() apart. */
struct cas_reader {
	void *fresh;   /* since the last token was taken */
	void *waiting; /* for that token */
	uint64_t token;
	unsigned nfresh;
	unsigned held; /* atomic: both together, a statistic */
	bool registered;
} __rte_cache_aligned;

struct cas_rcu {
	struct rte_rcu_qsbr *qsbr;
	struct cas_reader reader[RTE_MAX_LCORE + 1]; /* the last: for threads that are no lcore */
};
extern struct cas_rcu m_casrcu;
#define CAS_GUEST RTE_MAX_LCORE

/* policy/casrcu.c */
struct cas_reader *m_cas_enterslow(unsigned id);
void m_cas_exitslow(struct cas_reader *me);

static inline struct cas_reader *
cas_enter(void)
{
	unsigned id = rte_lcore_id();

	if (unlikely(id >= RTE_MAX_LCORE || !m_casrcu.reader[id].registered))
		return m_cas_enterslow(id);
	rte_rcu_qsbr_thread_online(m_casrcu.qsbr, id);
	return &m_casrcu.reader[id];
}

static inline void
cas_exit(struct cas_reader *me)
{
	rte_rcu_qsbr_thread_offline(m_casrcu.qsbr, (unsigned)(me - m_casrcu.reader));
	if (unlikely(me->nfresh >= CAS_HELD || me == &m_casrcu.reader[CAS_GUEST]))
		m_cas_exitslow(me);
}

/* obj, a cas_rec or a cas_list, was unlinked by the caller's own compare-and-swap. */
static inline void
cas_retire(struct cas_reader *me, void *obj)
{
	((struct cas_rec *)obj)->retired = me->fresh;
	me->fresh = obj;
	me->nfresh++;
	/* relaxed: a statistic, and this lcore its only writer */
	__atomic_store_n(&me->held, me->held + 1, __ATOMIC_RELAXED);
}

#endif /* M_POLICY_CASRCU_H */
