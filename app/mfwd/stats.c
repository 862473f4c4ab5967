/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <inttypes.h>

#include <rte_cycles.h>

#include <bsdmbuf/mbuf.h>

#include "fail.h"
#include "stats.h"

#define NIC_BORDER "########################"
#define FWD_BORDER "----------------------"
#define ACC_BORDER "+++++++++++++++"

/* relaxed: a number another lcore may be changing; it cannot tear */
static uint64_t
look(const uint64_t *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

static uint64_t
rate(uint64_t now, uint64_t before, double s)
{
	return s > 0 && now > before ? (uint64_t)((double)(now - before) / s) : 0;
}

static void
show_port(struct mfwd *m, struct port *p)
{
	struct rte_eth_stats st = {0}, *was = &p->last;
	uint64_t tsc = rte_rdtsc();
	double s = p->last_tsc != 0 ? (double)(tsc - p->last_tsc) / (double)rte_get_tsc_hz() : 0;

	if (rte_eth_stats_get(p->id, &st) != 0)
		return;
	fprintf(m->out, "\n  %s NIC statistics for port %-2d %s\n", NIC_BORDER, p->id, NIC_BORDER);
	fprintf(m->out,
	    "  RX-packets: %-10" PRIu64 " RX-missed: %-10" PRIu64 " RX-bytes:  %-" PRIu64 "\n",
	    st.ipackets, st.imissed, st.ibytes);
	fprintf(m->out, "  RX-errors: %-" PRIu64 "\n  RX-nombuf:  %-10" PRIu64 "\n", st.ierrors,
	    st.rx_nombuf);
	fprintf(m->out,
	    "  TX-packets: %-10" PRIu64 " TX-errors: %-10" PRIu64 " TX-bytes:  %-" PRIu64 "\n",
	    st.opackets, st.oerrors, st.obytes);
	fprintf(m->out,
	    "\n  Throughput (since last show)\n"
	    "  Rx-pps: %12" PRIu64 "          Rx-bps: %12" PRIu64 "\n"
	    "  Tx-pps: %12" PRIu64 "          Tx-bps: %12" PRIu64 "\n",
	    rate(st.ipackets, was->ipackets, s), 8 * rate(st.ibytes, was->ibytes, s),
	    rate(st.opackets, was->opackets, s), 8 * rate(st.obytes, was->obytes, s));
	fprintf(m->out, "  %s############################%s\n", NIC_BORDER, NIC_BORDER);
	p->last = st;
	p->last_tsc = tsc;
}

void
stats_show_ports(struct mfwd *m)
{
	fprintf(m->out, "\nPort statistics ====================================");
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++)
		if (m->ports[i].used)
			show_port(m, &m->ports[i]);
	fflush(m->out);
}

void
stats_total(const struct mfwd *m, struct stats_total *t)
{
	*t = (struct stats_total){0};
	for (unsigned i = 0; i < m->plan.nstreams; i++) {
		const struct stream *s = &m->plan.streams[i];

		t->rx += look(&s->rx_packets);
		t->tx += look(&s->tx_packets);
		for (unsigned d = 0; d < DROP_MAX; d++) {
			t->drops[d] += look(&s->drops[d]);
			t->dropped += look(&s->drops[d]);
		}
	}
}

/* What was lost on the way to a stream's peer, or to its mirror. */
static uint64_t
stream_dropped(const struct stream *s, bool mirror)
{
	uint64_t n = 0;

	for (enum drop d = 0; d < DROP_MAX; d++)
		if (drop_of_mirror(d) == mirror)
			n += look(&s->drops[d]);
	return n;
}

static uint64_t
port_dropped(const struct mfwd *m, uint16_t id)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < m->plan.nstreams; i++) {
		const struct stream *s = &m->plan.streams[i];

		if (s->tx.port == id)
			n += stream_dropped(s, false);
		if (s->mirror != NULL && s->mirror_tx.port == id)
			n += stream_dropped(s, true);
	}
	return n;
}

