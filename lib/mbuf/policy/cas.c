/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Lists without a lock: cas.h. Who may read a record, and when it may be used again: casrcu.h. */

#include <string.h>

#include "policy/casrcu.h"
#include "policy/policy.h"

#define GONE ((uintptr_t)1)

static struct cas_list **
slot_of(const struct rte_mbuf *l)
{
	return (struct cas_list **)(uintptr_t)((const struct mbuf *)(const void *)l)->m_priv.words;
}

static struct cas_rec *
rec_at(uintptr_t link)
{
	return (struct cas_rec *)(link & ~GONE);
}

/*
 * Put r in front. False: the list is closed. The caller holds one that is linked, or is a reader.
 * A first record that left and came back between the two looks does no harm: r leads to it again.
 */
bool
m_cas_link(struct cas_list *list, struct cas_rec *r)
{
	/* relaxed: only compared */
	uintptr_t first = __atomic_load_n(&list->next, __ATOMIC_RELAXED);

	r->list = list;
	do {
		if (first == 0)
			return false;
		/* relaxed: seen through the compare-and-swap. Atomic, for late readers of what r
		 * was before. */
		__atomic_store_n(&r->next, first, __ATOMIC_RELAXED);
		/* release: whoever finds r sees it whole */
	} while (!__atomic_compare_exchange_n(
	    &list->next, &first, (uintptr_t)r, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
	return true;
}

/* r is the first follower of l, on a list of its own, which holds a reference to l. */
static int
new_list(struct cas_rec *r, struct rte_mbuf *l)
{
	struct cas_list *list = m_rec_get();

	if (unlikely(list == NULL)) {
		list = (struct cas_list *)m_cas_getslow();
		if (list == NULL)
			return -ENOBUFS;
	}
	if (unlikely(lead_ref(l) != 0)) {
		m_rec_put(list);
		return -ENOBUFS;
	}
	list->leader = l;
	r->list = list;
	/* relaxed, all: seen through the slot, or through r, which is handed over */
	__atomic_store_n(&list->debt, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&list->length, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&r->next, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&list->next, (uintptr_t)r, __ATOMIC_RELAXED);
	/* release: the list before the way to it. Who closes an older list only clears its own. */
	__atomic_store_n(slot_of(l), list, __ATOMIC_RELEASE);
	return 0;
}

/* r becomes a follower of l, whose header is the caller's. 0 or -ENOBUFS. */
int
m_cas_sharelead(struct cas_rec *r, struct rte_mbuf *l)
{
	struct cas_list *list;
	struct cas_reader *me;
	bool linked;

	/* acquire: held once, so there is no list, and who closed the last one was done */
	if (__atomic_load_n(&l->refcnt, __ATOMIC_ACQUIRE) != 1) {
		me = cas_enter();
		/* acquire: the list as its maker left it */
		list = __atomic_load_n(slot_of(l), __ATOMIC_ACQUIRE);
		linked = list != NULL && m_cas_link(list, r);
		cas_exit(me);
		if (linked)
			return 0;
	}
	return new_list(r, l);
}

/* The caller's swing emptied the list. Returns the leader, whose reference is the caller's. */
static struct rte_mbuf *
close_list(struct cas_list *list, struct cas_reader *me)
{
	struct cas_list *self = list;
	struct rte_mbuf *l = list->leader;

	/* relaxed: ordered by the drop of l; its owner may have put another list there */
	__atomic_compare_exchange_n(
	    slot_of(l), &self, NULL, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	cas_retire(me, list);
	return l;
}

/*
 * Swing the link at, which leads to r, past r, which has left. Acquire and release: what those that
 * left did with the cluster comes before what whoever empties the list does.
 */
static bool
swing(uintptr_t *at, struct cas_rec *r, uintptr_t past, struct cas_reader *me)
{
	uintptr_t expected = (uintptr_t)r;

	if (!__atomic_compare_exchange_n(
		at, &expected, past & ~GONE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	cas_retire(me, r);
	return true;
}

/*
 * Unlink those behind prev, which is a holder, that have left, up to r, or all if r is NULL.
 * Returns how many holders were passed; *done is false if a neighbour left meanwhile.
 */
static unsigned
unlink_behind(struct cas_rec *prev, const struct cas_rec *r, bool *done, struct cas_reader *me)
{
	unsigned passed = 1;
	/* acquire: the records behind as they were linked */
	uintptr_t at = __atomic_load_n(&prev->next, __ATOMIC_ACQUIRE), next;

	*done = false;
	if ((at & GONE) != 0)
		return passed;
	while (at != 0 && (r == NULL || passed <= CAS_NEAR)) {
		struct cas_rec *rec = rec_at(at);

		next = __atomic_load_n(&rec->next, __ATOMIC_ACQUIRE); /* acquire: as above */
		if ((next & GONE) == 0) {
			prev = rec;
			passed++;
		} else if (!swing(&prev->next, rec, next, me)) {
			return passed;
		} else if (rec == r) {
			break;
		}
		at = next & ~GONE;
	}
	*done = true;
	return passed;
}

/* Whether r, too far behind to be unlinked, is one too many of those. */
static bool
too_many_left(struct cas_list *list)
{
	/* relaxed, all: hints, that bound what is left lying about and never decide what is right
	 */
	uint32_t length = __atomic_load_n(&list->length, __ATOMIC_RELAXED);

	if (__atomic_add_fetch(&list->debt, 1, __ATOMIC_RELAXED) <= RTE_MAX(length, CAS_NEAR))
		return false;
	__atomic_store_n(&list->debt, 0, __ATOMIC_RELAXED);
	return true;
}

/*
 * r has left. Unlink all in front that have left, for the last holder's swing must empty the list;
 * and r itself, if it is near. Returns the leader if the list is closed by that, else NULL.
 */
static struct rte_mbuf *
tidy(struct cas_list *list, const struct cas_rec *r, struct cas_reader *me)
{
	for (;;) {
		/* acquire, both: the records as they were linked, and that who left was done */
		uintptr_t first = __atomic_load_n(&list->next, __ATOMIC_ACQUIRE), next;
		unsigned passed;
		bool done;

		if (first == 0)
			return NULL;
		next = __atomic_load_n(&rec_at(first)->next, __ATOMIC_ACQUIRE);
		if ((next & GONE) != 0) {
			if (swing(&list->next, rec_at(first), next, me) && (next & ~GONE) == 0)
				return close_list(list, me);
			continue;
		}
		passed = unlink_behind(rec_at(first), r, &done, me);
		if (!done)
			continue;
		if (r == NULL) /* relaxed: a hint */
			__atomic_store_n(&list->length, passed, __ATOMIC_RELAXED);
		if (r == NULL || passed <= CAS_NEAR || !too_many_left(list))
			return NULL;
		r = NULL;
	}
}

struct rte_mbuf *
m_cas_leave(struct cas_rec *r)
{
	struct cas_reader *me;
	struct rte_mbuf *l;

	/* acquire: DPDK sees the last reference to this record by a relaxed load */
	(void)__atomic_load_n(&r->shinfo.refcnt, __ATOMIC_ACQUIRE);
	me = cas_enter();
	/* release: this holder is done with the cluster; acquire: with what it takes from others */
	__atomic_fetch_or(&r->next, GONE, __ATOMIC_ACQ_REL);
	l = tidy(r->list, r, me);
	cas_exit(me);
	return l;
}

/* The last mbuf that counted in this record is gone: a driver freed it. */
void
m_cas_freecb(void *addr, void *rec)
{
	struct rte_mbuf *l = m_cas_leave(rec);
	struct m_coll c;

	(void)addr;
	if (l == NULL)
		return;
	m_coll_init(&c);
	lead_drop(&c, l);
	m_coll_flush(&c);
}

/* Holders on a list that begins with first. */
static unsigned
count(uintptr_t first)
{
	unsigned n = 0;
	uintptr_t next;

	for (; first != 0; first = next & ~GONE) {
		const struct cas_rec *r = rec_at(first);

		/* acquire: who has left was done with the cluster before; and who has not may be
		 * on its way, its count 0 already, but counts as one */
		next = __atomic_load_n(&r->next, __ATOMIC_ACQUIRE);
		if ((next & GONE) == 0)
			n += RTE_MAX(rte_mbuf_ext_refcnt_read(&r->shinfo), 1);
	}
	return n;
}

/*
 * A walk is good if the first record is still the first: then whoever was linked in front of it
 * meanwhile has left again. The list's own reference stands for the first holder; of a closed list
 * that somebody has yet to drop it stands for none.
 */
unsigned
m_cas_refs(const struct rte_mbuf *l)
{
	struct cas_reader *me;
	const struct cas_list *list;
	uintptr_t first, again;
	unsigned n = 0;

	/* relaxed: a look that saves the fence. NULL is seen by whoever holds the leader only. */
	if (__atomic_load_n(slot_of(l), __ATOMIC_RELAXED) == NULL)
		return 0;
	me = cas_enter();
	/* acquire, all: as in tidy() */
	list = __atomic_load_n(slot_of(l), __ATOMIC_ACQUIRE);
	if (list != NULL) {
		again = __atomic_load_n(&list->next, __ATOMIC_ACQUIRE);
		do {
			first = again;
			n = count(first) - 1;
			again = __atomic_load_n(&list->next, __ATOMIC_ACQUIRE);
		} while (again != first);
	}
	cas_exit(me);
	return n;
}
