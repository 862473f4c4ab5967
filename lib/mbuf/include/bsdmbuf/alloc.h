/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_ALLOC_H
#define BSDMBUF_ALLOC_H

/*
 * Allocation, free, and the packet header: mbuf(9).
 * Allocations come from the NUMA node of the calling lcore. how is M_WAIT or M_DONTWAIT; neither
 * waits. Failure is NULL with rte_errno ENOBUFS, or EINVAL for an argument that can never succeed.
 */

#include <bsdmbuf/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A small mbuf: without a packet header, MLEN bytes of room (m_get); with one, MHLEN bytes of room
 * and the rest of MSIZE as leading space (m_gethdr); without, and its room zeroed (m_getclr).
 * m_len is 0. The caller owns it. mbuf(9).
 */
M_API struct mbuf *m_get(int how, int type);
M_API struct mbuf *m_gethdr(int how, int type);
M_API struct mbuf *m_getclr(int how, int type);

/*
 * A cluster of at least len bytes. m NULL: a new mbuf with a packet header and a cluster. Else the
 * cluster is attached to m, which must be small: m_len stays, but the bytes are not moved; the
 * cluster's headroom is in front. Returns m (or the new mbuf), or NULL: len is too large (EINVAL),
 * m has a cluster already (EINVAL), none is free (ENOBUFS); m is then untouched and the caller's.
 * mbuf(9), MCLGETL.
 */
M_API struct mbuf *m_clget(struct mbuf *m, int how, unsigned len);
#define MCLGET(m, how) ((void)m_clget((m), (how), MCLBYTES))
#define MCLGETL(m, how, len) m_clget((m), (how), (len))
#define MGET(m, how, type) ((m) = m_get((how), (type)))
#define MGETHDR(m, how, type) ((m) = m_gethdr((how), (type)))

/* Free one mbuf; returns its m_next. NULL gives NULL. mbuf(9). */
M_API struct mbuf *m_free(struct mbuf *m);

/* Free a chain; returns its m_nextpkt. NULL gives NULL. mbuf(9). */
M_API struct mbuf *m_freem(struct mbuf *m);

/* Free the chain at *mp and set *mp to NULL first; returns its m_nextpkt. mbuf(9). */
M_API struct mbuf *m_freemp(struct mbuf **mp);

/* Free a list of packets linked by m_nextpkt. NULL is legal. mbuf(9). */
M_API void m_purge(struct mbuf *m);

/*
 * n mbufs with a packet header and a cluster each, empty, as m_clget(NULL, ...) makes them, of the
 * node's cluster size. All or nothing: 0, or -ENOBUFS and what v holds means nothing.
 * Ours.
 */
M_API int m_get_bulk(struct mbuf **v, unsigned n);

/* Free n chains; a NULL among them is legal. Takes each pool's buffers together. Ours. */
M_API void m_freem_bulk(struct mbuf *const *v, unsigned n);

/*
 * The same for chains that were never wrapped or are unwrapped, foreign ones too: what
 * rte_eth_tx_burst() did not take. Ours.
 */
M_API void m_freem_rte_bulk(struct rte_mbuf *const *v, unsigned n);

/*
 * BSD flags of m. M_EXT, M_EXTWR and M_ZEROIZE are derived: they can be tested, not set or cleared
 * (m_setflags() ignores them). An mbuf from a driver has M_PKTHDR. Ours, for m_flags.
 */
M_API void m_setflags(struct mbuf *m, unsigned f);
M_API void m_clrflags(struct mbuf *m, unsigned f);

/* The flags derived from what m refers to: M_EXT, M_EXTWR, M_ZEROIZE. */
M_API unsigned m_derivedflags(const struct mbuf *m);

/* Which of the flags f are set. Reads the private line only if it is dirty. Ours, for m_flags. */
static inline unsigned
m_testflags(const struct mbuf *m, unsigned f)
{
	unsigned r = 0;

	if ((m->m_rte.ol_flags & m_hot.dirty) != 0)
		r |= m->m_priv.flags;
	if ((m->m_rte.ol_flags & m_hot.nohdr) == 0)
		r |= M_PKTHDR;
	if ((f & (M_EXT | M_EXTWR | M_ZEROIZE)) != 0)
		r |= m_derivedflags(m);
	return r & f;
}

/* The type of m, MT_*; and set it (an unknown type is ignored). Ours, for m_type. */
M_API int m_gettype(const struct mbuf *m);
M_API void m_settype(struct mbuf *m, int type);

/* The next packet of a list; and set it. Ours, for m_nextpkt. */
static inline struct mbuf *
m_nextpkt(const struct mbuf *m)
{
	return (m->m_rte.ol_flags & m_hot.dirty) != 0 ? m->m_priv.nextpkt : NULL;
}

M_API void m_setnextpkt(struct mbuf *m, struct mbuf *n);

/*
 * Make m the start of a packet again: no next mbuf, no next packet, no tags, no flags but
 * M_PKTHDR, length 0, data at the start of its room. The chain behind m is not freed. Returns m.
 * mbuf(9).
 */
M_API struct mbuf *m_inithdr(struct mbuf *m);

/* Delete tags and clear flags and offloads, but keep the packet's length and data. mbuf(9). */
M_API void m_resethdr(struct mbuf *m);

/* Take the packet header away: tags are freed, M_PKTHDR is off. mbuf(9). */
M_API void m_removehdr(struct mbuf *m);

/* Delete tags and clear the packet header, its length too; M_PKTHDR stays. mbuf(9). */
M_API void m_clearhdr(struct mbuf *m);

/* Set m_pkthdr.len and nb_segs from the chain: after m_next was linked by hand. mbuf(9). */
M_API void m_calchdrlen(struct mbuf *m);

/*
 * Put the data pointer of an empty, writable mbuf so that len bytes end at the end of its room,
 * aligned as a long. 0, or -EINVAL: len does not fit, m has data, or m is read-only. mbuf(9).
 */
M_API int m_align(struct mbuf *m, unsigned len);

/*
 * Move the packet header (length, tags, offloads, driver's fields) from one mbuf to another;
 * from has none afterwards. to's own tags are freed. nb_segs follows to's chain when it is
 * relinked: call m_calchdrlen(), or leave it to the functions that link. M_MOVE_PKTHDR moves
 * the flags too, and puts to's data at the start of its room when to is small. mbuf(9).
 */
M_API void m_movehdr(struct mbuf *to, struct mbuf *from);
M_API void m_movepkthdr(struct mbuf *to, struct mbuf *from);
#define M_MOVE_HDR(to, from) m_movehdr((to), (from))
#define M_MOVE_PKTHDR(to, from) m_movepkthdr((to), (from))

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_ALLOC_H */
