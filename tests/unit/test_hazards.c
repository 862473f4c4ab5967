/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The hazards of sharing a cluster, one test each, numbered as in docs/design/sharing.md. Each
 * fails when the library is built with that rule broken: breaks.py builds and shows it. Number 10,
 * a leader that is freed twice, only a debug build can see.
 *
 * With -DMBUF_POINTS the library calls m_point(n) where another lcore could step in; the test does
 * there what that lcore would do. So an interleaving that is rare comes each time. Where it takes
 * ThreadSanitizer to see the fault, two lcores really run, but meet only in relaxed flags, which
 * order nothing: what orders their accesses must be the library's count.
 *
 * test_hazards [NAME | -NAME]: only the tests, or all but the tests, of that pattern.
 */

#include "unit.h"

#include <sched.h>
#include <sys/mman.h>

#include <rte_launch.h>

#include "breaks.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define BYTES 512

static struct {
	struct mbuf *mine, *other, *extra; /* holders of one cluster */
	uint32_t step;			   /* atomic, relaxed: see above */
	unsigned points;
	bool intact;
} t;

#ifdef MBUF_POINTS
void (*m_point)(int n);
static void
at_point(void (*fn)(int n))
{
	__atomic_store_n(&m_point, fn, __ATOMIC_RELAXED);
}
#else
static void
at_point(void (*fn)(int n))
{
	(void)fn;
}
#endif

static void
say(uint32_t step)
{
	__atomic_store_n(&t.step, step, __ATOMIC_RELAXED);
}

static void
await(uint32_t step)
{
	while (__atomic_load_n(&t.step, __ATOMIC_RELAXED) != step)
		sched_yield();
}

/*
 * Word by word: ThreadSanitizer does not see a memset() that the compiler expands, and remembers
 * four accesses to a word, so of eight to its bytes it forgets some. Data begin at a word.
 */
static void
scribble(struct mbuf *m, uint8_t fill, unsigned n)
{
	uint32_t *p = mtod(m, uint32_t *);

	for (n /= sizeof(*p); n > 0; n--) {
		*p++ = fill * 0x01010101u;
		__asm__ volatile("" ::: "memory");
	}
}

/* Whether all bytes are fill. */
static bool
is_all(const struct mbuf *m, uint8_t fill)
{
	const uint32_t *p = mtod(m, const uint32_t *);
	unsigned i, bad = 0;

	for (i = 0; i < m->m_len / sizeof(*p); i++)
		bad += p[i] != fill * 0x01010101u;
	return bad == 0;
}

static struct mbuf *
cluster(void)
{
	struct mbuf *m = m_clget(NULL, M_DONTWAIT, MCLBYTES);

	assert_non_null(m);
	scribble(m, 0x5a, BYTES);
	m->m_len = BYTES;
	m_calchdrlen(m);
	return m;
}

static struct mbuf *
share(struct mbuf *m)
{
	struct mbuf *n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);

	assert_non_null(n);
	return n;
}

/* mine is the leader, other a follower. */
static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	at_point(NULL);
	t.mine = cluster();
	t.other = share(t.mine);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	at_point(NULL);
	(void)m_freem(t.mine);
	(void)m_freem(t.other);
	(void)m_freem(t.extra);
	return unit_out() == 0 ? 0 : -1;
}

/* Enough headers for more shares than a count can take. */
static int
pools(void **state)
{
	(void)state;
	return unit_pools(72000, 256, 64);
}

/* ThreadSanitizer does not see into EAL: what orders the end of the other's work is said here. */
static uint32_t other_done;

static int
run_other(void *arg)
{
	void (*fn)(void) = *(void (**)(void))arg;

	fn();
	__atomic_store_n(&other_done, 1, __ATOMIC_RELEASE);
	return 0;
}

