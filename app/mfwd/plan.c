/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <stdlib.h>
#include <string.h>

#include <rte_lcore.h>
#include <rte_malloc.h>

#include <bsdmbuf/mbuf.h>

#include "deal.h"
#include "fail.h"
#include "plan.h"
#include "port.h"

unsigned
plan_pool_size(uint64_t descriptors, unsigned lcores, unsigned cache, unsigned burst)
{
	/* A cache holds up to 1.5 times its size; a burst is in an lcore's hands. */
	uint64_t need = descriptors + (uint64_t)lcores * (cache + cache / 2 + 2 * burst);

	need = RTE_MIN(RTE_MAX(need, UINT64_C(4095)), UINT64_C(1) << 30);
	return (unsigned)rte_align64pow2(need + 1) - 1;
}

unsigned
plan_segments(uint32_t frame, uint32_t room)
{
	return (frame + room - 1) / room;
}

static const char *
have_ports(char *buf, size_t len)
{
	size_t n = 0;
	uint16_t p;

	buf[0] = '\0';
	RTE_ETH_FOREACH_DEV (p) {
		if (n < len)
			n += (size_t)snprintf(buf + n, len - n, "%s%u", n > 0 ? "," : "", p);
	}
	return buf;
}

static int
no_port(const char *opt, unsigned p)
{
	char have[256];

	return fail(EXIT_RUN, "--%s: port %u does not exist; there are %s", opt, p,
	    have_ports(have, sizeof(have)));
}

static int
choose_ports(struct mfwd *m)
{
	const struct options *o = &m->opt;
	struct plan *pl = &m->plan;
	uint16_t p;

	if (rte_eth_dev_count_avail() == 0)
		return fail(EXIT_RUN,
		    "no ports: EAL found none; bind a NIC to vfio-pci, or give a --vdev before --");
	if (o->mirror_port >= 0 && !rte_eth_dev_is_valid_port((uint16_t)o->mirror_port))
		return no_port("mirror-port", (unsigned)o->mirror_port);
	for (unsigned i = 0; i < o->nportlist; i++)
		if (!rte_eth_dev_is_valid_port(o->portlist[i]))
			return no_port("portlist", o->portlist[i]);
	pl->nports = o->nportlist;
	memcpy(pl->ports, o->portlist, sizeof(pl->ports));
	if (o->nportlist == 0) {
		RTE_ETH_FOREACH_DEV (p) {
			if (p != o->mirror_port)
				pl->ports[pl->nports++] = p;
		}
	}
	if (pl->nports == 0)
		return fail(EXIT_RUN,
		    "no ports: the mirror port %d is the only one; give another --vdev or NIC to "
		    "forward on",
		    o->mirror_port);
	return 0;
}

/* --burst=0: what the first port's driver likes. */
static void
choose_burst(struct mfwd *m)
{
	uint16_t likes = m->ports[m->plan.ports[0]].info.default_rxportconf.burst_size;

	if (m->opt.burst == 0)
		m->opt.burst = likes != 0 ? RTE_MIN(likes, MFWD_MAX_BURST) : 32;
}

static int
choose_lcores(struct mfwd *m)
{
	unsigned have = rte_lcore_count() - 1, id, i = 0;
	struct plan *pl = &m->plan;

	if (have == 0)
		return fail(EXIT_RUN,
		    "lcores: only the main lcore %u, which does not forward; give one more, which "
		    "may "
		    "share its CPU: --lcores=0@0,1@0",
		    rte_get_main_lcore());
	if (m->opt.nb_cores > have)
		return fail(EXIT_RUN,
		    "--nb-cores=%u: there are %u lcores besides the main one; give more with "
		    "--lcores, "
		    "several may share a CPU",
		    m->opt.nb_cores, have);
	pl->nlcores = deal_lcores(pl->nstreams, m->opt.nb_cores);
	pl->lcores = rte_zmalloc("lcores", pl->nlcores * sizeof(*pl->lcores), RTE_CACHE_LINE_SIZE);
	if (pl->lcores == NULL)
		return fail(EXIT_RUN, "memory: none for %u lcores; give more with -m", pl->nlcores);
	RTE_LCORE_FOREACH_WORKER (id) {
		unsigned first, n;

		if (i == pl->nlcores)
			break;
		deal_share(pl->nstreams, pl->nlcores, i, &first, &n);
		pl->lcores[i++] = (struct lcore){
		    .id = id,
		    .socket = (int)rte_lcore_to_socket_id(id),
		    .cpu = rte_lcore_to_cpu_id((int)id),
		    .streams = pl->streams + first,
		    .nstreams = n,
		    .burst = (uint16_t)m->opt.burst,
		    .idle = m->opt.idle,
		    .tx_first = m->opt.tx_first,
		    .stop = &m->stop,
		    .budget = m->opt.packets > 0 ? &m->budget : NULL,
		    .mode = m->opt.mode,
		};
	}
	return 0;
}

