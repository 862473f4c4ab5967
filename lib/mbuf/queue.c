/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Queues of packets: list.h. A spinlock, for each hold is a few stores; packets are freed outside
 * of it. Its acquire and release also hand over the packets' bytes.
 */

#include "internal.h"

void
mq_init(struct mbuf_queue *mq, unsigned maxlen)
{
	rte_spinlock_init(&mq->mq_lock);
	mq->mq_maxlen = maxlen;
	mq->mq_drops = 0;
	ml_init(&mq->mq_list);
}

int
mq_enqueue(struct mbuf_queue *mq, struct mbuf *m)
{
	bool full;

	rte_spinlock_lock(&mq->mq_lock);
	full = ml_len(&mq->mq_list) >= mq->mq_maxlen;
	if (full)
		mq->mq_drops++;
	else
		ml_enqueue(&mq->mq_list, m);
	rte_spinlock_unlock(&mq->mq_lock);
	if (full)
		m_freem(m);
	return full;
}

int
mq_push(struct mbuf_queue *mq, struct mbuf *m)
{
	struct mbuf *old = NULL;

	rte_spinlock_lock(&mq->mq_lock);
	ml_enqueue(&mq->mq_list, m);
	if (ml_len(&mq->mq_list) > mq->mq_maxlen) {
		old = ml_dequeue(&mq->mq_list);
		mq->mq_drops++;
	}
	rte_spinlock_unlock(&mq->mq_lock);
	m_freem(old);
	return old != NULL;
}

unsigned
mq_enlist(struct mbuf_queue *mq, struct mbuf_list *ml)
{
	unsigned dropped;
	struct mbuf *m;

	rte_spinlock_lock(&mq->mq_lock);
	while (ml_len(&mq->mq_list) < mq->mq_maxlen && (m = ml_dequeue(ml)) != NULL)
		ml_enqueue(&mq->mq_list, m);
	dropped = ml_len(ml);
	mq->mq_drops += dropped;
	rte_spinlock_unlock(&mq->mq_lock);
	ml_purge(ml);
	return dropped;
}

struct mbuf *
mq_dequeue(struct mbuf_queue *mq)
{
	struct mbuf *m;

	rte_spinlock_lock(&mq->mq_lock);
	m = ml_dequeue(&mq->mq_list);
	rte_spinlock_unlock(&mq->mq_lock);
	return m;
}

void
mq_delist(struct mbuf_queue *mq, struct mbuf_list *ml)
{
	rte_spinlock_lock(&mq->mq_lock);
	*ml = mq->mq_list;
	ml_init(&mq->mq_list);
	rte_spinlock_unlock(&mq->mq_lock);
}

unsigned
mq_purge(struct mbuf_queue *mq)
{
	struct mbuf_list ml;

	mq_delist(mq, &ml);
	return ml_purge(&ml);
}

unsigned
mq_hdatalen(struct mbuf_queue *mq)
{
	unsigned n;

	rte_spinlock_lock(&mq->mq_lock);
	n = ml_hdatalen(&mq->mq_list);
	rte_spinlock_unlock(&mq->mq_lock);
	return n;
}

void
mq_set_maxlen(struct mbuf_queue *mq, unsigned maxlen)
{
	rte_spinlock_lock(&mq->mq_lock);
	mq->mq_maxlen = maxlen;
	rte_spinlock_unlock(&mq->mq_lock);
}

/* One look at one number, under the lock: nothing here needs an order of its own. */
static unsigned
look(struct mbuf_queue *mq, const unsigned *number)
{
	unsigned n;

	rte_spinlock_lock(&mq->mq_lock);
	n = *number;
	rte_spinlock_unlock(&mq->mq_lock);
	return n;
}

unsigned
mq_len(struct mbuf_queue *mq)
{
	return look(mq, &mq->mq_list.ml_len);
}

bool
mq_empty(struct mbuf_queue *mq)
{
	return mq_len(mq) == 0;
}

bool
mq_full(struct mbuf_queue *mq)
{
	bool full;

	rte_spinlock_lock(&mq->mq_lock);
	full = ml_len(&mq->mq_list) >= mq->mq_maxlen;
	rte_spinlock_unlock(&mq->mq_lock);
	return full;
}

unsigned
mq_drops(struct mbuf_queue *mq)
{
	return look(mq, &mq->mq_drops);
}
