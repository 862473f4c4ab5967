/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_OPTIONS_H
#define MFWD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_config.h>

struct mode;

enum topology { TOPOLOGY_PAIRED, TOPOLOGY_CHAINED, TOPOLOGY_LOOP };
enum idle { IDLE_POLL, IDLE_PAUSE, IDLE_SLEEP };

/* What the command line says after "--". 0 and NULL: not said, choose. */
struct options {
	const struct mode *mode;
	uint32_t nb_cores;
	uint32_t rxq, txq;
	uint32_t rxd, txd;
	uint32_t burst;
	uint32_t mbcache;
	uint32_t mbuf_size; /* data room, with the headroom in it */
	uint32_t total_mbufs;
	uint32_t max_pkt_len;
	uint32_t nportlist;
	uint16_t portlist[RTE_MAX_ETHPORTS];
	enum topology topology;
	uint32_t stats_period;
	bool tx_first;
	double duration;
	uint64_t packets;
	const char *json;
	enum idle idle;
	int32_t mirror_port; /* -1: none */
	uint32_t mirror_vlan;
	bool print_plan;
	bool help, version, man;
};

void options_init(struct options *o);

/*
 * Parse argv[0..argc-1], the options alone. On failure one line is in err and the result is
 * negative; o is then of no use.
 */
int options_parse(struct options *o, int argc, char **argv, char *err, size_t errlen);

/* Does this word begin with the name of one of our options? */
bool options_known(const char *word);

void options_help(FILE *f);
void options_man(FILE *f);

/* One name of the table after another, NULL at its end; for the tests. */
const char *options_name(unsigned i);

#endif
