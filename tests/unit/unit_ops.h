/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef UNIT_OPS_H
#define UNIT_OPS_H

/*
 * A mempool backend that ThreadSanitizer can follow: DPDK's own is in a library that is not
 * instrumented, so that a buffer which goes from lcore to lcore through a pool would look like a
 * race. Include it in one file of a program and call unit_ops_use() before m_init().
 */

#include <pthread.h>

#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

struct unit_stack {
	pthread_mutex_t lock;
	unsigned n;
	void *obj[];
};

static int
unit_ops_alloc(struct rte_mempool *mp)
{
	struct unit_stack *s = calloc(1, sizeof(*s) + mp->size * sizeof(void *));

	if (s == NULL)
		return -ENOMEM;
	pthread_mutex_init(&s->lock, NULL);
	mp->pool_data = s;
	return 0;
}

static void
unit_ops_free(struct rte_mempool *mp)
{
	free(mp->pool_data);
}

static int
unit_ops_enqueue(struct rte_mempool *mp, void *const *obj, unsigned n)
{
	struct unit_stack *s = mp->pool_data;

	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; i < n; i++)
		s->obj[s->n++] = obj[i];
	pthread_mutex_unlock(&s->lock);
	return 0;
}

static int
unit_ops_dequeue(struct rte_mempool *mp, void **obj, unsigned n)
{
	struct unit_stack *s = mp->pool_data;
	int rc = -ENOBUFS;

	pthread_mutex_lock(&s->lock);
	if (n <= s->n) {
		for (unsigned i = 0; i < n; i++)
			obj[i] = s->obj[--s->n];
		rc = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static unsigned
unit_ops_count(const struct rte_mempool *mp)
{
	struct unit_stack *s = mp->pool_data;
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->n;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static const struct rte_mempool_ops unit_ops = {
    .name = "unit_stack",
    .alloc = unit_ops_alloc,
    .free = unit_ops_free,
    .enqueue = unit_ops_enqueue,
    .dequeue = unit_ops_dequeue,
    .get_count = unit_ops_count,
};
RTE_MEMPOOL_REGISTER_OPS(unit_ops)

/* From now on m_init() takes this backend. 0, or negative errno. */
static inline int
unit_ops_use(void)
{
	return rte_mbuf_set_user_mempool_ops("unit_stack");
}

#endif /* UNIT_OPS_H */
