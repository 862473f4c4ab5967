/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Foreign storage: MEXTADD, read-only memory, who calls the free function. */

#include "unit.h"

#include <sys/mman.h>

#define SIZE 4096

struct told {
	unsigned calls;
	void *buf;
	unsigned size;
	void *arg;
	uint8_t first; /* of the storage at that moment */
};
static struct told told;
static int cookie;

static void
tell(void *buf, unsigned size, void *arg)
{
	told.calls++;
	told.buf = buf;
	told.size = size;
	told.arg = arg;
	told.first = *(uint8_t *)buf;
}

static void
tell_other(void *buf, unsigned size, void *arg)
{
	(void)buf;
	(void)size;
	(void)arg;
	fail();
}

static uint8_t *
memory(int prot)
{
	uint8_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	for (unsigned i = 0; i < SIZE; i++)
		p[i] = (uint8_t)(i + 1);
	assert_int_equal(mprotect(p, SIZE, prot), 0);
	return p;
}

static struct mbuf *
ext(uint8_t *buf, unsigned flags)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA);

	assert_non_null(m);
	told = (struct told){0};
	mextfree_register(tell_other);
	assert_int_equal(MEXTADD(m, buf, SIZE, flags, mextfree_register(tell), &cookie), 0);
	assert_int_equal(m->m_len, 0);
	assert_ptr_equal(mtod(m, uint8_t *), buf);
	m->m_len = 1000;
	m->m_pkthdr.len = 1000;
	return m;
}

static void
assert_told(uint8_t *buf)
{
	assert_int_equal(told.calls, 1);
	assert_ptr_equal(told.buf, buf);
	assert_int_equal(told.size, SIZE);
	assert_ptr_equal(told.arg, &cookie);
	assert_int_equal(unit_out(), 0);
	assert_int_equal(munmap(buf, SIZE), 0);
}

static void
ours(struct mbuf *m)
{
	m_freem(m);
}

static void
bulk(struct mbuf *m)
{
	m_freem_bulk(&m, 1);
}

static void
driver(struct mbuf *m)
{
	rte_pktmbuf_free(m_unwrap(m));
}

static void (*const drops[])(struct mbuf *) = {ours, bulk, driver};

static void
freed_once_whoever_is_last(void **state)
{
	static const unsigned order[6][3] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

	(void)state;
	for (unsigned i = 0; i < 6 * 27; i++) {
		uint8_t *buf = memory(PROT_READ);
		struct mbuf *v[3] = {ext(buf, 0)};
		unsigned way = i / 6;

		v[1] = m_copym(v[0], 0, M_COPYALL, M_DONTWAIT);
		v[2] = m_copym(v[1], 100, 50, M_DONTWAIT);
		assert_int_equal(m_refs(v[2]), 3);
		for (unsigned k = 0; k < 3; k++, way /= 3) {
			unsigned w = order[i % 6][k];

			assert_int_equal(told.calls, 0);
			unit_check(v[w], w == 2 ? 50 : 1000, w == 2 ? 101 : 1);
			drops[way % 3](v[w]);
		}
		assert_told(buf);
	}
}

static void
writable_says_extwr(void **state)
{
	uint8_t *buf = memory(PROT_READ | PROT_WRITE);
	struct mbuf *m = ext(buf, M_EXTWR), *n;

	(void)state;
	assert_false(M_READONLY(m));
	assert_int_equal(m_testflags(m, M_EXT | M_EXTWR), M_EXT | M_EXTWR);
	assert_int_equal(m_trailingspace(m), SIZE - 1000);
	n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	assert_true(M_READONLY(m) && M_READONLY(n));
	m_freem(m);
	assert_false(M_READONLY(n));
	m_freem(n);
	assert_told(buf);
	buf = memory(PROT_READ);
	m = ext(buf, 0);
	assert_true(M_READONLY(m));
	assert_int_equal(m_testflags(m, M_EXT | M_EXTWR), M_EXT);
	assert_int_equal(m_leadingspace(m) + m_trailingspace(m), 0);
	m_freem(m);
	assert_told(buf);
}

/* Hazard 9: a marked storage that is read-only is never written; a writable one is zeroed. */
static void
zero_writes_only_what_may_be_written(void **state)
{
	(void)state;
	for (int wr = 0; wr < 2; wr++) {
		uint8_t *buf = memory(wr ? PROT_READ | PROT_WRITE : PROT_READ);
		struct mbuf *m = ext(buf, wr ? M_EXTWR : 0), *n;

		n = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		assert_int_equal(m_zero(n), 0);
		assert_int_equal(m_testflags(m, M_ZEROIZE) != 0, wr);
		m_freem(m);
		assert_int_equal(mtod(n, uint8_t *)[0], 1);
		rte_pktmbuf_free(m_unwrap(n));
		assert_int_equal(told.first, wr ? 0 : 1);
		assert_told(buf);
	}
}