static int
make_streams(struct mfwd *m)
{
	struct plan *pl = &m->plan;
	unsigned queues = deal_queues(m->opt.rxq, m->opt.txq);

	pl->nstreams = pl->nports * queues;
	pl->streams =
	    rte_zmalloc("streams", pl->nstreams * sizeof(*pl->streams), RTE_CACHE_LINE_SIZE);
	if (pl->streams == NULL)
		return fail(
		    EXIT_RUN, "memory: none for %u streams; give more with -m", pl->nstreams);
	for (unsigned i = 0; i < pl->nstreams; i++) {
		unsigned port = i % pl->nports;
		uint16_t queue = (uint16_t)(i / pl->nports);
		struct stream *s = &pl->streams[i];

		s->rx_port = pl->ports[port];
		s->rx_queue = queue;
		s->least = 1;
		s->tx.port = pl->ports[deal_peer(m->opt.topology, port, pl->nports)];
		s->tx.queue = queue;
	}
	return 0;
}

/* The mirror port has a Tx queue for each lcore, or one with a lock. */
static void
mirror_queues(struct mfwd *m)
{
	struct plan *pl = &m->plan;
	struct port *p;

	if (m->opt.mirror_port < 0)
		return;
	p = &m->ports[m->opt.mirror_port];
	p->txq = (uint16_t)(pl->nlcores <= p->info.max_tx_queues ? pl->nlcores : 1);
	/* What a ring that nobody reads holds at the end is taken out queue by queue. */
	p->rxq = RTE_MIN(p->txq, p->info.max_rx_queues);
	rte_spinlock_init(&m->mirror.lock);
	for (unsigned i = 0; i < pl->nlcores; i++) {
		for (unsigned j = 0; j < pl->lcores[i].nstreams; j++) {
			struct stream *s = &pl->lcores[i].streams[j];

			s->mirror_tx.port = p->id;
			s->mirror_tx.queue = (uint16_t)(p->txq > 1 ? i : 0);
			s->mirror_lock = p->txq < pl->nlcores ? &m->mirror.lock : NULL;
		}
	}
}

static void
size_pools(struct mfwd *m)
{
	struct plan *pl = &m->plan;
	uint64_t rx = 0, tx = 0;
	unsigned cache = m->opt.mbcache;

	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		const struct port *p = &m->ports[i];

		if (!p->used)
			continue;
		rx += (uint64_t)p->rxq * p->rxd;
		tx += (uint64_t)p->txq * p->txd;
	}
	pl->nclusters = m->opt.total_mbufs;
	if (pl->nclusters == 0)
		pl->nclusters = plan_pool_size(rx + tx, rte_lcore_count(), cache, m->opt.burst);
	/* Followers lie in the mirror's Tx queue, and a chain takes one a segment. */
	pl->nheaders = m->opt.mode->shares
	    ? plan_pool_size(2 * tx, rte_lcore_count(), cache, 2 * m->opt.burst)
	    : RTE_MAX(1023u, 2 * cache);
}

/* Can a packet that this port receives have several segments, and how many? 0: unknown. */
static unsigned
rx_segments(const struct mfwd *m, const struct port *p)
{
	if (port_chains_unasked(p))
		return 0;
	return p->scatter ? plan_segments(p->max_frame, m->plan.cluster_size) : 1;
}

/* What reaches port id: as peer of the streams that send there, or as the mirror of all. */
static void
reaching(const struct mfwd *m, uint16_t id, struct contract_in *in)
{
	uint64_t sockets = 0;
	bool mirror = id == m->opt.mirror_port;

	in->max_segs = 1;
	for (unsigned i = 0; i < m->plan.nstreams; i++) {
		const struct stream *s = &m->plan.streams[i];
		const struct port *rx = &m->ports[s->rx_port];
		unsigned segs;

		if (!mirror && s->tx.port != id)
			continue;
		sockets |= UINT64_C(1) << (rx->socket & 63);
		segs = rx_segments(m, rx);
		if (in->max_segs != 0)
			in->max_segs = segs == 0 ? 0 : RTE_MAX(in->max_segs, segs);
	}
	if (mirror && m->opt.mirror_vlan != 0 && in->max_segs != 0)
		in->max_segs++;
	for (unsigned i = 0; m->opt.tx_first && i < m->plan.nlcores; i++)
		sockets |= UINT64_C(1) << (m->plan.lcores[i].socket & 63);
	in->pools = (unsigned)__builtin_popcountll(sockets);
	in->shared = m->opt.mode->shares;
}

