/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_DROPS_H
#define MFWD_DROPS_H

#include <stdbool.h>

/*
 * Why a packet was lost: the one declaration. A counter a stream, the JSON record's names and
 * the reference's table come from it. X(id, name, meaning).
 */
#define DROP_REASONS(X)                                                                            \
	X(TX_FULL, "tx_full", "the Tx queue took no more packets")                                 \
	X(TX_SEGS, "tx_segs", "more segments than the Tx port takes, even when copied")            \
	X(TX_NOBUF, "tx_nobuf", "no buffer for the copy that the Tx port needs")                   \
	X(MIRROR_FULL, "mirror_full", "the mirror port's Tx queue took no more packets")           \
	X(MIRROR_SEGS, "mirror_segs", "more segments than the mirror port takes")                  \
	X(MIRROR_NOBUF, "mirror_nobuf", "no buffer to share the packet, or its header, with")      \
	X(MIRROR_SHORT, "mirror_short", "too short to have an Ethernet header to put a tag into")  \
	X(SWAP_NOBUF, "swap_nobuf", "no buffer for a header of its own in a shared packet")        \
	X(SWAP_SHORT, "swap_short", "too short to have two MAC addresses")

enum drop {
#define X(id, name, help) DROP_##id,
	DROP_REASONS(X)
#undef X
	    DROP_MAX
};

/* Was it a mirrored packet that was lost, not the one for the peer? */
bool drop_of_mirror(enum drop d);
const char *drop_name(enum drop d);
const char *drop_help(enum drop d);

#endif
