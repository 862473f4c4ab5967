/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The way back: m_free() and its family, alloc.h. */

#include <rte_lcore.h>

#include "internal.h"
#include "seg.h"

void
m_cleanpriv_slow(struct mbuf *m)
{
	/* DPDK's attach copies flags, also to an mbuf that has no private line */
	if (m_ispool(m->m_rte.pool)) {
		m_tag_delete_chain(m);
		m->m_priv.nextpkt = NULL;
		m->m_priv.type = 0;
		m->m_priv.flags = 0;
	}
	m->m_rte.ol_flags &= ~m_hot.dirty;
}

void
m_dropslow(struct m_coll *c, struct rte_mbuf *r)
{
	struct mbuf *m = m_fromrte(r);

	if (mpol_isfollower(r) && __atomic_load_n(&r->refcnt, __ATOMIC_RELAXED) == 1) {
		r->next = NULL;
		r->nb_segs = 1;
		mpol_free(c, r);
	} else if (m_hasbody(m)) {
		m_dropdata(m); /* direct again, its room with others or not */
		m_dropseg(c, r);
	} else {
		/* EXTERNAL, pinned or not, or a header that DPDK's user counts */
		r = rte_pktmbuf_prefree_seg(r);
		if (r != NULL)
			m_coll_put(c, r);
	}
}

void
m_freeseg(struct mbuf *m)
{
	struct m_coll c;

	m_coll_init(&c);
	m_cleanpriv(m);
	m_dropseg(&c, &m->m_rte);
	m_coll_flush(&c);
}

struct mbuf *
m_free(struct mbuf *m)
{
	struct mbuf *n;

	if (m == NULL)
		return NULL;
	n = m->m_next;
	m_freeseg(m);
	return n;
}

struct mbuf *
m_freem(struct mbuf *m)
{
	struct m_coll c;
	struct mbuf *n;

	if (m == NULL)
		return NULL;
	M_CHECK(m);
	n = m_nextpkt(m);
	m_coll_init(&c);
	m_dropchain(&c, &m->m_rte);
	m_coll_flush(&c);
	return n;
}

struct mbuf *
m_freemp(struct mbuf **mp)
{
	struct mbuf *m = *mp;

	*mp = NULL;
	return m_freem(m);
}

void
m_purge(struct mbuf *m)
{
	struct m_coll c;

	m_coll_init(&c);
	while (m != NULL) {
		struct mbuf *n = m_nextpkt(m);

		M_CHECK(m);
		m_dropchain(&c, &m->m_rte);
		m = n;
	}
	m_coll_flush(&c);
}

void
m_freem_bulk(struct mbuf *const *v, unsigned n)
{
	struct m_coll c;

	m_coll_init(&c);
	for (unsigned i = 0; i < n; i++) {
		if (likely(v[i] != NULL)) {
			M_CHECK(v[i]);
			m_dropchain(&c, &v[i]->m_rte);
		}
	}
	m_coll_flush(&c);
}

void
m_freem_rte_bulk(struct rte_mbuf *const *v, unsigned n)
{
	struct m_coll c;

	m_coll_init(&c);
	for (unsigned i = 0; i < n; i++) {
		if (likely(v[i] != NULL))
			m_dropchain(&c, v[i]);
	}
	m_coll_flush(&c);
}
