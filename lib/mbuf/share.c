/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Sharing a cluster, and giving one up: share.h. */

#include <string.h>

#include <rte_lcore.h>

#include "follow.h"
#include "internal.h"
#include "room.h"
#include "seg.h"

/* A small mbuf is not shared: its bytes go to the same place of another. */
static struct mbuf *
copy_small(struct mbuf *m, unsigned off, unsigned len)
{
	struct mbuf *n = m_newhdr();

	if (unlikely(n == NULL))
		return NULL;
	n->m_rte.data_off = (uint16_t)(m->m_rte.data_off + off);
	memcpy(mtod(n, char *), mtod(m, const char *) + off, len);
	/* a secret stays marked wherever it is copied to */
	if (unlikely(m_iszeroed(m)) && m_zero(n) != 0) {
		m_freeseg(n);
		return m_fail(ENOBUFS);
	}
	return n;
}

struct mbuf *
m_share1(struct mbuf *m, unsigned off, unsigned len)
{
	struct mbuf *n;

	if (m_issmall(m)) {
		n = copy_small(m, off, len);
		if (unlikely(n == NULL))
			return NULL;
	} else {
		n = m_newhdr();
		if (unlikely(n == NULL))
			return NULL;
		if (unlikely(m_attach(&n->m_rte, &m->m_rte) != 0)) {
			m_freeseg(n);
			return m_fail(ENOBUFS);
		}
		n->m_rte.data_off = (uint16_t)(m->m_rte.data_off + off);
	}
	n->m_len = (uint16_t)len;
	n->m_pkthdr.len = len;
	return n;
}

/* Segments from m on, len bytes from off; NULL and nothing leaked on failure. */
static struct mbuf *
share_range(struct mbuf *m, unsigned off, unsigned len)
{
	struct mbuf *top = NULL, **tail = &top;
	unsigned segs = 0, total = len;

	for (; len > 0; m = m->m_next, off = 0) {
		unsigned n = RTE_MIN(len, m->m_len - off);

		if (n == 0)
			continue;
		*tail = m_share1(m, off, n);
		if (unlikely(*tail == NULL)) {
			int err = rte_errno;

			m_freem(top);
			return m_fail(err);
		}
		tail = &(*tail)->m_next;
		len -= n;
		segs++;
	}
	m_setpkt(top, total, segs);
	return top;
}

static struct mbuf *
copym_slow(struct mbuf *m, unsigned off, unsigned len)
{
	unsigned have = m_chainlen(m);
	struct mbuf *from = m, *n;
	bool hdr = off == 0 && m_haspkthdr(m);

	if (off > have || (len != M_COPYALL && len > have - off))
		return m_fail(EINVAL);
	if (len == M_COPYALL)
		len = have - off;
	if (len == 0)
		return m_fail(0); /* nothing asked for, nothing given: no error */
	while (off >= from->m_len) {
		off -= from->m_len;
		from = from->m_next;
	}
	n = share_range(from, off, len);
	if (n == NULL || !hdr)
		return n;
	if (!m_isdirty(m)) {
		m_copyrx(n, m);
	} else if (m_dup_pkthdr(n, m, M_DONTWAIT) != 0) {
		m_freem(n);
		return m_fail(ENOBUFS);
	}
	m_relink(n);
	return n;
}

struct mbuf *
m_copym(struct mbuf *m, int off, int len, int how)
{
	struct mbuf *n;

	(void)how;
	M_CHECK(m);
	if (unlikely(m == NULL || off < 0 || len < 0))
		return m_fail(EINVAL);
	if (unlikely(off != 0 || (len != M_COPYALL && len != m->m_len) || !m_followable(m) ||
		m->m_len == 0))
		return copym_slow(m, (unsigned)off, (unsigned)len);
	n = m_rawget1(m_mynode()->header);
	if (unlikely(n == NULL))
		return m_fail(ENOBUFS);
	if (unlikely(m_followpkt(n, m) != 0)) {
		n->m_rte.ol_flags = 0;
		rte_mempool_put(n->m_rte.pool, n);
		return m_fail(ENOBUFS);
	}
	return n;
}

