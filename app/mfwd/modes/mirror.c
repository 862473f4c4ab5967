/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_errno.h>

#include <bsdmbuf/mbuf.h>

#include "../fail.h"
#include "../loop.h"
#include "modes.h"

#define MACS 12
#define TAGGED (RTE_ETHER_HDR_LEN + sizeof(struct rte_vlan_hdr))

static const struct tx_reasons mirror_why = {DROP_MIRROR_FULL, DROP_MIRROR_SEGS, DROP_MIRROR_NOBUF};

/*
 * The packet once more, with a tag. Its Ethernet header goes into an mbuf of its own, in front of
 * the shared payload: the packet itself cannot be written, for the peer is about to send it.
 */
static struct mbuf *
tagged(struct stream *s, struct mbuf *m)
{
	const uint8_t tag[] = {
	    0x81, 0x00, (uint8_t)(s->mirror->vlan >> 8), (uint8_t)s->mirror->vlan};
	uint8_t hdr[TAGGED];
	struct mbuf *c;

	if (m->m_pkthdr.len <= RTE_ETHER_HDR_LEN || m_copydata(m, 0, MACS, hdr) != 0 ||
	    m_copydata(m, MACS, 2, hdr + MACS + sizeof(tag)) != 0) {
		count(&s->drops[DROP_MIRROR_SHORT], 1);
		return NULL;
	}
	memcpy(hdr + MACS, tag, sizeof(tag));
	c = m_copym(m, RTE_ETHER_HDR_LEN, M_COPYALL, M_DONTWAIT);
	if (c != NULL)
		c = m_prepend(c, TAGGED, M_DONTWAIT);
	if (c == NULL) {
		count(&s->drops[DROP_MIRROR_NOBUF], 1);
		return NULL;
	}
	memcpy(mtod(c, uint8_t *), hdr, TAGGED);
	return c;
}

/* Share n packets into out; returns how many it became. */
static uint16_t
share(struct stream *s, struct mbuf **v, struct rte_mbuf **out, uint16_t n)
{
	struct mbuf *copies[MFWD_MAX_BURST];
	uint16_t k = 0;

	if (s->mirror->vlan == 0) {
		k = (uint16_t)m_copym_bulk(v, copies, n);
		if (unlikely(k < n))
			count(&s->drops[DROP_MIRROR_NOBUF], n - k);
	} else {
		for (uint16_t i = 0; i < n; i++) {
			copies[k] = tagged(s, v[i]);
			k = (uint16_t)(k + (copies[k] != NULL));
		}
	}
	m_unwrap_bulk(copies, out, k);
	return k;
}

static __rte_always_inline void
mirror_burst(struct stream *s, struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mbuf *copies[MFWD_MAX_BURST];
	struct mbuf *v[MFWD_MAX_BURST];
	uint16_t k = (uint16_t)m_wrap_bulk(pkts, v, n), made;

	/* What no header was free for, so that it stayed a foreign mbuf, goes to the peer alone. */
	if (unlikely(k < n))
		count(&s->drops[DROP_MIRROR_NOBUF], n - k);
	made = share(s, v, copies, k);
	m_unwrap_bulk(v, pkts, k);
	tx_peer(s, pkts, n);
	if (unlikely(s->mirror_lock != NULL))
		rte_spinlock_lock(s->mirror_lock);
	tx_send(s, &s->mirror_tx, &mirror_why, copies, made);
	if (unlikely(s->mirror_lock != NULL))
		rte_spinlock_unlock(s->mirror_lock);
}

static void
mirror_run(struct lcore *lc)
{
	loop_run(lc, mirror_burst);
}

static int
mirror_init(struct mfwd *m)
{
	m->mirror.port = (uint16_t)m->opt.mirror_port;
	m->mirror.vlan = (uint16_t)m->opt.mirror_vlan;
	for (unsigned i = 0; i < m->plan.nstreams; i++)
		m->plan.streams[i].mirror = &m->mirror;
	return 0;
}

const struct mode *
mode_mirror(void)
{
	static const struct mode mirror = {
	    .name = "mirror",
	    .help =
		"send on the peer port as io does, and share every packet with --mirror-port too, "
		"without a copy",
	    .shares = true,
	    .chains = true,
	    .init = mirror_init,
	    .run = mirror_run,
	};

	return &mirror;
}
