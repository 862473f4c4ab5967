/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Two lcores free each other's chains: what one allocates, shares and sends through an rte_ring,
 * the other reads, shares again, writes when it is alone, and frees; in both directions at once.
 * Under ThreadSanitizer this is what shows a missing acquire or release.
 */

#include "unit.h"

#include <rte_launch.h>
#include <rte_ring.h>

#include "unit_ops.h"

/* gcc says it by a macro, clang by a feature */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define TSAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define TSAN 1
#endif
#ifdef TSAN
#define ROUNDS 2000
#else
#define ROUNDS 50000
#define TSAN 0
#endif

#define LEN 100
#define KEPT 16

static struct rte_ring *ring[2]; /* packets for lcore 0 and for lcore 1 */
static unsigned done;		 /* atomic: lcores that send no more */
static unsigned ended;		 /* atomic: lcores that have ended */

static struct {
	bool driver;	/* free as a driver does */
	bool bulk;	/* share and free in bursts */
	bool zero;	/* mark some */
	bool overwrite; /* write what m_iswritable() says one may */
} ways;

struct side {
	unsigned me;
	uint32_t seed;
	unsigned bad;
	bool sends;
	struct mbuf *kept[KEPT];
};

/* xorshift: each side its own, so that a seed is a run. */
static uint32_t
rnd(struct side *s)
{
	s->seed ^= s->seed << 13;
	s->seed ^= s->seed >> 17;
	s->seed ^= s->seed << 5;
	return s->seed;
}

static void
release(struct mbuf **v, unsigned n)
{
	if (ways.driver) {
		for (unsigned i = 0; i < n; i++)
			rte_pktmbuf_free(m_unwrap(v[i]));
	} else if (ways.bulk) {
		m_freem_bulk(v, n);
	} else {
		for (unsigned i = 0; i < n; i++)
			m_freem(v[i]);
	}
}

static struct mbuf *
share(struct mbuf *m)
{
	struct mbuf *n = NULL;

	if (!ways.bulk)
		return m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	(void)m_copym_bulk(&m, &n, 1);
	return n;
}

/* One to three segments, each byte the same; NULL when nothing is left. */
static struct mbuf *
make(struct side *s)
{
	struct mbuf *top = NULL, **tail = &top;
	unsigned segs = 1 + rnd(s) % 3;
	int byte = (int)(rnd(s) & 0xff);

	while (segs-- > 0) {
		*tail = rnd(s) % 4 == 0 ? m_gethdr(M_DONTWAIT, MT_DATA)
					: m_clget(NULL, M_DONTWAIT, LEN);
		if (*tail == NULL) {
			m_freem(top);
			return NULL;
		}
		memset(mtod(*tail, char *), byte, LEN);
		(*tail)->m_len = LEN;
		tail = &(*tail)->m_next;
	}
	m_calchdrlen(top);
	return top;
}

/* Each byte of a packet is the same, unless somebody wrote what is shared. */
static void
read_all(struct side *s, const struct mbuf *m)
{
	uint8_t first = *mtod(m, uint8_t *);

	for (; m != NULL; m = m->m_next) {
		for (unsigned i = 0; i < m->m_len; i++)
			s->bad += mtod(m, uint8_t *)[i] != first;
	}
}

/* A packet that is this side's alone gets other bytes. */
static void
write_all(struct mbuf *m, int byte)
{
	for (struct mbuf *n = m; n != NULL; n = n->m_next) {
		if (M_READONLY(n))
			return;
	}
	for (; m != NULL; m = m->m_next)
		memset(mtod(m, char *), byte, m->m_len);
}

static void
hand_over(struct side *s, struct mbuf *m)
{
	if (m != NULL && rte_ring_enqueue(ring[!s->me], m) != 0)
		m_freem(m);
}

/* What the other side sent: read, perhaps written, perhaps a share of it sent back. */
static unsigned
receive(struct side *s)
{
	struct mbuf *v[8];
	unsigned n = rte_ring_dequeue_burst(ring[s->me], (void **)v, RTE_DIM(v), NULL);

	for (unsigned i = 0; i < n; i++) {
		read_all(s, v[i]);
		if (ways.overwrite)
			write_all(v[i], (int)(rnd(s) & 0xff));
		if (s->sends && rnd(s) % 4 == 0)
			hand_over(s, share(v[i]));
	}
	release(v, n);
	return n;
}

