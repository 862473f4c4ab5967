/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The same sequences on several lcores at once, which exchange chains through rte_ring: a chain and
 * what it must be go from hand to hand while other lcores hold its clusters. What each lcore does
 * is fixed by the seed; how they interleave is not.
 */

#include "property.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include "../unit/unit_ops.h"

#define RING 16
#define MAXWORLDS 8

static struct world worlds[MAXWORLDS];
static struct property prop;
static unsigned nworlds;
static uint32_t done;  /* atomic: lcores that will send no more */
static uint32_t ended; /* atomic: lcores that are through; ThreadSanitizer cannot see EAL say so */

static int
work(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct world *w = &worlds[me];
	uint64_t state = prop.seed + me + 1;
	struct op op;
	void *p;
	size_t i;

	for (i = 0; i < prop.runs * prop.steps; i++) {
		op = property_op(&state);
		run_one(w, &op);
		if (i % 16 == 0) {
			op.code = (uint8_t)run_find("exchange");
			run_one(w, &op);
		}
	}
	/* release: a chain sent before is seen by who sees that all are done */
	__atomic_add_fetch(&done, 1, __ATOMIC_ACQ_REL);
	while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) < nworlds || !rte_ring_empty(w->in)) {
		if (rte_ring_dequeue(w->in, &p) == 0)
			world_drop(w, p);
		else
			sched_yield();
	}
	world_empty(w);
	__atomic_add_fetch(&ended, 1, __ATOMIC_RELEASE);
	return 0;
}

/* Lcores on whatever CPUs there are, more than one on a CPU if need be. */
static void
start_eal(unsigned n)
{
	char lcores[512];
	cpu_set_t set;
	size_t at = 0;
	unsigned i, cpu = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		CPU_ZERO(&set);
	for (i = 0; i < n; i++) {
		do
			cpu = (cpu + 1) % CPU_SETSIZE;
		while (CPU_COUNT(&set) > 0 && !CPU_ISSET(cpu, &set));
		at += (size_t)snprintf(
		    lcores + at, sizeof(lcores) - at, "%s%u@%u", i > 0 ? "," : "", i, cpu);
	}
	property_eal(lcores, unit_ops_use);
}

int
property_lcores(const struct property *p)
{
	unsigned i, lcore;
	char name[32];

	prop = *p;
	nworlds = RTE_MIN(p->lcores, (unsigned)MAXWORLDS);
	start_eal(nworlds);
	printf("property: seed %llu, %u lcores, %zu operations each\n", (unsigned long long)p->seed,
	    nworlds, p->runs * p->steps);
	for (i = 0; i < nworlds; i++) {
		world_init(&worlds[i], false);
		snprintf(name, sizeof(name), "ring%u", i);
		worlds[i].in =
		    rte_ring_create(name, RING, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
		MUST(worlds[i].in != NULL);
	}
	for (i = 0; i < nworlds; i++)
		worlds[i].out = worlds[(i + 1) % nworlds].in;
	i = 1;
	RTE_LCORE_FOREACH_WORKER (lcore)
		MUST(rte_eal_remote_launch(work, (void *)(uintptr_t)i++, lcore) == 0);
	(void)work(NULL);
	rte_eal_mp_wait_lcore();
	while (__atomic_load_n(&ended, __ATOMIC_ACQUIRE) < nworlds)
		sched_yield();
	for (i = 0; i < nworlds; i++)
		world_fini(&worlds[i]);
	world_balance();
	MUST(m_fini() == 0);
	printf("property: ok\n");
	return 0;
}
