/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef NOMEM_H
#define NOMEM_H

/*
 * Allocation failure at every allocation: an operation runs on each kind of chain with exactly k
 * headers and c clusters free, for all k and c up to what it needs. An operation that fails leaves
 * everything as its prototype says; one that succeeds does what it says; nothing leaks.
 */

#include "shapes.h"

/* More than any operation needs on any shape. */
#define HEADERS 12
#define CLUSTERS 4

struct env {
	struct shape s;
	struct mbuf *aux;     /* what prepare() made; freed by the harness */
	struct rte_mbuf *rte; /* a foreign chain, the same */
	struct rte_mempool *foreign;
	unsigned nfreed;
};

enum fate {
	NONE,  /* there is no chain */
	SAME,  /* the chain is exactly as it was, segment by segment */
	BYTES, /* it has the bytes and the length it had */
	GONE,  /* it is freed */
};

struct op {
	const char *name;
	enum fate fail;
	/* 0, or -errno. On success the bytes are checked inside, and s.m is what is to be freed. */
	int (*run)(struct env *e);
	void (*prepare)(struct env *e); /* before memory is short; may be NULL */
};

/* Everything of a chain that could change. */
struct snap {
	unsigned segs, len, flags, tags;
	struct {
		const struct mbuf *m;
		void *buf;
		unsigned off, len;
		uint64_t ol_flags;
	} v[16];
};

static inline void
snap_take(struct snap *p, const struct mbuf *head)
{
	unsigned i = 0;

	memset(p, 0, sizeof(*p));
	p->len = head->m_pkthdr.len;
	p->segs = head->m_rte.nb_segs;
	p->flags = m_testflags(head, 0xffff);
	for (const struct m_tag *t = m_tag_first(head); t != NULL; t = m_tag_next(head, t))
		p->tags = p->tags * 100 + t->m_tag_id;
	for (const struct mbuf *m = head; m != NULL; m = m->m_next, i++) {
		assert_true(i < RTE_DIM(p->v));
		p->v[i].m = m;
		p->v[i].buf = m->m_rte.buf_addr;
		p->v[i].off = m->m_rte.data_off;
		p->v[i].len = m->m_len;
		/* that the private line was written is no change that counts */
		p->v[i].ol_flags = m->m_rte.ol_flags & ~m_hot.dirty;
	}
}

/* What is taken from the pools to make memory short. */
static void *taken[2][1024];
static unsigned ntaken[2];

static inline struct rte_mempool *
pool_of(unsigned i)
{
	int socket = (int)rte_socket_id();

	return i == 0 ? m_header_pool(socket) : m_cluster_pool(socket);
}

static inline void
drain(unsigned headers, unsigned clusters)
{
	const unsigned leave[2] = {headers, clusters};

	m_flush();
	m_reap();
	for (unsigned i = 0; i < 2; i++) {
		unsigned n = rte_mempool_avail_count(pool_of(i));

		assert_true(n >= leave[i] && n - leave[i] <= RTE_DIM(taken[i]));
		ntaken[i] = n - leave[i];
		if (ntaken[i] > 0)
			assert_int_equal(rte_mempool_get_bulk(pool_of(i), taken[i], ntaken[i]), 0);
	}
}

static inline void
undrain(void)
{
	for (unsigned i = 0; i < 2; i++) {
		if (ntaken[i] > 0)
			rte_mempool_put_bulk(pool_of(i), taken[i], ntaken[i]);
		ntaken[i] = 0;
	}
}

/* The chain after a failure is what the prototype promises. */
static inline void
check_failed(const struct op *op, struct env *e, const struct snap *before, const char *shape)
{
	struct snap now;

	if (op->fail == NONE || op->fail == GONE)
		return;
	shape_is(e->s.m, e->s.flat, e->s.len, shape);
	snap_take(&now, e->s.m);
	if (op->fail == SAME && memcmp(&now, before, sizeof(now)) != 0)
		fail_msg("%s failed on %s, and the chain has changed", op->name, shape);
	assert_int_equal(now.len, before->len);
	assert_int_equal(now.tags, before->tags);
	assert_int_equal(now.flags & (M_MCAST | M_PKTHDR), M_MCAST | M_PKTHDR);
}

/* One try. Returns what the operation returned. */
static inline int
nomem_try(const struct op *op, struct env *e, unsigned shape, unsigned k, unsigned c)
{
	struct snap before;
	int rc;

	shape_make(&e->s, shape);
	m_setflags(e->s.m, M_MCAST);
	m_tag_prepend(e->s.m, m_tag_get(7, 4, M_DONTWAIT));
	m_tag_prepend(e->s.m, m_tag_get(8, 80, M_DONTWAIT));
	e->aux = NULL;
	e->rte = NULL;
	if (op->prepare != NULL)
		op->prepare(e);
	snap_take(&before, e->s.m);
	drain(k, c);
	rte_errno = 0;
	rc = op->run(e);
	assert_true(rc <= 0);
	if (rc != 0) {
		check_failed(op, e, &before, shapes[shape].name);
		if (op->fail == GONE)
			e->s.m = NULL;
	}
	m_freem(e->aux);
	rte_pktmbuf_free(e->rte);
	undrain();
	m_flush();
	shape_done(&e->s, e->s.flat, e->s.len, e->s.m);
	assert_int_equal(unit_badobjs(), 0);
	assert_int_equal(rte_mempool_in_use_count(e->foreign), 0);
	return rc;
}

/* All of one operation. Some try must fail and some succeed, or it shows nothing. */
static inline void
nomem_op(const struct op *op, struct env *e)
{
	unsigned nshapes = op->fail == NONE ? 1 : NSHAPES, failed = 0, done = 0;

	for (unsigned shape = 0; shape < nshapes; shape++) {
		for (unsigned c = 0; c <= CLUSTERS; c++) {
			for (unsigned k = 0; k <= HEADERS; k++) {
				int rc = nomem_try(op, e, shape, k, c);

				if (rc == 0) {
					done++;
					break; /* more memory cannot hurt */
				}
				/* what no memory helps: larger than a cluster of ours */
				if (rc == -EINVAL && e->s.len > MCLBYTES)
					continue;
				failed++;
				if (rc != -ENOBUFS || (k == HEADERS && c == CLUSTERS))
					fail_msg("%s on %s with %u headers and %u clusters: %d",
					    op->name, shapes[shape].name, k, c, rc);
			}
		}
	}
	if (failed == 0 || done == 0)
		fail_msg("%s: %u failed, %u succeeded", op->name, failed, done);
}

#endif /* NOMEM_H */
