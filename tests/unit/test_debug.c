/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* What a build with mbuf_debug sees, and that other builds are told so. */

#include "unit.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/wait.h>

#include <rte_launch.h>

#include "internal.h"

struct mbuf *leak_here(void);
struct mbuf *share_here(struct mbuf *m);

/* Each is one call, so that its address says who it was. */
__attribute__((noinline)) struct mbuf *
leak_here(void)
{
	struct mbuf *m = m_clget(NULL, M_DONTWAIT, 100);

	assert_non_null(m);
	memset(mtod(m, char *), 0, 100);
	m->m_len = 100;
	m->m_pkthdr.len = 100;
	return m;
}

__attribute__((noinline)) struct mbuf *
share_here(struct mbuf *m)
{
	struct mbuf *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);

	assert_non_null(n); /* not a tail call */
	return n;
}

/* What m_debug_leaks() writes; the caller frees it. Not inline: gcc takes it for a local then. */
static __attribute__((noinline)) char *
leaks(unsigned want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(m_debug_leaks(f), want);
	assert_int_equal(m_debug_leaks(NULL), want);
	fclose(f);
	return text;
}

#ifndef MBUF_DEBUG

static void
counts_and_says_so(void **state)
{
	struct mbuf *m = leak_here(), *n = share_here(m);
	char *text = leaks(2);

	(void)state;
	assert_false(m_debug_build());
	assert_non_null(strstr(text, "mbuf_debug"));
	free(text);
	m_debug_report(NULL);
	m_freem(m);
	m_freem(n);
	text = leaks(0);
	assert_string_equal(text, "");
	free(text);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(counts_and_says_so),
    UNIT_TEST_CACHED(counts_and_says_so),
};

UNIT_MAIN("debug")

#else /* MBUF_DEBUG */

static struct {
	char what[128];
	const struct mbuf *m;
	char where[64];
	jmp_buf out;
} told;

/* Leave the function that saw it, for it must not go on. */
static void
leave(const char *what, const struct mbuf *m, const char *where)
{
	snprintf(told.what, sizeof(told.what), "%s", what);
	snprintf(told.where, sizeof(told.where), "%s", where);
	told.m = m;
	longjmp(told.out, 1);
}

