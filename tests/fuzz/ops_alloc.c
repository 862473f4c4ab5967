/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Operations that allocate and free. */

#include "world.h"

#include <string.h>

static bool
refused(struct world *w, const struct mbuf *m)
{
	if (m != NULL)
		return false;
	if (rte_errno != ENOBUFS)
		FAIL("rte_errno is %d, must be ENOBUFS", rte_errno);
	w->refused++;
	return true;
}

/* Put len bytes into a new chain of one empty, writable mbuf, as BSD code does by hand. */
static void
write_first(struct world *w, struct chain *c, unsigned len)
{
	len = RTE_MIN(len, m_trailingspace(c->m));
	len = RTE_MIN(len, (unsigned)MAXLEN);
	world_fill(w, mtod(c->m, void *), len);
	memcpy(c->bytes, mtod(c->m, const void *), len);
	c->m->m_len = (uint16_t)len;
	c->len = len;
	m_calchdrlen(c->m);
}

static void
op_get(struct world *w, const struct op *op)
{
	struct mbuf *m = m_get(M_DONTWAIT, MT_DATA);
	struct chain *c;

	if (refused(w, m))
		return;
	MUST(m->m_len == 0 && m->m_next == NULL && m_trailingspace(m) == MLEN);
	MUST(m_testflags(m, M_PKTHDR | M_EXT) == 0);
	c = world_new(w, m);
	c->hdr = false;
	write_first(w, c, op->a % (MLEN + 1));
}

static void
op_gethdr(struct world *w, const struct op *op)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_HEADER);

	if (refused(w, m))
		return;
	MUST(m_trailingspace(m) == MHLEN && m_gettype(m) == MT_HEADER);
	write_first(w, world_new(w, m), op->a % (MHLEN + 1));
}

static void
op_getclr(struct world *w, const struct op *op)
{
	struct mbuf *m = m_getclr(M_WAIT, MT_DATA);
	struct chain *c;

	if (refused(w, m))
		return;
	c = world_new(w, m);
	c->hdr = m_testflags(m, M_PKTHDR) != 0;
	c->len = op->a % (MLEN + 1);
	m->m_len = (uint16_t)c->len; /* zero without being written */
	m_calchdrlen(m);
}

static void
op_clget(struct world *w, const struct op *op)
{
	struct mbuf *m = m_clget(NULL, M_DONTWAIT, op->a % (MCLBYTES + 1));

	if (refused(w, m))
		return;
	MUST(m_trailingspace(m) >= op->a % (MCLBYTES + 1) && m_testflags(m, M_EXT | M_EXTWR) != 0);
	write_first(w, world_new(w, m), op->b);
}

/* A cluster for an mbuf that has none; one that is too large is refused. */
static void
op_clget_attach(struct world *w, const struct op *op)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA), *n;
	struct chain *c;

	if (refused(w, m))
		return;
	MUST(m_clget(m, M_DONTWAIT, MAXMCLBYTES + 1) == NULL && rte_errno == EINVAL);
	n = m_clget(m, M_DONTWAIT, op->a % (MCLBYTES + 1));
	c = world_new(w, m);
	if (!refused(w, n)) {
		MUST(n == m && m_testflags(m, M_EXT) != 0);
		MUST(m_clget(m, M_DONTWAIT, 1) == NULL && rte_errno == EINVAL);
	}
	write_first(w, c, op->b);
}

static void
op_extadd(struct world *w, const struct op *op)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA);
	struct storage *s;
	struct chain *c;
	unsigned len = op->b % (STORAGE + 1);
	int rc;

	if (refused(w, m))
		return;
	s = storage_get(w, op->a);
	if (s == NULL) {
		(void)m_freem(m);
		return;
	}
	rc = MEXTADD(m, s->buf, STORAGE, s->writable ? M_EXTWR : 0, storage_freefn(), s);
	if (rc != 0) {
		MUST(rc == -ENOBUFS);
		w->refused++;
		__atomic_store_n(&s->state, STORAGE_FREE, __ATOMIC_RELEASE);
		(void)m_freem(m);
		return;
	}
	MUST(MEXTADD(m, s->buf, STORAGE, 0, storage_freefn(), s) == -EINVAL);
	MUST((m_testflags(m, M_EXTWR) != 0) == s->writable);
	c = world_new(w, m);
	if (s->writable) {
		write_first(w, c, len);
		return;
	}
	m->m_len = (uint16_t)len;
	m_calchdrlen(m);
	c->len = len;
	memcpy(c->bytes, s->buf, len);
}

