/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_DATA_H
#define BSDMBUF_DATA_H

/*
 * Data in chains: mbuf(9). Lengths and offsets are bytes. A negative or impossible one is EINVAL,
 * never a panic, and so is a chain that would have more than 65535 segments (nb_segs has 16 bits).
 * No function here writes bytes that another holder can see.
 */

#include <bsdmbuf/alloc.h>
#include <bsdmbuf/share.h>
#include <bsdmbuf/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copy len bytes from off on into p. 0, or -EINVAL when the chain is too short: p is then
 * untouched. mbuf(9) (where it panics). */
M_API int m_copydata(const struct mbuf *m, int off, int len, void *p);

/*
 * Write len bytes from p into the chain at off. Extends the chain, zero-fills a gap; segments that
 * are read-only are replaced by private copies first. 0, -EINVAL, or -ENOBUFS: the chain is then
 * as before. m stays the caller's in any case. mbuf(9) (BSD writes into shared clusters).
 */
M_API int m_copyback(struct mbuf *m, int off, int len, const void *p, int how);

/*
 * Append n to m: copied into m's trailing space where it is writable and all of n's first mbuf
 * fits, else linked. n is consumed. m's packet length and nb_segs grow; n's header and tags go.
 * If m would have more than 65535 segments, n is freed, m is as before, and rte_errno EMSGSIZE.
 * mbuf(9).
 */
M_API void m_cat(struct mbuf *m, struct mbuf *n);

/* The slow part of m_adj(). Same contract. */
M_API void m_adj_chain(struct mbuf *m, int req);

/*
 * Trim req bytes from the head (>= 0) or -req from the tail (< 0); more than there are empties the
 * chain. Emptied mbufs at the head stay in the chain. NULL is legal. mbuf(9).
 */
static inline void
m_adj(struct mbuf *m, int req)
{
	if (likely(m != NULL && req >= 0 && req <= m->m_len && m->m_pkthdr.len >= (unsigned)req)) {
		m->m_rte.data_off = (uint16_t)(m->m_rte.data_off + req);
		m->m_len = (uint16_t)(m->m_len - req);
		m->m_pkthdr.len -= (unsigned)req;
		return;
	}
	m_adj_chain(m, req);
}

/* The slow part of m_pullup(). Same contract. */
M_API struct mbuf *m_pullup_chain(struct mbuf *m, int len);

/*
 * Make the first len bytes contiguous and writable. Returns the chain, whose first mbuf may be
 * another one. Failure frees the chain and returns NULL: rte_errno EINVAL (len negative, or more
 * than there is or than a cluster holds), ENOBUFS. mbuf(9) (which does not promise writable).
 */
static inline struct mbuf *
m_pullup(struct mbuf *m, int len)
{
	if (likely(len >= 0 && len <= m->m_len && m_iswritable(m)))
		return m;
	return m_pullup_chain(m, len);
}

/*
 * Make len bytes at off contiguous and writable. Returns the mbuf that has them and their offset
 * in it (*offp); with offp NULL they begin that mbuf's data. The first mbuf stays the same.
 * Failure frees the chain and returns NULL: EINVAL, ENOBUFS. mbuf(9).
 */
M_API struct mbuf *m_pulldown(struct mbuf *m, int off, int len, int *offp);

/*
 * Cut the chain: m keeps the first len bytes, the rest is returned, with a packet header if m has
 * one. A cluster cut in the middle is shared by both, and read-only. Nothing remains: an empty
 * mbuf. NULL: failure (EINVAL, ENOBUFS), m is as before. mbuf(9) (whose NULL is ambiguous).
 */
M_API struct mbuf *m_split(struct mbuf *m, int len, int how);

/*
 * Make room for hlen bytes at skip; returns the mbuf that has it and the offset in it (*off). The
 * packet grows by hlen; their content is not defined. NULL: EINVAL, ENOBUFS; the chain stays
 * valid with its bytes, and the caller's. mbuf(9).
 */