/* The statement is a mistake that is seen, said like this, about m. */
#define REPORTED(statement, about, words)                                                          \
	do {                                                                                       \
		m_debug_report(leave);                                                             \
		if (setjmp(told.out) == 0) {                                                       \
			statement;                                                                 \
			fail_msg("%s: not seen", #statement);                                      \
		}                                                                                  \
		m_debug_report(NULL);                                                              \
		if (strstr(told.what, words) == NULL)                                              \
			fail_msg("%s: told \"%s\"", #statement, told.what);                        \
		assert_ptr_equal(told.m, about);                                                   \
	} while (0)

static void
a_second_free(void **state)
{
	struct mbuf *m = unit_cluster(10, 0);

	(void)state;
	assert_true(m_debug_build());
	m_freem(m);
	REPORTED(m_freem(m), m, "freed already");
	assert_string_equal(told.where, "m_freem");
	REPORTED(m_free(m), m, "freed already");
	REPORTED(m_freem_bulk(&m, 1), m, "freed already");
	REPORTED((void)m_copym(m, 0, M_COPYALL, M_DONTWAIT), m, "freed already");
	REPORTED((void)m_unwrap(m), m, "freed already");
}

/* Hazard 10: a leader freed twice would take the follower's reference. */
static void
a_leader_freed_twice(void **state)
{
	struct mbuf *m = unit_cluster(10, 3), *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);

	(void)state;
	m_freem(m);
	REPORTED(m_freem(m), m, "freed already");
	unit_check(n, 10, 3);
	assert_int_equal(m_refs(n), 1);
	m_freem(n);
}

/* Freed by us, used by a driver, which we do not see, and freed by us: no false alarm. */
static void
a_driver_in_between(void **state)
{
	(void)state;
	for (int i = 0; i < 3 * UNIT_NCLUSTERS; i++) {
		struct rte_mbuf *r = rte_pktmbuf_alloc(m_cluster_pool(0));
		struct mbuf *m, *n;

		assert_non_null(rte_pktmbuf_append(r, 100));
		memset(rte_pktmbuf_mtod(r, char *), i, 100);
		m = m_wrap(r);
		n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		if (i % 3 == 0) {
			m_freem(m);
			rte_pktmbuf_free(m_unwrap(n));
		} else if (i % 3 == 1) {
			m_freem(n);
			rte_pktmbuf_free(m_unwrap(m));
		} else {
			m_freem(n);
			m_freem(m);
		}
		m_freem(unit_cluster(50, 0));
	}
}

static void
a_write_after_free(void **state)
{
	struct mbuf *m = unit_cluster(10, 0), *v[UNIT_NCLUSTERS] = {NULL};
	char *p = mtod(m, char *);
	unsigned n = 0;

	(void)state;
	m_freem(m);
	p[1000] = 1;
	m_debug_report(leave);
	if (setjmp(told.out) == 0) {
		for (; n < UNIT_NCLUSTERS; n++)
			v[n] = m_clget(NULL, M_DONTWAIT, 1);
		fail_msg("not seen");
	}
	m_debug_report(NULL);
	assert_non_null(strstr(told.what, "written to after"));
	assert_ptr_equal(told.m, m);
	/* it was taken from its pool when it was seen: put it back */
	for (unsigned i = 0; i < UNIT_NCLUSTERS && v[i] != NULL; i++)
		m_freem(v[i]);
	rte_mempool_put(m->m_rte.pool, m);
}

static void
a_broken_chain(void **state)
{
	struct mbuf *m = unit_chain(2, 10, 0);

	(void)state;
	m->m_next->m_len = 60000;
	REPORTED((void)m_getptr(m, 5, &(int){0}), m, "beyond its room");
	m->m_next->m_len = 10;
	m->m_priv.flags = M_MCAST; /* not by m_setflags() */
	REPORTED(m_freem(m), m, "private line");
	m->m_priv.flags = 0;
	m_freem(m);
}

static struct {
	struct mbuf *m;
	unsigned inside, leave; /* atomic */
} meeting;

static int
stay(char *state, char *data, unsigned n)
{
	(void)state;
	(void)data;
	(void)n;
	__atomic_store_n(&meeting.inside, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&meeting.leave, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	return 0;
}

static int
other(void *arg)
{
	(void)arg;
	return m_apply(meeting.m, 0, 10, stay, NULL);
}

/* Hazard 1: two lcores are in functions with one mbuf. */
static void
two_owners(void **state)
{
	unsigned worker = rte_get_next_lcore(-1, 1, 0);

	(void)state;
	meeting.inside = meeting.leave = 0;
	meeting.m = unit_cluster(10, 0);
	assert_int_equal(rte_eal_remote_launch(other, NULL, worker), 0);
	while (__atomic_load_n(&meeting.inside, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	REPORTED((void)m_copym(meeting.m, 0, M_COPYALL, M_DONTWAIT), meeting.m, "two threads");
	__atomic_store_n(&meeting.leave, 1, __ATOMIC_RELEASE);
	assert_int_equal(rte_eal_wait_lcore(worker), 0);
	/* and one after the other is no mistake */
	m_freem(m_copym(meeting.m, 0, M_COPYALL, M_DONTWAIT));
	m_freem(meeting.m);
}

/* The text says that verb was done by the function fn of this program. */
static void
assert_by(const char *text, const char *verb, void *fn)
{
	const char *at = strstr(text, verb);
	uintptr_t off, start;
	Dl_info info;

	assert_non_null(at);
	at = strstr(at, "+0x");
	assert_non_null(at);
	off = (uintptr_t)strtoull(at + 1, NULL, 16);
	assert_int_not_equal(dladdr(fn, &info), 0);
	start = (uintptr_t)fn - (uintptr_t)info.dli_fbase;
	assert_in_range(off, start, start + 200);
}

static void
the_journal(void **state)
{
	struct mbuf *m = leak_here(), *n = share_here(m);
	char *text = leaks(2), *line2 = strchr(text, '\n');

	(void)state;
	/* the cluster's line, then the follower's */
	assert_non_null(strstr(text, "mbuf_cluster0: mbuf "));
	assert_by(text, "allocated at", (void *)leak_here);
	assert_by(text, "last shared at", (void *)share_here);
	assert_non_null(strstr(line2, "mbuf_header0: mbuf "));
	assert_by(line2, "allocated at", (void *)share_here);
	free(text);
	m_freem(n);
	(void)m_unwrap(m);
	text = leaks(1);
	assert_non_null(strstr(text, "last given to a driver at"));
	free(text);
	rte_pktmbuf_free(&m->m_rte);
	text = leaks(0);
	assert_string_equal(text, "");
	free(text);
}

/* Without a function to tell: it is printed, and the program ends. */
static void
the_default_ends_it(void **state)
{
	struct mbuf *m = unit_cluster(10, 0);
	char text[1000] = "";
	int fds[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	(void)state;
	m_freem(m);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL); /* not cmocka's */
		dup2(fds[1], STDERR_FILENO);
		m_freem(m);
		_exit(0);
	}
	close(fds[1]);
	while (len < sizeof(text) - 1 && (n = read(fds[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(text, "bsdmbuf: m_freem: mbuf "));
	assert_non_null(strstr(text, "it was freed already, freed at "));
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(a_second_free),
    UNIT_TEST(a_leader_freed_twice),
    UNIT_TEST(a_driver_in_between),
    UNIT_TEST_CACHED(a_driver_in_between),
    UNIT_TEST(a_write_after_free),
    UNIT_TEST_CACHED(a_write_after_free),
    UNIT_TEST(a_broken_chain),
    UNIT_TEST(two_owners),
    UNIT_TEST(the_journal),
    UNIT_TEST_CACHED(the_journal),
    UNIT_TEST(the_default_ends_it),
};

UNIT_MAIN_LCORES("debug", 2)

#endif
