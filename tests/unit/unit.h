/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef UNIT_H
#define UNIT_H

/*
 * What every unit test has in common: EAL without hugepages, pools, and the balance. A test file
 * includes this first, lists its tests with UNIT_TEST() and ends with UNIT_MAIN(name).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <bsdmbuf/mbuf.h>

#define UNIT_NMBUFS 2047
#define UNIT_NCLUSTERS 1023

/*
 * EAL with n lcores, 0 .. n - 1. They float over the CPUs this process may use, so any number runs
 * on a machine with one. Returns 0 or -1.
 */
static inline int
unit_eal(const char *name, unsigned n)
{
	char lcores[256], prefix[64];
	unsigned len = 0;
	cpu_set_t set;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &set))
		cpu++;
	for (unsigned i = 0; i < n; i++) {
		int at = cpu;

		len += (unsigned)snprintf(
		    lcores + len, sizeof(lcores) - len, "%s%u@%d", i == 0 ? "" : ",", i, at);
		do
			cpu = (cpu + 1) % CPU_SETSIZE;
		while (!CPU_ISSET(cpu, &set));
	}
	snprintf(prefix, sizeof(prefix), "--file-prefix=unit_%s_%d", name, (int)getpid());
	char opt[][16] = {"--no-huge", "--no-telemetry", "--no-shconf", "--no-pci", "-m", "512",
	    "--log-level=3", "--lcores"};
	char prog[64];
	char *argv[16];
	int argc = 0;

	snprintf(prog, sizeof(prog), "test_%s", name);
	argv[argc++] = prog;
	for (unsigned i = 0; i < RTE_DIM(opt); i++)
		argv[argc++] = opt[i];
	argv[argc++] = lcores;
	argv[argc++] = prefix;
	argv[argc] = NULL;
	return rte_eal_init(argc, argv) < 0 ? -1 : 0;
}

/* The usual pools: small, without a cache, so that counts are exact and exhaustion is near. */
static inline int
unit_pools(unsigned nmbufs, unsigned nclusters, unsigned cache)
{
	struct m_conf c = {
	    .nmbufs = nmbufs,
	    .nclusters = nclusters,
	    .cache = cache,
	    .socket = SOCKET_ID_ANY,
	};

	return m_init(&c);
}

static inline int
unit_setup(void **state)
{
	(void)state;
	return unit_pools(UNIT_NMBUFS, UNIT_NCLUSTERS, M_NOCACHE);
}

/* With a cache an lcore, as a forwarder has it. */
static inline int
unit_setup_cached(void **state)
{
	(void)state;
	return unit_pools(UNIT_NMBUFS, UNIT_NCLUSTERS, 32);
}

/* Whether followers are counted in the leader alone, so that sharing touches no private line. */
static inline bool
unit_countonly(void)
{
	return strcmp(m_policy(), "leader") == 0 || strcmp(m_policy(), "native") == 0;
}

/* Whether a follower's state is in its header: a clone of it that DPDK made must go first. */
static inline bool
unit_inheader(void)
{
	return strcmp(m_policy(), "mutex") == 0 || strcmp(m_policy(), "object") == 0;
}

static inline int
unit_addout(const struct m_poolstat *st, void *arg)
{
	*(unsigned *)arg += st->in_use;
	return 0;
}

static inline int
unit_tellout(const struct m_poolstat *st, void *arg)
{
	(void)arg;
	if (st->in_use != 0)
		fprintf(stderr, "# pool %s: %u of %u in use\n", st->name, st->in_use, st->size);
	return 0;
}

/* Buffers that are out, of all pools of ours. */
static inline unsigned
unit_out(void)
{
	unsigned out = 0;

	m_pools(unit_addout, &out);
	return out;
}

/* Each object of a pool is as DPDK and the library want it there: call when all is back. */
static inline void
unit_checkobj(struct rte_mempool *mp, void *arg, void *obj, unsigned idx)
{
	static const struct m_private pristine;
	struct mbuf *m = obj;
	unsigned *bad = arg;
	unsigned room = rte_pktmbuf_data_room_size(mp);

	(void)idx;
	if (m->m_rte.refcnt != 1 || m->m_next != NULL || m->m_rte.nb_segs != 1 ||
	    m->m_rte.pool != mp || m->m_rte.buf_addr != (char *)(m + 1) ||
	    m->m_rte.buf_len != room || m->m_rte.priv_size != sizeof(struct m_private) ||
	    (m->m_rte.ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) != 0 ||
	    memcmp(&m->m_priv, &pristine, sizeof(pristine)) != 0)
		*bad += 1;
}

