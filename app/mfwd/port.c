/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <string.h>

#include <rte_dev.h>

#include <bsdmbuf/mbuf.h>

#include "fail.h"
#include "port.h"

/* Ethernet header and two tags: what stands in a buffer in front of an MTU's bytes. */
#define L2_ROOM (RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN)

/*
 * What software drivers do without an offload bit. chains: a received frame of any length goes into
 * as many buffers as it takes, scatter or no scatter (hardware drivers deliver one buffer a packet
 * unless SCATTER is on). gathers: chains are sent whole, though the driver has no MULTI_SEGS.
 * kernel: the kernel's interface has the MTU; the driver names 1,518 bytes and delivers longer
 * frames too.
 */
static const struct fact {
	const char *driver;
	bool chains, gathers, kernel;
} facts[] = {
    {"net_af_packet", .kernel = true},
    {"net_tap", .kernel = true},
    {"net_pcap", .chains = true, .gathers = true},
    {"net_ring", .chains = true},
    {"net_memif", .chains = true},
    {"net_vhost", .chains = true},
};

static const struct fact *
fact_of(const struct port *p)
{
	static const struct fact none;

	for (unsigned i = 0; i < RTE_DIM(facts); i++)
		if (strcmp(facts[i].driver, p->driver) == 0)
			return &facts[i];
	return &none;
}

bool
port_chains_unasked(const struct port *p)
{
	return fact_of(p)->chains;
}

bool
port_gathers_unasked(const struct port *p)
{
	return fact_of(p)->gathers;
}

static int
check_ring(const struct port *p, const char *opt, uint32_t n, const struct rte_eth_desc_lim *lim)
{
	uint32_t align = RTE_MAX(lim->nb_align, 1u),
		 most = lim->nb_max != 0 ? lim->nb_max : UINT16_MAX;
	uint32_t near;

	if (n == 0 || (n >= lim->nb_min && n <= most && n % align == 0))
		return 0;
	near = RTE_MIN(RTE_MAX((n + align - 1) / align * align, (uint32_t)lim->nb_min), most);
	return fail(EXIT_RUN, "--%s=%u: port %u (%s) takes %u to %u in steps of %u; give --%s=%u",
	    opt, n, p->id, p->driver, lim->nb_min, most, align, opt, near - near % align);
}

static int
check_queues(const struct port *p, const char *opt, unsigned n, unsigned most)
{
	if (n <= most)
		return 0;
	return fail(EXIT_RUN, "--%s=%u: port %u (%s) has %u; give --%s=%u or fewer", opt, n, p->id,
	    p->driver, most, opt, most);
}

/* Ring sizes as they will be: the user's, else the driver's, else DPDK's; clamped by the driver. */
static void
resolve_rings(struct mfwd *m, struct port *p)
{
	const struct rte_eth_dev_info *in = &p->info;
	uint16_t rxd = in->default_rxportconf.ring_size, txd = in->default_txportconf.ring_size;

	p->rxd = rxd != 0 ? rxd : RTE_ETH_DEV_FALLBACK_RX_RINGSIZE;
	p->txd = txd != 0 ? txd : RTE_ETH_DEV_FALLBACK_TX_RINGSIZE;
	if (m->opt.rxd != 0)
		p->rxd = (uint16_t)m->opt.rxd;
	if (m->opt.txd != 0)
		p->txd = (uint16_t)m->opt.txd;
}

int
port_look(struct mfwd *m, uint16_t id, unsigned rxq, unsigned txq)
{
	struct port *p = &m->ports[id];
	int rc;

	p->id = id;
	rc = rte_eth_dev_info_get(id, &p->info);
	if (rc != 0)
		return fail(EXIT_RUN,
		    "port %u: the driver does not answer: %s; leave it out of --portlist", id,
		    rte_strerror(-rc));
	rte_eth_dev_get_name_by_port(id, p->name);
	snprintf(p->driver, sizeof(p->driver), "%s", p->info.driver_name);
	p->socket = RTE_MAX(rte_eth_dev_socket_id(id), 0);
	p->rxq = (uint16_t)rxq;
	p->txq = (uint16_t)txq;
	rc = check_queues(p, "rxq", rxq, p->info.max_rx_queues);
	if (rc == 0)
		rc = check_queues(p, "txq", txq, p->info.max_tx_queues);
	if (rc == 0)
		rc = check_ring(p, "rxd", m->opt.rxd, &p->info.rx_desc_lim);
	if (rc == 0)
		rc = check_ring(p, "txd", m->opt.txd, &p->info.tx_desc_lim);
	resolve_rings(m, p);
	p->used = true;
	return rc;
}

/* The largest MTU that DPDK lets this port have. */
static uint32_t
most_mtu(const struct rte_eth_dev_info *in, uint32_t overhead)
{
	uint32_t most = in->max_mtu != 0 ? in->max_mtu : UINT16_MAX;

	if (in->max_rx_pktlen > overhead)
		most = RTE_MIN(most, in->max_rx_pktlen - overhead);
	return most;
}

