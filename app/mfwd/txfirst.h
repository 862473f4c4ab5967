/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_TXFIRST_H
#define MFWD_TXFIRST_H

#include "mfwd.h"

/*
 * --tx-first: send one burst on every stream of this lcore. Frames of 64 bytes as testpmd's: UDP
 * from 198.18.0.1 to 198.18.0.2, port 9 to 9, from the Tx port's MAC to 02:00:00:00:00:<peer>.
 */
void txfirst_send(struct lcore *lc);

/* The frame itself, for the tests: 64 bytes into buf. */
#define TXFIRST_LEN 64
void txfirst_frame(uint8_t *buf, const struct rte_ether_addr *src, uint16_t peer);

#endif
