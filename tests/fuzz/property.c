/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The property test: random sequences of all calls of the library on random chains, each chain
 * compared with a flat array of the bytes that it must have.
 *
 * Run r of seed s is a fixed sequence of operations. It runs in a child; when that dies, the parent
 * cuts the sequence down while it still fails, and prints the seed, the run and what is left, in
 * the form that --replay reads.
 */

#include "property.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>

#define MAXOPS 20000
#define TRIES 600 /* runs that shrinking may take */

/* splitmix64: every run has a stream of its own. */
uint64_t
property_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct op
property_op(uint64_t *state)
{
	uint64_t x = property_random(state), y = property_random(state);

	return (struct op){.code = (uint8_t)(x % run_count()),
	    .slot = (uint8_t)(x >> 8),
	    .a = (uint16_t)(y >> 16),
	    .b = (uint16_t)(y >> 32),
	    .c = (uint16_t)(y >> 48)};
}

static void
generate(uint64_t seed, unsigned run, struct op *ops, size_t n)
{
	uint64_t state = seed ^ (uint64_t)run << 32;
	size_t i;

	for (i = 0; i < n; i++)
		ops[i] = property_op(&state);
}

/* EAL and the pools; prepare, if not NULL, runs between them. */
void
property_eal(const char *lcores, int (*prepare)(void))
{
	char *argv[] = {(char *)(uintptr_t) "property", (char *)(uintptr_t) "--no-huge",
	    (char *)(uintptr_t) "--no-shconf", (char *)(uintptr_t) "--no-telemetry",
	    (char *)(uintptr_t) "--no-pci", (char *)(uintptr_t) "--log-level=error",
	    (char *)(uintptr_t) "-m128", (char *)(uintptr_t) "--lcores", (char *)(uintptr_t)lcores};

	if (rte_eal_init((int)RTE_DIM(argv), argv) < 0 || (prepare != NULL && prepare() != 0) ||
	    world_setup() != 0) {
		fprintf(stderr, "property: no EAL: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
}

static void
run_sequence(const struct op *ops, size_t n)
{
	static struct world w;

	world_init(&w, true);
	run_all(&w, ops, n);
	world_fini(&w);
	world_balance();
}

/* In a child: run ops; returns whether it failed. quiet: what it says is not of interest. */
static bool
fails(const struct op *ops, size_t n, bool quiet)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (quiet && freopen("/dev/null", "w", stderr) == NULL)
			_exit(0);
		alarm(120); /* a hang is a failure too */
		property_eal("0", NULL);
		run_sequence(ops, n);
		_exit(m_fini() == 0 ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("property");
		exit(2);
	}
	return status != 0;
}

/* Cut pieces out, large ones first, while what is left still fails. Returns what is left. */
static size_t
shrink(struct op *ops, size_t n)
{
	struct op *less = malloc(n * sizeof(*ops));
	size_t size, at;
	unsigned tries = 0;

	if (less == NULL)
		return n;
	for (size = n / 2; size > 0; size = size > 1 ? size / 2 : 0) {
		for (at = 0; at + size <= n && tries < TRIES;) {
			memcpy(less, ops, at * sizeof(*ops));
			memcpy(less + at, ops + at + size, (n - at - size) * sizeof(*ops));
			tries++;
			if (fails(less, n - size, true)) {
				n -= size;
				memcpy(ops, less, n * sizeof(*ops));
			} else {
				at += size;
			}
		}
	}
	free(less);
	return n;
}

static void
print_ops(const struct op *ops, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf("%s %u %u %u %u\n", run_desc(ops[i].code)->name, ops[i].slot, ops[i].a,
		    ops[i].b, ops[i].c);
}

/* "name slot a b c" as an operation; false: it is none. */
static bool
parse_op(char *line, struct op *op)
{
	char *save = NULL, *word = strtok_r(line, " \n", &save), *end;
	unsigned long v[4];
	int code = word != NULL ? run_find(word) : -1;
	unsigned i;

	if (code < 0)
		return false;
	for (i = 0; i < RTE_DIM(v); i++) {
		word = strtok_r(NULL, " \n", &save);
		if (word == NULL)
			return false;
		v[i] = strtoul(word, &end, 10);
		if (*end != '\0')
			return false;
	}
	*op = (struct op){
	    (uint8_t)code, (uint8_t)v[0], (uint16_t)v[1], (uint16_t)v[2], (uint16_t)v[3]};
	return true;
}

static size_t
read_ops(const char *path, struct op *ops)
{
	FILE *f = fopen(path, "r");
	char line[128];
	size_t n = 0;

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	while (n < MAXOPS && fgets(line, sizeof(line), f) != NULL) {
		if (!parse_op(line, &ops[n++])) {
			fprintf(stderr, "%s:%zu: this is no operation\n", path, n);
			exit(2);
		}
	}
	fclose(f);
	return n;
}

/* All runs in one child, which says in *at how far it came. */
static int
run_child(const struct property *p, struct op *ops, volatile unsigned *at)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		property_eal("0", NULL);
		for (*at = 0; *at < p->runs; ++*at) {
			generate(p->seed, *at, ops, p->steps);
			run_sequence(ops, p->steps);
		}
		_exit(m_fini() == 0 ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("property");
		exit(2);
	}
	return status;
}

static int
run_random(const struct property *p, struct op *ops)
{
	volatile unsigned *at =
	    mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t n = p->steps;
	int status;

	if (at == MAP_FAILED)
		return 2;
	printf("property: seed %llu, %u runs of %zu operations (%u kinds)\n",
	    (unsigned long long)p->seed, p->runs, p->steps, run_count());
	status = run_child(p, ops, at);
	if (status == 0)
		return 0;
	printf("property: seed %llu fails in run %u (%s)\n", (unsigned long long)p->seed, *at,
	    WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit code");
	if (*at >= p->runs)
		return 1;
	generate(p->seed, *at, ops, n);
	if (!fails(ops, n, true)) {
		printf("property: but not alone: it needs the runs before it\n");
		return 1;
	}
	n = shrink(ops, n);
	printf("property: shrunk to %zu operations:\n", n);
	print_ops(ops, n);
	(void)fails(ops, n, false);
	return 1;
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: property [--seed=N] [--runs=N] [--steps=N] [--lcores=N] [--replay=FILE]\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	static const struct option longopts[] = {{"seed", required_argument, NULL, 's'},
	    {"runs", required_argument, NULL, 'r'}, {"steps", required_argument, NULL, 'n'},
	    {"lcores", required_argument, NULL, 'l'}, {"replay", required_argument, NULL, 'p'},
	    {NULL, 0, NULL, 0}};
	struct property p = {.seed = 1, .runs = 20, .steps = 1000, .lcores = 1};
	const char *replay = NULL;
	struct op *ops;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		switch (opt) {
		case 's':
			p.seed = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			p.runs = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 'n':
			p.steps = RTE_MIN((size_t)strtoul(optarg, NULL, 0), (size_t)MAXOPS);
			break;
		case 'l':
			p.lcores = (unsigned)strtoul(optarg, NULL, 0);
			break;
		case 'p':
			replay = optarg;
			break;
		default:
			usage();
		}
	}
	if (p.lcores > 1)
		return property_lcores(&p);
	ops = calloc(MAXOPS, sizeof(*ops));
	if (ops == NULL)
		return 2;
	if (replay != NULL)
		rc = fails(ops, read_ops(replay, ops), false);
	else
		rc = run_random(&p, ops);
	printf("property: %s\n", rc == 0 ? "ok" : "FAILED");
	free(ops);
	return rc;
}