/* The MTU that --max-pkt-len means on this port, as testpmd computes it; else the port's own. */
static int
resolve_mtu(struct mfwd *m, struct port *p)
{
	const struct rte_eth_dev_info *in = &p->info;
	uint32_t overhead = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN, mtu, least, most;

	if (in->max_mtu != UINT16_MAX && in->max_rx_pktlen > in->max_mtu)
		overhead = in->max_rx_pktlen - in->max_mtu;
	if (m->opt.max_pkt_len == 0) {
		if (rte_eth_dev_get_mtu(p->id, &p->mtu) != 0 || p->mtu == 0)
			p->mtu = RTE_ETHER_MTU;
		p->max_frame = p->mtu + L2_ROOM;
		return 0;
	}
	mtu = m->opt.max_pkt_len > overhead ? m->opt.max_pkt_len - overhead : 0;
	least = RTE_MAX(in->min_mtu, RTE_ETHER_MIN_MTU);
	most = most_mtu(in, overhead);
	if (mtu < least || (mtu > most && !fact_of(p)->kernel))
		return fail(EXIT_RUN,
		    "--max-pkt-len=%u: port %u (%s) takes %u to %u; give one of these",
		    m->opt.max_pkt_len, p->id, p->driver, least + overhead,
		    RTE_MIN(most + overhead, (uint32_t)UINT16_MAX));
	p->mtu = (uint16_t)RTE_MIN(mtu, most);
	p->set_mtu = mtu <= most;
	p->max_frame = mtu + L2_ROOM;
	return 0;
}

/* A frame that does not fit a buffer: scatter, or a larger buffer, or a refusal. */
static int
fit_frames(struct mfwd *m, struct port *p, uint32_t *room)
{
	p->scatter = false;
	if (p->max_frame <= *room)
		return 0;
	if (p->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) {
		p->scatter = true;
		return 0;
	}
	if (port_chains_unasked(p))
		return 0;
	if (m->opt.mbuf_size != 0)
		return fail(EXIT_RUN,
		    "--mbuf-size=%u: frames of port %u (%s) have up to %u bytes and it cannot "
		    "scatter; "
		    "give --mbuf-size=%u or a smaller --max-pkt-len",
		    m->opt.mbuf_size, p->id, p->driver, p->max_frame,
		    p->max_frame + RTE_PKTMBUF_HEADROOM);
	*room = RTE_MIN(RTE_ALIGN(p->max_frame, RTE_CACHE_LINE_SIZE), (uint32_t)MAXMCLBYTES);
	return 0;
}

int
port_frames(struct mfwd *m)
{
	uint32_t room = MCLBYTES, before;
	int rc = 0;

	if (m->opt.mbuf_size != 0)
		room = m->opt.mbuf_size - RTE_PKTMBUF_HEADROOM;
	for (unsigned i = 0; rc == 0 && i < RTE_MAX_ETHPORTS; i++)
		if (m->ports[i].used)
			rc = resolve_mtu(m, &m->ports[i]);
	/* A port that needs larger buffers changes what the others need. */
	do {
		before = room;
		for (unsigned i = 0; rc == 0 && i < RTE_MAX_ETHPORTS; i++)
			if (m->ports[i].used)
				rc = fit_frames(m, &m->ports[i], &room);
	} while (rc == 0 && room != before);
	m->plan.cluster_size = (uint16_t)room;
	return rc;
}

/* Why the driver refused, from its log; else what the error number says. */
static int
refused(const struct port *p, const char *what, int rc, const char *remedy)
{
	char why[256];

	if (log_last(why, sizeof(why))[0] == '\0')
		snprintf(why, sizeof(why), "%s", rte_strerror(-rc));
	return fail(EXIT_RUN, "port %u (%s): %s: %s; %s", p->id, p->name, what, why, remedy);
}

static int
configure(struct mfwd *m, struct port *p)
{
	struct rte_eth_conf *c = &p->conf;
	uint64_t hash = RTE_ETH_RSS_IP & p->info.flow_type_rss_offloads;
	int rc;

	(void)m;
	memset(c, 0, sizeof(*c));
	c->rxmode.mtu = p->mtu;
	if (p->scatter)
		c->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	if (p->rxq > 1 && hash != 0) {
		c->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		c->rx_adv_conf.rss_conf.rss_hf = hash;
	}
	c->txmode.offloads = p->tx.offloads;
	rc = rte_eth_dev_configure(p->id, p->rxq, p->txq, c);
	if (rc != 0)
		return refused(
		    p, "cannot be configured", rc, "change --rxq, --txq or --max-pkt-len");
	p->configured = true;
	rc = rte_eth_dev_adjust_nb_rx_tx_desc(p->id, &p->rxd, &p->txd);
	return rc == 0 ? 0 : refused(p, "ring sizes", rc, "change --rxd or --txd");
}