static void
op_devget(struct world *w, const struct op *op)
{
	uint8_t buf[MAXLEN];
	unsigned len = op->a % MAXLEN, off = op->b % 64;
	struct chain *c;
	struct mbuf *m;

	world_fill(w, buf, len);
	m = m_devget((const char *)buf, (int)len, (int)off);
	if (len == 0) {
		MUST(m == NULL && rte_errno == EINVAL);
		return;
	}
	if (refused(w, m))
		return;
	c = world_new(w, m);
	c->len = len;
	memcpy(c->bytes, buf, len);
}

static void
op_get_bulk(struct world *w, const struct op *op)
{
	struct mbuf *v[32] = {NULL};
	unsigned i, n = op->a % 33;
	int rc = m_get_bulk(v, n);

	if (rc != 0) {
		MUST(rc == -ENOBUFS);
		w->refused++;
		return;
	}
	for (i = 0; i < n; i++)
		MUST(v[i]->m_len == 0 && m_trailingspace(v[i]) >= MCLBYTES);
	if (n > 0) {
		write_first(w, world_new(w, v[0]), op->b);
		v[0] = NULL;
	}
	m_freem_bulk(v, n);
}

/* Take buffers out of circulation, so that pools run empty; or give them back. */
static void
op_hog(struct world *w, const struct op *op)
{
	unsigned n = op->a % HOGS;
	struct mbuf *m;

	while (w->nhog < n) {
		m = op->b & 1 ? m_get(M_DONTWAIT, MT_DATA) : m_clget(NULL, M_DONTWAIT, MCLBYTES);
		if (refused(w, m))
			return;
		w->hog[w->nhog++] = m;
	}
	while (w->nhog > n)
		(void)m_free(w->hog[--w->nhog]);
}

static void
op_freem(struct world *w, const struct op *op)
{
	struct chain *c = w->slot[op->slot % SLOTS];
	struct mbuf *m;

	if (c == NULL)
		return;
	m = c->m;
	world_forget(w, c);
	if (op->a & 1)
		MUST(m_freem(m) == NULL);
	else
		MUST(m_freemp(&m) == NULL && m == NULL);
	MUST(m_free(NULL) == NULL && m_freem(NULL) == NULL);
}

/* mbuf by mbuf: m_free() gives the rest. */
static void
op_free(struct world *w, const struct op *op)
{
	struct chain *c = w->slot[op->slot % SLOTS];
	struct mbuf *m, *next;

	if (c == NULL)
		return;
	m = c->m;
	world_forget(w, c);
	while (m != NULL) {
		next = m->m_next;
		MUST(m_free(m) == next);
		m = next;
	}
}

static void
op_freem_bulk(struct world *w, const struct op *op)
{
	struct mbuf *v[SLOTS];
	struct chain *c;
	unsigned i, n = 0;

	for (i = 0; i < SLOTS; i++) {
		c = w->slot[i];
		if (c != NULL && (op->a >> i & 1) != 0) {
			v[n++] = c->m;
			world_forget(w, c);
		}
	}
	m_freem_bulk(v, n);
}

static void
op_reap(struct world *w, const struct op *op)
{
	(void)w;
	if (op->a & 1)
		m_flush();
	(void)m_reap();
}

const struct op_desc ops_alloc[] = {
    {"get", op_get},
    {"gethdr", op_gethdr},
    {"getclr", op_getclr},
    {"clget", op_clget},
    {"clget_attach", op_clget_attach},
    {"extadd", op_extadd},
    {"devget", op_devget},
    {"get_bulk", op_get_bulk},
    {"hog", op_hog},
    {"freem", op_freem},
    {"free", op_free},
    {"freem_bulk", op_freem_bulk},
    {"reap", op_reap},
    {NULL, NULL},
};
