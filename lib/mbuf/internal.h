/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_INTERNAL_H
#define M_INTERNAL_H

/*
 * What the files of the library share. Nothing here is exported (hidden visibility).
 *
 * Kinds of mbuf, all told from the first cache line:
 *   small     direct, room of MSIZE bytes inside the mbuf, from a header pool
 *   cluster   direct, room of more than MSIZE bytes, from a cluster pool: the leader if shared
 *   follower  attached (INDIRECT, or EXTERNAL for foreign storage and some policies)
 */

#include <rte_lcore.h>
#include <rte_tailq.h>

#include <bsdmbuf/mbuf.h>

#include "breaks.h"
#include "debug.h"

#ifndef M_POOL_PREFIX /* of the pools' names: mbench has several of this library in one program */
#define M_POOL_PREFIX "mbuf"
#endif

#define M_ATTACHED (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)
#define M_HEADROOM RTE_PKTMBUF_HEADROOM

/* How far a count may go. Beyond it lies room for every lcore to be in mid-share and undo. */
#define M_REF_LIMIT (UINT16_MAX - 1024)

/* Bits of m_priv.zero. Set, the library holds one reference of its own and the reap list the mbuf.
 */
#define M_ZERO_MARK 1u /* zero the room at the last drop */
#define M_ZERO_BODY 2u /* this header refers to another cluster while its own room is shared */

struct m_node {
	struct rte_mempool *cluster;
	struct rte_mempool *header;
	int socket;
};

struct m_state {
	struct m_node node[RTE_MAX_NUMA_NODES]; /* those that exist, in order */
	unsigned nnodes;
	uint8_t by_socket[RTE_MAX_NUMA_NODES]; /* socket to index of node[] */
	unsigned cluster_size;		       /* bytes behind the headroom */
	unsigned nmbufs, nclusters;
	const struct rte_tailq_head *dynfields; /* DPDK's list of dynamic fields, or NULL */
	uint64_t freed;	     /* ol_flags, debug builds: this header was given up */
	unsigned generation; /* changes with the pools */
	bool iova_va; /* an IO address is the virtual address: no look at the object header */
};
extern struct m_state m_state;

/* What an lcore need not ask EAL and the pools for each time. */
struct m_lcore {
	const struct m_node *node;
	struct rte_mempool *mp[2];	    /* the node's pools of headers and of clusters */
	struct rte_mempool_cache *cache[2]; /* theirs; NULL: none */
	unsigned generation;
	unsigned lcore;
};
/*
 * No call to find it in the shared library either. Not under a sanitizer: its check of the address
 * uses the flags of an addition that the linker turns into one that sets none.
 */
#ifdef __SANITIZE_ADDRESS__
#define M_TLS __thread
#else
#define M_TLS __thread __attribute__((tls_model("initial-exec")))
#endif
extern M_TLS struct m_lcore m_lcore;
void m_here_slow(void);

/* The calling thread's, true for the pools and the lcore as they are now. */
static inline const struct m_lcore *
m_here(void)
{
	if (unlikely(m_lcore.generation != m_state.generation || m_lcore.lcore != rte_lcore_id()))
		m_here_slow();
	return &m_lcore;
}

/* The calling lcore's cache of a pool, which need not be ours; NULL if it has none. */
static inline struct rte_mempool_cache *
m_cacheof(struct rte_mempool *mp)
{
	const struct m_lcore *here = m_here();

	if (likely(mp == here->mp[0]))
		return here->cache[0];
	if (likely(mp == here->mp[1]))
		return here->cache[1];
	return rte_mempool_default_cache(mp, here->lcore);
}

/* The pools of the calling lcore's node; both NULL before m_init(). */
static inline const struct m_node *
m_mynode(void)
{
	return m_here()->node;
}

/*
 * New mbufs, blank: refcnt 1, no next, nb_segs 1, lengths 0, private line pristine, driver's fields
 * cleared. NULL with rte_errno ENOBUFS; they try m_reap() before they give up.
 * m_newhdr: small, no packet header, MLEN bytes behind data. m_newpkt: small, packet header, MHLEN
 * bytes behind data. m_newcluster: direct cluster with packet header, M_HEADROOM in front.
 */
struct mbuf *m_newhdr(void);
struct mbuf *m_newpkt(void);
struct mbuf *m_newcluster(void);

/* The smallest new mbuf, no packet header, with room for len bytes behind data. NULL: ENOBUFS, or
 * EINVAL if len exceeds a cluster. */
struct mbuf *m_newfor(unsigned len);

/*
 * A new mbuf (no packet header, m_len and m_pkthdr.len are len) with bytes [off, off + len) of this
 * one segment: shares the cluster, or copies if m is small (at the same place in the room).
 * The caller checked off + len <= m_len. NULL: ENOBUFS. m's header, next and tags stay m's.
 */
struct mbuf *m_share1(struct mbuf *m, unsigned off, unsigned len);

/*
 * m gives its data up and takes the data of c: a fresh mbuf, direct, unshared, unlinked (m_newhdr,
 * m_newcluster, m_newfor). m_len and the data offset become c's; m's next, packet header, tags and
 * flags stay. c is consumed. Works for every m, also a leader whose cluster is shared: the library
 * then keeps the old room until its last holder is gone. A small c is copied if m has a room for
 * it. 0, or -ENOBUFS: both as before, c the caller's.
 */
int m_takebody(struct mbuf *m, struct mbuf *c);

/*
 * m, a follower, gives its cluster up and is a small, empty mbuf in its own room again. For a
 * direct mbuf only the length and data offset are reset: it cannot give up its own room.
 */
