/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_TYPES_H
#define BSDMBUF_TYPES_H

/*
 * BSD mbuf chains on DPDK.
 *
 * A struct mbuf is a struct rte_mbuf followed by one private cache line. The first part is what a
 * driver fills, sends and frees; the private line holds what an rte_mbuf has no room for. While an
 * mbuf lies in a pool its private line is pristine (all zero), so receive and plain forwarding
 * never touch it. Who dirties it sets the dynamic flag m_hot.dirty in ol_flags.
 *
 * One lcore owns an mbuf header at a time. Two lcores meet only in the count of a shared cluster.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/time.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A debug build takes the way on which it can look. */
#ifdef MBUF_DEBUG
#define M_SLOW 1
#else
#define M_SLOW 0
#endif

#define M_API __attribute__((visibility("default")))

/* how: both fail at once when a pool is empty, for a poll loop cannot sleep. */
#define M_WAIT 0x0001
#define M_DONTWAIT 0x0002
#define M_WAITOK M_WAIT
#define M_NOWAIT M_DONTWAIT

/* Types (mbuf(9)). A pristine mbuf is MT_DATA. */
#define MT_FREE 0
#define MT_DATA 1
#define MT_HEADER 2
#define MT_SONAME 3
#define MT_SOOPTS 4
#define MT_FTABLE 5
#define MT_CONTROL 6
#define MT_OOBDATA 7
#define MT_NTYPES 8

/* BSD flags; set, cleared and read by m_setflags(), m_clrflags(), m_testflags(). */
#define M_EXT 0x0001	 /* has a cluster: derived, cannot be set */
#define M_PKTHDR 0x0002	 /* is the start of a packet */
#define M_EOR 0x0004	 /* end of record */
#define M_EXTWR 0x0008	 /* storage may be written: derived, or an argument of MEXTADD */
#define M_PROTO1 0x0010	 /* for the protocol */
#define M_VLANTAG 0x0020 /* ether_vtag is valid */
#define M_LOOP 0x0040	 /* packet was looped */
#define M_BCAST 0x0100	 /* link-level broadcast */
#define M_MCAST 0x0200	 /* link-level multicast */
#define M_CONF 0x0400	 /* was encrypted */
#define M_AUTH 0x0800	 /* was authenticated */
#define M_TUNNEL 0x1000	 /* was tunnelled */
#define M_ZEROIZE 0x2000 /* cluster is zeroed by the last dropper: set with m_zero() */
#define M_COMP 0x4000	 /* was compressed */
#define M_LINK0 0x8000	 /* link layer's own */

#define M_COPYALL 1000000000
#define MSIZE 256
#define MLEN 224
#define MHLEN 144
#define MCLBYTES 2048
#define PACKET_TAG_MAXSIZE 80
/* buf_len has 16 bits, so a cluster holds no more than this (OpenBSD: 65536). */
#define MAXMCLBYTES (UINT16_MAX - RTE_PKTMBUF_HEADROOM)

struct m_tag;
struct mbuf;

/*
 * What an rte_mbuf has no room for. All zero while the mbuf lies in a pool. The first five fields
 * belong to the owner of the header; zero and words belong to the cluster's sharing protocol.
 */
struct m_private {
	struct mbuf *nextpkt; /* next packet of a list */
	struct m_tag *tags;   /* first tag; owned by the packet header */
	uint16_t type;	      /* MT_*, 0 for MT_DATA */
	uint16_t flags;	      /* the BSD flags that are stored */
	uint32_t zero;	      /* atomic: this leader is on the reap list, and why */
	uint64_t words[5];    /* a policy's or a record's own */
} __rte_aligned(64);

struct m_pkthdr {
	uint32_t len; /* bytes in the packet */
};

/* The union only gives rte_mbuf's fields their BSD names. */
struct mbuf {
	union {
		struct rte_mbuf m_rte;
		__extension__ struct {
			uint8_t m_pad_len[offsetof(struct rte_mbuf, data_len)];
			uint16_t m_len; /* bytes in this mbuf */
		};
		__extension__ struct {
			uint8_t m_pad_pkthdr[offsetof(struct rte_mbuf, pkt_len)];
			struct m_pkthdr m_pkthdr; /* of the first mbuf of a chain */
		};
		__extension__ struct {
			uint8_t m_pad_next[offsetof(struct rte_mbuf, next)];
			struct mbuf *m_next; /* next mbuf of the chain */
		};
	};
	struct m_private m_priv;
};

