/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Operations on the data of chains. */

#include "world.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool
out_of_buffers(struct world *w, int error)
{
	if (error != ENOBUFS)
		FAIL("the error is %d, must be ENOBUFS", error);
	w->refused++;
	return true;
}

/* The model's bytes with n bytes put in at off, or cut there. */
static void
model_insert(struct chain *c, unsigned off, unsigned n)
{
	memmove(c->bytes + off + n, c->bytes + off, c->len - off);
	c->len += n;
}

static void
model_cut(struct chain *c, unsigned off, unsigned n)
{
	memmove(c->bytes + off, c->bytes + off + n, c->len - off - n);
	c->len -= n;
}

/* Write n bytes at off of one mbuf, and into the model at at. */
static void
write_room(struct world *w, struct chain *c, struct mbuf *m, unsigned off, unsigned at, unsigned n)
{
	if (n == 0)
		return;
	MUST(off + n <= m->m_len);
	MUST(m_iswritable(m));
	world_fill(w, mtod(m, uint8_t *) + off, n);
	memcpy(c->bytes + at, mtod(m, const uint8_t *) + off, n);
}

static void
op_copydata(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	uint8_t buf[MAXLEN];
	unsigned off, len;

	if (c == NULL)
		return;
	off = op->a % (c->len + 1);
	len = op->b % (c->len - off + 1);
	MUST(m_copydata(c->m, (int)off, (int)len, buf) == 0);
	MUST(memcmp(buf, c->bytes + off, len) == 0);
	MUST(m_copydata(c->m, (int)off, (int)(c->len - off + 1), buf) == -EINVAL);
	MUST(m_copydata(c->m, -1, 1, buf) == -EINVAL && m_copydata(c->m, 0, -1, buf) == -EINVAL);
}

static void
op_copyback(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	uint8_t buf[2000];
	unsigned off, len;
	int rc;

	if (c == NULL)
		return;
	off = op->a % (c->len + 300);
	len = op->b % sizeof(buf);
	if (off + len > MAXLEN)
		return;
	world_fill(w, buf, len);
	rc = m_copyback(c->m, (int)off, (int)len, buf, M_DONTWAIT);
	if (rc != 0) {
		(void)out_of_buffers(w, -rc);
		return;
	}
	if (len == 0)
		return;
	if (off > c->len)
		memset(c->bytes + c->len, 0, off - c->len);
	memcpy(c->bytes + off, buf, len);
	c->len = RTE_MAX(c->len, off + len);
}

static void
op_cat(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot), *o = world_other(w, op->a, c);

	if (c == NULL || o == NULL || c->len + o->len > MAXLEN)
		return;
	(void)world_take(w, o);
	m_cat(c->m, o->m);
	memcpy(c->bytes + c->len, o->bytes, o->len);
	c->len += o->len;
	free(o);
}

/* Link by hand and recount, as BSD code does. */
static void
op_link(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot), *o = world_other(w, op->a, c);
	struct mbuf *m;

	if (c == NULL || o == NULL || c->len + o->len > MAXLEN)
		return;
	(void)world_take(w, o);
	if (o->hdr)
		m_removehdr(o->m);
	for (m = c->m; m->m_next != NULL; m = m->m_next)
		;
	m->m_next = o->m;
	m_calchdrlen(c->m);
	memcpy(c->bytes + c->len, o->bytes, o->len);
	c->len += o->len;
	free(o);
}

static void
op_adj(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned n;

	if (c == NULL)
		return;
	n = op->a % (c->len + 20);
	if (op->b % 64 == 0)
		n = INT_MAX;
	if (op->c & 1) {
		m_adj(c->m, (int)n);
		model_cut(c, 0, RTE_MIN(n, c->len));
	} else {
		m_adj(c->m, op->b % 64 == 0 ? INT_MIN : -(int)n);
		c->len -= RTE_MIN(n, c->len);
	}
}

static void
op_pullup(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned n;

	if (c == NULL)
		return;
	n = op->a % (RTE_MIN(c->len, (unsigned)MCLBYTES) + 1);
	if (op->b % 32 == 0)
		n = c->len + 1 + op->b % 7;
	c->m = m_pullup(c->m, (int)n);
	if (c->m == NULL) {
		MUST(n <= c->len ? out_of_buffers(w, rte_errno) : rte_errno == EINVAL);
		world_forget(w, c);
		return;
	}
	MUST(n <= c->len);
	write_room(w, c, c->m, 0, 0, n);
}

static void
op_pulldown(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned off, len;
	struct mbuf *m;
	int at = 0;

	if (c == NULL || c->len == 0)
		return;
	off = op->a % c->len;
	len = 1 + op->b % RTE_MIN(c->len - off, (unsigned)MCLBYTES);
	m = m_pulldown(c->m, (int)off, (int)len, op->c & 1 ? &at : NULL);
	if (m == NULL) {
		(void)out_of_buffers(w, rte_errno);
		world_forget(w, c);
		return;
	}
	write_room(w, c, m, (unsigned)at, off, len);
}

