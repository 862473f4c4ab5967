/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include "mbench.h"

#define CLUSTER_BYTES 2560 /* one cluster mbuf with its share of the pool, rounded up */
#define HEADER_BYTES 640
#define PORT "net_null_mbench"
#define MAXARGS 64
#define NOMINAL_US 500 /* a visit is never shorter */

struct row_state {
	const struct mb_row *row;
	struct mb_pools pools;
};

/* What the most demanding cell takes out of a row's pools, and what caches may hold back. */
static struct mb_size
demand(const struct mb_options *o, const struct mb_plan *plan)
{
	struct mb_size size = {0, 0, o->cache};

	for (unsigned i = 0; i < plan->ncells; i++) {
		const struct mb_cell *c = &plan->cells[i];
		unsigned held = RTE_MAX(c->window, c->segments);
		unsigned slack = 4 * MB_BURST * c->segments + 2 * o->cache;

		size.clusters = RTE_MAX(size.clusters, c->lcores * (2 * held + slack));
		size.headers = RTE_MAX(size.headers, c->lcores * (2 * held + slack));
	}
	return size;
}

static unsigned
most_lcores(const struct mb_plan *plan)
{
	unsigned most = 1;

	for (unsigned i = 0; i < plan->ncells; i++)
		most = RTE_MAX(most, plan->cells[i].lcores);
	return most;
}

static unsigned
memory_needed(const struct mb_options *o, const struct mb_plan *plan)
{
	struct mb_size size = demand(o, plan);
	uint64_t row =
	    (uint64_t)size.clusters * CLUSTER_BYTES + (uint64_t)size.headers * HEADER_BYTES;

	return 96 + (row * o->nrows >> 20) * 5 / 4 + 2 * o->nrows;
}

/* Whether the kernel has so many 2 MB pages free. */
static bool
hugepages_free(unsigned megabytes)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	unsigned long pages = 0;
	char line[32];

	if (f == NULL)
		return false;
	if (fgets(line, sizeof(line), f) != NULL)
		pages = strtoul(line, NULL, 10);
	fclose(f);
	return pages >= megabytes / 2 + 1;
}

/* "0@3,1@4": each lcore on a CPU of the affinity mask; more lcores than CPUs share them. */
static int
lcore_list(char *buf, size_t size, unsigned lcores)
{
	unsigned cpus[CPU_SETSIZE], n = 0;
	size_t used = 0;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -errno;
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			cpus[n++] = i;
	if (n < lcores)
		fprintf(stderr, "mbench: %u lcores share %u CPUs: their figures mean little\n",
		    lcores, n);
	for (unsigned i = 0; i < lcores; i++) {
		used += snprintf(buf + used, size - used, "%s%u@%u", i ? "," : "", i, cpus[i % n]);
		if (used >= size)
			return -E2BIG;
	}
	return 0;
}

/* argv: EAL options of the user, behind ours so that they win where EAL lets them. */
int
mb_eal(int argc, char **argv, const struct mb_options *o, const struct mb_plan *plan)
{
	static const char vdev[] = "--vdev=" PORT;
	unsigned megabytes = o->memory ? o->memory : memory_needed(o, plan);
	bool huge = !o->nohuge && hugepages_free(megabytes);
	char lcores[MB_MAXLCORES * 10], memory[16];
	const char *args[MAXARGS] = {"mbench", "--no-pci", "--no-telemetry", "--log-level=*:error",
	    vdev, "-m", memory, "--lcores", lcores};
	int n = 9, rc;

	rc = lcore_list(lcores, sizeof(lcores), most_lcores(plan));
	if (rc != 0)
		return rc;
	snprintf(memory, sizeof(memory), "%u", megabytes);
	args[n++] = huge ? "--in-memory" : "--no-huge";
	if (!huge)
		args[n++] = "--no-shconf";
	for (int i = 0; i < argc && n < MAXARGS - 1; i++)
		args[n++] = argv[i];
	rc = rte_eal_init(n, (char **)(uintptr_t)args);
	return rc < 0 ? -rte_errno : 0;
}

/* A port whose sending side frees what it is given, one queue an lcore. */
static int
open_port(unsigned queues, uint16_t *port)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	int rc;

	if (rte_eth_dev_get_port_by_name(PORT, port) != 0)
		return -ENODEV;
	rc = rte_eth_dev_info_get(*port, &info);
	if (rc != 0)
		return rc;
	/* net_null takes chains without saying so */
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	rc = rte_eth_dev_configure(*port, 0, queues, &conf);
	for (unsigned q = 0; rc == 0 && q < queues; q++)
		rc = rte_eth_tx_queue_setup(*port, q, 0, rte_eth_dev_socket_id(*port), NULL);
	return rc == 0 ? rte_eth_dev_start(*port) : rc;
}

static int
lab_open(const struct mb_plan *plan, struct mb_lab *lab)
{
	unsigned lcore;

	memset(lab, 0, sizeof(*lab));
	lab->lcore[lab->nlcores++] = rte_get_main_lcore();
	RTE_LCORE_FOREACH_WORKER (lcore)
		if (lab->nlcores < MB_MAXLCORES)
			lab->lcore[lab->nlcores++] = lcore;
	if (lab->nlcores < most_lcores(plan))
		return -EINVAL;
	return open_port(lab->nlcores, &lab->port);
}

