/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* What must be true of every chain after every operation. */

#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

static void
check_tags(const struct chain *c)
{
	struct m_tag *t = m_tag_first(c->m);
	unsigned i, k;

	for (i = 0; i < c->ntags; i++, t = m_tag_next(c->m, t)) {
		if (t == NULL)
			FAIL("%u tags, must be %u", i, c->ntags);
		MUST(t->m_tag_id == c->tags[i].id);
		MUST(t->m_tag_len == c->tags[i].len);
		for (k = 0; k < c->tags[i].len; k++)
			MUST(((const uint8_t *)M_TAG_DATA(t))[k] == c->tags[i].fill);
	}
	MUST(t == NULL);
}

/* Bytes, lengths, header and tags are those of the model, and DPDK takes the chain for valid. */
void
check_chain(const struct chain *c)
{
	const struct mbuf *m;
	unsigned at = 0, segs = 0;
	const char *why;

	why = m_valid(c->m);
	if (why != NULL)
		FAIL("m_valid: %s", why);
	for (m = c->m; m != NULL; m = m->m_next, segs++) {
		MUST((unsigned)m->m_rte.data_off + m->m_len <= m->m_rte.buf_len);
		if (at + m->m_len > c->len)
			FAIL("longer than the %u bytes it must have", c->len);
		if (memcmp(mtod(m, const void *), c->bytes + at, m->m_len) != 0)
			FAIL(
			    "segment %u (bytes %u to %u) has other bytes", segs, at, at + m->m_len);
		at += m->m_len;
	}
	if (at != c->len)
		FAIL("%u bytes, must be %u", at, c->len);
	MUST((m_testflags(c->m, M_PKTHDR) != 0) == c->hdr);
	if (c->hdr) {
		MUST(c->m->m_pkthdr.len == c->len);
		MUST(c->m->m_rte.nb_segs == segs);
		if (rte_mbuf_check(&c->m->m_rte, 1, &why) != 0)
			FAIL("rte_mbuf_check: %s", why);
		check_tags(c);
	}
}

/* Whether m refers to a room, or is the mbuf that the room is a part of. */
static bool
has_room(const struct mbuf *m, const uint8_t *room)
{
	return m->m_rte.buf_addr == room || (const uint8_t *)(m + 1) == room;
}

static unsigned
holders_in(const struct chain *c, const uint8_t *room)
{
	const struct mbuf *m;
	unsigned n = 0;

	for (m = c != NULL ? c->m : NULL; m != NULL; m = m->m_next)
		n += has_room(m, room);
	return n;
}

/*
 * How many mbufs of the world refer to the room of m, or are what it is a part of: a leader whose
 * header took another cluster (m_defrag()) still holds its own room.
 */
unsigned
check_holders(const struct world *w, const struct mbuf *m)
{
	const uint8_t *room = m->m_rte.buf_addr;
	unsigned i, n = 0;

	for (i = 0; i < SLOTS; i++)
		n += holders_in(w->slot[i], room);
	for (i = 0; i < w->mlist.n; i++)
		n += holders_in(w->mlist.c[i], room);
	for (i = 0; i < w->mqueue.n; i++)
		n += holders_in(w->mqueue.c[i], room);
	for (i = 0; i < w->nzombies; i++)
		n += w->zombie[i]->m_rte.buf_addr == room;
	return n;
}

static bool
may_write(const struct world *w, const struct mbuf *m)
{
	const uint8_t *room = m->m_rte.buf_addr;
	unsigned i;

	for (i = 0; i < STORAGES; i++) {
		const struct storage *s = &w->storage[i];

		if (room >= s->buf && room < s->buf + STORAGE)
			return s->writable;
	}
	return true;
}

static void
check_counts(const struct world *w, const struct chain *c)
{
	const struct mbuf *m;
	unsigned mine;

	for (m = c->m; m != NULL; m = m->m_next) {
		mine = check_holders(w, m);
		if (w->alone) {
			if (m_refs(m) != mine)
				FAIL("m_refs says %u, %u mbufs hold it", m_refs(m), mine);
			MUST(m_iswritable(m) == (mine == 1 && may_write(w, m)));
		} else {
			MUST(m_refs(m) >= mine);
			MUST(mine == 1 || !m_iswritable(m));
		}
		if (!m_iswritable(m) && w->alone) {
			MUST(m_leadingspace(m) == 0);
			MUST(m_trailingspace(m) == 0);
		}
	}
}

static const struct mbuf *
holder_in(const struct chain *c, const uint8_t *room)
{
	const struct mbuf *m = c != NULL ? c->m : NULL;

	while (m != NULL && !has_room(m, room))
		m = m->m_next;
	return m;
}

static const struct mbuf *
find_holder(const struct world *w, const uint8_t *room)
{
	const struct mbuf *m = NULL;
	unsigned i;

	for (i = 0; m == NULL && i < SLOTS; i++)
		m = holder_in(w->slot[i], room);
	for (i = 0; m == NULL && i < w->mlist.n; i++)
		m = holder_in(w->mlist.c[i], room);
	for (i = 0; m == NULL && i < w->mqueue.n; i++)
		m = holder_in(w->mqueue.c[i], room);
	for (i = 0; m == NULL && i < w->nhog; i++)
		m = has_room(w->hog[i], room) ? w->hog[i] : NULL;
	return m;
}

/*
 * Rooms that were marked and that nobody holds any more are zero. One that was freed and allocated
 * again within one operation is not marked any more: too late to tell.
 */
void
check_marks(struct world *w)
{
	const struct mbuf *m;
	unsigned i, k;

	for (i = 0; i < w->nmarks;) {
		m = find_holder(w, w->mark[i].buf);
		for (k = 0; m == NULL && k < w->nzombies; k++)
			m = w->zombie[k]->m_rte.buf_addr == w->mark[i].buf ? w->zombie[k] : NULL;
		if (m != NULL && m_testflags(m, M_ZEROIZE) != 0) {
			i++;
			continue;
		}
#ifndef MBUF_DEBUG /* there a free room is poisoned, and not to be read */
		if (m == NULL) {
			m_flush();
			(void)m_reap();
			for (k = 0; k < w->mark[i].len; k++) {
				if (w->mark[i].buf[k] != 0)
					FAIL("a marked room was freed with byte %u not zero", k);
			}
		}
#else
		(void)k;
#endif
		w->mark[i] = w->mark[--w->nmarks];
	}
}

/* Forget headers that are free again, or in use again. */
void
check_zombies(struct world *w)
{
	const struct mbuf *m;
	unsigned i;

	for (i = 0; i < w->nzombies;) {
		m = find_holder(w, (const uint8_t *)(w->zombie[i] + 1));
		if (m != NULL && m != w->zombie[i]) {
			i++;
			continue;
		}
		if (m == NULL)
			(void)m_reap();
		w->zombie[i] = w->zombie[--w->nzombies];
		i = 0; /* it may have held the room of another */
	}
}

void
check_world(struct world *w)
{
	unsigned i;

	if (w->alone)
		check_zombies(w);
	for (i = 0; i < SLOTS; i++) {
		if (w->slot[i] != NULL) {
			check_chain(w->slot[i]);
			check_counts(w, w->slot[i]);
		}
	}
	if (w->alone)
		check_marks(w);
}
