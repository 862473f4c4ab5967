/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * cksum [segment [offset]]: the Internet checksum of standard input, without its first offset
 * bytes, from a chain of mbufs of segment bytes each. Prints it as four hexadecimal digits, in
 * network order.
 */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>

#include "in_cksum.h"

/* A chain of what f holds, linked by hand as BSD code does. NULL: no mbuf is free. */
static struct mbuf *
read_chain(FILE *f, unsigned segment)
{
	struct mbuf *top = NULL, **tail = &top;
	size_t n;

	do {
		struct mbuf *m = m_clget(NULL, M_WAIT, segment);

		if (m == NULL) {
			m_freem(top);
			return NULL;
		}
		n = fread(mtod(m, char *), 1, segment, f);
		m->m_len = (uint16_t)n;
		*tail = m;
		tail = &m->m_next;
	} while (n == segment);
	m_calchdrlen(top); /* m_pkthdr.len, and nb_segs for DPDK */
	return top;
}

static int
run(unsigned segment, int offset)
{
	struct mbuf *m = read_chain(stdin, segment);
	int sum;

	if (m == NULL) {
		fprintf(stderr, "cksum: more input than %u mbufs\n", 1024);
		return 1;
	}
	sum = in4_cksum(m, 0, offset, (int)m->m_pkthdr.len - offset);
	m_freem(m);
	if (sum < 0) {
		fprintf(stderr, "cksum: %d: there are fewer bytes\n", offset);
		return 1;
	}
	printf("%04x\n", ntohs((uint16_t)sum));
	return 0;
}

/* -1: not a number, or too large to be meant. */
static int
number(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	return *s == '\0' || *end != '\0' || n < 0 || n > INT16_MAX ? -1 : (int)n;
}

int
main(int argc, char **argv)
{
	char *eal[] = {argv[0], (char[]){"--no-huge"}, (char[]){"--no-pci"},
	    (char[]){"--no-telemetry"}, (char[]){"--no-shconf"}, (char[]){"--log-level=3"},
	    (char[]){"-m"}, (char[]){"64"}, NULL};
	const struct m_conf conf = {
	    .nmbufs = 256, .nclusters = 1024, .cache = M_NOCACHE, .socket = SOCKET_ID_ANY};
	int segment = argc > 1 ? number(argv[1]) : 1000, offset = argc > 2 ? number(argv[2]) : 0;
	int rc;

	if (argc > 3 || segment < 1 || segment > MCLBYTES || offset < 0) {
		fprintf(stderr, "usage: cksum [segment (1 to %d) [offset]]\n", MCLBYTES);
		return 2;
	}
	if (rte_eal_init((int)RTE_DIM(eal) - 1, eal) < 0 || m_init(&conf) != 0) {
		fprintf(stderr, "cksum: no memory for DPDK: 64 MB are needed\n");
		return 1;
	}
	rc = run((unsigned)segment, offset);
	m_fini();
	rte_eal_cleanup();
	return rc;
}
