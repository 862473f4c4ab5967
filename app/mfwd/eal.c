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

/* What EAL says, what it means, and the option it is about where EAL does not name it. */
static const struct cause {
	const char *needle;
	int code;
	const char *option;
	const char *remedy;
} causes[] = {
    {"unrecognized option", EXIT_USAGE, NULL,
	"EAL's options stand in front of --, mfwd's behind it"},
    {"invalid option", EXIT_USAGE, NULL, "EAL's options stand in front of --, mfwd's behind it"},
    {"requires an argument", EXIT_USAGE, NULL, "give it one"},
    {"invalid core list", EXIT_USAGE, "-l", "give lcores as 0,2-3; ids over 127 need --lcores"},
    {"invalid coremask", EXIT_USAGE, "-c", "give a hexadecimal mask, or -l or --lcores"},
    {"invalid parameter for --lcores", EXIT_USAGE, NULL, "give --lcores as 0@0,1@0"},
    {"invalid parameter", EXIT_USAGE, NULL, "see the options of EAL"},
    {"is ignored, because", EXIT_USAGE, NULL, "leave one of them out"},
    {"Option --", EXIT_USAGE, NULL, "leave one of them out"},
    {"Options -", EXIT_USAGE, NULL, "leave one of them out"},
    {"process type", EXIT_USAGE, "--proc-type", "leave it out: mfwd is always a primary process"},
    {"channel number", EXIT_USAGE, "-n", "give a number of memory channels, as -n 4"},
    {"Main lcore", EXIT_RUN, "--main-lcore", "choose one of those of -l or --lcores"},
    {"not available", EXIT_RUN, NULL, "choose others with -l or --lcores"},
    {"lcore", EXIT_RUN, NULL, "choose others with -l or --lcores"},
    {"Is another primary process running", EXIT_RUN, "--file-prefix",
	"give each process its own --file-prefix, or --in-memory"},
    {"free 2048 kB hugepages", EXIT_RUN, "-m",
	"reserve some (sysctl vm.nr_hugepages=512), or run with --no-huge"},
    {"ugepage", EXIT_RUN, "-m", "reserve some (sysctl vm.nr_hugepages=512), or run with --no-huge"},
    {"Not enough memory", EXIT_RUN, "-m", "ask for less with -m, or reserve more hugepages"},
    {"annot allocate memory", EXIT_RUN, "-m", "ask for less with -m"},
    {"Unable to parse device", EXIT_RUN, NULL,
	"no driver has that name; see the drivers that DPDK brings"},
    {"annot init memory", EXIT_RUN, "-m", "ask for less with -m, or reserve more hugepages"},
};

static const char *
remedy_of(const char *line, const char **option, int *code)
{
	for (unsigned i = 0; i < RTE_DIM(causes); i++) {
		if (strstr(line, causes[i].needle) == NULL)
			continue;
		*option = causes[i].option;
		*code = causes[i].code;
		return causes[i].remedy;
	}
	return NULL;
}

/* Is option the name of this word: all of it, or what stands before its value? */
static bool
names(const char *word, const char *option, size_t len)
{
	if (strncmp(word, option, len) != 0)
		return false;
	return word[len] == '\0' || word[len] == '=' || (len == 2 && word[1] != '-');
}

/*
 * "OPTION VALUE: " of the word on the command line that the line is about: the one that has this
 * option, or whose name is in the line. Empty when there is none.
 */
static const char *
blamed(int argc, char **argv, const char *line, const char *option, char *buf, size_t len)
{
	buf[0] = '\0';
	for (int i = argc - 1; i > 0; i--) {
		const char *w = argv[i];
		size_t n = strcspn(w, "=");
		char name[64];
		bool more = w[n] == '\0' && i + 1 < argc && argv[i + 1][0] != '-';

		snprintf(name, sizeof(name), "%.*s", (int)n, w);
		if (w[0] != '-' || n < 2)
			continue;
		if (option != NULL ? !names(w, option, strlen(option)) : strstr(line, name) == NULL)
			continue;
		snprintf(buf, len, "%s%s%s: ", w, more ? " " : "", more ? argv[i + 1] : "");
		break;
	}
	return buf;
}

/* The line that says why EAL gave up: the first with a known cause, or the one before its last. */
static const char *
why_eal_failed(char *line, size_t len, int err)
{
	char last[200];

	for (unsigned i = 0; i < RTE_DIM(causes); i++)
		if (log_find(causes[i].needle, line, len) != NULL)
			return line;
	/* What EAL says last often says no more than that there was a line before it. */
	if (log_find("FATAL: ", last, sizeof(last)) != NULL &&
	    log_before(last + strlen("FATAL: "), line, len) != NULL)
		return line;
	if (log_last(line, len)[0] == '\0')
		snprintf(line, len, "%s", rte_strerror(err));
	return line;
}

static int
explain(int argc, char **argv, int err)
{
	char line[400], word[200];
	const char *option = NULL, *remedy;
	int code = EXIT_RUN;

	why_eal_failed(line, sizeof(line), err);
	remedy = remedy_of(line, &option, &code);
	return fail(code, "%sEAL: %s; %s", blamed(argc, argv, line, option, word, sizeof(word)),
	    line, remedy != NULL ? remedy : "--log-level=lib.eal:debug tells more");
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
		/* EAL would take what is no number for 0. */
		if (v != NULL && (v[0] == '\0' || v[strspn(v, "0123456789")] != '\0'))
			return fail(EXIT_USAGE, "-m %s: not a number of MB; give it as -m 512", v);
		if (v != NULL && strtoull(v, NULL, 10) > have)
			return fail(EXIT_RUN, "-m %s: the machine has %" PRIu64 " MB; ask for less",
			    v, have);
	}
	return 0;
}

/* A secondary process would wait for a primary one, and share its ports. */
static int
check_primary(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *v = strncmp(argv[i], "--proc-type", 11) != 0 ? NULL
		    : argv[i][11] == '='				 ? argv[i] + 12
		    : i + 1 < argc					 ? argv[i + 1]
									 : NULL;

		if (v != NULL && strcmp(v, "secondary") == 0)
			return fail(EXIT_USAGE,
			    "--proc-type=%s: mfwd is always a primary process; "
			    "leave it out",
			    v);
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
	/* EAL keeps pointers into its words as long as it runs. */
	static char **words;
	int rc = check_lcores(argc, argv, &may), cores = rc, n;

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
	rc = check_memory(argc, argv);
	if (rc == 0)
		rc = check_primary(argc, argv);
	if (rc != 0)
		return rc;
	words = eal_words(argc, argv, cores == 2, &may, &n);
	if (words == NULL || log_open(has_prefix(argc, argv, "--log-level")) != 0)
		return fail(EXIT_RUN, "memory: none to start with; free some");
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGABRT, &abrt, &old);
	atexit(on_exit_in_eal);
	take_output();
	rc = rte_eal_init(n, words);
	give_output();
	sigaction(SIGABRT, &old, NULL);
	if (rc < 0)
		return explain(argc, argv, rte_errno);
	return check_vdevs(argc, argv);
}
