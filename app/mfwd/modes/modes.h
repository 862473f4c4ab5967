/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_MODES_H
#define MFWD_MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mode;

/* A mode is one file with one of these. Listed in modes.c. */
const struct mode *mode_io(void);
const struct mode *mode_macswap(void);
const struct mode *mode_mirror(void);

/* The modes in order, NULL after the last. */
const struct mode *mode_at(unsigned i);
const struct mode *mode_find(const char *name);
const char *mode_name(const struct mode *m);
const char *mode_help(const struct mode *m);

/* "io|macswap|mirror" into buf. */
const char *mode_names(char *buf, size_t len);

#endif