static inline unsigned
unit_badobjs(void)
{
	unsigned bad = 0;

	m_flush(); /* what waits on a list leaves it dirty */
	for (int s = 0; s < (int)rte_socket_count(); s++) {
		int socket = rte_socket_id_by_idx((unsigned)s);

		rte_mempool_obj_iter(m_cluster_pool(socket), unit_checkobj, &bad);
		rte_mempool_obj_iter(m_header_pool(socket), unit_checkobj, &bad);
	}
	return bad;
}

/* Every test ends here: all is back, by exact count, and in order. */
static inline int
unit_teardown(void **state)
{
	unsigned out, bad;

	(void)state;
	out = unit_out();
	bad = out == 0 ? unit_badobjs() : 0;
	if (bad != 0)
		fprintf(stderr, "# %u mbufs in the pools are not pristine\n", bad);
	if (out != 0 || bad != 0) {
		m_pools(unit_tellout, NULL);
		return -1;
	}
	return m_fini();
}

/* A cluster mbuf with n bytes that are seed, seed + 1, ... */
static inline struct mbuf *
unit_cluster(unsigned n, unsigned seed)
{
	struct mbuf *m = m_clget(NULL, M_DONTWAIT, n);

	assert_non_null(m);
	m->m_len = (uint16_t)n;
	m->m_pkthdr.len = n;
	for (unsigned i = 0; i < n; i++)
		mtod(m, uint8_t *)[i] = (uint8_t)(seed + i);
	return m;
}

/* A small mbuf with a packet header and the same content. */
static inline struct mbuf *
unit_small(unsigned n, unsigned seed)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA);

	assert_non_null(m);
	assert_true(n <= MHLEN);
	m->m_len = (uint16_t)n;
	m->m_pkthdr.len = n;
	for (unsigned i = 0; i < n; i++)
		mtod(m, uint8_t *)[i] = (uint8_t)(seed + i);
	return m;
}

/* A chain of clusters, segs of n bytes each, one pattern running through it. */
static inline struct mbuf *
unit_chain(unsigned segs, unsigned n, unsigned seed)
{
	struct mbuf *top = NULL, **tail = &top;

	for (unsigned i = 0; i < segs; i++) {
		*tail = unit_cluster(n, seed + i * n);
		tail = &(*tail)->m_next;
	}
	m_calchdrlen(top);
	return top;
}

/* Fails unless the chain holds n bytes of the pattern and is valid for DPDK. */
static inline void
unit_check(struct mbuf *m, unsigned n, unsigned seed)
{
	const char *why = "?";
	unsigned at = 0;

	assert_non_null(m);
	if (rte_mbuf_check(&m->m_rte, 1, &why) != 0)
		fail_msg("rte_mbuf_check: %s", why);
	assert_int_equal(m->m_pkthdr.len, n);
	for (; m != NULL; m = m->m_next) {
		for (unsigned i = 0; i < m->m_len; i++, at++) {
			if (mtod(m, uint8_t *)[i] != (uint8_t)(seed + at))
				fail_msg("byte %u is %u, not %u", at, mtod(m, uint8_t *)[i],
				    (uint8_t)(seed + at));
		}
	}
	assert_int_equal(at, n);
}

#define UNIT_TEST(fn) cmocka_unit_test_setup_teardown(fn, unit_setup, unit_teardown)
#define UNIT_TEST_CACHED(fn) cmocka_unit_test_setup_teardown(fn, unit_setup_cached, unit_teardown)
/* A test that makes its own pools. */
#define UNIT_TEST_BARE(fn) cmocka_unit_test(fn)

/* main() for a test with an array unit_tests[], on n lcores. */
#define UNIT_MAIN_LCORES(name, n)                                                                  \
	int main(void)                                                                             \
	{                                                                                          \
		if (unit_eal(name, n) != 0) {                                                      \
			fprintf(stderr, "EAL: %s\n", rte_strerror(rte_errno));                     \
			return 1;                                                                  \
		}                                                                                  \
		int rc = cmocka_run_group_tests_name(name, unit_tests, NULL, NULL);                \
		rte_eal_cleanup();                                                                 \
		return rc;                                                                         \
	}
#define UNIT_MAIN(name) UNIT_MAIN_LCORES(name, 1)

#endif /* UNIT_H */
