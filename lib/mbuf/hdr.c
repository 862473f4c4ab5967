/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Flags, types and the packet header: alloc.h. */

#include <string.h>

#include "internal.h"
#include "policy/policy.h"

/* M_PKTHDR has a flag of its own in ol_flags; the rest of these follows from what m refers to. */
#define DERIVED (M_EXT | M_EXTWR | M_ZEROIZE)

/* What M_MOVE_PKTHDR takes along (OpenBSD's M_COPYFLAGS). */
#define COPYFLAGS                                                                                  \
	(M_EOR | M_PROTO1 | M_BCAST | M_MCAST | M_CONF | M_COMP | M_AUTH | M_LOOP | M_TUNNEL |     \
	    M_LINK0 | M_VLANTAG)

void
m_setflags(struct mbuf *m, unsigned f)
{
	unsigned stored = f & (uint16_t) ~(DERIVED | M_PKTHDR);

	if ((f & M_PKTHDR) != 0)
		m_sethdrbit(m, true);
	if (stored != 0) {
		m_privdirty(m);
		m->m_priv.flags |= (uint16_t)stored;
	}
}

void
m_clrflags(struct mbuf *m, unsigned f)
{
	if ((f & M_PKTHDR) != 0)
		m_sethdrbit(m, false);
	if (m_isdirty(m))
		m->m_priv.flags &= (uint16_t)~f;
}

unsigned
m_derivedflags(const struct mbuf *m)
{
	unsigned f = 0;

	if (m_hascluster(m)) {
		f |= M_EXT;
		if (m_extwritable(m))
			f |= M_EXTWR;
	}
	if (m_iszeroed(m))
		f |= M_ZEROIZE;
	return f;
}

int
m_gettype(const struct mbuf *m)
{
	return m_isdirty(m) && m->m_priv.type != 0 ? m->m_priv.type : MT_DATA;
}

void
m_settype(struct mbuf *m, int type)
{
	if (type <= MT_FREE || type >= MT_NTYPES || type == m_gettype(m))
		return;
	m_privdirty(m);
	m->m_priv.type = type == MT_DATA ? 0 : (uint16_t)type;
}

void
m_setnextpkt(struct mbuf *m, struct mbuf *n)
{
	if (n == NULL && !m_isdirty(m))
		return;
	m_privdirty(m);
	m->m_priv.nextpkt = n;
}

/* What a driver or a stack said about the packet, length apart. */
static void
clear_rx(struct rte_mbuf *r)
{
	r->port = RTE_MBUF_PORT_INVALID;
	r->ol_flags &= M_ATTACHED | m_hot.dirty | m_hot.nohdr;
	r->packet_type = 0;
	r->vlan_tci = 0;
	r->vlan_tci_outer = 0;
	r->tx_offload = 0;
	memset(&r->hash, 0, sizeof(r->hash));
	memset(r->dynfield1, 0, sizeof(r->dynfield1));
}

void
m_copyrx(struct mbuf *to, const struct mbuf *from)
{
	const uint64_t keep = M_ATTACHED | m_hot.dirty;
	const struct rte_mbuf *f = &from->m_rte;
	struct rte_mbuf *t = &to->m_rte;

	t->port = f->port;
	t->ol_flags = (f->ol_flags & ~keep) | (t->ol_flags & keep);
	t->packet_type = f->packet_type;
	t->vlan_tci = f->vlan_tci;
	t->vlan_tci_outer = f->vlan_tci_outer;
	t->tx_offload = f->tx_offload;
	t->hash = f->hash;
	memcpy(t->dynfield1, f->dynfield1, sizeof(t->dynfield1));
}

struct mbuf *
m_inithdr(struct mbuf *m)
{
	M_CHECK(m);
	m_cleanpriv(m);
	clear_rx(&m->m_rte);
	m_sethdrbit(m, true);
	m->m_next = NULL;
	m->m_len = 0;
	m_setpkt(m, 0, 1);
	m->m_rte.data_off = m_issmall(m) ? MSIZE - MHLEN : m_startoff(m);
	return m;
}

static void
drop_tags(struct mbuf *m)
{
	if (m_isdirty(m) && m->m_priv.tags != NULL)
		m_tag_delete_chain(m);
}

void
m_resethdr(struct mbuf *m)
{
	M_CHECK(m);
	drop_tags(m);
	m_clrflags(m, 0xffff & ~(DERIVED | M_PKTHDR | M_EOR));
	clear_rx(&m->m_rte);
}

void
m_removehdr(struct mbuf *m)
{
	M_CHECK(m);
	drop_tags(m);
	clear_rx(&m->m_rte);
	m_sethdrbit(m, false);
}

void
m_clearhdr(struct mbuf *m)
{
	M_CHECK(m);
	drop_tags(m);
	clear_rx(&m->m_rte);
	m->m_pkthdr.len = 0;
}

void
m_calchdrlen(struct mbuf *m)
{
	M_CHECK(m);
	m_relink(m);
}

int
m_align(struct mbuf *m, unsigned len)
{
	M_CHECK(m);
	if (len > m->m_rte.buf_len || m->m_len != 0 || !m_iswritable(m))
		return -EINVAL;
	m->m_rte.data_off = (uint16_t)((m->m_rte.buf_len - len) & ~(sizeof(long) - 1));
	return 0;
}

void
m_movehdr(struct mbuf *to, struct mbuf *from)
{
	M_CHECK(to);
	M_CHECK(from);
	drop_tags(to);
	m_copyrx(to, from);
	m_sethdrbit(to, true);
	m_setpkt(to, from->m_pkthdr.len, from->m_rte.nb_segs);
	if (m_isdirty(from) && from->m_priv.tags != NULL) {
		m_privdirty(to);
		to->m_priv.tags = from->m_priv.tags;
		from->m_priv.tags = NULL;
	}
	clear_rx(&from->m_rte);
	m_sethdrbit(from, false);
}

void
m_movepkthdr(struct mbuf *to, struct mbuf *from)
{
	unsigned f = m_testflags(from, COPYFLAGS);

	M_CHECK(to);
	M_CHECK(from);
	m_clrflags(to, COPYFLAGS);
	m_setflags(to, f);
	m_movehdr(to, from);
	if (m_issmall(to) && to->m_len == 0)
		to->m_rte.data_off = MSIZE - MHLEN;
}

int
m_dup_pkthdr(struct mbuf *to, const struct mbuf *from, int how)
{
	M_CHECK(to);
	M_CHECK(from);
	/* first what can fail: then nothing else has changed */
	if (!m_tag_copy_chain(to, from, how))
		return -ENOBUFS;
	m_clrflags(to, COPYFLAGS);
	m_setflags(to, m_testflags(from, COPYFLAGS));
	m_settype(to, m_gettype(from));
	m_copyrx(to, from);
	m_sethdrbit(to, true);
	m_setpkt(to, from->m_pkthdr.len, from->m_rte.nb_segs);
	return 0;
}
