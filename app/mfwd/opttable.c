/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <stddef.h>
#include <string.h>

#include <rte_common.h>

#include <bsdmbuf/mbuf.h>

#include "modes/modes.h"
#include "opttable.h"
#include "optparse.h"

#define FIELD(f) offsetof(struct options, f)

static const struct option_row rows[] = {
    {"forward-mode", "MODE", "how to forward: io (default), macswap or mirror", opt_mode, 0, 0, 0},
    {"nb-cores", "N", "forwarding lcores, 1 by default; the main lcore is never one", opt_u32,
	FIELD(nb_cores), 1, RTE_MAX_LCORE},
    {"rxq", "N", "Rx queues a port, 1 by default", opt_u32, FIELD(rxq), 1, 1024},
    {"txq", "N", "Tx queues a port, 1 by default", opt_u32, FIELD(txq), 1, 1024},
    {"rxd", "N", "descriptors in an Rx ring; 0 (default): as the driver likes", opt_u32, FIELD(rxd),
	0, 65535},
    {"txd", "N", "descriptors in a Tx ring; 0 (default): as the driver likes", opt_u32, FIELD(txd),
	0, 65535},
    {"burst", "N", "packets a burst, 32 by default; 0: as the driver likes", opt_u32, FIELD(burst),
	0, 512},
    {"mbcache", "N", "mbufs in an lcore's cache of a pool, 250 by default", opt_u32, FIELD(mbcache),
	0, 512},
    {"mbuf-size", "N",
	"bytes in a buffer, headroom included; default 2176, or what --max-pkt-len needs on a port "
	"that cannot scatter",
	opt_u32, FIELD(mbuf_size), RTE_PKTMBUF_HEADROOM + MSIZE + 1, 65535},
    {"total-num-mbufs", "N", "cluster mbufs a NUMA node; default: what queues and caches can hold",
	opt_u32, FIELD(total_mbufs), 64, INT32_MAX},
    {"max-pkt-len", "N",
	"longest frame in bytes, CRC included; default: the ports' own MTU. Sets the MTU, and "
	"scatter "
	"where a frame is longer than a buffer",
	opt_u32, FIELD(max_pkt_len), 64, 65535},
    {"portlist", "LIST",
	"ports that forward, in this order, as 0,2-3; default: all, but for the mirror port",
	opt_portlist, 0, 0, RTE_MAX_ETHPORTS - 1},
    {"port-topology", "HOW",
	"who sends to whom: paired (0 with 1, 2 with 3; default), chained (each to the next) or "
	"loop "
	"(back to where it came from)",
	opt_topology, 0, 0, 0},
    {"stats-period", "S", "print the ports' statistics every S seconds", opt_u32,
	FIELD(stats_period), 1, 1000000},
    {"tx-first", NULL, "send one burst on every stream before forwarding", opt_flag,
	FIELD(tx_first), 0, 0},
    {"duration", "S", "end after S seconds, which may have a fraction", opt_seconds,
	FIELD(duration), 0, 1000000000},
    {"packets", "N", "end once N packets were received", opt_u64, FIELD(packets), 1, INT64_MAX},
    {"json", "FILE",
	"write the final record to FILE; - is the standard output, and then all text goes to the "
	"standard error",
	opt_string, FIELD(json), 0, 0},
    {"idle", "HOW",
	"what an lcore without packets does: poll (default), pause, or sleep for microseconds",
	opt_idle, 0, 0, 0},
    {"mirror-port", "P", "mode mirror: the port that gets every packet too", opt_port,
	FIELD(mirror_port), 0, RTE_MAX_ETHPORTS - 1},
    {"mirror-vlan", "ID", "mode mirror: put a VLAN tag into what the mirror port gets", opt_u32,
	FIELD(mirror_vlan), 1, 4094},
    {"print-plan", NULL,
	"print which lcore does what, with which pools and Tx contract; forward nothing", opt_flag,
	FIELD(print_plan), 0, 0},
    {"auto-start", NULL, "accepted for testpmd's sake: mfwd always starts by itself", opt_always, 0,
	0, 0},
    {"no-flush-rx", NULL, "accepted for testpmd's sake: mfwd forwards what waits in the Rx queues",
	opt_always, 0, 0, 0},
    {"no-mlockall", NULL, "accepted for testpmd's sake: mfwd does not lock its memory", opt_always,
	0, 0, 0},
    {"help", NULL, "print this and exit", opt_flag, FIELD(help), 0, 0},
    {"version", NULL, "print the version and exit", opt_flag, FIELD(version), 0, 0},
    {"man", NULL, "print the man page's source and exit", opt_flag, FIELD(man), 0, 0},
};

