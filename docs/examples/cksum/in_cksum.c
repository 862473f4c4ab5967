/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* docs/porting.md walks through this file. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>

#include "in_cksum.h"

/* End-around carry: 64 bits to 16. */
static uint16_t
fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The sum of n bytes, paired from the first on; the last of an odd number is paired with 0. */
static uint16_t
sum_flat(const char *p, size_t n)
{
	uint64_t sum = 0;
	uint32_t word;
	uint16_t half = 0;

	/* memcpy: data in an mbuf may begin at any address */
	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	if (n >= sizeof(half)) {
		memcpy(&half, p, sizeof(half));
		sum += half;
		p += sizeof(half);
		n -= sizeof(half);
	}
	if (n != 0) {
		half = 0;
		memcpy(&half, p, 1);
		sum += half;
	}
	return fold(sum);
}

/* Add len bytes at off of a chain to *sum. */
static int
sum_chain(const struct mbuf *m, unsigned off, unsigned len, uint64_t *sum)
{
	bool odd = false;

	for (; m != NULL && off > 0 && off >= m->m_len; m = m->m_next)
		off -= m->m_len;
	if (m == NULL)
		return off == 0 && len == 0 ? 0 : -EINVAL;
	for (; len > 0; m = m->m_next, off = 0) {
		unsigned n;
		uint16_t part;

		if (m == NULL)
			return -EINVAL;
		n = RTE_MIN(len, m->m_len - off);
		part = sum_flat(mtod(m, const char *) + off, n);
		/* what begins in the middle of a pair has its bytes the other way round */
		*sum += odd ? __builtin_bswap16(part) : part;
		odd ^= n & 1;
		len -= n;
	}
	return 0;
}

int
in_cksum(const struct mbuf *m, int len)
{
	uint64_t sum = 0;

	if (len < 0 || sum_chain(m, 0, (unsigned)len, &sum) != 0)
		return -EINVAL;
	return (uint16_t)~fold(sum);
}

int
in4_cksum(const struct mbuf *m, uint8_t nxt, int off, int len)
{
	uint64_t sum = 0;

	if (off < 0 || len < 0)
		return -EINVAL;
	if (nxt != 0) {
		struct {
			struct in_addr src, dst;
			uint8_t zero, proto;
			uint16_t len;
		} pseudo = {.proto = nxt, .len = htons((uint16_t)len)};

		if (len > UINT16_MAX ||
		    m_copydata(
			m, offsetof(struct ip, ip_src), 2 * sizeof(struct in_addr), &pseudo) != 0)
			return -EINVAL;
		sum = sum_flat((const char *)&pseudo, sizeof(pseudo));
	}
	if (sum_chain(m, (unsigned)off, (unsigned)len, &sum) != 0)
		return -EINVAL;
	return (uint16_t)~fold(sum);
}

/* A header that may begin at any address, as data in an mbuf may. */
typedef struct ip unaligned_ip __attribute__((aligned(1)));

struct mbuf *
ip_setsum(struct mbuf *m)
{
	unaligned_ip *ip;
	int hlen;

	if ((m = m_pullup(m, sizeof(*ip))) == NULL)
		return NULL;
	hlen = mtod(m, unaligned_ip *)->ip_hl * 4;
	if (hlen < (int)sizeof(*ip)) {
		m_freem(m);
		rte_errno = EINVAL;
		return NULL;
	}
	/* contiguous, and private if it was shared: it may be written */
	if ((m = m_pullup(m, hlen)) == NULL)
		return NULL;
	ip = mtod(m, unaligned_ip *);
	ip->ip_sum = 0;
	ip->ip_sum = (uint16_t)in_cksum(m, hlen);
	return m;
}
