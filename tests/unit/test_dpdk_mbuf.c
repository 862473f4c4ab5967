/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The behaviours that DPDK's own app/test/test_mbuf.c checks, through our API.
 *
 * There                                    here
 * test_pktmbuf_pool                        pool_all
 * test_pktmbuf_pool_ptr                    pool_reset
 * test_nb_segs_and_next_reset              pool_reset_segs
 * test_pktmbuf_alloc_bulk, its negatives   pool_bulk
 * test_one_pktmbuf                         one_space, one_trim
 * test_pktmbuf_append, prepend, adj, trim  one_space, one_trim
 * testclone_testupdate_testdetach          clone_update
 * testclone_refcnt                         clone_refs
 * test_attach_from_different_pool          attach_other_pool
 * test_pktmbuf_copy                        copy
 * test_refcnt_mbuf (several lcores)        refs_two_lcores
 * test_failing_mbuf_sanity_check           sanity
 * test_mbuf_linearize, its checks          linearize
 * test_pktmbuf_read*, _from_chain, _offset read_chain
 * test_pktmbuf_free_segment                free_segment
 * test_pktmbuf_free_pkt_bulk               free_bulk
 * test_pktmbuf_ext_shinfo_init_helper      extbuf
 * test_pktmbuf_ext_pinned_buffer           extbuf_pinned
 * test_mbuf_dyn, the lists of flag names,  none: they are of DPDK alone
 *   test_tx_offload and its validation
 */

#define ALLOW_EXPERIMENTAL_API /* rte_pktmbuf_pool_create_extbuf() */
#include "unit.h"

#include <rte_launch.h>
#include <rte_malloc.h>
#include <rte_ring.h>

#include "unit_ops.h"

static struct mbuf *all[UNIT_NCLUSTERS + 1];

static void
pool_all(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < UNIT_NCLUSTERS; n++) {
		all[n] = m_clget(NULL, M_DONTWAIT, MCLBYTES);
		assert_non_null(all[n]);
	}
	assert_null(m_clget(NULL, M_DONTWAIT, MCLBYTES));
	assert_int_equal(rte_errno, ENOBUFS);
	assert_int_equal(unit_out(), n);
	/* clones do not need a cluster */
	for (unsigned i = 0; i < n; i++) {
		struct mbuf *c = m_copym(all[i], 0, M_COPYALL, M_DONTWAIT);

		assert_null(c); /* of nothing */
		assert_int_equal(rte_errno, 0);
	}
	for (unsigned i = 0; i < n; i++)
		m_freem(all[i]);
	assert_int_equal(unit_out(), 0);
}

/* What a user did to an mbuf is forgotten when it comes out of the pool again. */
static void
pool_reset(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned n = 0; n < UNIT_NCLUSTERS; n++) {
			all[n] = m_clget(NULL, M_DONTWAIT, 1);
			assert_int_equal(all[n]->m_rte.data_off, RTE_PKTMBUF_HEADROOM);
			assert_int_equal(all[n]->m_len, 0);
			assert_int_equal(all[n]->m_pkthdr.len, 0);
			assert_int_equal(m_testflags(all[n], 0xffff), M_EXT | M_EXTWR | M_PKTHDR);
			all[n]->m_rte.data_off += 64;
			all[n]->m_len = 7;
			m_setflags(all[n], M_LOOP | M_BCAST);
			m_settype(all[n], MT_CONTROL);
		}
		for (unsigned n = 0; n < UNIT_NCLUSTERS; n++)
			m_freem(all[n]);
	}
}

static void
pool_reset_segs(void **state)
{
	struct mbuf *m = unit_chain(5, 10, 0), *n;

	(void)state;
	n = m_free(m); /* the first alone: the rest is whole */
	assert_int_equal(unit_out(), 4);
	m_calchdrlen(n);
	unit_check(n, 40, 10);
	m = m_split(n, 15, M_DONTWAIT);
	unit_check(n, 15, 10);
	unit_check(m, 25, 25);
	m_freem(n);
	m_freem(m);
	m_flush(); /* a policy may hold frees back */
	assert_int_equal(unit_badobjs(), 0);
}

