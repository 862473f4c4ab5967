/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Operations on packet headers, flags and tags. */

#include "world.h"

#include <stdio.h>
#include <string.h>

static void
op_flags(struct world *w, const struct op *op)
{
	const unsigned may = M_EOR | M_PROTO1 | M_BCAST | M_MCAST | M_LINK0;
	struct chain *c = world_have(w, op->slot);
	unsigned f = op->a & may, before;

	if (c == NULL)
		return;
	before = m_testflags(c->m, may);
	m_setflags(c->m, f);
	MUST(m_testflags(c->m, may) == (before | f));
	m_clrflags(c->m, op->b & may);
	MUST(m_testflags(c->m, may) == ((before | f) & ~(op->b & may)));
	m_settype(c->m, (int)(1 + op->c % (MT_NTYPES - 1)));
	MUST(m_gettype(c->m) == (int)(1 + op->c % (MT_NTYPES - 1)));
}

static void
op_tag(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned len = op->b % (PACKET_TAG_MAXSIZE + 1);
	struct m_tag *t;

	if (c == NULL || !c->hdr || c->ntags == MAXTAGS)
		return;
	t = m_tag_get(1 + op->a % 4, (int)len, M_DONTWAIT);
	if (t == NULL) {
		MUST(rte_errno == ENOBUFS);
		w->refused++;
		return;
	}
	memset(M_TAG_DATA(t), op->c & 0xff, len);
	m_tag_prepend(c->m, t);
	memmove(c->tags + 1, c->tags, c->ntags * sizeof(c->tags[0]));
	c->tags[0].id = (uint16_t)(1 + op->a % 4);
	c->tags[0].len = (uint8_t)len;
	c->tags[0].fill = op->c & 0xff;
	c->ntags++;
}

/* Delete the first tag of a type, or all. */
static void
op_tag_delete(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	unsigned i, id = 1 + op->a % 4;
	struct m_tag *t;

	if (c == NULL || !c->hdr)
		return;
	if (op->b % 8 == 0) {
		m_tag_delete_chain(c->m);
		c->ntags = 0;
		return;
	}
	for (i = 0; i < c->ntags && c->tags[i].id != id; i++)
		;
	t = m_tag_find(c->m, (int)id, NULL);
	MUST((t == NULL) == (i == c->ntags));
	if (t == NULL)
		return;
	m_tag_delete(c->m, t);
	c->ntags--;
	memmove(c->tags + i, c->tags + i + 1, (c->ntags - i) * sizeof(c->tags[0]));
}

static void
op_tag_copy(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot), *o = world_other(w, op->a, c);

	if (c == NULL || o == NULL || !c->hdr || !o->hdr)
		return;
	if (m_tag_copy_chain(o->m, c->m, M_DONTWAIT) == 0) {
		w->refused++;
		o->ntags = 0;
		return;
	}
	o->ntags = c->ntags;
	memcpy(o->tags, c->tags, sizeof(o->tags));
}

static void
op_dup_pkthdr(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot), *o = world_other(w, op->a, c);
	int rc;

	if (c == NULL || o == NULL || !c->hdr || !o->hdr)
		return;
	rc = m_dup_pkthdr(o->m, c->m, M_DONTWAIT);
	o->ntags = 0;
	if (rc == 0) {
		o->ntags = c->ntags;
		memcpy(o->tags, c->tags, sizeof(o->tags));
	} else {
		MUST(rc == -ENOBUFS);
		w->refused++;
	}
	m_calchdrlen(o->m); /* the copied length is the other packet's */
}

/* The header moves to a new first mbuf, as code that builds a header in front does it. */
static void
op_move_hdr(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	struct mbuf *m;

	if (c == NULL || !c->hdr)
		return;
	m = m_gethdr(M_DONTWAIT, MT_HEADER);
	if (m == NULL) {
		w->refused++;
		return;
	}
	if (op->a & 1)
		M_MOVE_HDR(m, c->m);
	else
		M_MOVE_PKTHDR(m, c->m);
	MUST(m_testflags(c->m, M_PKTHDR) == 0);
	m->m_next = c->m;
	c->m = m;
	m_calchdrlen(m);
}

static void
op_strip_hdr(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);

	if (c == NULL || !c->hdr)
		return;
	c->ntags = 0;
	switch (op->a % 4) {
	case 0:
		m_resethdr(c->m);
		break;
	case 1:
		m_clearhdr(c->m);
		m_calchdrlen(c->m);
		break;
	case 2:
		m_removehdr(c->m);
		c->hdr = false;
		break;
	default: /* only a packet of one mbuf may be made new: the rest would leak */
		m_tag_delete_chain(c->m);
		if (c->m->m_next == NULL) {
			m_inithdr(c->m);
			c->len = 0;
		}
		break;
	}
}

static void
op_align(struct world *w, const struct op *op)
{
	struct mbuf *m = m_get(M_DONTWAIT, MT_DATA);
	unsigned len = op->a % (MLEN + 1);
	struct chain *c;

	if (m == NULL) {
		w->refused++;
		return;
	}
	MUST(m_align(m, MAXMCLBYTES) == -EINVAL);
	c = world_new(w, m);
	c->hdr = false;
	MUST(m_align(m, len) == 0);
	MUST((uintptr_t)mtod(m, char *) % sizeof(long) == 0 && m_trailingspace(m) >= len);
	world_fill(w, mtod(m, void *), len);
	memcpy(c->bytes, mtod(m, const void *), len);
	c->len = len;
	m->m_len = (uint16_t)len;
	m_calchdrlen(m);
}

static void
op_print(struct world *w, const struct op *op)
{
	struct chain *c = world_have(w, op->slot);
	static FILE *null;
	struct timeval tv;

	if (c == NULL || !w->alone)
		return;
	if (null == NULL)
		null = fopen("/dev/null", "w");
	MUST(null != NULL);
	m_print(c->m, null);
	m_microtime(c->m, &tv);
}

const struct op_desc ops_header[] = {
    {"flags", op_flags},
    {"tag", op_tag},
    {"tag_delete", op_tag_delete},
    {"tag_copy", op_tag_copy},
    {"dup_pkthdr", op_dup_pkthdr},
    {"move_hdr", op_move_hdr},
    {"strip_hdr", op_strip_hdr},
    {"align", op_align},
    {"print", op_print},
    {NULL, NULL},
};
