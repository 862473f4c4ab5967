/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_MBUF_H
#define BSDMBUF_MBUF_H

/*
 * BSD mbuf chains on DPDK.
 *
 * A struct mbuf is a struct rte_mbuf followed by one private cache line. The first part is what a
 * driver fills, sends and frees; the private line holds what an rte_mbuf has no room for. While an
 * mbuf lies in a pool its private line is pristine (all zero), so receive and plain forwarding
 * never touch it. Who dirties it sets the dynamic flag m_dirty_flag in ol_flags.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/time.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#ifdef __cplusplus
extern "C" {
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
#define M_EXT 0x0001	   /* has a cluster: derived, cannot be set */
#define M_PKTHDR 0x0002	   /* is the start of a packet */
#define M_EOR 0x0004	   /* end of record */
#define M_EXTWR 0x0008	   /* storage may be written: derived, or an argument of MEXTADD */
#define M_PROTO1 0x0010	   /* for the protocol */
#define M_VLANTAG 0x0020   /* ether_vtag is valid */
#define M_LOOP 0x0040	   /* packet was looped */
#define M_BCAST 0x0100	   /* link-level broadcast */
#define M_MCAST 0x0200	   /* link-level multicast */
#define M_CONF 0x0400	   /* was encrypted */
#define M_AUTH 0x0800	   /* was authenticated */
#define M_TUNNEL 0x1000	   /* was tunnelled */
#define M_ZEROIZE 0x2000   /* cluster is zeroed by the last dropper: set with m_zero() */
#define M_COMP 0x4000	   /* was compressed */
#define M_LINK0 0x8000	   /* link layer's own */

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

/* What an rte_mbuf has no room for. All zero while the mbuf lies in a pool. */
struct m_private {
	struct mbuf *nextpkt;	/* next packet of a list */
	struct m_tag *tags;	/* first tag; owned by the packet header */
	uint16_t type;		/* MT_*, 0 for MT_DATA */
	uint16_t flags;		/* the BSD flags that are stored */
	uint32_t zero;		/* atomic: this leader's cluster is to be zeroed (m_zero) */
	uint64_t words[5];	/* a policy's or a record's own */
} __rte_aligned(64);

struct mbuf {
	union {
		struct rte_mbuf m_rte;
		/* offsets are asserted below */
		struct {
			uint8_t m_pad_data_len[offsetof(struct rte_mbuf, data_len)];
			uint16_t m_len; /* bytes in this mbuf */
		};
		struct {
			uint8_t m_pad_pkt_len[offsetof(struct rte_mbuf, pkt_len)];
			struct {
				uint32_t len; /* bytes in the packet */
			} m_pkthdr;
		};
		struct {
			uint8_t m_pad_next[offsetof(struct rte_mbuf, next)];
			struct mbuf *m_next; /* next mbuf of the chain */
		};
	};
	struct m_private m_priv;
};
