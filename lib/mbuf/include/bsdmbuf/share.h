/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_SHARE_H
#define BSDMBUF_SHARE_H

/* Sharing clusters, foreign storage, zeroing: mbuf(9). Shared means read-only. */

#include <bsdmbuf/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A new chain with len bytes of m from off on; M_COPYALL: all that is left. Clusters are shared,
 * data inside small mbufs are copied. The packet header is copied if off is 0 and m has one, tags
 * too. m stays the caller's, but what both share is read-only from now on. len 0 is NULL and no
 * error (rte_errno 0). NULL with rte_errno EINVAL: out of range; ENOBUFS: no header free, or a
 * cluster has too many holders. mbuf(9) (BSD panics when out of range).
 */
M_API struct mbuf *m_copym(struct mbuf *m, int off, int len, int how);

/*
 * Share n whole packets, v[i] to out[i], as m_copym(v[i], 0, M_COPYALL, M_DONTWAIT). Returns k:
 * out[0..k) are the caller's, the rest was not made (rte_errno says why). Ours.
 */
M_API unsigned m_copym_bulk(struct mbuf *const *v, struct mbuf **out, unsigned n);

/* The holders of the cluster of this one mbuf, itself included; 1 for a small mbuf. Ours. */
M_API unsigned m_refs(const struct mbuf *m);

#if defined(MBUF_BREAK) && MBUF_BREAK == 5
#define M_ALONE_ORDER __ATOMIC_RELAXED /* hazard 5: in no build but the one that shows it */
#else
#define M_ALONE_ORDER __ATOMIC_ACQUIRE
#endif

/* The slow part of m_iswritable(). */
M_API bool m_iswritable_slow(const struct mbuf *m);

/*
 * Whether the room of m may be written: m is the only holder, and foreign storage says M_EXTWR.
 * Acquire: what other holders read and wrote is over when this says yes. Ours.
 */
static inline bool
m_iswritable(const struct mbuf *m)
{
	const uint64_t attached = RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;

	/* acquire: pairs with the release of the holder that left last */
	if (likely((m->m_rte.ol_flags & attached) == 0 &&
		__atomic_load_n(&m->m_rte.refcnt, M_ALONE_ORDER) == 1))
		return true;
	return m_iswritable_slow(m);
}
#define M_READONLY(m) (!m_iswritable(m))

/*
 * Whether four packets are direct and held once, so that their first segments may be written. One
 * branch for all; false says only that m_iswritable() must be asked about each. Acquire. Ours.
 */
static inline bool
m_iswritable4(struct rte_mbuf *const *v)
{
	const uint64_t attached = RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	uint64_t flags = v[0]->ol_flags | v[1]->ol_flags | v[2]->ol_flags | v[3]->ol_flags;
	unsigned others = 0;

	for (unsigned i = 0; i < 4; i++) /* acquire: as in m_iswritable() */
		others |= __atomic_load_n(&v[i]->refcnt, __ATOMIC_ACQUIRE) ^ 1u;
	return ((flags & attached) | others) == 0;
}

/* Bytes free in front of the data and behind them: 0 if m is read-only. mbuf(9). */
static inline unsigned
m_leadingspace(const struct mbuf *m)
{
	return m_iswritable(m) ? m->m_rte.data_off : 0;
}

static inline unsigned
m_trailingspace(const struct mbuf *m)
{
	unsigned used = (unsigned)m->m_rte.data_off + m->m_len;

	return used < m->m_rte.buf_len && m_iswritable(m) ? m->m_rte.buf_len - used : 0;
}
#define M_LEADINGSPACE(m) m_leadingspace(m)
#define M_TRAILINGSPACE(m) m_trailingspace(m)

/*
 * Called once, on the lcore that drops the last holder, with the arguments of MEXTADD. It may run
 * inside a driver's completion.
 */
typedef void (*m_extfree_fn)(void *buf, unsigned size, void *arg);

/*
 * Make fn known; returns its index for MEXTADD, the same for the same fn. At most M_EXTFREE_MAX;
 * beyond, or for NULL, UINT32_MAX (BSD panics). Safe on any lcore. mbuf(9).
 */
#define M_EXTFREE_MAX 16
M_API unsigned mextfree_register(m_extfree_fn fn);

/*
 * Foreign storage becomes the cluster of m: size bytes (1 .. 65535) at buf; m_len becomes 0, the
 * data begin at buf. flags: M_EXTWR if it may be written, else 0. freefn: from mextfree_register().
 * buf must stay until freefn is called. In IOVA-as-PA mode a driver can only send it if it is
 * memory DPDK knows.
 * 0, or -EINVAL (m has a cluster or is shared, bad size, unknown freefn), -ENOBUFS; on failure m
 * and buf are as they were, the caller's, and freefn is not called. mbuf(9).
 */
M_API int m_extadd(
    struct mbuf *m, void *buf, unsigned size, unsigned flags, unsigned freefn, void *arg);
#define MEXTADD(m, buf, size, flags, freefn, arg)                                                  \
	m_extadd((m), (buf), (size), (flags), (freefn), (arg))

/*
 * Mark the cluster (or the small mbuf) of this one mbuf: its last dropper zeroes it before it can
 * be allocated again (M_ZEROIZE). Read-only foreign storage is never written. Marks are not taken
 * back. The mark holds for all that share it. 0, or -ENOBUFS: too many holders; -ENOTSUP:
 * an extbuf that is not from MEXTADD, a foreign leader. Then nothing is marked. mbuf(9) (where it
 * returns nothing).
 */
M_API int m_zero(struct mbuf *m);

/*
 * Zero and return marked clusters that only the library still holds: a driver freed the last user.
 * The allocating functions call it when a pool is empty; call it too when an lcore is idle. Returns
 * how many went back. Cheap when nothing is marked. Ours.
 */
M_API unsigned m_reap(void);

/*
 * What a policy holds back on this lcore (frees collected, not yet done) is done now. Call it when
 * an lcore is idle and before it ends. When a pool is empty, the allocating functions do it for all
 * lcores. Ours.
 */
M_API void m_flush(void);

/*
 * Bytes of memory that wait for m_flush() on all lcores together, at most: exact while no lcore
 * frees. 0 where the policy holds nothing back. Ours.
 */
M_API size_t m_pinned(void);

/* The name of the sharing policy the library was built with. Ours. */
M_API const char *m_policy(void);

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_SHARE_H */
