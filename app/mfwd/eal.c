/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "cpus.h"
#include "eal.h"
#include "fail.h"
#include "mfwd.h"
#include "options.h"

/*
 * While EAL starts, standard output and error are files in memory. EAL may end the process in the
 * middle (a panic, its own --help), so the handlers of that need to know where the real ones are.
 * What EAL prints to the standard output is its help, which explains no failure.
 */
static struct {
	bool on;
	int fd[2];   /* in memory */
	int real[2]; /* the real ones */
} taken;

static void
take_output(void)
{
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		taken.fd[i] = memfd_create("mfwd-eal", MFD_CLOEXEC);
		taken.real[i] = dup(STDOUT_FILENO + i);
		if (taken.fd[i] >= 0)
			dup2(taken.fd[i], STDOUT_FILENO + i);
	}
	taken.on = true;
}

/* Give the real ones back; what EAL wrote to its standard error goes where the log is. */
static void
give_output(void)
{
	char buf[4096];
	ssize_t n;

	if (!taken.on)
		return;
	fflush(NULL);
	taken.on = false;
	for (int i = 0; i < 2; i++) {
		if (taken.real[i] < 0) {
			close(STDOUT_FILENO + i);
			continue;
		}
		dup2(taken.real[i], STDOUT_FILENO + i);
		close(taken.real[i]);
	}
	for (off_t at = 0; (n = pread(taken.fd[1], buf, sizeof(buf), at)) > 0; at += n)
		log_add(buf, (size_t)n);
	close(taken.fd[0]);
	close(taken.fd[1]);
}

/* What EAL says, and what it means. The first that is found is told. */
static const struct cause {
	const char *needle;
	int code;
	const char *remedy;
} causes[] = {
    {"unrecognized option", EXIT_USAGE, "EAL's options stand in front of --, mfwd's behind it"},
    {"invalid option", EXIT_USAGE, "EAL's options stand in front of --, mfwd's behind it"},
    {"requires an argument", EXIT_USAGE, "give it one"},
    {"invalid core list", EXIT_USAGE, "give lcores as 0,2-3; ids over 127 need --lcores"},
    {"invalid coremask", EXIT_USAGE, "give a hexadecimal mask, or -l or --lcores"},
    {"invalid parameter for --lcores", EXIT_USAGE, "give --lcores as 0@0,1@0"},
    {"invalid parameter", EXIT_USAGE, "see the options of EAL"},
    {"is ignored, because", EXIT_USAGE, "leave one of them out"},
    {"Option --", EXIT_USAGE, "leave one of them out"},
    {"Options -", EXIT_USAGE, "leave one of them out"},
    {"not available", EXIT_RUN, "choose others with -l or --lcores"},
    {"lcore", EXIT_RUN, "choose others with -l or --lcores"},
    {"Is another primary process running", EXIT_RUN,
	"give each process its own --file-prefix, or --in-memory"},
    {"free 2048 kB hugepages", EXIT_RUN,
	"reserve some (sysctl vm.nr_hugepages=512), or run with --no-huge"},
    {"ugepage", EXIT_RUN, "reserve some (sysctl vm.nr_hugepages=512), or run with --no-huge"},
    {"Not enough memory", EXIT_RUN, "ask for less with -m, or reserve more hugepages"},
    {"annot allocate memory", EXIT_RUN, "ask for less with -m"},
    {"Unable to parse device", EXIT_RUN,
	"no driver has that name; see the drivers that DPDK brings"},
    {"annot init memory", EXIT_RUN, "ask for less with -m, or reserve more hugepages"},
};

static int
explain(int err)
{
	char line[400];

	for (unsigned i = 0; i < RTE_DIM(causes); i++)
		if (log_find(causes[i].needle, line, sizeof(line)) != NULL)
			return fail(causes[i].code, "EAL: %s; %s", line, causes[i].remedy);
	/* The last line often says no more than that there was a line before it. */
	if (log_before("FATAL: Invalid", line, sizeof(line)) == NULL &&
	    log_last(line, sizeof(line))[0] == '\0')
		snprintf(line, sizeof(line), "%s", rte_strerror(err));
	return fail(EXIT_RUN, "EAL: %s; --log-level=lib.eal:debug tells more", line);
}

/* EAL panicked: no backtrace, no core, one line. It is called by abort(), not out of the blue. */
static void
on_abort(int sig)
{
	char line[400];

	(void)sig;
	if (!taken.on)
		_exit(EXIT_RUN);
	give_output();
	if (log_find("PANIC", line, sizeof(line)) == NULL)
		log_last(line, sizeof(line));
	fail(EXIT_RUN, "EAL: %s; --log-level=lib.eal:debug tells more", line);
	_exit(EXIT_RUN);
}

/* EAL ended the process by itself: it printed its help or version, which is what was asked for. */
static void
on_exit_in_eal(void)
{
	char buf[4096];
	ssize_t n;

	if (!taken.on)
		return;
	fflush(NULL);
	for (off_t at = 0; (n = pread(taken.fd[0], buf, sizeof(buf), at)) > 0; at += n)
		if (write(taken.real[0], buf, (size_t)n) < 0)
			return;
}

