/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Making objects, and a driver's free of a follower: object.h. */

#include "policy/policy.h"

void
m_object_freecb(void *addr, void *follower)
{
	struct rte_mbuf *l = obj_leave(follower);
	struct m_coll c;

	(void)addr;
	if (l == NULL)
		return;
	m_coll_init(&c);
	lead_drop(&c, l);
	m_coll_flush(&c);
}

static bool
ref_existing(struct rte_mbuf *l)
{
	/* acquire: the object as its maker left it */
	struct obj_ref *o = __atomic_load_n(obj_slot(l), __ATOMIC_ACQUIRE);
	struct m_coll c;
	bool ok;

	if (o == NULL)
		return false;
	m_coll_init(&c);
	ok = obj_tryref(&c, o, l);
	m_coll_flush(&c);
	return ok;
}

struct obj_ref *
m_object_leadref(struct rte_mbuf *l)
{
	struct obj_ref *o;

	/* acquire: held once, so the last object is gone, and was done with the slot */
	if (__atomic_load_n(&l->refcnt, __ATOMIC_ACQUIRE) != 1 && ref_existing(l))
		return __atomic_load_n(obj_slot(l), __ATOMIC_RELAXED); /* alive: nobody clears it */
	o = m_rec_get();
	if (unlikely(o == NULL))
		return NULL;
	if (unlikely(lead_ref(l) != 0)) {
		m_rec_put(o);
		return NULL;
	}
	/* relaxed, then release: who takes a reference sees whose object it is */
	__atomic_store_n(&o->leader, l, __ATOMIC_RELAXED);
	__atomic_store_n(&o->refs, 1, __ATOMIC_RELEASE);
	/* release: the object before the way to it */
	__atomic_store_n(obj_slot(l), o, __ATOMIC_RELEASE);
	return o;
}
