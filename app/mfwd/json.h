/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_JSON_H
#define MFWD_JSON_H

#include "mfwd.h"

/* Can the final record be written where --json says? Looked at before the run. 0 or an exit code.
 */
int json_check(const char *path);

/* Write the final record; path "-" is the standard output. 0 or an exit code, and has said why. */
int json_write(const struct mfwd *m, const char *path);

#endif