/* Let another lcore run theirs while this one runs mine. */
static void
both(void (*theirs)(void), void (*mine)(void))
{
	unsigned lcore = rte_get_next_lcore((unsigned)-1, 1, 0);

	other_done = 0;
	assert_int_equal(rte_eal_remote_launch(run_other, &theirs, lcore), 0);
	mine();
	while (__atomic_load_n(&other_done, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	assert_int_equal(rte_eal_wait_lcore(lcore), 0);
}

/* 1: two lcores share at once, each its own mbuf of one cluster. */
static void
share_between(int n)
{
	if (n != 1 || t.extra != NULL)
		return;
	at_point(NULL);
	t.extra = share(t.other);
}

static void
hazard_01_first_share(void **state)
{
	struct mbuf *m;

	(void)state;
	at_point(share_between);
	m = share(t.mine);
	if (t.extra == NULL)
		t.extra = share(t.other);
	assert_int_equal(m_refs(t.mine), 4);
	(void)m_freem(m);
	assert_int_equal(m_refs(t.mine), 3);
}

/* 2: a follower takes the leader's fields while another lcore changes the count beside them. */
static void
share_other(void)
{
	t.extra = share(t.other);
	say(1);
}

static void
share_mine(void)
{
	struct mbuf *m;

	await(1);
	m = share(t.mine);
	assert_int_equal(m->m_rte.refcnt, 1);
	(void)m_freem(m);
}

static void
hazard_02_copied_count(void **state)
{
	(void)state;
	both(share_other, share_mine);
	assert_int_equal(m_refs(t.mine), 3);
}

/* 3: two lcores mark one cluster. */
static void
mark_other(void)
{
	assert_int_equal(m_zero(t.other), 0);
	say(1);
}

static void
mark_mine(void)
{
	await(1);
	assert_int_equal(m_zero(t.mine), 0);
}

static void
hazard_03_zero_mark(void **state)
{
	const uint8_t *p = mtod(t.mine, uint8_t *);
	unsigned i;

	(void)state;
	both(mark_other, mark_mine);
	assert_int_equal(m_refs(t.mine), 2);
	assert_true(m_testflags(t.mine, M_ZEROIZE));
	t.other = m_freem(t.other);
	t.mine = m_freem(t.mine);
	m_flush();
	(void)m_reap();
#ifndef MBUF_DEBUG
	for (i = 0; i < BYTES; i++)
		assert_int_equal(p[i], 0);
#else
	(void)p;
	(void)i;
#endif
}

/*
 * 4: the other lcore reads the cluster and drops it between our look at the count, which is 2, and
 * our drop, which is then the last. The buffer is allocated and written at once.
 */
static void
read_and_drop(void)
{
	await(1);
	t.intact = is_all(t.other, 0x5a);
	t.other = m_freem(t.other);
	m_flush(); /* for a policy that holds frees back */
	say(2);
}

static void
let_other_drop(int n)
{
	if (n == 4 && rte_lcore_id() == rte_get_main_lcore()) {
		at_point(NULL);
		say(1);
		await(2);
	}
}

static void
drop_and_reuse(void)
{
	const void *room = t.mine->m_rte.buf_addr;

#ifndef MBUF_POINTS
	say(1);
	await(2);
#endif
	t.mine = m_freem(t.mine);
	m_flush();
	t.mine = cluster(); /* writes; the pool's cache gives back what came last */
	assert_ptr_equal(t.mine->m_rte.buf_addr, room);
}

static void
hazard_04_last_drop(void **state)
{
	(void)state;
	at_point(let_other_drop);
	both(read_and_drop, drop_and_reuse);
	assert_true(t.intact);
}

/* 5: write as soon as the library says that nobody else holds the cluster. */
static void
write_when_alone(void)
{
	say(1);
	while (M_READONLY(t.mine))
		sched_yield();
	scribble(t.mine, 1, BYTES);
}

static void
hazard_05_unique_test(void **state)
{
	(void)state;
	both(read_and_drop, write_when_alone);
	assert_true(t.intact);
}

/* 6: our drop is not the last; the last comes before we are done, and the leader is gone. */
static void
take_leader_away(int n)
{
	struct mbuf *leader = t.extra;

	if (n != 6)
		return;
	at_point(NULL);
	t.other = m_freem(t.other);
	ASAN_POISON_MEMORY_REGION(leader, sizeof(*leader));
	t.points++;
}

static void
hazard_06_after_drop(void **state)
{
	struct mbuf *leader = t.mine;

	(void)state;
	t.extra = leader;
	at_point(take_leader_away);
	t.mine = m_freem(t.mine);
	ASAN_UNPOISON_MEMORY_REGION(leader, sizeof(*leader));
	t.extra = NULL;
#ifdef MBUF_POINTS
	assert_int_equal(t.points, 1);
#endif
}

/* 7: what the free function gets, whoever drops last. */
static uint8_t storage[1024];
static unsigned freed;

static void
extfree(void *buf, unsigned size, void *arg)
{
	assert_ptr_equal(buf, storage);
	assert_int_equal(size, sizeof(storage));
	assert_ptr_equal(arg, &freed);
	freed++;
}

static struct mbuf *
foreign(void *buf, unsigned size, unsigned flags)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA);

	assert_non_null(m);
	assert_int_equal(MEXTADD(m, buf, size, flags, mextfree_register(extfree), &freed), 0);
	m->m_len = (uint16_t)(size / 2);
	m_calchdrlen(m);
	return m;
}