static void
pool_bulk(void **state)
{
	(void)state;
	assert_int_equal(m_get_bulk(all, 0), 0);
	assert_int_equal(m_get_bulk(all, UNIT_NCLUSTERS), 0);
	for (unsigned i = 0; i < UNIT_NCLUSTERS; i++)
		unit_check(all[i], 0, 0);
	assert_int_equal(m_get_bulk(&all[UNIT_NCLUSTERS], 1), -ENOBUFS);
	m_freem_bulk(all, UNIT_NCLUSTERS);
	assert_int_equal(m_get_bulk(all, UNIT_NCLUSTERS + 1), -ENOBUFS);
	assert_int_equal(unit_out(), 0);
}

static void
one_space(void **state)
{
	struct mbuf *m = unit_cluster(60, 8), *first = m;
	uint8_t head[8] = {0, 1, 2, 3, 4, 5, 6, 7}, tail[MCLBYTES];

	(void)state;
	assert_int_equal(m_leadingspace(m), RTE_PKTMBUF_HEADROOM);
	assert_int_equal(m_trailingspace(m), MCLBYTES - 60);
	M_PREPEND(m, 8, M_DONTWAIT);
	assert_ptr_equal(m, first);
	memcpy(mtod(m, char *), head, sizeof(head));
	unit_check(m, 68, 0);
	/* as much as there is room for, in place; a byte more, in a new mbuf */
	for (unsigned i = 0; i < sizeof(tail); i++)
		tail[i] = (uint8_t)(68 + i);
	assert_int_equal(m_copyback(m, 68, MCLBYTES - 60, tail, M_DONTWAIT), 0);
	assert_int_equal(m->m_rte.nb_segs, 1);
	assert_int_equal(m_trailingspace(m), 0);
	unit_check(m, MCLBYTES + 8, 0);
	assert_int_equal(
	    m_copyback(m, MCLBYTES + 8, 1, &(char){(char)(MCLBYTES + 8)}, M_DONTWAIT), 0);
	assert_int_equal(m->m_rte.nb_segs, 2);
	unit_check(m, MCLBYTES + 9, 0);
	M_PREPEND(m, RTE_PKTMBUF_HEADROOM - 8, M_DONTWAIT);
	assert_ptr_equal(m, first);
	assert_int_equal(m_leadingspace(m), 0);
	M_PREPEND(m, 1, M_DONTWAIT);
	assert_ptr_not_equal(m, first);
	assert_int_equal(m->m_rte.nb_segs, 3);
	m_freem(m);
}

static void
one_trim(void **state)
{
	struct mbuf *m = unit_cluster(60, 0);

	(void)state;
	m_adj(m, -4);
	unit_check(m, 56, 0);
	m_adj(m, 14);
	unit_check(m, 42, 14);
	assert_int_equal(m_leadingspace(m), RTE_PKTMBUF_HEADROOM + 14);
	m_adj(m, 1000); /* DPDK refuses; BSD empties it */
	unit_check(m, 0, 0);
	m_adj(m, -1000);
	unit_check(m, 0, 0);
	m_freem(m);
}

/* A clone sees what is written before, nobody may write after, and it outlives its origin. */
static void
clone_update(void **state)
{
	struct mbuf *m = unit_chain(2, 30, 0), *c, *c2;

	(void)state;
	c = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	assert_ptr_equal(mtod(c, char *), mtod(m, char *));
	assert_ptr_equal(mtod(c->m_next, char *), mtod(m->m_next, char *));
	unit_check(c, 60, 0);
	assert_true(M_READONLY(m) && M_READONLY(c));
	assert_int_equal(m_leadingspace(m) + m_trailingspace(c), 0);
	c2 = m_copym(c, 0, M_COPYALL, M_DONTWAIT); /* of a clone: the same cluster */
	assert_ptr_equal(mtod(c2, char *), mtod(m, char *));
	m_freem(m);
	unit_check(c, 60, 0);
	assert_int_equal(m_makewritable(c, 0, 60), 0);
	assert_ptr_not_equal(mtod(c, char *), mtod(c2, char *));
	memset(mtod(c, char *), 0xff, 30);
	unit_check(c2, 60, 0);
	assert_false(M_READONLY(c2)); /* the only one left */
	m_freem(c);
	m_freem(c2);
}

