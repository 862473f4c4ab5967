/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The porting example: the Internet checksum over chains of every shape, against a flat sum. */

#include "unit.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/ip.h>

#include "in_cksum.h"

#define BYTES 1500
static uint8_t bytes[BYTES];

/* RFC 1071, byte by byte in network order; the result as it lies in a header. */
static uint16_t
flat_sum(const uint8_t *p, unsigned n, uint32_t sum)
{
	for (unsigned i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* The bytes in segments of the lengths v, repeated until all are in; data begin shift bytes late.
 */
static struct mbuf *
cut(const unsigned *v, unsigned n, unsigned shift)
{
	struct mbuf *top = NULL, **tail = &top;
	unsigned at = 0;

	for (unsigned i = 0; at < BYTES; i++) {
		unsigned len = RTE_MIN(v[i % n], BYTES - at);
		struct mbuf *m = m_clget(NULL, M_DONTWAIT, len + shift);

		assert_non_null(m);
		m->m_rte.data_off += (uint16_t)shift;
		memcpy(mtod(m, char *), bytes + at, len);
		m->m_len = (uint16_t)len;
		*tail = m;
		tail = &m->m_next;
		at += len;
	}
	m_calchdrlen(top);
	return top;
}

static int
setup(void **state)
{
	for (unsigned i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)(i * 37 + (i >> 5) + 200);
	return unit_setup(state);
}

static void
test_shapes(void **state)
{
	static const struct {
		unsigned v[4], n;
	} shape[] = {{{1500}, 1}, {{1, 0, 1499}, 3}, {{3}, 1}, {{2, 5, 0, 1}, 4}, {{64, 63}, 2},
	    {{0, 333}, 2}, {{14, 20, 8, 1400}, 4}};

	(void)state;
	for (unsigned s = 0; s < RTE_DIM(shape); s++) {
		for (unsigned shift = 0; shift < 4; shift++) {
			struct mbuf *m = cut(shape[s].v, shape[s].n, shift);

			for (unsigned off = 0; off <= 70; off++) {
				for (unsigned len = 0; off + len <= BYTES; len += 1 + len / 3)
					assert_int_equal(in4_cksum(m, 0, (int)off, (int)len),
					    flat_sum(bytes + off, len, 0));
			}
			for (unsigned len = 1; len <= BYTES; len += 1 + len / 5)
				assert_int_equal(in_cksum(m, (int)len), flat_sum(bytes, len, 0));
			assert_int_equal(in_cksum(m, BYTES), flat_sum(bytes, BYTES, 0));
			m_freem(m);
		}
	}
}

static void
test_pseudo(void **state)
{
	static const unsigned lens[] = {5, 9, 100};
	struct mbuf *m = cut(lens, RTE_DIM(lens), 1); /* the header is in pieces, too */

	(void)state;
	for (unsigned len = 0; len <= BYTES - 20; len += 1 + len / 4) {
		uint32_t pseudo = IPPROTO_UDP + len;

		for (unsigned i = 12; i < 20; i += 2)
			pseudo += (uint32_t)bytes[i] << 8 | bytes[i + 1];
		assert_int_equal(
		    in4_cksum(m, IPPROTO_UDP, 20, (int)len), flat_sum(bytes + 20, len, pseudo));
	}
	m_freem(m);
}

static void
test_edges(void **state)
{
	static const unsigned lens[] = {100};
	struct mbuf *m = cut(lens, 1, 0), *tiny = unit_small(10, 0);

	(void)state;
	assert_int_equal(in_cksum(m, BYTES + 1), -EINVAL);
	assert_int_equal(in_cksum(m, -1), -EINVAL);
	assert_int_equal(in_cksum(m, INT_MAX), -EINVAL);
	assert_int_equal(in4_cksum(m, 0, BYTES, 0), 0xffff);
	assert_int_equal(in4_cksum(m, 0, BYTES, 1), -EINVAL);
	assert_int_equal(in4_cksum(m, 0, BYTES + 1, 0), -EINVAL);
	assert_int_equal(in4_cksum(m, 0, -1, 1), -EINVAL);
	assert_int_equal(in4_cksum(m, 0, INT_MAX, INT_MAX), -EINVAL);
	assert_int_equal(in4_cksum(tiny, IPPROTO_TCP, 0, 4), -EINVAL); /* no addresses */
	assert_null(ip_setsum(tiny));
	m_freem(m);
}

/* A header that somebody else holds too: ours is changed, theirs is not. */
static void
test_setsum(void **state)
{
	static const unsigned lens[] = {7, 8, 400};
	struct mbuf *m, *other;
	uint8_t got[20];

	(void)state;
	bytes[0] = 0x45;
	m = cut(lens, RTE_DIM(lens), 0);
	other = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	m = ip_setsum(m);
	assert_non_null(m);
	assert_int_equal(in_cksum(m, 20), 0); /* as every receiver checks */
	assert_int_equal(m->m_pkthdr.len, BYTES);
	assert_int_equal(m_copydata(other, 0, 20, got), 0);
	assert_memory_equal(got, bytes, 20);
	m_freem(m);
	m_freem(other);
	bytes[0] = 0x44; /* too short a header */
	assert_null(ip_setsum(cut(lens, RTE_DIM(lens), 0)));
	assert_int_equal(rte_errno, EINVAL);
	bytes[0] = 0x4f; /* 60 bytes */
	m = ip_setsum(cut(lens, RTE_DIM(lens), 3));
	assert_int_equal(in_cksum(m, 60), 0);
	m_freem(m);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, unit_teardown)
static const struct CMUnitTest unit_tests[] = {
    TEST(test_shapes),
    TEST(test_pseudo),
    TEST(test_edges),
    TEST(test_setsum),
};

UNIT_MAIN("cksum")
