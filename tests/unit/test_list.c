/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Lists and queues of packets: ml_init(9), mq_init(9). */

#include "unit.h"

#include <rte_launch.h>
#include <rte_pause.h>

#include "unit_ops.h"

static struct mbuf *
packet(unsigned n)
{
	return unit_cluster(n, n);
}

/* The lengths of the packets that a list holds, in order. */
static void
lens_are(const struct mbuf_list *ml, const unsigned *v, unsigned n)
{
	struct mbuf *m;
	unsigned i = 0;

	assert_int_equal(ml_len(ml), n);
	assert_int_equal(ml_empty(ml), n == 0);
	assert_int_equal(ml_hdatalen(ml), n == 0 ? 0 : v[0]);
	MBUF_LIST_FOREACH (ml, m) {
		assert_true(i < n);
		assert_int_equal(m->m_pkthdr.len, v[i++]);
	}
	assert_int_equal(i, n);
}
#define LENS_ARE(ml, ...)                                                                          \
	lens_are((ml), (const unsigned[]){__VA_ARGS__, 0}, RTE_DIM(((unsigned[]){__VA_ARGS__})))

static void
test_ml(void **state)
{
	struct mbuf_list a = MBUF_LIST_INITIALIZER(), b;
	struct mbuf *m;

	(void)state;
	ml_init(&b);
	lens_are(&a, NULL, 0);
	assert_null(ml_dequeue(&a));
	assert_null(ml_dechain(&a));
	assert_int_equal(ml_purge(&a), 0);
	ml_enlist(&a, &b);
	lens_are(&a, NULL, 0);

	for (unsigned i = 1; i <= 3; i++)
		ml_enqueue(&a, packet(i));
	LENS_ARE(&a, 1, 2, 3);
	ml_enlist(&b, &a); /* into an empty one */
	lens_are(&a, NULL, 0);
	LENS_ARE(&b, 1, 2, 3);
	ml_enqueue(&a, packet(9));
	ml_enlist(&a, &b);
	LENS_ARE(&a, 9, 1, 2, 3);
	ml_enlist(&a, &b); /* an empty one */
	m = ml_dequeue(&a);
	assert_null(m_nextpkt(m));
	unit_check(m, 9, 9);
	ml_enqueue(&a, m); /* to the end */
	LENS_ARE(&a, 1, 2, 3, 9);
	m = ml_dechain(&a);
	lens_are(&a, NULL, 0);
	assert_int_equal(m_nextpkt(m)->m_pkthdr.len, 2);
	m_purge(m);
	ml_enqueue(&a, packet(5));
	ml_enqueue(&a, unit_chain(3, 10, 0));
	assert_int_equal(ml_purge(&a), 2);
	lens_are(&a, NULL, 0);
	ml_enqueue(&a, packet(7)); /* after a purge it works as before */
	m_freem(ml_dequeue(&a));
	lens_are(&a, NULL, 0);
}

/* A packet that was linked to others leaves its list before it is in another. */
static void
test_ml_relink(void **state)
{
	struct mbuf_list a = MBUF_LIST_INITIALIZER(), b = MBUF_LIST_INITIALIZER();
	struct mbuf *m;

	(void)state;
	ml_enqueue(&a, packet(1));
	ml_enqueue(&a, packet(2));
	m = ml_dequeue(&a);
	ml_enqueue(&b, m);
	LENS_ARE(&a, 2);
	LENS_ARE(&b, 1);
	ml_purge(&a);
	ml_purge(&b);
}

static void
test_mq(void **state)
{
	struct mbuf_list l = MBUF_LIST_INITIALIZER();
	struct mbuf_queue q;

	(void)state;
	mq_init(&q, 3);
	assert_true(mq_empty(&q));
	assert_null(mq_dequeue(&q));
	for (unsigned i = 1; i <= 3; i++) {
		assert_false(mq_full(&q));
		assert_int_equal(mq_enqueue(&q, packet(i)), 0);
		assert_int_equal(mq_len(&q), i);
	}
	assert_true(mq_full(&q));
	assert_int_equal(unit_out(), 3);
	assert_int_equal(mq_enqueue(&q, packet(4)), 1); /* the new one is gone */
	assert_int_equal(unit_out(), 3);
	assert_int_equal(mq_drops(&q), 1);
	assert_int_equal(mq_hdatalen(&q), 1);
	assert_int_equal(mq_push(&q, packet(5)), 1); /* the oldest is gone */
	assert_int_equal(mq_drops(&q), 2);
	assert_int_equal(mq_hdatalen(&q), 2);
	mq_delist(&q, &l);
	LENS_ARE(&l, 2, 3, 5);
	assert_true(mq_empty(&q));
	assert_int_equal(mq_hdatalen(&q), 0);
	assert_int_equal(mq_push(&q, packet(6)), 0);
	assert_int_equal(mq_enlist(&q, &l), 1); /* two fit */
	assert_true(ml_empty(&l));
	assert_int_equal(mq_drops(&q), 3);
	assert_int_equal(mq_len(&q), 3);
	assert_int_equal(mq_purge(&q), 3); /* which are no drops */
	assert_int_equal(mq_drops(&q), 3);
	assert_int_equal(mq_purge(&q), 0);
}