#ifdef __cplusplus
#define M_ASSERT(cond) static_assert(cond, #cond)
#else
#define M_ASSERT(cond) _Static_assert(cond, #cond)
#endif
M_ASSERT(sizeof(struct rte_mbuf) == 128);
M_ASSERT(sizeof(struct m_private) == 64);
M_ASSERT(sizeof(struct mbuf) == 192);
M_ASSERT(offsetof(struct mbuf, m_rte) == 0);
M_ASSERT(offsetof(struct mbuf, m_len) == offsetof(struct rte_mbuf, data_len));
M_ASSERT(offsetof(struct mbuf, m_pkthdr) == offsetof(struct rte_mbuf, pkt_len));
M_ASSERT(offsetof(struct mbuf, m_pkthdr.len) == offsetof(struct rte_mbuf, pkt_len));
M_ASSERT(offsetof(struct mbuf, m_next) == offsetof(struct rte_mbuf, next));
M_ASSERT(offsetof(struct mbuf, m_priv) == sizeof(struct rte_mbuf));
M_ASSERT(sizeof(((struct rte_mbuf *)0)->data_len) == 2);
M_ASSERT(sizeof(((struct rte_mbuf *)0)->pkt_len) == 4);
M_ASSERT(sizeof(((struct rte_mbuf *)0)->refcnt) == 2);

/*
 * State that the inline functions read. Written by m_init() and, for zero_pending, by m_zero() and
 * m_reap(). Private to this library and its headers.
 */
struct m_hot {
	uint64_t dirty;	       /* ol_flags: the private line may be dirty */
	uint64_t nohdr;	       /* ol_flags: this mbuf carries no packet header (M_PKTHDR is off) */
	uint32_t zero_pending; /* atomic: leaders on the reap list */
	uint32_t ready;	       /* m_init() has run */
} __rte_aligned(64);
extern M_API struct m_hot m_hot;

/* A pool of ours says so in its private area, behind what DPDK keeps there. */
enum m_pool_kind {
	M_POOL_NONE,
	M_POOL_CLUSTER,
	M_POOL_HEADER,
};
struct m_pool_private {
	struct rte_pktmbuf_pool_private rte;
	uint32_t kind; /* enum m_pool_kind */
	uint32_t socket;
	uint64_t magic; /* M_POOL_MAGIC ^ the pool's address */
};
#define M_POOL_MAGIC UINT64_C(0x6d62756639706f6f)

/*
 * Whether mp is one of ours, so that its mbufs have a private line. mp must be a pool of mbufs.
 */
static inline bool
m_ispool(struct rte_mempool *mp)
{
	const struct m_pool_private *pp = (const struct m_pool_private *)rte_mempool_get_priv(mp);

	return pp->magic == (M_POOL_MAGIC ^ (uint64_t)(uintptr_t)mp);
}

/* The same buffer under its other name. m_fromrte() does not check: see m_wrap(). */
static inline struct mbuf *
m_fromrte(struct rte_mbuf *r)
{
	return (struct mbuf *)(void *)r;
}

static inline struct rte_mbuf *
m_torte(struct mbuf *m)
{
	return &m->m_rte;
}

/* First byte of data of this mbuf. Not an lvalue: move it with m_adj(), m_prepend(), m_align(). */
static inline char *
m_data(const struct mbuf *m)
{
	return (char *)m->m_rte.buf_addr + m->m_rte.data_off;
}
#define mtod(m, t) ((t)(void *)m_data(m))

/*
 * Whether m has a cluster, of a pool or foreign (M_EXT of mbuf(9)); else its data lie in the mbuf
 * itself. The rooms tell them apart: no cluster is as small as MSIZE, no small mbuf larger.
 */
static inline bool
m_hascluster(const struct mbuf *m)
{
	return (m->m_rte.ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) != 0 ||
	    m->m_rte.buf_len > MSIZE;
}

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_TYPES_H */
