/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * What two cores pay to meet: the costs that scaling.py's model is made of. Prints one JSON object,
 * nanoseconds each, the median of the slices:
 *   add         an atomic addition to a line of one's own
 *   add_shared  the same to a line that both add to, per addition of both together
 *   transfer    one way of a line that goes back and forth
 *   lock        to lock and release a mutex of one's own
 *   lock_shared the same of a mutex both want, per lock of both together
 *   work        some work without memory, about as much as a packet takes
 *   work_add_shared, work_lock_shared
 *               that work and an addition or a lock as above, on each side, per step of both
 */

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SLICES 31
#define STEPS 20000

struct line {
	uint64_t n;
	pthread_mutex_t lock;
} __attribute__((aligned(128)));

static struct line lines[3] = {
    {0, PTHREAD_MUTEX_INITIALIZER},
    {0, PTHREAD_MUTEX_INITIALIZER},
    {0, PTHREAD_MUTEX_INITIALIZER},
};
static int cpu[2];

struct side {
	int me;
	int shared;
	void (*step)(struct line *, int me, unsigned i);
	double ns[SLICES];
};

static pthread_barrier_t barrier;

static void
add(struct line *l, int me, unsigned i)
{
	(void)me;
	(void)i;
	__atomic_fetch_add(&l->n, 1, __ATOMIC_ACQ_REL); /* as a drop does */
}

/* A turn each; even numbers are side 0's. sched_yield() for a machine with one CPU. */
static void
pass(struct line *l, int me, unsigned i)
{
	unsigned spins = 0;

	(void)i;
	/* acquire and release: the line goes to the other side */
	while ((__atomic_load_n(&l->n, __ATOMIC_ACQUIRE) & 1) != (uint64_t)me) {
		if (++spins % 100000 == 0)
			sched_yield();
	}
	__atomic_store_n(&l->n, l->n + 1, __ATOMIC_RELEASE);
}

static void
lock(struct line *l, int me, unsigned i)
{
	(void)me;
	(void)i;
	pthread_mutex_lock(&l->lock);
	l->n++;
	pthread_mutex_unlock(&l->lock);
}

static void
work(struct line *l, int me, unsigned i)
{
	uint64_t x = i;

	(void)l;
	(void)me;
	for (int k = 0; k < 20; k++) { /* each waits for the one before */
		x = x * 3 + 1;
		__asm__ volatile("" : "+r"(x));
	}
}

static void
work_add(struct line *l, int me, unsigned i)
{
	work(l, me, i);
	add(l, me, i);
}

static void
work_lock(struct line *l, int me, unsigned i)
{
	work(l, me, i);
	lock(l, me, i);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static void *
run(void *arg)
{
	struct side *s = arg;
	struct line *l = &lines[s->shared ? 2 : s->me];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu[s->me], &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	for (int k = 0; k < SLICES; k++) {
		double start;

		pthread_barrier_wait(&barrier);
		start = now();
		for (unsigned i = 0; i < STEPS; i++)
			s->step(l, s->me, i);
		s->ns[k] = (now() - start) / STEPS;
	}
	return NULL;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Both sides run; the cost of a step of one side, in the median slice. */
static double
measure(void (*step)(struct line *, int, unsigned), int shared)
{
	struct side s[2] = {
	    {.me = 0, .shared = shared, .step = step}, {.me = 1, .shared = shared, .step = step}};
	pthread_t t[2];

	lines[2].n = 0;
	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 2; i++) {
		if (pthread_create(&t[i], NULL, run, &s[i]) != 0)
			exit(1);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&barrier);
	qsort(s[0].ns, SLICES, sizeof(s[0].ns[0]), compare);
	return s[0].ns[SLICES / 2];
}

int
main(void)
{
	cpu_set_t set;
	int n = 0;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1;
	for (int c = 0; c < CPU_SETSIZE && n < 2; c++) {
		if (CPU_ISSET(c, &set))
			cpu[n++] = c;
	}
	if (n < 2) {
		fprintf(stderr, "linecost: needs two CPUs\n");
		return 77;
	}
	printf("{\"add\": %.2f, ", measure(add, 0));
	printf("\"add_shared\": %.2f, ", measure(add, 1) / 2);
	printf("\"transfer\": %.2f, ", measure(pass, 1) / 2);
	printf("\"lock\": %.2f, ", measure(lock, 0));
	printf("\"lock_shared\": %.2f, ", measure(lock, 1) / 2);
	printf("\"work\": %.2f, ", measure(work, 0));
	printf("\"work_add_shared\": %.2f, ", measure(work_add, 1) / 2);
	printf("\"work_lock_shared\": %.2f}\n", measure(work_lock, 1) / 2);
	return 0;
}
