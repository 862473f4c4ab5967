/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_CHAIN_H
#define M_CHAIN_H

/* What the data functions share: fresh chains, private copies, and how one mbuf becomes three. */

#include <string.h>

#include "internal.h"

/* As many segments as a chain may have: nb_segs has 16 bits. */
#define M_MAXSEGS UINT16_MAX

/* A place in a chain: byte off of m. At the end of an mbuf it also is the start of the next. */
struct m_place {
	struct mbuf *m;
	unsigned off;
};

/*
 * The mbuf with byte loc, its offset in p->off. At the chain's end: the last mbuf and its m_len.
 * False: beyond the end. Empty mbufs are skipped.
 */
bool m_seek(struct mbuf *m, unsigned loc, struct m_place *p);

/*
 * A fresh chain of len bytes, content not defined. With hdr the first mbuf has a packet header; its
 * data begin off bytes behind where they would. NULL: ENOBUFS, or EINVAL if off exceeds a room or
 * len a chain.
 */
struct mbuf *m_newchain(unsigned len, unsigned off, bool hdr);

/* Copy n bytes of a flat buffer to a place of a writable chain; the place moves behind them. */
void m_fill(struct m_place *p, const char *from, unsigned n);

/* The same from byte off of another chain, which has them. */
void m_fillfrom(struct m_place *p, struct mbuf *from, unsigned off, unsigned n);

/* Whether any of the segments that hold bytes [off, off + len) is marked (m_zero()). */
bool m_anymarked(const struct mbuf *m, unsigned off, unsigned len);

/* A fresh mbuf with a copy of bytes [off, off + len), marked if they are. NULL: ENOBUFS, EINVAL. */
struct mbuf *m_copyflat(struct mbuf *m, unsigned off, unsigned len);

/*
 * m, which holds o bytes that stay, then bytes that c replaces, then bytes that t has: becomes
 * m, c, t. With o == 0 m itself takes the body of c. t may be NULL. Lengths of the chain's head are
 * not kept. Returns the mbuf with c's bytes, or NULL (ENOBUFS) and nothing changed.
 */
struct mbuf *m_putin(struct mbuf *m, unsigned o, struct mbuf *c, struct mbuf *t);

/* A new first mbuf p for the chain m: it takes the header, the list link and the type. */
void m_puthead(struct mbuf *p, struct mbuf *m);

/* A fresh first mbuf for len bytes that may get a header: NULL with EINVAL or ENOBUFS. */
struct mbuf *m_newhead(unsigned len);

#endif /* M_CHAIN_H */