static int
setup_queues(struct mfwd *m, struct port *p)
{
	struct rte_mempool *mp = m_cluster_pool(p->socket);
	struct rte_eth_rxconf rx = p->info.default_rxconf;
	struct rte_eth_txconf tx = p->info.default_txconf;
	unsigned socket = (unsigned)p->socket;
	char what[64];
	int rc;

	(void)m;
	rx.offloads = p->conf.rxmode.offloads;
	tx.offloads = p->conf.txmode.offloads;
	for (uint16_t q = 0; q < p->rxq; q++) {
		snprintf(what, sizeof(what), "Rx queue %u of %u descriptors", q, p->rxd);
		rc = rte_eth_rx_queue_setup(p->id, q, p->rxd, socket, &rx, mp);
		if (rc != 0)
			return refused(
			    p, what, rc, "change --rxd, --mbuf-size or --total-num-mbufs");
	}
	for (uint16_t q = 0; q < p->txq; q++) {
		snprintf(what, sizeof(what), "Tx queue %u of %u descriptors", q, p->txd);
		rc = rte_eth_tx_queue_setup(p->id, q, p->txd, socket, &tx);
		if (rc != 0)
			return refused(p, what, rc, "change --txd");
	}
	return 0;
}

static int
start(struct mfwd *m, struct port *p)
{
	struct rte_ether_addr mac = {{0}};
	int rc;

	log_forget();
	fprintf(m->out, "Configuring Port %u (socket %d)\n", p->id, p->socket);
	rc = configure(m, p);
	if (rc == 0)
		rc = setup_queues(m, p);
	if (rc != 0)
		return rc;
	/* Ports of the kernel's need to hear of the MTU; others have it from configure. */
	if (p->set_mtu) {
		rc = rte_eth_dev_set_mtu(p->id, p->mtu);
		if (rc != 0 && rc != -ENOTSUP)
			return refused(p, "MTU", rc, "give a smaller --max-pkt-len");
	}
	rc = rte_eth_dev_start(p->id);
	if (rc != 0)
		return refused(p, "cannot be started", rc, "see what its driver needs");
	p->started = true;
	rc = rte_eth_promiscuous_enable(p->id);
	if (rc != 0 && rc != -ENOTSUP)
		return refused(p, "promiscuous mode", rc, "see what its driver needs");
	rte_eth_macaddr_get(p->id, &mac);
	fprintf(m->out, "Port %u: " RTE_ETHER_ADDR_PRT_FMT "\n", p->id, RTE_ETHER_ADDR_BYTES(&mac));
	return 0;
}

/* A vector receive path may round what it is asked for down to a multiple of its width. */
static void
least_of_streams(struct mfwd *m)
{
	for (unsigned i = 0; i < m->plan.nstreams; i++) {
		struct stream *s = &m->plan.streams[i];
		struct rte_eth_burst_mode bm;

		if (rte_eth_rx_burst_mode_get(s->rx_port, s->rx_queue, &bm) == 0 &&
		    strstr(bm.info, "Vector") != NULL)
			s->least = (uint16_t)RTE_MIN(m->opt.burst, 32u);
	}
}

int
ports_start(struct mfwd *m)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < RTE_MAX_ETHPORTS; i++)
		if (m->ports[i].used)
			rc = start(m, &m->ports[i]);
	least_of_streams(m);
	return rc;
}

/*
 * A software queue keeps buffers that its driver does not free when it closes (net_ring). A source
 * without an end is left after as many packets as the pool holds.
 */
static void
flush_rx(const struct mfwd *m, const struct port *p)
{
	struct rte_mbuf *pkts[32];

	for (uint16_t q = 0; q < p->rxq; q++) {
		for (unsigned had = 0, n = 1; n > 0 && had < m->plan.nclusters; had += n) {
			n = rte_eth_rx_burst(p->id, q, pkts, RTE_DIM(pkts));
			m_freem_rte_bulk(pkts, n);
		}
	}
}

void
ports_stop(struct mfwd *m)
{
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		struct port *p = &m->ports[i];

		if (!p->started)
			continue;
		rte_eth_stats_get(p->id, &p->final);
		for (uint16_t q = 0; q < p->txq; q++)
			rte_eth_tx_done_cleanup(p->id, q, 0);
	}
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++)
		if (m->ports[i].started)
			flush_rx(m, &m->ports[i]);
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		struct port *p = &m->ports[i];

		if (p->started) {
			fprintf(m->out, "Stopping port %u...\n", p->id);
			rte_eth_dev_stop(p->id);
		}
		p->started = false;
	}
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		struct port *p = &m->ports[i];

		if (p->configured) {
			fprintf(m->out, "Shutting down port %u...\n", p->id);
			rte_eth_dev_close(p->id);
		}
		p->configured = false;
	}
}