/* Touching a hugepage that the cgroup's limit forbids. */
static void
on_bus(int sig)
{
	static const char text[] = "mfwd: hugepages: the kernel gave none when one was touched "
				   "(SIGBUS); raise the limit of "
				   "the hugetlb cgroup, or ask for less with -m\n";
	int fd = taken.on ? taken.real[1] : STDERR_FILENO;

	(void)sig;
	if (write(fd, text, sizeof(text) - 1) < 0)
		_exit(EXIT_RUN);
	_exit(EXIT_RUN);
}

static int
check_lcores(int argc, char **argv, cpu_set_t *may)
{
	const char *opt = NULL, *val = NULL;
	char have[256];
	int cpu = 0, rc;

	CPU_ZERO(may);
	if (sched_getaffinity(0, sizeof(*may), may) != 0)
		return 2;
	rc = cpus_check(argc, argv, may, &cpu, &opt, &val);
	cpus_print(may, have, sizeof(have));
	if (rc == 1)
		fail(EXIT_RUN, "%s %s: CPU %d is not one that this process may use; it may use %s",
		    opt, val, cpu, have);
	if (rc == -EINVAL)
		fail(EXIT_USAGE, "%s %s: malformed; give it as %s", opt, val,
		    opt[1] == 'c'	? "a hexadecimal mask like 0x3"
			: opt[1] == 'l' ? "a list like 0,2-3"
					: "sets of lcores at CPUs, like 0@0,1@0");
	return rc;
}

/* A device that failed to probe does not fail EAL: every network device named must be there. */
static int
check_vdevs(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *v = NULL;
		char name[RTE_ETH_NAME_MAX_LEN], failed[RTE_ETH_NAME_MAX_LEN + 40], why[400];
		uint16_t id;

		if (strncmp(argv[i], "--vdev=", 7) == 0)
			v = argv[i] + 7;
		else if (strcmp(argv[i], "--vdev") == 0 && i + 1 < argc)
			v = argv[i + 1];
		if (v == NULL || (strncmp(v, "net_", 4) != 0 && strncmp(v, "eth_", 4) != 0))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(v, ","), v);
		if (rte_eth_dev_get_port_by_name(name, &id) == 0)
			continue;
		snprintf(failed, sizeof(failed), "failed to initialize %s device", name);
		if (log_before(failed, why, sizeof(why)) == NULL &&
		    log_find(name, why, sizeof(why)) == NULL)
			snprintf(why, sizeof(why), "its driver did not take it");
		return fail(EXIT_RUN, "--vdev %s: %s; correct its arguments", v, why);
	}
	return 0;
}

/* EAL without hugepages writes over tables as large as -m says before it finds no memory. */
static int
check_memory(int argc, char **argv)
{
	uint64_t have = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) >> 20;

	for (int i = 1; i < argc; i++) {
		const char *v = NULL;

		if (strncmp(argv[i], "-m", 2) == 0)
			v = argv[i][2] != '\0' ? argv[i] + 2 : i + 1 < argc ? argv[i + 1] : NULL;
		if (v != NULL && strtoull(v, NULL, 10) > have)
			return fail(EXIT_RUN, "-m %s: the machine has %" PRIu64 " MB; ask for less",
			    v, have);
	}
	return 0;
}

static bool
has_prefix(int argc, char **argv, const char *prefix)
{
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

/* EAL's words, and lcores for a process that has a single CPU and did not say how to use it. */
static char **
eal_words(int argc, char **argv, bool no_lcores, const cpu_set_t *may, int *n)
{
	static char lcores[64];
	char **w = calloc((size_t)argc + 3, sizeof(*w));
	int cpu = 0;

	if (w == NULL)
		return NULL;
	memcpy(w, argv, (size_t)argc * sizeof(*w));
	*n = argc;
	if (!no_lcores || CPU_COUNT(may) != 1 || has_prefix(argc, argv, "-s") ||
	    has_prefix(argc, argv, "-S"))
		return w;
	while (!CPU_ISSET(cpu, may))
		cpu++;
	snprintf(lcores, sizeof(lcores), "--lcores=0@%d,1@%d", cpu, cpu);
	w[(*n)++] = lcores;
	return w;
}

int
eal_start(int argc, char **argv)
{
	struct sigaction abrt = {.sa_handler = on_abort}, bus = {.sa_handler = on_bus}, old;
	cpu_set_t may;
	char **words;
	int rc = check_lcores(argc, argv, &may), n;

	if (rc == 1)
		return EXIT_RUN;
	if (rc < 0)
		return EXIT_USAGE;
	for (int i = 1; i < argc; i++)
		if (options_known(argv[i]) && strcmp(argv[i], "--help") != 0 &&
		    strcmp(argv[i], "--version") != 0)
			return fail(EXIT_USAGE,
			    "%s: an option of mfwd in front of --; write mfwd [EAL options] -- "
			    "[options]",
			    argv[i]);
	if (check_memory(argc, argv) != 0)
		return EXIT_RUN;
	words = eal_words(argc, argv, rc == 2, &may, &n);
	if (words == NULL || log_open(has_prefix(argc, argv, "--log-level")) != 0)
		return fail(EXIT_RUN, "memory: none to start with; free some");
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGABRT, &abrt, &old);
	atexit(on_exit_in_eal);
	take_output();
	rc = rte_eal_init(n, words);
	give_output();
	sigaction(SIGABRT, &old, NULL);
	/* EAL keeps pointers into its words as long as it runs. */
	if (rc < 0)
		return explain(rte_errno);
	return check_vdevs(argc, argv);
}