static void
refuses(void **state)
{
	struct mbuf *m = m_gethdr(M_DONTWAIT, MT_DATA), *c = unit_cluster(10, 0), *n;
	unsigned fn = mextfree_register(tell);
	uint8_t *buf = memory(PROT_READ);

	(void)state;
	told = (struct told){0};
	assert_int_equal(MEXTADD(m, buf, 0, 0, fn, NULL), -EINVAL);
	assert_int_equal(MEXTADD(m, buf, UINT16_MAX + 1, 0, fn, NULL), -EINVAL);
	assert_int_equal(MEXTADD(m, NULL, 10, 0, fn, NULL), -EINVAL);
	assert_int_equal(MEXTADD(m, buf, 10, M_PKTHDR, fn, NULL), -EINVAL);
	assert_int_equal(MEXTADD(m, buf, 10, 0, M_EXTFREE_MAX, NULL), -EINVAL);
	assert_int_equal(MEXTADD(m, buf, 10, 0, UINT32_MAX, NULL), -EINVAL);
	assert_int_equal(MEXTADD(c, buf, 10, 0, fn, NULL), -EINVAL);
	n = m_copym(c, 0, M_COPYALL, M_DONTWAIT);
	assert_int_equal(MEXTADD(n, buf, 10, 0, fn, NULL), -EINVAL);
	assert_int_equal(m_testflags(m, M_EXT), 0);
	m_freem(m);
	m_freem(n);
	m_freem(c);
	m = ext(buf, 0);
	assert_int_equal(MEXTADD(m, buf, 10, 0, fn, NULL), -EINVAL);
	m_freem(m);
	assert_told(buf);
}

static void
no_record_free(void **state)
{
	static struct mbuf *held[UNIT_NMBUFS + 1];
	uint8_t *buf = memory(PROT_READ);
	unsigned fn = mextfree_register(tell), have = 0;

	(void)state;
	told = (struct told){0};
	while ((held[have] = m_get(M_DONTWAIT, MT_DATA)) != NULL)
		have++;
	assert_int_equal(MEXTADD(held[0], buf, SIZE, 0, fn, NULL), -ENOBUFS);
	assert_int_equal(m_testflags(held[0], M_EXT), 0);
	assert_int_equal(m_trailingspace(held[0]), MLEN);
	assert_int_equal(told.calls, 0);
	m_freem_bulk(held, have);
	munmap(buf, SIZE);
}

static void
registers_so_many(void **state)
{
	/* addresses that are never called */
	unsigned first = mextfree_register(tell), i = 0, last = 0;

	(void)state;
	assert_int_equal(mextfree_register(NULL), UINT32_MAX);
	assert_int_equal(mextfree_register(tell), first);
	while (i < 2 * M_EXTFREE_MAX) {
		last = mextfree_register((m_extfree_fn)(uintptr_t)(0x1000 + i++));
		if (last == UINT32_MAX)
			break;
		assert_true(last < M_EXTFREE_MAX);
	}
	assert_int_equal(last, UINT32_MAX);
	assert_int_equal(mextfree_register(tell), first);
}

/* The count of foreign storage has the same limit as that of a cluster. */
static void
count_never_wraps(void **state)
{
	enum { N = 66000 };
	static struct mbuf *v[N];
	uint8_t *buf = memory(PROT_READ);
	struct mbuf *m;
	unsigned n;

	(void)state;
	assert_int_equal(unit_pools(N + 100, 16, M_NOCACHE), 0);
	m = ext(buf, 0);
	for (n = 0; n < N; n++) {
		v[n] = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
		if (v[n] == NULL)
			break;
	}
	assert_int_equal(rte_errno, ENOBUFS);
	assert_in_range(n, 60000, UINT16_MAX - 1);
	m_freem(m);
	m_freem_bulk(v, n);
	assert_told(buf);
	assert_int_equal(unit_badobjs(), 0);
	assert_int_equal(m_fini(), 0);
}

/* An mbuf with foreign storage may take a cluster instead; the storage goes. */
static void
gives_up_for_a_copy(void **state)
{
	uint8_t *buf = memory(PROT_READ);
	struct mbuf *m = ext(buf, 0);

	(void)state;
	MCLGET(m, M_DONTWAIT); /* it has one: nothing happens */
	assert_ptr_equal(mtod(m, uint8_t *), buf);
	assert_int_equal(told.calls, 0);
	m_freem(m);
	assert_told(buf);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(freed_once_whoever_is_last),
    UNIT_TEST_CACHED(freed_once_whoever_is_last),
    UNIT_TEST(writable_says_extwr),
    UNIT_TEST(zero_writes_only_what_may_be_written),
    UNIT_TEST(refuses),
    UNIT_TEST(no_record_free),
    UNIT_TEST_BARE(count_never_wraps),
    UNIT_TEST(gives_up_for_a_copy),
    UNIT_TEST(registers_so_many),
};

UNIT_MAIN("ext")