static void
hazard_07_last_free(void **state)
{
	struct mbuf *m, *n, *o;

	(void)state;
	freed = 0;
	m = foreign(storage, sizeof(storage), M_EXTWR);
	n = m_copym(m, 100, 50, M_DONTWAIT);
	assert_non_null(n);
	o = m_copym(n, 7, 9, M_DONTWAIT);
	assert_non_null(o);
	(void)m_freem(m); /* the mbuf that knew the argument goes first */
	(void)m_freem(n);
	assert_int_equal(freed, 0);
	(void)m_freem(o);
	assert_int_equal(freed, 1);
}

/* 8: a leader whose cluster is shared becomes one mbuf at its own address. */
static void
hazard_08_defrag(void **state)
{
	struct mbuf *m = t.mine, *tail = cluster();
	uint8_t got[2 * BYTES];
	unsigned i;

	(void)state;
	m->m_next = tail;
	m_calchdrlen(m);
	assert_int_equal(m_defrag(m, M_DONTWAIT), 0);
	assert_null(m->m_next);
	assert_int_equal(m->m_len, 2 * BYTES);
	scribble(m, 1, m->m_len);
	assert_int_equal(m_copydata(m, 0, 2 * BYTES, got), 0);
	for (i = 0; i < 2 * BYTES; i++)
		assert_int_equal(got[i], 1);
	assert_true(is_all(t.other, 0x5a));
	/* the header holds its own room as long as it lives, and no longer */
	t.mine = m_freem(m);
	assert_int_equal(m_refs(t.other), 1);
}

/* 9: storage that is mapped read-only is marked; cmocka catches the fault of a write. */
static void
mapping_freed(void *buf, unsigned size, void *arg)
{
	(void)buf;
	assert_int_equal(munmap(arg, size), 0);
	freed++;
}

static void
hazard_09_readonly(void **state)
{
	void *buf = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA), *n;

	(void)state;
	freed = 0;
	assert_ptr_not_equal(buf, MAP_FAILED);
	assert_non_null(m);
	assert_int_equal(MEXTADD(m, buf, 4096, 0, mextfree_register(mapping_freed), buf), 0);
	m->m_len = 4096;
	m_calchdrlen(m);
	assert_true(M_READONLY(m));
	assert_int_equal(m_zero(m), 0);
	n = share(m);
	(void)m_freem(m);
	(void)m_freem(n);
	assert_int_equal(freed, 1);
}

#ifdef MBUF_DEBUG
/* 10: a leader is freed twice; the second free must not take the follower's reference. */
static jmp_buf reported;

static void
leave(const char *what, const struct mbuf *m, const char *where)
{
	(void)what;
	(void)m;
	(void)where;
	longjmp(reported, 1);
}

