/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_LIST_H
#define BSDMBUF_LIST_H

/* Lists of packets, without a lock: ml_init(9). Queues, thread-safe and bounded: mq_init(9). */

#include <bsdmbuf/alloc.h>
#include <bsdmbuf/types.h>

#include <rte_spinlock.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mbuf_list {
	struct mbuf *ml_head;
	struct mbuf *ml_tail;
	unsigned ml_len;
};
#define MBUF_LIST_INITIALIZER()                                                                    \
	{                                                                                          \
		NULL, NULL, 0                                                                      \
	}

struct mbuf_queue {
	rte_spinlock_t mq_lock;
	unsigned mq_maxlen;
	unsigned mq_drops;
	struct mbuf_list mq_list;
};

/* Empty a list head; what it held is not freed. ml_init(9). */
M_API void ml_init(struct mbuf_list *ml);

/* Add one packet (a chain) at the end; the list owns it. ml_init(9). */
M_API void ml_enqueue(struct mbuf_list *ml, struct mbuf *m);

/* Take the first packet, the caller's; NULL if empty. ml_init(9). */
M_API struct mbuf *ml_dequeue(struct mbuf_list *ml);

/* Move all of src to the end of dst. ml_init(9). */
M_API void ml_enlist(struct mbuf_list *dst, struct mbuf_list *src);

/* Take all, linked by m_nextpkt, the caller's; NULL if empty. ml_init(9). */
M_API struct mbuf *ml_dechain(struct mbuf_list *ml);

/* Free all; returns how many. ml_init(9). */
M_API unsigned ml_purge(struct mbuf_list *ml);

/* Bytes of the first packet; 0 if empty. ml_init(9). */
M_API unsigned ml_hdatalen(const struct mbuf_list *ml);

static inline unsigned
ml_len(const struct mbuf_list *ml)
{
	return ml->ml_len;
}

static inline bool
ml_empty(const struct mbuf_list *ml)
{
	return ml->ml_len == 0;
}
#define MBUF_LIST_FIRST(ml) ((ml)->ml_head)
#define MBUF_LIST_NEXT(m) m_nextpkt(m)
#define MBUF_LIST_FOREACH(ml, m)                                                                   \
	for ((m) = MBUF_LIST_FIRST(ml); (m) != NULL; (m) = MBUF_LIST_NEXT(m))

/* Make an empty queue of at most maxlen packets. mq_init(9). */
M_API void mq_init(struct mbuf_queue *mq, unsigned maxlen);

/* Add at the end. Full: m is freed and counted as a drop, returns 1; else 0. m is consumed.
 * mq_init(9). */
M_API int mq_enqueue(struct mbuf_queue *mq, struct mbuf *m);

/* Add at the end. Full: the oldest is freed and counted, returns 1; else 0. m is consumed (with
 * maxlen 0 it is itself the oldest). mq_init(9). */
M_API int mq_push(struct mbuf_queue *mq, struct mbuf *m);

/* Move all of ml to the end; what does not fit is freed and counted; returns how many that were.
 * mq_init(9). */
M_API unsigned mq_enlist(struct mbuf_queue *mq, struct mbuf_list *ml);

/* Take the first packet, the caller's; NULL if empty. mq_init(9). */
M_API struct mbuf *mq_dequeue(struct mbuf_queue *mq);

/* Take all into ml, whose content before is lost: it must be empty. mq_init(9). */
M_API void mq_delist(struct mbuf_queue *mq, struct mbuf_list *ml);

/* Free all; returns how many. They are not drops. mq_init(9). */
M_API unsigned mq_purge(struct mbuf_queue *mq);

/* Bytes of the first packet; 0 if empty. mq_init(9). */
M_API unsigned mq_hdatalen(struct mbuf_queue *mq);

/* Change the bound; what is queued stays. mq_init(9). */
M_API void mq_set_maxlen(struct mbuf_queue *mq, unsigned maxlen);

/* A look from outside: true at one moment. mq_init(9). */
M_API unsigned mq_len(struct mbuf_queue *mq);
M_API bool mq_empty(struct mbuf_queue *mq);
M_API bool mq_full(struct mbuf_queue *mq);
M_API unsigned mq_drops(struct mbuf_queue *mq);

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_LIST_H */