unsigned
m_refs(const struct mbuf *m)
{
	const struct rte_mbuf *l = m_roomof(&m->m_rte);
	unsigned refs;

	if (l == NULL) /* acquire: as below */
		return __atomic_load_n(&m->m_rte.shinfo->refcnt, __ATOMIC_ACQUIRE);
	/* The mark before the count: no mark, and the count is not too low (m_zero()). */
	if (__atomic_load_n(&m_hot.zero_pending, __ATOMIC_ACQUIRE) != 0 && m_ispool(l->pool) &&
	    __atomic_load_n(&((const struct mbuf *)l)->m_priv.zero, __ATOMIC_ACQUIRE) != 0)
		refs = m_markedrefs((const struct mbuf *)l);
	else /* acquire: "the only holder" means that the others are done (hazard 5) */
		refs = __atomic_load_n(&l->refcnt, M_ALONE_ORDER);
	return refs + mpol_refs(l);
}

bool
m_iswritable_slow(const struct mbuf *m)
{
	/* relaxed: the count of the header is its owner's */
	if (m_isattached(m) && __atomic_load_n(&m->m_rte.refcnt, __ATOMIC_RELAXED) != 1 &&
	    !m_hasbody(m))
		return false;
	return m_refs(m) == 1 && m_extwritable(m);
}

/* m leaves what it is attached to; it is in its own room again, its packet header untouched. */
static void
detach(struct m_coll *c, struct mbuf *m)
{
	struct rte_mbuf *r = &m->m_rte;
	uint64_t keep = r->ol_flags & ~M_ATTACHED;

	if ((r->ol_flags & RTE_MBUF_F_INDIRECT) != 0) {
		struct rte_mbuf *l = lead_of(r);

		m_ownroom(r, false);
		lead_drop(c, l);
	} else if (mpol_isfollower(r)) {
		mpol_drop(c, r);
	} else {
		rte_pktmbuf_detach(r);
	}
	r->ol_flags = keep;
	if (m_hasbody(m))
		m_bodyclear(m);
}

void
m_dropdata(struct mbuf *m)
{
	struct m_coll c;

	if (m_isattached(m)) {
		m_coll_init(&c);
		detach(&c, m);
		m_coll_flush(&c);
	}
	m->m_len = 0;
	m->m_rte.data_off = m_startoff(m);
}

/* m takes over c's reference to c's room. m is direct. */
static void
adopt(struct mbuf *m, struct mbuf *c)
{
	m_viewroom(&m->m_rte, &c->m_rte);
	m->m_rte.ol_flags |= RTE_MBUF_F_INDIRECT;
	m->m_rte.data_off = c->m_rte.data_off;
	m->m_len = c->m_len;
}

int
m_takebody(struct mbuf *m, struct mbuf *c)
{
	bool wasbody = m_isattached(m) && m_hasbody(m);

	/* relaxed: a count of 1 is m's own */
	if (!m_isattached(m) && __atomic_load_n(&m->m_rte.refcnt, __ATOMIC_RELAXED) != 1) {
		/* a leader cannot give up its own room, so it lives on in two (m_reap()) */
		if (m_bodymark(m) != 0)
			return -ENOBUFS;
	} else if (wasbody) {
		struct rte_mbuf *old = lead_of(&m->m_rte);
		struct m_coll coll;

		m->m_rte.ol_flags &= ~(uint64_t)RTE_MBUF_F_INDIRECT;
		m_coll_init(&coll);
		lead_drop(&coll, old);
		m_coll_flush(&coll);
	} else {
		m_dropdata(m);
		if (m_issmall(c) && c->m_len <= m->m_rte.buf_len && !m_iszeroed(c)) {
			uint16_t off = RTE_MIN(m->m_rte.data_off, m->m_rte.buf_len - c->m_len);

			m->m_rte.data_off = off;
			m->m_len = c->m_len;
			memcpy(mtod(m, char *), mtod(c, const char *), c->m_len);
			m_freeseg(c);
			return 0;
		}
	}
	adopt(m, c);
	return 0;
}