static void
test_mq_bound(void **state)
{
	struct mbuf_list l = MBUF_LIST_INITIALIZER();
	struct mbuf_queue q;

	(void)state;
	mq_init(&q, 0); /* holds nothing */
	assert_true(mq_full(&q));
	assert_int_equal(mq_enqueue(&q, packet(1)), 1);
	assert_int_equal(mq_push(&q, packet(1)), 1);
	ml_enqueue(&l, packet(1));
	assert_int_equal(mq_enlist(&q, &l), 1);
	assert_int_equal(mq_drops(&q), 3);
	assert_int_equal(unit_out(), 0);
	mq_set_maxlen(&q, 2);
	assert_int_equal(mq_enqueue(&q, packet(1)), 0);
	assert_int_equal(mq_enqueue(&q, packet(2)), 0);
	mq_set_maxlen(&q, 1); /* what is queued stays */
	assert_int_equal(mq_len(&q), 2);
	assert_true(mq_full(&q));
	assert_int_equal(mq_enqueue(&q, packet(3)), 1);
	assert_int_equal(mq_push(&q, packet(4)), 1);
	assert_int_equal(mq_hdatalen(&q), 2);
	assert_int_equal(mq_purge(&q), 2);
}

/*
 * One lcore puts, one takes. Each packet carries its number and is written by its maker, so that a
 * lost lock shows in ThreadSanitizer, in the order or in the count.
 */
#define NPACKETS 20000
static struct mbuf_queue shared;
static uint32_t maker_done; /* atomic */

static int
maker(void *arg)
{
	unsigned dropped = 0;

	(void)arg;
	for (uint32_t i = 0; i < NPACKETS; i++) {
		struct mbuf_list l = MBUF_LIST_INITIALIZER();
		struct mbuf *m;

		while ((m = m_clget(NULL, M_DONTWAIT, sizeof(i))) == NULL)
			rte_pause(); /* the taker frees */
		m->m_len = sizeof(i);
		m->m_pkthdr.len = sizeof(i);
		*mtod(m, uint32_t *) = i;
		switch (i % 3) {
		case 0:
			dropped += (unsigned)mq_enqueue(&shared, m);
			break;
		case 1:
			dropped += (unsigned)mq_push(&shared, m);
			break;
		default:
			ml_enqueue(&l, m);
			dropped += mq_enlist(&shared, &l);
			break;
		}
	}
	m_flush();
	/* release: the taker that sees it finds all that was queued */
	__atomic_store_n(&maker_done, 1, __ATOMIC_RELEASE);
	return (int)dropped;
}

struct taken {
	uint32_t n;
	int64_t last;
};

static void
take(struct taken *t, struct mbuf *m)
{
	uint32_t i = *mtod(m, uint32_t *);

	assert_true((int64_t)i > t->last);
	t->last = i;
	t->n++;
	m_freem(m);
}

static void
test_mq_two(void **state)
{
	unsigned other = rte_get_next_lcore(-1, 1, 0);
	struct taken t = {0, -1};
	bool done;
	int dropped;

	(void)state;
	mq_init(&shared, 64);
	/* relaxed: the other starts after it */
	__atomic_store_n(&maker_done, 0, __ATOMIC_RELAXED);
	assert_int_equal(rte_eal_remote_launch(maker, NULL, other), 0);
	do {
		struct mbuf_list l = MBUF_LIST_INITIALIZER();
		struct mbuf *m;

		/* acquire: pairs with the maker's last word */
		done = __atomic_load_n(&maker_done, __ATOMIC_ACQUIRE) != 0;
		for (unsigned i = 0; i < 5 && (m = mq_dequeue(&shared)) != NULL; i++)
			take(&t, m);
		assert_in_range(mq_len(&shared), 0, 64);
		mq_hdatalen(&shared);
		mq_delist(&shared, &l);
		while ((m = ml_dequeue(&l)) != NULL)
			take(&t, m);
	} while (!done);
	dropped = rte_eal_wait_lcore(other);
	assert_int_equal(mq_drops(&shared), dropped);
	assert_int_equal(t.n + (unsigned)dropped, NPACKETS);
	assert_true(mq_empty(&shared));
}

/* Pools that ThreadSanitizer can follow from lcore to lcore. */
static int
setup_two(void **state)
{
	return unit_ops_use() != 0 ? -1 : unit_setup_cached(state);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(test_ml),
    UNIT_TEST(test_ml_relink),
    UNIT_TEST(test_mq),
    UNIT_TEST(test_mq_bound),
    cmocka_unit_test_setup_teardown(test_mq_two, setup_two, unit_teardown),
};

UNIT_MAIN_LCORES("list", 2)