static void
clone_refs(void **state)
{
	struct mbuf *m = unit_cluster(20, 0), *c[3];

	(void)state;
	assert_int_equal(m_refs(m), 1);
	for (unsigned i = 0; i < 3; i++) {
		c[i] = m_copym(i == 0 ? m : c[i - 1], 0, M_COPYALL, M_DONTWAIT);
		assert_int_equal(m_refs(m), 2 + i);
		assert_int_equal(m_refs(c[i]), 2 + i);
	}
	m_freem(c[1]);
	assert_int_equal(m_refs(m), 3);
	m_freem(m);
	assert_int_equal(m_refs(c[0]), 2);
	m_freem(c[0]);
	assert_int_equal(m_refs(c[2]), 1);
	unit_check(c[2], 20, 0);
	m_freem(c[2]);
}

/* The data of another's pool, with another private size, outlive its header. */
static void
attach_other_pool(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create("other", 15, 0, 128, 1000, SOCKET_ID_ANY);
	struct rte_mbuf *r = rte_pktmbuf_alloc(mp);
	struct mbuf *m, *c;
	char *data;

	(void)state;
	data = rte_pktmbuf_append(r, 40);
	for (unsigned i = 0; i < 40; i++)
		data[i] = (char)i;
	m = m_wrap(r);
	assert_ptr_equal(mtod(m, char *), data);
	c = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	assert_int_equal(m_refs(m), 2);
	m_freem(m);
	unit_check(c, 40, 0);
	assert_int_equal(rte_mempool_in_use_count(mp), 1);
	rte_pktmbuf_free(m_unwrap(c)); /* as a driver does */
	assert_int_equal(rte_mempool_in_use_count(mp), 0);
	rte_mempool_free(mp);
}

static void
copy(void **state)
{
	struct mbuf *m = unit_chain(3, 40, 0), *c, *d;

	(void)state;
	c = m_dup_pkt(m, 0, M_DONTWAIT);
	unit_check(c, 120, 0);
	assert_ptr_not_equal(mtod(c, char *), mtod(m, char *));
	assert_int_equal(m_refs(m), 1); /* nothing is shared */
	d = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	m_freem(c);
	c = m_dup_pkt(d, 0, M_DONTWAIT); /* of a clone */
	unit_check(c, 120, 0);
	assert_false(M_READONLY(c));
	m_freem(d);
	m_freem(c);
	c = m_copym(m, 39, 42, M_DONTWAIT); /* over two edges */
	unit_check(c, 42, 39);
	assert_int_equal(c->m_rte.nb_segs, 3);
	assert_null(m_copym(m, 121, 1, M_DONTWAIT));
	assert_null(m_copym(m, 100, 21, M_DONTWAIT));
	assert_int_equal(rte_errno, EINVAL);
	m_freem(c);
	m_freem(m);
}

/* Two lcores free references to the same clusters; each cluster comes back once. */
#define ROUNDS 200
#define BATCH 16
static struct rte_ring *ring;
static uint32_t over;  /* atomic: no more will come */
static uint32_t ended; /* atomic: all is freed */

static int
freer(void *arg)
{
	void *m;

	(void)arg;
	for (;;) {
		/* acquire: pairs with the release below; what was queued before is seen */
		bool last = __atomic_load_n(&over, __ATOMIC_ACQUIRE) != 0;

		while (rte_ring_dequeue(ring, &m) == 0)
			m_freem(m);
		if (last)
			break;
		rte_pause();
	}
	m_flush();
	/* release: whoever sees it may look at all that was touched here */
	__atomic_store_n(&ended, 1, __ATOMIC_RELEASE);
	return 0;
}

