/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_H
#define MFWD_H

/*
 * The forwarder's state: one struct mfwd, made by main and passed down. What the forwarding lcores
 * write lies in struct stream and struct lcore, each on cache lines of its own and each written by
 * one lcore.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_spinlock.h>

#include "contract.h"
#include "drops.h"
#include "options.h"

#define MFWD_MAX_BURST 512

/* Exit codes: the whole run was good; it could not be done; the command line is wrong. */
enum { EXIT_GOOD = 0, EXIT_RUN = 1, EXIT_USAGE = 2 };

struct mfwd;
struct lcore;
struct stream;

/*
 * A forwarding mode: one file, one of these. NULL means nothing special.
 * run() is the whole loop of an lcore: loop_run() with the mode's burst function inlined.
 */
struct mode {
	const char *name;
	const char *help;
	bool shares; /* sends clusters that something else still holds */
	bool chains; /* makes chains of packets that were none */
	int (*init)(struct mfwd *);
	void (*run)(struct lcore *);
};

/* A Tx queue as a stream uses it. */
struct txq {
	uint16_t port;
	uint16_t queue;
	uint16_t max_segs; /* segments a packet may have; 0: every chain fits, nobody looks */
	uint16_t room;	   /* bytes in a cluster, for copies that make a chain fit */
	int socket;	   /* where copies come from */
};

/* Receive queue to transmit queue. Written by one lcore. */
struct stream {
	uint16_t rx_port;
	uint16_t rx_queue;
	uint16_t least; /* packets to ask for at least */
	struct txq tx;
	const struct mirror *mirror; /* NULL outside mode mirror */
	struct txq mirror_tx;
	rte_spinlock_t *mirror_lock; /* NULL: the queue is this lcore's own */
	uint64_t rx_packets;
	uint64_t tx_packets;
	uint64_t drops[DROP_MAX] __rte_cache_aligned;
} __rte_cache_aligned;

/* What mode mirror needs to know. */
struct mirror {
	uint16_t port;
	uint16_t vlan;	     /* 0: no tag */
	rte_spinlock_t lock; /* for lcores that share a Tx queue of the port */
};

/* A forwarding lcore. Written by itself, apart from what is set before it runs. */
struct lcore {
	struct stream *streams;
	unsigned nstreams;
	unsigned id;
	int socket;
	uint16_t burst;
	enum idle idle;
	bool tx_first;
	const bool *stop;      /* set by main */
	struct budget *budget; /* NULL: no end by count */
	const struct mode *mode;
	int cpu; /* where it ran last */
	uint64_t empty_polls __rte_cache_aligned;
	uint64_t mark; /* TSC of the last change between busy and idle */
	bool busy;
	uint64_t busy_cycles;
	uint64_t poll_cycles;
	uint64_t cpu_ns;
} __rte_cache_aligned;

/* What is left to receive under --packets. Shared by the forwarding lcores. */
struct budget {
	int64_t tokens __rte_cache_aligned; /* packets that may still be asked for */
	int64_t left;			    /* packets that have not arrived */
	int wakefd;			    /* eventfd, written when left is 0 */
};

/* A port that mfwd configures. */
struct port {
	uint16_t id;
	bool used; /* forwards, or is the mirror's */
	bool started;
	bool configured;
	char name[RTE_ETH_NAME_MAX_LEN];
	char driver[32];
	int socket;
	uint16_t rxq, txq;
	uint16_t rxd, txd;
	uint16_t mtu;
	bool set_mtu; /* --max-pkt-len asks for it */
	bool scatter;
	uint32_t max_frame;
	uint64_t rx_offloads;
	struct contract tx;
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	struct rte_eth_stats last; /* as shown last */
	uint64_t last_tsc;
	struct rte_eth_stats final; /* at the end of the run */
};

struct plan {
	unsigned nports; /* forwarding ports, in order */
	uint16_t ports[RTE_MAX_ETHPORTS];
	unsigned nstreams;
	struct stream *streams;
	unsigned nlcores;
	struct lcore *lcores;
	uint16_t rxq, txq;
	uint16_t mirror_txq;	      /* Tx queues of the mirror port */
	unsigned nclusters, nheaders; /* a NUMA node */
	uint16_t cluster_size;
};

struct pool_balance {
	char name[32];
	int socket;
	unsigned size;
	unsigned in_use;
};

struct mfwd {
	struct options opt;
	struct plan plan;
	struct port ports[RTE_MAX_ETHPORTS];
	struct mirror mirror;
	struct budget budget;
	struct budget *use_budget;
	bool pools_made;
	bool eal_made;
	bool stop __rte_cache_aligned;
	FILE *out; /* for text: stderr when the record goes to stdout */
	int sigfd;
	double duration_s;
	unsigned npools;
	struct pool_balance pools[2 * RTE_MAX_NUMA_NODES];
};

#endif