/* Rings as large as a window less the burst that is being shared: credit, as a sender has. */
static int
lab_rings(struct mb_lab *lab, const struct mb_cell *c)
{
	unsigned packets = RTE_MAX(c->window / c->segments, 1u);
	unsigned burst = RTE_MIN(packets, (unsigned)MB_BURST);
	unsigned size = RTE_MAX(packets - burst, burst);

	if (size == lab->ringsize)
		return 0;
	for (unsigned i = 0; i < lab->nlcores; i++) {
		char name[32];

		rte_ring_free(lab->ring[i]);
		snprintf(name, sizeof(name), "mbench_%u", i);
		lab->ring[i] = rte_ring_create(
		    name, size, SOCKET_ID_ANY, RING_F_EXACT_SZ | RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (lab->ring[i] == NULL)
			return -rte_errno;
	}
	lab->ringsize = size;
	return 0;
}

static void
lab_close(struct mb_lab *lab)
{
	for (unsigned i = 0; i < lab->nlcores; i++)
		rte_ring_free(lab->ring[i]);
	rte_eth_dev_stop(lab->port);
	rte_eth_dev_close(lab->port);
}

struct walk {
	struct mb_pools seen;
	const struct row_state *rows;
	unsigned nrows;
};

static void
see_pool(struct rte_mempool *mp, void *arg)
{
	struct walk *w = arg;

	for (unsigned r = 0; r < w->nrows; r++)
		for (unsigned i = 0; i < w->rows[r].pools.n; i++)
			if (w->rows[r].pools.pool[i] == mp)
				return;
	if (w->seen.n < MB_MAXPOOLS)
		w->seen.pool[w->seen.n++] = mp;
}

/* Opens each row; the pools that were not there before are its own. */
static int
rows_open(
    const struct mb_options *o, const struct mb_size *size, struct row_state *rows, unsigned *n)
{
	int rc;

	for (*n = 0; *n < o->nrows; (*n)++) {
		struct walk w = {.rows = rows, .nrows = *n};

		rows[*n].row = o->rows[*n];
		rc = rows[*n].row->open(size);
		if (rc != 0) {
			fprintf(stderr, "mbench: %s: pools: %s; give more with --memory\n",
			    rows[*n].row->name, strerror(-rc));
			return rc;
		}
		rte_mempool_walk(see_pool, &w);
		rows[*n].pools = w.seen;
	}
	return 0;
}

static const struct mb_pools *
pools_of(const struct row_state *rows, unsigned n, const struct mb_row *row)
{
	for (unsigned i = 0; i < n; i++)
		if (rows[i].row == row)
			return &rows[i].pools;
	return NULL;
}

/*
 * The order of a round's visits: groups of rows that are compared stay together, and a group
 * begins with another row in each round.
 */
static unsigned
visit_order(const struct mb_options *o, unsigned round, unsigned i)
{
	unsigned group = o->nrows + 1, at = i % group;

	at = (at + round) % group;
	if (round % 2)
		at = group - 1 - at;
	return i / group * group + at;
}

static int
rounds(const struct mb_options *o, struct mb_plan *plan, struct mb_lab *lab,
    const struct row_state *rows, unsigned nrows)
{
	uint64_t hz = rte_get_tsc_hz(), end = rte_rdtsc() + o->seconds * hz;
	uint64_t left = (uint64_t)plan->rounds * plan->ncells;

	for (unsigned r = 0; r < plan->rounds; r++)
		for (unsigned i = 0; i < plan->ncells; i++, left--) {
			struct mb_cell *c = &plan->cells[visit_order(o, r, i)];
			uint64_t now = rte_rdtsc();
			unsigned us = now < end ? (end - now) / left * 1000000 / hz : 0;
			unsigned slice, n;
			int rc = lab_rings(lab, c);

			us = RTE_MAX(us, (unsigned)NOMINAL_US);
			slice = RTE_MIN(us, o->slice_us);
			n = RTE_MAX(us / slice, 2u) - 1; /* what warms up takes time too */
			if (rc == 0)
				rc = mb_visit(lab, c, pools_of(rows, nrows, c->row), n, slice);
			if (rc != 0) {
				fprintf(stderr, "mbench: %s, %s: %s\n", mb_cell_name(c),
				    mb_workload_name(c->workload),
				    rc == -EBUSY ? "buffers did not come back" : strerror(-rc));
				return rc;
			}
		}
	return 0;
}

int
mb_run(const struct mb_options *o, struct mb_plan *plan)
{
	struct mb_size size = demand(o, plan);
	struct row_state rows[MB_MAXROWS];
	struct mb_lab lab;
	unsigned n = 0;
	int rc;

	rc = lab_open(plan, &lab);
	if (rc != 0) {
		fprintf(stderr, "mbench: the port " PORT " or an lcore is missing: %s\n",
		    strerror(-rc));
		return rc;
	}
	rc = rows_open(o, &size, rows, &n);
	if (rc == 0)
		rc = rounds(o, plan, &lab, rows, n);
	for (unsigned i = 0; i < n; i++)
		rows[i].row->close();
	lab_close(&lab);
	for (unsigned i = 0; i < plan->ncells; i++)
		mb_cell_settle(&plan->cells[i]);
	return rc;
}