/* Keep a packet for a while, as a retransmit queue does; what was there is freed. */
static void
keep(struct side *s, struct mbuf *m)
{
	struct mbuf **slot = &s->kept[rnd(s) % KEPT];

	if (*slot != NULL) {
		read_all(s, *slot);
		if (ways.overwrite)
			write_all(*slot, (int)(rnd(s) & 0xff));
		release(slot, 1);
	}
	*slot = m;
}

static int
run_side(void *arg)
{
	struct side *s = arg;

	s->sends = true;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct mbuf *m = make(s), *n;

		if (m != NULL) {
			if (ways.zero && rnd(s) % 8 == 0)
				s->bad += m_zero(m) != 0;
			n = share(m);
			if (rnd(s) % 2 == 0) {
				hand_over(s, m);
				keep(s, n);
			} else {
				hand_over(s, n);
				keep(s, m);
			}
		} else { /* the other side holds what there is */
			keep(s, NULL);
			sched_yield();
		}
		receive(s);
	}
	s->sends = false;
	/* release, and acquire below: what was sent before is in the ring */
	__atomic_fetch_add(&done, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) != 2) {
		if (receive(s) == 0)
			sched_yield();
	}
	while (receive(s) != 0)
		;
	for (unsigned i = 0; i < KEPT; i++)
		m_freem(s->kept[i]);
	/* release: pairs with run_both(); EAL's own join is not in ThreadSanitizer's sight */
	__atomic_fetch_add(&ended, 1, __ATOMIC_RELEASE);
	return 0;
}

static void
run_both(void)
{
	struct side s[2] = {{.me = 0, .seed = 4711}, {.me = 1, .seed = 815}};
	unsigned worker = rte_get_next_lcore(-1, 1, 0);

	done = ended = 0;
	for (unsigned i = 0; i < 2; i++) {
		ring[i] = rte_ring_create(
		    i == 0 ? "to0" : "to1", 128, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
		assert_non_null(ring[i]);
	}
	assert_int_equal(rte_eal_remote_launch(run_side, &s[1], worker), 0);
	run_side(&s[0]);
	assert_int_equal(rte_eal_wait_lcore(worker), 0);
	assert_int_equal(__atomic_load_n(&ended, __ATOMIC_ACQUIRE), 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(rte_ring_count(ring[i]), 0);
		rte_ring_free(ring[i]);
		assert_int_equal(s[i].bad, 0);
	}
}

static void
one_by_one(void **state)
{
	(void)state;
	memset(&ways, 0, sizeof(ways));
	run_both();
}

static void
in_bursts(void **state)
{
	(void)state;
	memset(&ways, 0, sizeof(ways));
	ways.bulk = true;
	run_both();
}

/* Who finds itself alone writes: acquire, or the other's reads are overtaken. */
static void
writes_when_alone(void **state)
{
	(void)state;
	for (int bulk = 0; bulk < 2; bulk++) {
		memset(&ways, 0, sizeof(ways));
		ways.overwrite = true;
		ways.bulk = bulk != 0;
		run_both();
	}
}

static void
marks_some(void **state)
{
	(void)state;
	memset(&ways, 0, sizeof(ways));
	ways.zero = true;
	ways.overwrite = true;
	run_both();
}

#if !TSAN
/*
 * DPDK's own free reads a count of 1 without acquire, which is enough on the machines it runs on,
 * but not in the language; so ThreadSanitizer is not asked.
 */
static void
freed_by_a_driver(void **state)
{
	(void)state;
	for (int zero = 0; zero < 2; zero++) {
		memset(&ways, 0, sizeof(ways));
		ways.driver = true;
		ways.overwrite = true;
		ways.zero = zero != 0;
		run_both();
	}
}

#endif

static int
use_ops(void **state)
{
	(void)state;
	return unit_ops_use();
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST_CACHED(one_by_one),
    UNIT_TEST_CACHED(in_bursts),
    UNIT_TEST_CACHED(writes_when_alone),
    UNIT_TEST_CACHED(marks_some),
#if !TSAN
    UNIT_TEST_CACHED(freed_by_a_driver),
#endif
};

int
main(void)
{
	int rc;

	if (unit_eal("two_lcores", 2) != 0) {
		fprintf(stderr, "EAL: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	rc = cmocka_run_group_tests_name("two_lcores", unit_tests, use_ops, NULL);
	rte_eal_cleanup();
	return rc;
}
