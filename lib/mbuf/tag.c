/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Packet tags: tag.h. A tag lies in the room of an mbuf from the header pool. */

#include <string.h>

#include <rte_lcore.h>

#include "blank.h"
#include "internal.h"

M_ASSERT(sizeof(struct m_tag) + PACKET_TAG_MAXSIZE <= MSIZE);
M_ASSERT(sizeof(struct m_tag) % sizeof(void *) == 0);

struct m_tag *
m_tag_get(int type, int len, int how)
{
	struct m_tag *t;
	void *obj;

	M_ENTRY();
	(void)how;
	if (type <= 0 || type > UINT16_MAX || len < 0 || len > PACKET_TAG_MAXSIZE) {
		rte_errno = EINVAL;
		return NULL;
	}
	if ((obj = m_rawget1(m_mynode()->header)) == NULL) {
		rte_errno = ENOBUFS;
		return NULL;
	}
	t = (struct m_tag *)((struct mbuf *)obj + 1);
	*t = (struct m_tag){.m_tag_id = (uint16_t)type, .m_tag_len = (uint16_t)len};
	return t;
}

void
m_tag_free(struct m_tag *t)
{
	struct mbuf *m;

	if (t == NULL)
		return;
	m = (struct mbuf *)t - 1;
	M_TOPOOL(m);
	rte_mempool_put(m->m_rte.pool, m);
}

void
m_tag_prepend(struct mbuf *m, struct m_tag *t)
{
	M_CHECK(m);
	t->m_tag_link = m_tag_first(m);
	m_privdirty(m);
	m->m_priv.tags = t;
}

void
m_tag_delete(struct mbuf *m, struct m_tag *t)
{
	struct m_tag **link = &m->m_priv.tags;

	M_CHECK(m);
	if (m_tag_first(m) == NULL)
		return;
	while (*link != NULL && *link != t)
		link = &(*link)->m_tag_link;
	if (*link == NULL)
		return;
	*link = t->m_tag_link;
	m_tag_free(t);
}

void
m_tag_delete_chain(struct mbuf *m)
{
	struct m_tag *t, *next;

	for (t = m_tag_first(m); t != NULL; t = next) {
		next = t->m_tag_link;
		m_tag_free(t);
	}
	if (m_isdirty(m))
		m->m_priv.tags = NULL;
}

struct m_tag *
m_tag_find(const struct mbuf *m, int type, struct m_tag *t)
{
	for (t = t == NULL ? m_tag_first(m) : t->m_tag_link; t != NULL; t = t->m_tag_link) {
		if (t->m_tag_id == type)
			return t;
	}
	return NULL;
}

struct m_tag *
m_tag_copy(const struct m_tag *t, int how)
{
	struct m_tag *n = m_tag_get(t->m_tag_id, t->m_tag_len, how);

	if (n != NULL)
		memcpy(M_TAG_DATA(n), t + 1, t->m_tag_len);
	return n;
}

int
m_tag_copy_chain(struct mbuf *to, const struct mbuf *from, int how)
{
	struct m_tag **tail;

	m_tag_delete_chain(to);
	if (m_tag_first(from) == NULL)
		return 1;
	m_privdirty(to);
	tail = &to->m_priv.tags;
	for (const struct m_tag *t = m_tag_first(from); t != NULL; t = t->m_tag_link) {
		*tail = m_tag_copy(t, how);
		if (*tail == NULL) {
			m_tag_delete_chain(to);
			return 0;
		}
		tail = &(*tail)->m_tag_link;
	}
	return 1;
}

struct m_tag *
m_tag_first(const struct mbuf *m)
{
	return m_isdirty(m) ? m->m_priv.tags : NULL;
}

struct m_tag *
m_tag_next(const struct mbuf *m, const struct m_tag *t)
{
	(void)m;
	return t->m_tag_link;
}