void m_dropdata(struct mbuf *m);

static inline bool
m_issmall(const struct mbuf *m)
{
	return !m_hascluster(m);
}

/* m refers to another cluster while its own room is still shared (M_ZERO_BODY). */
static inline bool
m_hasbody(const struct mbuf *m)
{
	/* relaxed: only the header's owner sets and clears this bit */
	return m_ispool(m->m_rte.pool) &&
	    (__atomic_load_n(&m->m_priv.zero, __ATOMIC_RELAXED) & M_ZERO_BODY) != 0;
}

/* Take and give up the library's own reference to the room of m, for BODY. 0 or -ENOBUFS. */
int m_bodymark(struct mbuf *m);
void m_bodyclear(struct mbuf *m);

/*
 * Drop a reference to leader l, if it is marked; it is reaped when only the library still holds it.
 * False: it is not marked, nothing was done. l may be foreign.
 */
bool m_zerodrop(struct rte_mbuf *l);

/* The count of a leader that was seen marked, without the library's own reference. */
unsigned m_markedrefs(const struct mbuf *l);

/* Whether storage that nobody else holds may be written: all but MEXTADD without M_EXTWR. */
bool m_extwritable(const struct mbuf *m);

/* n, blank, refers to the foreign storage of m too (EXTERNAL). 0 or -ENOBUFS. */
int m_extshare(struct rte_mbuf *n, const struct rte_mbuf *m);

/* Whether m's storage comes from MEXTADD and is marked; mark it (-ENOTSUP: not from MEXTADD). */
bool m_extiszeroed(const struct mbuf *m);
int m_extzero(struct mbuf *m);

/* Where the data of an empty mbuf begin. */
static inline uint16_t
m_startoff(const struct mbuf *m)
{
	if (m_issmall(m))
		return MSIZE - MLEN;
	return (m->m_rte.ol_flags & RTE_MBUF_F_EXTERNAL) != 0 ? 0 : M_HEADROOM;
}

/* Free one segment; does not look at next. Tags and flags are cleaned. */
void m_freeseg(struct mbuf *m);

/*
 * Copy what a driver says about a packet (port, offloads, type, VLAN, hash, dynamic fields and
 * flags) and the M_PKTHDR bit; not lengths, tags, BSD flags, nor how the data are attached.
 */
void m_copyrx(struct mbuf *to, const struct mbuf *from);

/* Clean the header owner's part of the private line: tags freed, type, flags, nextpkt 0. */
void m_cleanpriv_slow(struct mbuf *m);

/* Whether the library marked the leader of m (M_ZERO_MARK). Cheap while nothing is marked. */
bool m_iszeroed(const struct mbuf *m);

static inline bool
m_isattached(const struct mbuf *m)
{
	return (m->m_rte.ol_flags & M_ATTACHED) != 0;
}

/* Call before each write to type, flags, tags or nextpkt of the private line. */
static inline void
m_privdirty(struct mbuf *m)
{
	m->m_rte.ol_flags |= m_hot.dirty;
}

static inline bool
m_isdirty(const struct mbuf *m)
{
	return (m->m_rte.ol_flags & m_hot.dirty) != 0;
}

static inline void
m_cleanpriv(struct mbuf *m)
{
	if (unlikely(m_isdirty(m)))
		m_cleanpriv_slow(m);
}

static inline bool
m_haspkthdr(const struct mbuf *m)
{
	return (m->m_rte.ol_flags & m_hot.nohdr) == 0;
}

/* M_PKTHDR on or off; nothing else changes. */
static inline void
m_sethdrbit(struct mbuf *m, bool on)
{
	if (on)
		m->m_rte.ol_flags &= ~m_hot.nohdr;
	else
		m->m_rte.ol_flags |= m_hot.nohdr;
}

/* End of the room of m as an offset, and bytes of room behind the data (writable or not). */
static inline unsigned
m_roombehind(const struct mbuf *m)
{
	unsigned used = (unsigned)m->m_rte.data_off + m->m_len;

	return used < m->m_rte.buf_len ? m->m_rte.buf_len - used : 0;
}

/* The last mbuf of a chain. */
static inline struct mbuf *
m_lastof(struct mbuf *m)
{
	while (m->m_next != NULL)
		m = m->m_next;
	return m;
}

/* Bytes and segments of a chain as they are, not as the first mbuf says. */
static inline unsigned
m_chainlen(const struct mbuf *m)
{
	unsigned n = 0;

	for (; m != NULL; m = m->m_next)
		n += m->m_len;
	return n;
}

static inline unsigned
m_chainsegs(const struct mbuf *m)
{
	unsigned n = 0;

	for (; m != NULL; m = m->m_next)
		n++;
	return n;
}

/* Set length and nb_segs of a chain's first mbuf: the chain is valid for DPDK again. */
static inline void
m_setpkt(struct mbuf *m, unsigned len, unsigned segs)
{
	m->m_pkthdr.len = len;
	m->m_rte.nb_segs = (uint16_t)segs;
}

/* The same, counted. */
static inline void
m_relink(struct mbuf *m)
{
	m_setpkt(m, m_chainlen(m), m_chainsegs(m));
}

/* Fail with rte_errno. */
static inline struct mbuf *
m_fail(int err)
{
	rte_errno = err;
	return NULL;
}

/* What is wrong with a chain, or NULL; lengths: also with what its first mbuf says of all. */
const char *m_invalid(const struct mbuf *m, bool lengths);

#endif /* M_INTERNAL_H */