static void
op_split(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot), *o;
	unsigned at;
	struct mbuf *m;

	if (c == NULL)
		return;
	at = op->a % (c->len + 1);
	MUST(m_split(c->m, (int)c->len + 1, M_DONTWAIT) == NULL && rte_errno == EINVAL);
	m = m_split(c->m, (int)at, M_DONTWAIT);
	if (m == NULL) {
		(void)out_of_buffers(w, rte_errno);
		return;
	}
	(void)world_take(w, c);
	o = world_new(w, m);
	o->hdr = c->hdr;
	o->len = c->len - at;
	memcpy(o->bytes, c->bytes + at, o->len);
	o->ntags = c->ntags;
	memcpy(o->tags, c->tags, sizeof(o->tags));
	c->len = at;
	world_put(w, c);
}

static void
op_makespace(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned skip, n;
	struct mbuf *m;
	int at = 0;

	if (c == NULL || !c->hdr)
		return;
	skip = op->a % (c->len + 1);
	n = 1 + op->b % MLEN;
	if (c->len + n > MAXLEN)
		return;
	m = m_makespace(c->m, (int)skip, (int)n, &at);
	if (m == NULL) {
		(void)out_of_buffers(w, rte_errno);
		return;
	}
	model_insert(c, skip, n);
	write_room(w, c, m, (unsigned)at, skip, n);
}

static void
op_prepend(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned n = op->a % (op->b & 3 ? MHLEN : MCLBYTES);

	if (c == NULL || c->len + n > MAXLEN)
		return;
	if (op->c & 1)
		M_PREPEND(c->m, (int)n, M_DONTWAIT);
	else
		c->m = m_prepend(c->m, (int)n, M_DONTWAIT);
	if (c->m == NULL) {
		(void)out_of_buffers(w, rte_errno);
		world_forget(w, c);
		return;
	}
	model_insert(c, 0, n);
	if (n > 0)
		write_room(w, c, c->m, 0, 0, n);
}

static void
op_defrag(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	int rc;

	if (c == NULL || !c->hdr)
		return;
	rc = m_defrag(c->m, M_DONTWAIT);
	if (rc == -EINVAL) {
		MUST(c->len > MCLBYTES);
		return;
	}
	if (rc != 0) {
		(void)out_of_buffers(w, -rc);
		return;
	}
	MUST(c->m->m_next == NULL && c->m->m_len == c->len);
}

static void
op_getptr(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	struct mbuf *m;
	unsigned loc;
	int off;

	if (c == NULL)
		return;
	loc = op->a % (c->len + 1);
	m = m_getptr(c->m, (int)loc, &off);
	MUST(m != NULL);
	if (loc < c->len)
		MUST(off < m->m_len && mtod(m, const uint8_t *)[off] == c->bytes[loc]);
	else
		MUST(off == m->m_len && m->m_next == NULL);
	MUST(m_getptr(c->m, (int)c->len + 1, &off) == NULL && m_getptr(c->m, -1, &off) == NULL);
}

struct walk {
	const uint8_t *want;
	unsigned left, stop;
};

static int
walk_piece(char *state, char *data, unsigned n)
{
	struct walk *k = (struct walk *)(void *)state;

	MUST(n <= k->left && memcmp(data, k->want, n) == 0);
	k->want += n;
	k->left -= n;
	return k->stop != 0 && --k->stop == 0 ? 77 : 0;
}

static void
op_apply(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	struct walk k;
	unsigned off;
	int rc;

	if (c == NULL)
		return;
	off = op->a % (c->len + 1);
	k = (struct walk){c->bytes + off, op->b % (c->len - off + 1), op->c % 3};
	rc = m_apply(c->m, (int)off, (int)k.left, walk_piece, (char *)&k);
	MUST(rc == 77 ? op->c % 3 != 0 && k.stop == 0 : rc == 0 && k.left == 0);
	MUST(m_apply(c->m, 0, (int)c->len + 1, walk_piece, (char *)&k) == -EINVAL);
}

static void
op_makewritable(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned off, len, at = 0, from, to;
	struct mbuf *m;
	int rc;

	if (c == NULL)
		return;
	off = op->a % (c->len + 1);
	len = op->b % (c->len - off + 1);
	rc = m_makewritable(c->m, (int)off, (int)len);
	if (rc != 0) {
		(void)out_of_buffers(w, -rc);
		return;
	}
	for (m = c->m; m != NULL; at += m->m_len, m = m->m_next) {
		from = RTE_MAX(off, at);
		to = RTE_MIN(off + len, at + m->m_len);
		if (from < to)
			write_room(w, c, m, from - at, from, to - from);
	}
}

/* Write wherever the library says that one may: in the data, in front of them and behind. */
static void
op_scribble(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned at = 0;
	struct mbuf *m;

	if (c == NULL)
		return;
	for (m = c->m; m != NULL; at += m->m_len, m = m->m_next) {
		if (m_iswritable(m))
			write_room(w, c, m, 0, at, m->m_len);
		world_fill(w, mtod(m, uint8_t *) - m_leadingspace(m), m_leadingspace(m));
		world_fill(w, mtod(m, uint8_t *) + m->m_len, m_trailingspace(m));
	}
}

const struct op_desc ops_chain[] = {
    {"copydata", op_copydata},
    {"copyback", op_copyback},
    {"cat", op_cat},
    {"link", op_link},
    {"adj", op_adj},
    {"pullup", op_pullup},
    {"pulldown", op_pulldown},
    {"split", op_split},
    {"makespace", op_makespace},
    {"prepend", op_prepend},
    {"defrag", op_defrag},
    {"getptr", op_getptr},
    {"apply", op_apply},
    {"makewritable", op_makewritable},
    {"scribble", op_scribble},
    {NULL, NULL},
};
