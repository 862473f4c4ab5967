/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_MBUF_H
#define BSDMBUF_MBUF_H

/*
 * BSD mbuf chains on DPDK: all of mbuf(9), mbuf_tags(9), ml_init(9), mq_init(9).
 * types.h has the mbuf itself; the rest is one topic a file.
 */

#include <bsdmbuf/types.h>

#include <bsdmbuf/alloc.h>
#include <bsdmbuf/data.h>
#include <bsdmbuf/debug.h>
#include <bsdmbuf/list.h>
#include <bsdmbuf/pool.h>
#include <bsdmbuf/share.h>
#include <bsdmbuf/tag.h>

#endif /* BSDMBUF_MBUF_H */