/* testpmd's options that mfwd does not have, each with what comes nearest. */
static const struct option_refused refused[] = {
    {"interactive", "--stats-period to watch, --duration and signals to end"},
    {"cmdline-file", "options on the command line"},
    {"display-xstats", "--json"},
    {"record-core-cycles", "--json: busy_cycles and poll_cycles are always there"},
    {"record-burst-stats", "--json"},
    {"num-procs", "one process a set of ports"},
    {"proc-id", "one process a set of ports"},
    {"coremask", "--nb-cores, with EAL's --lcores"},
    {"nb-ports", "--portlist"},
    {"portmask", "--portlist"},
    {"numa", "no option: buffers always lie on the port's NUMA node"},
    {"no-numa", "no option: buffers always lie on the port's NUMA node"},
    {"port-numa-config", "no option: buffers always lie on the port's NUMA node"},
    {"ring-numa-config", "no option: rings always lie on the port's NUMA node"},
    {"socket-num", "no option: buffers always lie on the port's NUMA node"},
    {"max-lro-pkt-size", "--max-pkt-len"},
    {"eth-peers-configfile", "--forward-mode=macswap"},
    {"eth-peer", "--forward-mode=macswap"},
    {"disable-crc-strip", "no option: the CRC is always stripped"},
    {"enable-scatter", "--max-pkt-len, which scatters where it must"},
    {"enable-lro", "--max-pkt-len"},
    {"enable-rx-cksum", "no option: forwarding leaves checksums alone"},
    {"enable-rx-timestamp", "no option"},
    {"enable-hw-vlan", "no option: tags are forwarded as they are"},
    {"enable-hw-vlan-filter", "no option: tags are forwarded as they are"},
    {"enable-hw-vlan-strip", "no option: tags are forwarded as they are"},
    {"enable-hw-vlan-extend", "no option: tags are forwarded as they are"},
    {"enable-hw-qinq-strip", "no option: tags are forwarded as they are"},
    {"enable-drop-en", "--rxd"},
    {"disable-rss", "--rxq=1"},
    {"rss-ip", "--rxq, which spreads by IP"},
    {"rss-udp", "--rxq, which spreads by IP"},
    {"rss-level-inner", "--rxq"},
    {"rss-level-outer", "--rxq"},
    {"hairpinq", "--rxq and --txq"},
    {"hairpin-mode", "--rxq and --txq"},
    {"flowgen-clones", "--tx-first"},
    {"flowgen-flows", "--tx-first"},
    {"rxpt", "--rxd"},
    {"rxht", "--rxd"},
    {"rxfreet", "--rxd"},
    {"rxwt", "--rxd"},
    {"txpt", "--txd"},
    {"txht", "--txd"},
    {"txwt", "--txd"},
    {"txfreet", "--txd"},
    {"txrst", "--txd"},
    {"rxoffs", "--mbuf-size"},
    {"rxpkts", "--mbuf-size"},
    {"rxhdrs", "--mbuf-size"},
    {"txpkts", "--tx-first"},
    {"multi-rx-mempool", "--mbuf-size"},
    {"txonly-multi-flow", "--tx-first"},
    {"tx-ip", "--tx-first"},
    {"tx-udp", "--tx-first"},
    {"eth-link-speed", "no option: links run as they come up"},
    {"rxq-share", "--rxq"},
    {"disable-link-check", "no option: mfwd does not wait for links"},
    {"disable-device-start", "--print-plan"},
    {"no-lsc-interrupt", "no option: mfwd uses no link interrupts"},
    {"no-rmv-interrupt", "no option: mfwd uses no removal interrupts"},
    {"bitrate-stats", "--stats-period"},
    {"latencystats", "--json"},
    {"print-event", "EAL's --log-level"},
    {"mask-event", "EAL's --log-level"},
    {"flow-isolate-all", "no option"},
    {"tx-offloads", "no option: --print-plan shows each port's Tx contract"},
    {"rx-offloads", "--max-pkt-len"},
    {"hot-plug", "no option: ports are there from the start"},
    {"vxlan-gpe-port", "no option"},
    {"geneve-parsed-port", "no option"},
    {"mlockall", "--no-mlockall"},
    {"mp-alloc", "EAL's memory options"},
    {"no-iova-contig", "EAL's memory options"},
    {"noisy-tx-sw-buffer-size", "--forward-mode=mirror"},
    {"noisy-tx-sw-buffer-flushtime", "--forward-mode=mirror"},
    {"noisy-lkup-memory", "--forward-mode=mirror"},
    {"noisy-lkup-num-writes", "--forward-mode=mirror"},
    {"noisy-lkup-num-reads", "--forward-mode=mirror"},
    {"noisy-lkup-num-reads-writes", "--forward-mode=mirror"},
    {"rx-mq-mode", "--rxq"},
};

const struct option_row *
opttable_at(unsigned i)
{
	return i < RTE_DIM(rows) ? &rows[i] : NULL;
}

static bool
same(const char *name, const char *word, size_t len)
{
	return strlen(name) == len && memcmp(name, word, len) == 0;
}

const struct option_row *
opttable_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < RTE_DIM(rows); i++)
		if (same(rows[i].name, name, len))
			return &rows[i];
	return NULL;
}

const struct option_refused *
opttable_refused(const char *name, size_t len)
{
	for (unsigned i = 0; i < RTE_DIM(refused); i++)
		if (same(refused[i].name, name, len))
			return &refused[i];
	return NULL;
}

/* Levenshtein's distance, for words shorter than 32; longer ones are far from everything. */
static unsigned
distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned row[33];

	if (na > 32 || nb > 32)
		return 99;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diag = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned sub = diag + (a[i - 1] != b[j - 1]);

			diag = row[j];
			row[j] = RTE_MIN(sub, RTE_MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[nb];
}

const char *
opttable_nearest(const char *name, size_t len)
{
	const char *best = NULL;
	/* Half of the letters may be wrong. */
	unsigned bestd = RTE_MIN((unsigned)len / 2 + 1, 4u);

	for (unsigned i = 0; i < RTE_DIM(rows); i++) {
		unsigned d = distance(name, len, rows[i].name, strlen(rows[i].name));

		if (d < bestd) {
			bestd = d;
			best = rows[i].name;
		}
	}
	return best;
}
