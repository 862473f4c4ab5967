/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Operations that share or copy whole chains, and the zero mark. */

#include "world.h"

#include <string.h>

static void
copy_tags(struct chain *to, const struct chain *from)
{
	to->ntags = from->ntags;
	memcpy(to->tags, from->tags, sizeof(to->tags));
}

static void
op_copym(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot), *o;
	unsigned off, len;
	struct mbuf *m;

	if (c == NULL)
		return;
	off = op->a % (c->len + 1);
	len = op->c % 3 == 0 ? c->len - off : op->b % (c->len - off + 1);
	MUST(m_copym(c->m, 0, (int)c->len + 1, M_DONTWAIT) == NULL && rte_errno == EINVAL);
	MUST(m_copym(c->m, -1, 1, M_DONTWAIT) == NULL && rte_errno == EINVAL);
	m = m_copym(c->m, (int)off, op->c % 3 == 0 ? M_COPYALL : (int)len, M_DONTWAIT);
	if (m == NULL) {
		MUST(len == 0 ? rte_errno == 0 : rte_errno == ENOBUFS);
		w->refused += len != 0;
		return;
	}
	MUST(len > 0);
	(void)world_take(w, c);
	o = world_new(w, m);
	o->hdr = c->hdr && off == 0;
	o->len = len;
	memcpy(o->bytes, c->bytes + off, len);
	if (o->hdr)
		copy_tags(o, c);
	world_put(w, c);
}

static void
op_copym_bulk(struct world *w, const struct op *op)
{
	struct mbuf *in[SLOTS], *out[SLOTS];
	struct chain *from[SLOTS], *o;
	unsigned i, n = 0, got;

	for (i = 0; i < SLOTS; i++) {
		struct chain *c = w->slot[i];

		if (c != NULL && c->len > 0 && (op->a >> i & 1) != 0) {
			in[n] = c->m;
			from[n++] = c;
		}
	}
	got = m_copym_bulk(in, out, n);
	MUST(got <= n);
	if (got < n) {
		MUST(rte_errno == ENOBUFS);
		w->refused++;
	}
	for (i = 0; i < n; i++)
		(void)world_take(w, from[i]);
	for (i = 0; i < got; i++) {
		o = world_new(w, out[i]);
		o->hdr = from[i]->hdr;
		o->len = from[i]->len;
		memcpy(o->bytes, from[i]->bytes, o->len);
		copy_tags(o, from[i]);
	}
	for (i = 0; i < n; i++)
		world_put(w, from[i]);
}

static void
op_dup_pkt(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot), *o;
	unsigned at = 0;
	struct mbuf *m;

	if (c == NULL || !c->hdr)
		return;
	m = m_dup_pkt(c->m, op->a % 64, M_DONTWAIT);
	if (m == NULL) {
		MUST(rte_errno == ENOBUFS || (rte_errno == EINVAL && c->len > MCLBYTES));
		w->refused++;
		return;
	}
	(void)world_take(w, c);
	o = world_new(w, m);
	o->len = c->len;
	memcpy(o->bytes, c->bytes, c->len);
	copy_tags(o, c);
	for (m = o->m; m != NULL; at += m->m_len, m = m->m_next) {
		MUST(m_iswritable(m));
		world_fill(w, mtod(m, void *), m->m_len);
		memcpy(o->bytes + at, mtod(m, const void *), m->m_len);
	}
	world_put(w, c);
}

static void
mark_storage(struct world *w, const uint8_t *room)
{
	unsigned i;

	for (i = 0; i < STORAGES; i++) {
		struct storage *s = &w->storage[i];

		/* release: the callback looks at it, maybe on another lcore */
		if (room >= s->buf && room < s->buf + STORAGE)
			__atomic_store_n(&s->marked, 1, __ATOMIC_RELEASE);
	}
}

/* Mark one segment's room. */
static void
op_zero(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned n = op->a % 8;
	struct mbuf *m;
	int rc;

	if (c == NULL)
		return;
	for (m = c->m; n > 0 && m->m_next != NULL; n--)
		m = m->m_next;
	rc = m_zero(m);
	if (rc != 0) {
		/* storage that a driver brought has nobody to zero it */
		MUST(rc == -ENOBUFS || rc == -ENOTSUP);
		w->refused++;
		return;
	}
	/* read-only storage is not marked, for it is never written */
	MUST(m_testflags(m, M_ZEROIZE) != 0 || m_testflags(m, M_EXT | M_EXTWR) == M_EXT);
	if (m_testflags(m, M_EXT | M_EXTWR) == M_EXT && m_iswritable(m))
		FAIL("M_EXTWR is off, but it is writable");
	mark_storage(w, m->m_rte.buf_addr);
	/* a pool's room is checked when it is free; a foreign one by its callback */
	if (m_ispool(m->m_rte.pool) && !RTE_MBUF_HAS_EXTBUF(&m->m_rte) && w->alone &&
	    w->nmarks < MARKS) {
		w->mark[w->nmarks].buf = m->m_rte.buf_addr;
		w->mark[w->nmarks++].len = m->m_rte.buf_len;
	}
}

const struct op_desc ops_share[] = {
    {"copym", op_copym},
    {"copym_bulk", op_copym_bulk},
    {"dup_pkt", op_dup_pkt},
    {"zero", op_zero},
    {NULL, NULL},
};