static void
contracts(struct mfwd *m)
{
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		struct port *p = &m->ports[i];
		struct contract_in in = {
		    .tx_offload_capa = p->info.tx_offload_capa,
		    .seg_max = p->info.tx_desc_lim.nb_seg_max,
		    .mtu_seg_max = p->info.tx_desc_lim.nb_mtu_seg_max,
		    .gathers = port_gathers_unasked(p),
		};

		if (!p->used)
			continue;
		reaching(m, p->id, &in);
		contract_decide(&in, &p->tx);
	}
	for (unsigned i = 0; i < m->plan.nstreams; i++) {
		struct stream *s = &m->plan.streams[i];

		s->tx.max_segs = m->ports[s->tx.port].tx.max_segs;
		s->tx.room = m->plan.cluster_size;
		s->mirror_tx.room = m->plan.cluster_size;
		if (m->opt.mirror_port >= 0)
			s->mirror_tx.max_segs = m->ports[s->mirror_tx.port].tx.max_segs;
	}
}

int
plan_make(struct mfwd *m)
{
	struct plan *pl = &m->plan;
	int rc = choose_ports(m);

	for (unsigned i = 0; rc == 0 && i < pl->nports; i++)
		rc = port_look(m, pl->ports[i], m->opt.rxq, m->opt.txq);
	if (rc == 0 && m->opt.mirror_port >= 0)
		rc = port_look(m, (uint16_t)m->opt.mirror_port, 1, 1);
	if (rc == 0)
		rc = port_frames(m);
	choose_burst(m);
	if (rc == 0)
		rc = make_streams(m);
	if (rc == 0)
		rc = choose_lcores(m);
	if (rc != 0)
		return rc;
	mirror_queues(m);
	size_pools(m);
	contracts(m);
	m->budget.tokens = m->budget.left = (int64_t)m->opt.packets;
	return m->opt.mode->init != NULL ? m->opt.mode->init(m) : 0;
}

void
plan_free(struct mfwd *m)
{
	rte_free(m->plan.streams);
	rte_free(m->plan.lcores);
	m->plan.streams = NULL;
	m->plan.lcores = NULL;
	m->plan.nstreams = m->plan.nlcores = 0;
}

static void
print_lcore(const struct mfwd *m, const struct lcore *lc, FILE *f)
{
	fprintf(f, "Logical Core %u (socket %d) forwards packets on %u streams:\n", lc->id,
	    lc->socket, lc->nstreams);
	for (unsigned i = 0; i < lc->nstreams; i++) {
		const struct stream *s = &lc->streams[i];

		fprintf(f,
		    "  RX P=%u/Q=%u (socket %d) -> TX P=%u/Q=%u (socket %d) "
		    "peer=02:00:00:00:00:%02X\n",
		    s->rx_port, s->rx_queue, m->ports[s->rx_port].socket, s->tx.port, s->tx.queue,
		    m->ports[s->tx.port].socket, s->tx.port & 0xff);
		if (s->mirror != NULL)
			fprintf(f, "    mirrored to TX P=%u/Q=%u%s\n", s->mirror_tx.port,
			    s->mirror_tx.queue,
			    s->mirror_lock != NULL ? ", which lcores share" : "");
	}
}

void
plan_print(const struct mfwd *m, FILE *f)
{
	const struct plan *pl = &m->plan;

	if (m->opt.topology == TOPOLOGY_PAIRED && pl->nports % 2 != 0)
		fprintf(f,
		    "\nWarning! port-topology=paired and odd forward ports number, the last port "
		    "will pair with itself.\n\n");
	fprintf(f,
	    "%s packet forwarding - ports=%u - cores=%u - streams=%u - NUMA support enabled, "
	    "MP allocation mode: native\n",
	    m->opt.mode->name, pl->nports, pl->nlcores, pl->nstreams);
	for (unsigned i = 0; i < pl->nlcores; i++)
		print_lcore(m, &pl->lcores[i], f);
	if (m->opt.rxq > m->opt.txq)
		fprintf(f,
		    "\nWarning! Rx queues %u to %u have no Tx queue and nobody polls them.\n",
		    m->opt.txq, m->opt.rxq - 1);
	fprintf(f, "\n  pools: %u clusters of %u bytes and %u headers a NUMA node, cache %u\n",
	    pl->nclusters, pl->cluster_size, pl->nheaders, m->opt.mbcache);
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		const struct port *p = &m->ports[i];

		if (!p->used)
			continue;
		fprintf(f, "  port %u: %s (%s), Rx %u queues of %u, Tx %u queues of %u, MTU %u%s\n",
		    i, p->name, p->driver, p->rxq, p->rxd, p->txq, p->txd, p->mtu,
		    p->scatter ? ", scatter" : "");
		fprintf(f, "    Tx contract: %s\n", p->tx.reason);
	}
	fprintf(f, "\n");
}
