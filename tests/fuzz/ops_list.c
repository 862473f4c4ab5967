/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Operations on lists and queues of packets. */

#include "world.h"

#include <stdlib.h>
#include <string.h>

static void
fifo_add(struct fifo *f, struct chain *c)
{
	MUST(f->n < QUEUED);
	f->c[f->n++] = c;
}

static struct chain *
fifo_take(struct fifo *f)
{
	struct chain *c = f->c[0];

	f->n--;
	memmove(f->c, f->c + 1, f->n * sizeof(f->c[0]));
	return c;
}

/* A chain for a list: a packet. It leaves its slot. */
static struct chain *
packet(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);

	return c != NULL && c->hdr ? world_take(w, c) : NULL;
}

static void
op_ml_enqueue(struct world *w, const struct op *op)
{
	struct chain *c;

	if (w->mlist.n == QUEUED || (c = packet(w, op)) == NULL)
		return;
	ml_enqueue(&w->ml, c->m);
	fifo_add(&w->mlist, c);
	MUST(ml_len(&w->ml) == w->mlist.n && !ml_empty(&w->ml));
}

static void
op_ml_dequeue(struct world *w, const struct op *op)
{
	struct mbuf *m;
	struct chain *c;

	(void)op;
	MUST(ml_hdatalen(&w->ml) == (w->mlist.n > 0 ? w->mlist.c[0]->len : 0));
	m = ml_dequeue(&w->ml);
	if (w->mlist.n == 0) {
		MUST(m == NULL);
		return;
	}
	c = fifo_take(&w->mlist);
	MUST(m == c->m && m_nextpkt(m) == NULL);
	world_put(w, c);
}

/* All of the list, walked, unlinked and put back. */
static void
op_ml_dechain(struct world *w, const struct op *op)
{
	unsigned i = 0, n = w->mlist.n;
	struct mbuf *m, *next;

	MBUF_LIST_FOREACH (&w->ml, m)
		MUST(i < n && m == w->mlist.c[i++]->m);
	MUST(i == n);
	m = ml_dechain(&w->ml);
	MUST(ml_empty(&w->ml) && ml_len(&w->ml) == 0);
	if (op->a % 4 == 0) {
		m_purge(m);
		while (w->mlist.n > 0)
			free(fifo_take(&w->mlist));
		return;
	}
	for (i = 0; m != NULL; m = next, i++) {
		next = m_nextpkt(m);
		m_setnextpkt(m, NULL);
		MUST(m == w->mlist.c[i]->m);
		ml_enqueue(&w->ml, m);
	}
	MUST(i == n);
}

static void
op_mq_enqueue(struct world *w, const struct op *op)
{
	struct chain *c = packet(w, op);
	unsigned drops = mq_drops(&w->mq);
	bool full = w->mqueue.n == QUEUED, push = op->a & 1;

	if (c == NULL)
		return;
	MUST(mq_full(&w->mq) == full);
	MUST((push ? mq_push(&w->mq, c->m) : mq_enqueue(&w->mq, c->m)) == full);
	MUST(mq_drops(&w->mq) == drops + full);
	if (full && !push) {
		free(c);
		return;
	}
	if (full)
		free(fifo_take(&w->mqueue));
	fifo_add(&w->mqueue, c);
}

static void
op_mq_dequeue(struct world *w, const struct op *op)
{
	struct mbuf *m;
	struct chain *c;

	(void)op;
	MUST(mq_len(&w->mq) == w->mqueue.n && mq_empty(&w->mq) == (w->mqueue.n == 0));
	MUST(mq_hdatalen(&w->mq) == (w->mqueue.n > 0 ? w->mqueue.c[0]->len : 0));
	m = mq_dequeue(&w->mq);
	if (w->mqueue.n == 0) {
		MUST(m == NULL);
		return;
	}
	c = fifo_take(&w->mqueue);
	MUST(m == c->m);
	world_put(w, c);
}

/* Move all of one to the other. */
static void
op_mq_move(struct world *w, const struct op *op)
{
	struct mbuf_list ml = MBUF_LIST_INITIALIZER();
	unsigned room, dropped;

	if (op->a & 1) {
		if (w->mlist.n + w->mqueue.n > QUEUED)
			return;
		mq_delist(&w->mq, &ml);
		MUST(mq_empty(&w->mq) && ml_len(&ml) == w->mqueue.n);
		ml_enlist(&w->ml, &ml);
		while (w->mqueue.n > 0)
			fifo_add(&w->mlist, fifo_take(&w->mqueue));
		return;
	}
	room = QUEUED - w->mqueue.n;
	dropped = mq_enlist(&w->mq, &w->ml);
	MUST(dropped == (w->mlist.n > room ? w->mlist.n - room : 0));
	MUST(ml_empty(&w->ml));
	while (w->mlist.n > 0) {
		struct chain *c = fifo_take(&w->mlist);

		if (w->mqueue.n < QUEUED)
			fifo_add(&w->mqueue, c);
		else
			free(c);
	}
}

static void
op_purge(struct world *w, const struct op *op)
{
	if (op->a & 1) {
		MUST(ml_purge(&w->ml) == w->mlist.n);
		while (w->mlist.n > 0)
			free(fifo_take(&w->mlist));
	} else {
		MUST(mq_purge(&w->mq) == w->mqueue.n);
		while (w->mqueue.n > 0)
			free(fifo_take(&w->mqueue));
	}
}

const struct op_desc ops_list[] = {
    {"ml_enqueue", op_ml_enqueue},
    {"ml_dequeue", op_ml_dequeue},
    {"ml_dechain", op_ml_dechain},
    {"mq_enqueue", op_mq_enqueue},
    {"mq_dequeue", op_mq_dequeue},
    {"mq_move", op_mq_move},
    {"purge", op_purge},
    {NULL, NULL},
};