static void
refs_two_lcores(void **state)
{
	unsigned lcore = rte_get_next_lcore(-1, 1, 0);

	(void)state;
	ring = rte_ring_create("refs", 1024, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	assert_non_null(ring);
	/* relaxed: the other starts after it */
	__atomic_store_n(&over, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&ended, 0, __ATOMIC_RELAXED);
	assert_int_equal(rte_eal_remote_launch(freer, NULL, lcore), 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct mbuf *m = unit_cluster(100, round), *c[BATCH];

		for (unsigned i = 0; i < BATCH; i++) {
			while ((c[i] = m_copym(m, 0, M_COPYALL, M_DONTWAIT)) == NULL)
				rte_pause(); /* the other frees */
		}
		for (unsigned i = 0; i < BATCH; i++) {
			if (i % 3 == 0)
				m_freem(c[i]);
			else
				while (rte_ring_enqueue(ring, c[i]) != 0)
					rte_pause();
		}
		unit_check(m, 100, round);
		m_freem(m);
	}
	/* release: the other sees all that was queued before this */
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	/* acquire: pairs with the other's; ThreadSanitizer does not see how EAL waits */
	while (__atomic_load_n(&ended, __ATOMIC_ACQUIRE) == 0)
		rte_pause();
	rte_eal_wait_lcore(lcore);
	rte_ring_free(ring);
	assert_int_equal(unit_out(), 0);
}

static void
sanity(void **state)
{
	struct mbuf *m = unit_chain(2, 10, 0);
	const char *why;
	uint16_t segs = m->m_rte.nb_segs;

	(void)state;
	assert_int_equal(rte_mbuf_check(&m->m_rte, 1, &why), 0);
	m->m_rte.nb_segs = 3;
	assert_int_not_equal(rte_mbuf_check(&m->m_rte, 1, &why), 0);
	m->m_rte.nb_segs = segs;
	m->m_pkthdr.len++;
	assert_int_not_equal(rte_mbuf_check(&m->m_rte, 1, &why), 0);
	m_calchdrlen(m); /* puts both right */
	unit_check(m, 20, 0);
	m_freem(m);
}

static void
linearize(void **state)
{
	struct mbuf *m;

	(void)state;
	for (unsigned segs = 1; segs <= 10; segs++) {
		m = unit_chain(segs, 200, segs);
		assert_int_equal(m_defrag(m, M_DONTWAIT), 0);
		assert_int_equal(m->m_rte.nb_segs, 1);
		assert_true(rte_pktmbuf_is_contiguous(&m->m_rte));
		unit_check(m, segs * 200, segs);
		m_freem(m);
	}
	m = unit_chain(5, 500, 0); /* more than an mbuf holds */
	assert_int_equal(m_defrag(m, M_DONTWAIT), -EINVAL);
	unit_check(m, 2500, 0);
	assert_int_equal(m->m_rte.nb_segs, 5);
	m_freem(m);
}

static void
read_chain(void **state)
{
	struct mbuf *m = unit_chain(4, 25, 0);
	uint8_t got[100];

	(void)state;
	for (unsigned off = 0; off <= 100; off++) {
		for (unsigned n = 0; n <= 100 - off; n++) {
			assert_int_equal(m_copydata(m, (int)off, (int)n, got), 0);
			for (unsigned i = 0; i < n; i++)
				assert_int_equal(got[i], off + i);
		}
		assert_int_equal(m_copydata(m, (int)off, 101 - (int)off, got), -EINVAL);
	}
	m_freem(m);
}

static void
free_segment(void **state)
{
	struct mbuf *m = unit_chain(6, 10, 0);
	unsigned left = 6;

	(void)state;
	while (m != NULL) {
		assert_int_equal(unit_out(), left--);
		m = m_free(m);
	}
	assert_int_equal(unit_out(), 0);
}

static void
free_bulk(void **state)
{
	struct mbuf *v[70];

	(void)state;
	m_freem_bulk(NULL, 0);
	for (unsigned i = 0; i < RTE_DIM(v); i++) {
		if (i % 7 == 0)
			v[i] = NULL;
		else if (i % 7 < 5)
			v[i] = unit_chain(1 + i % 3, 20, i);
		else
			v[i] =
			    i % 2 ? unit_small(9, i) : m_copym(v[i - 1], 0, M_COPYALL, M_DONTWAIT);
	}
	m_freem_bulk(v, RTE_DIM(v));
	assert_int_equal(unit_out(), 0);
}

static unsigned nfreed;

static void
ext_freed(void *buf, void *arg)
{
	(void)buf;
	assert_ptr_equal(arg, &nfreed);
	nfreed++;
}

/* An extbuf with a shared info of its own: its callback runs once, after the last. */
static void
extbuf(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create("ext", 15, 0, 0, 256, SOCKET_ID_ANY);
	uint16_t size = 1024 + sizeof(struct rte_mbuf_ext_shared_info);
	struct rte_mbuf_ext_shared_info *info;
	struct rte_mbuf *r;
	struct mbuf *m, *c;
	uint8_t *buf;

	(void)state;
	nfreed = 0;
	buf = rte_zmalloc(NULL, size, RTE_CACHE_LINE_SIZE);
	r = rte_pktmbuf_alloc(mp);
	info = rte_pktmbuf_ext_shinfo_init_helper(buf, &size, ext_freed, &nfreed);
	assert_non_null(info);
	rte_pktmbuf_attach_extbuf(r, buf, rte_mem_virt2iova(buf), size, info);
	for (unsigned i = 0; i < 50; i++)
		((uint8_t *)rte_pktmbuf_append(r, 1))[0] = (uint8_t)i;
	m = m_wrap(r);
	unit_check(m, 50, 0);
	c = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	assert_int_equal(m_refs(c), 2);
	m_freem(m);
	assert_int_equal(nfreed, 0);
	unit_check(c, 50, 0);
	rte_pktmbuf_free(m_unwrap(c));
	assert_int_equal(nfreed, 1);
	assert_int_equal(rte_mempool_in_use_count(mp), 0);
	rte_free(buf);
	rte_mempool_free(mp);
}

static void
extbuf_pinned(void **state)
{
	struct rte_pktmbuf_extmem mem = {.buf_len = 16 * 2048, .elt_size = 2048};
	struct rte_mempool *mp;
	struct mbuf *m, *c;
	struct rte_mbuf *r;

	(void)state;
	mem.buf_ptr = rte_zmalloc(NULL, mem.buf_len, RTE_CACHE_LINE_SIZE);
	mem.buf_iova = rte_mem_virt2iova(mem.buf_ptr);
	mp = rte_pktmbuf_pool_create_extbuf("pinned", 15, 0, 0, 2048, SOCKET_ID_ANY, &mem, 1);
	assert_non_null(mp);
	r = rte_pktmbuf_alloc(mp);
	((uint8_t *)rte_pktmbuf_append(r, 2))[0] = 0;
	rte_pktmbuf_mtod(r, uint8_t *)[1] = 1;
	m = m_wrap(r);
	c = m_split(m, 1, M_DONTWAIT);
	unit_check(m, 1, 0);
	unit_check(c, 1, 1);
	m_freem(m);
	assert_int_equal(rte_mempool_in_use_count(mp), 1); /* its buffer has a user */
	m_freem(c);
	assert_int_equal(rte_mempool_in_use_count(mp), 0);
	rte_mempool_free(mp);
	rte_free(mem.buf_ptr);
}

/* Pools that ThreadSanitizer can follow from lcore to lcore. */
static int
setup_two(void **state)
{
	return unit_ops_use() != 0 ? -1 : unit_setup_cached(state);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(pool_all),
    UNIT_TEST(pool_reset),
    UNIT_TEST(pool_reset_segs),
    UNIT_TEST(pool_bulk),
    UNIT_TEST(one_space),
    UNIT_TEST(one_trim),
    UNIT_TEST(clone_update),
    UNIT_TEST(clone_refs),
    UNIT_TEST(attach_other_pool),
    UNIT_TEST(copy),
    cmocka_unit_test_setup_teardown(refs_two_lcores, setup_two, unit_teardown),
    UNIT_TEST(sanity),
    UNIT_TEST(linearize),
    UNIT_TEST(read_chain),
    UNIT_TEST(free_segment),
    UNIT_TEST(free_bulk),
    UNIT_TEST(extbuf),
    UNIT_TEST(extbuf_pinned),
};

UNIT_MAIN_LCORES("dpdk_mbuf", 2)