static void
show_stream(const struct mfwd *m, const struct stream *s)
{
	fprintf(m->out,
	    "\n  ------- Forward Stats for RX Port=%2d/Queue=%2d -> TX Port=%2d/Queue=%2d "
	    "-------\n",
	    s->rx_port, s->rx_queue, s->tx.port, s->tx.queue);
	fprintf(m->out,
	    "  RX-packets: %-14" PRIu64 " TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64 "\n",
	    look(&s->rx_packets), look(&s->tx_packets), stream_dropped(s, false));
}

static void
show_forwarded(FILE *f, const struct rte_eth_stats *st, uint64_t tx_dropped)
{
	fprintf(f,
	    "  RX-packets: %-14" PRIu64 " RX-dropped: %-14" PRIu64 "RX-total: %-" PRIu64 "\n",
	    st->ipackets, st->imissed, st->ipackets + st->imissed);
	if (st->ierrors + st->rx_nombuf > 0)
		fprintf(f, "  RX-error: %-" PRIu64 "\n  RX-nombufs: %-14" PRIu64 "\n", st->ierrors,
		    st->rx_nombuf);
	fprintf(f,
	    "  TX-packets: %-14" PRIu64 " TX-dropped: %-14" PRIu64 "TX-total: %-" PRIu64 "\n",
	    st->opackets, tx_dropped, st->opackets + tx_dropped);
}

static void
show_forward(const struct mfwd *m)
{
	struct rte_eth_stats sum = {0};
	uint64_t dropped = 0;

	for (unsigned i = 0; m->plan.nstreams > m->plan.nports && i < m->plan.nstreams; i++)
		show_stream(m, &m->plan.streams[i]);
	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		const struct port *p = &m->ports[i];
		const struct rte_eth_stats *st = &p->final;
		uint64_t lost;

		if (!p->used)
			continue;
		lost = port_dropped(m, p->id) + st->oerrors;
		fprintf(m->out, "\n  %s Forward statistics for port %-2d %s\n", FWD_BORDER, p->id,
		    FWD_BORDER);
		show_forwarded(m->out, st, lost);
		fprintf(m->out, "  %s--------------------------------%s\n", FWD_BORDER, FWD_BORDER);
		sum.ipackets += st->ipackets;
		sum.imissed += st->imissed;
		sum.ierrors += st->ierrors;
		sum.rx_nombuf += st->rx_nombuf;
		sum.opackets += st->opackets;
		dropped += lost;
	}
	fprintf(m->out, "\n  %s Accumulated forward statistics for all ports%s\n", ACC_BORDER,
	    ACC_BORDER);
	show_forwarded(m->out, &sum, dropped);
	fprintf(m->out, "  %s++++++++++++++++++++++++++++++++++++++++++++++%s\n", ACC_BORDER,
	    ACC_BORDER);
}

void
stats_show_end(const struct mfwd *m)
{
	struct stats_total t;

	show_forward(m);
	stats_total(m, &t);
	fprintf(m->out,
	    "\n  total: %" PRIu64 " received, %" PRIu64 " sent, %" PRIu64 " dropped in %.3f s\n",
	    t.rx, t.tx, t.dropped, m->duration_s);
	for (enum drop d = 0; d < DROP_MAX; d++)
		if (t.drops[d] > 0)
			fprintf(m->out, "  dropped: %s %" PRIu64 " (%s)\n", drop_name(d),
			    t.drops[d], drop_help(d));
	for (unsigned i = 0; i < m->npools; i++)
		fprintf(m->out, "  pool: %s on socket %d: %u buffers, %u in use\n",
		    m->pools[i].name, m->pools[i].socket, m->pools[i].size, m->pools[i].in_use);
	fflush(m->out);
}

static int
take_pool(const struct m_poolstat *st, void *arg)
{
	struct mfwd *m = arg;
	struct pool_balance *b = &m->pools[m->npools];

	if (m->npools == RTE_DIM(m->pools))
		return 1;
	snprintf(b->name, sizeof(b->name), "%s", st->name);
	b->socket = st->socket;
	b->size = st->size;
	b->in_use = st->in_use;
	m->npools++;
	return 0;
}

int
stats_pools(struct mfwd *m)
{
	m->npools = 0;
	m_pools(take_pool, m);
	for (unsigned i = 0; i < m->npools; i++)
		if (m->pools[i].in_use != 0)
			return EXIT_RUN;
	return 0;
}