static void
hazard_10_freed_twice(void **state)
{
	struct mbuf *m = t.mine;

	(void)state;
	t.mine = m_freem(m);
	m_debug_report(leave);
	if (setjmp(reported) == 0) {
		(void)m_freem(m);
		m_debug_report(NULL);
		fail_msg("the second free was not reported");
	}
	m_debug_report(NULL);
	assert_int_equal(m_refs(t.other), 1);
	assert_true(is_all(t.other, 0x5a));
}
#endif

/* 11: more shares than a 16 bit count can take. */
#define SHARES 70000

static void
hazard_11_overflow(void **state)
{
	struct mbuf **v = calloc(SHARES, sizeof(*v));
	unsigned n = 0;

	(void)state;
	assert_non_null(v);
	while (n < SHARES && (v[n] = m_copym(t.mine, 0, M_COPYALL, M_DONTWAIT)) != NULL)
		n++;
	if (n < SHARES) {
		assert_int_equal(rte_errno, ENOBUFS);
		assert_in_range(n, 60000, UINT16_MAX - 2);
	} else { /* a policy whose count is wider */
		assert_string_not_equal(m_policy(), "leader");
	}
	assert_int_equal(m_refs(t.mine), n + 2);
	assert_true(is_all(v[n - 1], 0x5a));
	m_freem_bulk(v, n);
	m_flush();
	assert_int_equal(m_refs(t.mine), 2);
	free(v);
}

/*
 * 12: who only reads shared bytes does not touch the line of the count, which others write. The
 * leader's own lines are poisoned while a follower is read: AddressSanitizer sees a look at them.
 */
static int
add(char *state, char *data, unsigned n)
{
	while (n-- > 0)
		*(unsigned *)(void *)state += (uint8_t)*data++;
	return 0;
}

static void
hazard_12_line_of_count(void **state)
{
	struct mbuf *leader = t.mine, *m = t.other;
	uint8_t got[BYTES];
	unsigned total = 0;
	int off;

	(void)state;
	ASAN_POISON_MEMORY_REGION(leader, sizeof(*leader));
	assert_true(is_all(m, 0x5a));
	off = m_copydata(m, 0, BYTES, got);
	(void)m_apply(m, 0, BYTES, add, (char *)&total);
	m_adj(m, 8);
	m_adj(m, -8);
	assert_ptr_equal(m_getptr(m, 5, &off), m);
	assert_true(is_all(m, 0x5a));
	ASAN_UNPOISON_MEMORY_REGION(leader, sizeof(*leader));
	assert_int_equal(got[BYTES - 1], 0x5a);
	assert_int_equal(total, BYTES * 0x5a);
}

/* 13: the other lcore reads and drops; the count is 1 then, and our free needs no atomic drop. */
static void
reuse_after_drop(void)
{
	const void *room = t.mine->m_rte.buf_addr;

	say(1);
	await(2);
	t.mine = m_freem(t.mine);
	m_flush();
	t.mine = cluster();
	assert_ptr_equal(t.mine->m_rte.buf_addr, room);
}

static void
hazard_13_count_of_one(void **state)
{
	(void)state;
	both(read_and_drop, reuse_after_drop);
	assert_true(t.intact);
}

#define HAZARD(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static const struct CMUnitTest unit_tests[] = {
    HAZARD(hazard_01_first_share),
    HAZARD(hazard_02_copied_count),
    HAZARD(hazard_03_zero_mark),
    HAZARD(hazard_04_last_drop),
    HAZARD(hazard_05_unique_test),
    HAZARD(hazard_06_after_drop),
    HAZARD(hazard_07_last_free),
    HAZARD(hazard_08_defrag),
    HAZARD(hazard_09_readonly),
#ifdef MBUF_DEBUG
    HAZARD(hazard_10_freed_twice),
#endif
    HAZARD(hazard_11_overflow),
    HAZARD(hazard_12_line_of_count),
    HAZARD(hazard_13_count_of_one),
};

int
main(int argc, char **argv)
{
	if (argc > 1 && argv[1][0] == '-')
		cmocka_set_skip_filter(argv[1] + 1);
	else if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	if (unit_eal("hazards", 2) != 0)
		return 2;
	return cmocka_run_group_tests_name("hazards", unit_tests, pools, unit_teardown);
}
