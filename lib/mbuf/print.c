/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The state of a chain in words: data.h. */

#include <inttypes.h>

#include "internal.h"

static const struct {
	unsigned flag;
	const char *name;
} names[] = {
    {M_EXT, "M_EXT"},
    {M_PKTHDR, "M_PKTHDR"},
    {M_EOR, "M_EOR"},
    {M_EXTWR, "M_EXTWR"},
    {M_PROTO1, "M_PROTO1"},
    {M_VLANTAG, "M_VLANTAG"},
    {M_LOOP, "M_LOOP"},
    {M_BCAST, "M_BCAST"},
    {M_MCAST, "M_MCAST"},
    {M_CONF, "M_CONF"},
    {M_AUTH, "M_AUTH"},
    {M_TUNNEL, "M_TUNNEL"},
    {M_ZEROIZE, "M_ZEROIZE"},
    {M_COMP, "M_COMP"},
    {M_LINK0, "M_LINK0"},
};

static void
print_flags(const struct mbuf *m, FILE *f)
{
	const char *sep = "";

	fprintf(f, "<");
	for (unsigned i = 0; i < RTE_DIM(names); i++) {
		if (m_testflags(m, names[i].flag) != 0) {
			fprintf(f, "%s%s", sep, names[i].name);
			sep = ",";
		}
	}
	fprintf(f, ">");
}

void
m_print(const struct mbuf *m, FILE *f)
{
	if (m == NULL) {
		fprintf(f, "mbuf (null)\n");
		return;
	}
	fprintf(f, "packet of %" PRIu32 " bytes in %u segments, port %u, next packet %p\n",
	    m->m_pkthdr.len, m->m_rte.nb_segs, m->m_rte.port, (void *)m_nextpkt(m));
	for (const struct m_tag *t = m_tag_first(m); t != NULL; t = m_tag_next(m, t))
		fprintf(f, "  tag %u, %u bytes\n", t->m_tag_id, t->m_tag_len);
	for (; m != NULL; m = m->m_next) {
		fprintf(f, "  mbuf %p type %d flags ", (const void *)m, m_gettype(m));
		print_flags(m, f);
		fprintf(f, " len %u at %u of %u, buffer %p, pool %s, refs %u\n", m->m_len,
		    m->m_rte.data_off, m->m_rte.buf_len, m->m_rte.buf_addr, m->m_rte.pool->name,
		    m_refs(m));
	}
}
