/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <bsdmbuf/mbuf.h>

#include "tx.h"
#include "txfirst.h"

void
txfirst_frame(uint8_t *buf, const struct rte_ether_addr *src, uint16_t peer)
{
	struct rte_ether_hdr *eth = (struct rte_ether_hdr *)buf;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(eth + 1);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);
	const uint16_t iplen = TXFIRST_LEN - sizeof(*eth);

	memset(buf, 0, TXFIRST_LEN);
	eth->dst_addr = (struct rte_ether_addr){{2, 0, 0, 0, 0, (uint8_t)peer}};
	eth->src_addr = *src;
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_UDP;
	ip->total_length = rte_cpu_to_be_16(iplen);
	ip->src_addr = RTE_BE32(RTE_IPV4(198u, 18, 0, 1));
	ip->dst_addr = RTE_BE32(RTE_IPV4(198u, 18, 0, 2));
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp->src_port = RTE_BE16(9);
	udp->dst_port = RTE_BE16(9);
	udp->dgram_len = rte_cpu_to_be_16((uint16_t)(iplen - sizeof(*ip)));
}

void
txfirst_send(struct lcore *lc)
{
	for (unsigned i = 0; i < lc->nstreams; i++) {
		struct stream *s = &lc->streams[i];
		struct rte_ether_addr mac = {{0}};
		struct mbuf *v[MFWD_MAX_BURST];
		struct rte_mbuf *pkts[MFWD_MAX_BURST];

		if (m_get_bulk(v, lc->burst) != 0) {
			count(&s->drops[DROP_TX_NOBUF], lc->burst);
			continue;
		}
		rte_eth_macaddr_get(s->tx.port, &mac);
		for (unsigned p = 0; p < lc->burst; p++) {
			txfirst_frame(mtod(v[p], uint8_t *), &mac, s->tx.port);
			v[p]->m_len = TXFIRST_LEN;
			v[p]->m_pkthdr.len = TXFIRST_LEN;
			pkts[p] = m_unwrap(v[p]);
		}
		tx_peer(s, pkts, lc->burst);
	}
}
