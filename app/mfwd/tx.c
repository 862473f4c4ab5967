/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <string.h>

#include <bsdmbuf/mbuf.h>

#include "tx.h"

void
tx_drop(struct stream *s, enum drop why, struct rte_mbuf **pkts, uint16_t n)
{
	count(&s->drops[why], n);
	m_freem_rte_bulk(pkts, n);
}

/* Copy all bytes of from into the fresh clusters of the chain to, which has room for them. */
static void
pour(struct mbuf *to, uint16_t room, const struct rte_mbuf *from)
{
	for (; from != NULL; from = from->next) {
		uint16_t off = 0;

		while (off < from->data_len) {
			uint16_t n = (uint16_t)RTE_MIN(from->data_len - off, room - to->m_len);

			memcpy(mtod(to, char *) + to->m_len,
			    rte_pktmbuf_mtod_offset(from, const char *, off), n);
			to->m_len = (uint16_t)(to->m_len + n);
			off = (uint16_t)(off + n);
			if (to->m_len == room && to->m_next != NULL)
				to = to->m_next;
		}
	}
}

/* A copy of a packet in as few clusters as it takes; NULL when there are not enough. */
static struct mbuf *
compact(const struct rte_mbuf *r, uint16_t room, unsigned segs)
{
	struct mbuf *v[UINT8_MAX];

	if (segs > RTE_DIM(v) || m_get_bulk(v, segs) != 0)
		return NULL;
	for (unsigned i = 1; i < segs; i++)
		v[i - 1]->m_next = v[i];
	pour(v[0], room, r);
	m_calchdrlen(v[0]);
	return v[0];
}

uint16_t
tx_fit(struct stream *s, const struct txq *q, const struct tx_reasons *why, struct rte_mbuf **pkts,
    uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *r = pkts[i];
		unsigned segs = (r->pkt_len + q->room - 1) / q->room;
		struct mbuf *m;

		if (likely(r->nb_segs <= q->max_segs)) {
			pkts[kept++] = r;
			continue;
		}
		if (segs > q->max_segs) {
			tx_drop(s, why->segs, &r, 1);
			continue;
		}
		m = compact(r, q->room, RTE_MAX(segs, 1u));
		if (m == NULL) {
			tx_drop(s, why->nobuf, &r, 1);
			continue;
		}
		m_freem_rte_bulk(&r, 1);
		pkts[kept++] = m_unwrap(m);
	}
	return kept;
}