M_API struct mbuf *m_makespace(struct mbuf *m, int skip, int hlen, int *off);

/*
 * The mbuf with byte loc, and its offset there. loc at the chain's end: the last mbuf and its
 * m_len. Beyond, or negative: NULL. Empty mbufs are skipped. mbuf(9).
 */
M_API struct mbuf *m_getptr(struct mbuf *m, int loc, int *off);

/*
 * Put len bytes, content not defined, in front: in place if there is writable leading space, else
 * in a new mbuf that takes the packet header. Returns the new first mbuf. Failure frees m and
 * returns NULL: EINVAL, ENOBUFS. mbuf(9). m_prepend() always takes the slow way.
 */
M_API struct mbuf *m_prepend(struct mbuf *m, int len, int how);

static inline struct mbuf *
m_prepend_fast(struct mbuf *m, int len, int how)
{
	/* m_len has 16 bits: a room of 65535 bytes with more data than that cannot be */
	if (likely(len >= 0 && len <= m->m_rte.data_off && m_iswritable(m))) {
		m->m_rte.data_off = (uint16_t)(m->m_rte.data_off - len);
		m->m_len = (uint16_t)(m->m_len + len);
		m->m_pkthdr.len += (unsigned)len;
		return m;
	}
	return m_prepend(m, len, how);
}
#define M_PREPEND(m, len, how) ((m) = m_prepend_fast((m), (len), (how)))

/*
 * Make the chain one mbuf at the same address m, also when m is the leader of a shared cluster:
 * then m takes a new cluster, and its old one lives on until its other holders are done. 0,
 * -EINVAL (larger than a cluster), -ENOBUFS: m is as it was. m stays the caller's. mbuf(9).
 */
M_API int m_defrag(struct mbuf *m, int how);

/*
 * A new packet with totlen bytes from buf; its data begin off bytes into the first mbuf's room.
 * NULL: EINVAL (totlen 0 or negative, off too large), ENOBUFS. mbuf(9).
 */
M_API struct mbuf *m_devget(const char *buf, int totlen, int off);

/*
 * Call f(state, data, n) for each piece of len bytes at off, in order. Stops at the first non-zero
 * and returns it; -EINVAL when out of range, before any call. mbuf(9).
 */
M_API int m_apply(
    struct mbuf *m, int off, int len, int (*f)(char *state, char *data, unsigned n), char *state);

/*
 * A deep copy of the packet, its data adj bytes behind the start of the room: writable, tags
 * copied. m stays the caller's. NULL: EINVAL, ENOBUFS. mbuf(9).
 */
M_API struct mbuf *m_dup_pkt(struct mbuf *m, unsigned adj, int how);

/*
 * Copy the packet header from one mbuf to another, tags too (to's own are freed); to gets M_PKTHDR
 * and the copied flags. 0, or -ENOBUFS: to has then no tags. mbuf(9).
 */
M_API int m_dup_pkthdr(struct mbuf *to, const struct mbuf *from, int how);

/*
 * Make len bytes at off writable: exactly the segments that range touches and that are read-only
 * are replaced by private copies, in place where the chain's first mbuf is concerned. 0, -EINVAL,
 * -ENOBUFS: the chain has then its bytes, and is the caller's. Ours.
 */
M_API int m_makewritable(struct mbuf *m, int off, int len);

/* The time now: a driver's own timestamp has no unit that is known here. mbuf(9). */
M_API void m_microtime(const struct mbuf *m, struct timeval *tv);

/* Write the state of a chain, and of nothing it points to, for debugging. mbuf(9). */
M_API void m_print(const struct mbuf *m, FILE *f);

/*
 * NULL if the chain is as mbufs must be, else what is wrong with it (a constant string): lengths,
 * nb_segs, rooms, counts, the private line. For tests and debug builds. Ours.
 */
M_API const char *m_valid(const struct mbuf *m);

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_DATA_H */
