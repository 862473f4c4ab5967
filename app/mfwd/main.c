/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include <bsdmbuf/mbuf.h>

#include "eal.h"
#include "fail.h"
#include "json.h"
#include "lcore.h"
#include "mfwd.h"
#include "plan.h"
#include "port.h"
#include "stats.h"
#include "version.h"
#include "wait.h"

/* Index of "--", or argc. */
static int
find_dashes(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return i;
	return argc;
}

/* The options behind "--"; without it, a lone --help, --version or --man is ours. */
static int
read_options(struct mfwd *m, int argc, char **argv, int dashes)
{
	char err[400] = "";
	int first = dashes + 1;

	options_init(&m->opt);
	if (dashes == argc && argc == 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
		strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "--man") == 0))
		first = 1;
	if (first < argc &&
	    options_parse(&m->opt, argc - first, argv + first, err, sizeof(err)) < 0)
		return fail(EXIT_USAGE, "%s", err);
	return 0;
}

static bool
print_and_leave(const struct options *o)
{
	if (o->help)
		options_help(stdout);
	else if (o->man)
		options_man(stdout);
	else if (o->version)
		printf("mfwd %s\n", MFWD_VERSION);
	return o->help || o->man || o->version;
}

static int
make_pools(struct mfwd *m)
{
	const struct plan *pl = &m->plan;
	struct m_conf conf = {
	    .nmbufs = pl->nheaders,
	    .nclusters = pl->nclusters,
	    .cluster_size = pl->cluster_size,
	    .cache = m->opt.mbcache != 0 ? m->opt.mbcache : M_NOCACHE,
	    .socket = SOCKET_ID_ANY,
	};
	size_t bytes =
	    (size_t)pl->nclusters * (pl->cluster_size + 448u) + (size_t)pl->nheaders * 640u;
	unsigned fit = m->opt.mbcache + m->opt.mbcache / 2;
	int rc;

	log_forget();
	if (pl->nclusters < fit)
		return fail(EXIT_USAGE,
		    "--total-num-mbufs=%u: smaller than an lcore's cache can grow; give %u or "
		    "more, or a "
		    "smaller --mbcache",
		    pl->nclusters, fit);
	rc = m_init(&conf);
	if (rc == 0) {
		m->pools_made = true;
		return 0;
	}
	if (rc == -ENOMEM)
		return fail(EXIT_RUN,
		    "pools: %u mbufs of %u bytes (%s) need %zu MB a NUMA node, and EAL has not got "
		    "them; "
		    "give %s, or more memory with -m",
		    pl->nclusters, pl->cluster_size,
		    m->opt.total_mbufs != 0 ? "--total-num-mbufs" : "what the rings hold",
		    bytes >> 20,
		    m->opt.total_mbufs != 0 ? "fewer" : "--total-num-mbufs, --rxd or --txd");
	return fail(EXIT_RUN,
	    "pools: %u mbufs of %u bytes: %s; change --total-num-mbufs, --mbcache or "
	    "--mbuf-size",
	    pl->nclusters, pl->cluster_size, strerror(-rc));
}

static void
announce(const struct mfwd *m)
{
	fflush(m->out);
	fprintf(stderr, "mfwd: forwarding %s on %u ports, %u streams, %u lcores\n",
	    m->opt.mode->name, m->plan.nports, m->plan.nstreams, m->plan.nlcores);
}

/* From ports to ports: start, forward, stop. */
static int
forward(struct mfwd *m)
{
	int rc = ports_start(m);
	int64_t start;

	if (rc != 0)
		return rc;
	fflush(m->out);
	start = wait_now();
	rc = lcores_start(m);
	if (rc != 0)
		return rc;
	announce(m);
	wait_end(m);
	fprintf(m->out, "Telling cores to stop...\nWaiting for lcores to finish...\n");
	lcores_stop(m);
	m->duration_s = (double)(wait_now() - start) / 1e9;
	return 0;
}

static int
run(struct mfwd *m, int argc, char **argv)
{
	int rc = eal_start(argc, argv);

	if (rc != 0)
		return rc;
	m->eal_made = true;
	rc = plan_make(m);
	if (rc != 0)
		return rc;
	plan_print(m, m->out);
	if (m->opt.print_plan)
		return 0;
	rc = make_pools(m);
	if (rc != 0)
		return rc;
	rc = forward(m);
	ports_stop(m);
	if (rc != 0)
		return rc;
	rc = stats_pools(m);
	stats_show_end(m);
	if (m->opt.json != NULL && json_write(m, m->opt.json) != 0)
		return EXIT_RUN;
	if (rc != 0)
		return fail(rc,
		    "pools: buffers are missing; this is a bug of mfwd or of a driver, report it");
	fprintf(m->out, "\nBye...\n");
	return 0;
}

static int
finish(struct mfwd *m, int rc)
{
	plan_free(m);
	if (m->pools_made)
		m_fini();
	if (m->eal_made)
		rte_eal_cleanup();
	if (rc == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		return fail(EXIT_RUN, "standard output: %s; send it to where there is room",
		    strerror(errno));
	return rc;
}

/* A descriptor that we were given closed would become the next file that is opened. */
static void
open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	int dashes = find_dashes(argc, argv), rc;
	struct mfwd *m;

	open_standard();
	if (posix_memalign((void **)&m, RTE_CACHE_LINE_SIZE, sizeof(*m)) != 0)
		return fail(EXIT_RUN, "memory: none to start with; free some");
	memset(m, 0, sizeof(*m));
	/* First of all: from here on a signal ends a run well, however early it comes. */
	rc = wait_open(m);
	if (rc == 0)
		rc = read_options(m, argc, argv, dashes);
	if (rc != 0)
		goto out;
	if (print_and_leave(&m->opt))
		goto done;
	m->out = m->opt.json != NULL && strcmp(m->opt.json, "-") == 0 ? stderr : stdout;
	rc = m->opt.json != NULL ? json_check(m->opt.json) : 0;
	if (rc == 0)
		rc = run(m, dashes, argv);
done:
	rc = finish(m, rc);
out:
	free(m);
	return rc;
}
