/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef IN_CKSUM_H
#define IN_CKSUM_H

/* The Internet checksum (RFC 1071) over mbuf chains: a port of BSD-style code to bsdmbuf. */

#include <bsdmbuf/mbuf.h>

/*
 * The checksum of the first len bytes of a chain, in memory order, as a header's field holds it:
 * 0 .. 65535. -EINVAL: the chain is shorter, or len negative.
 */
int in_cksum(const struct mbuf *m, int len);

/*
 * The checksum of len bytes at off of a packet that starts with an IPv4 header. nxt is the protocol
 * of the pseudo header; 0: no pseudo header. As in_cksum().
 */
int in4_cksum(const struct mbuf *m, uint8_t nxt, int off, int len);

/*
 * Put the checksum of the IPv4 header at the start of a packet into it. Returns the packet, whose
 * first mbuf may be another one. NULL: it is not such a packet (EINVAL), or no mbuf is free
 * (ENOBUFS); it is then freed, as m_pullup() does.
 */
struct mbuf *ip_setsum(struct mbuf *m);

#endif /* IN_CKSUM_H */
