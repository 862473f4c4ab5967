/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_WAIT_H
#define MFWD_WAIT_H

#include "mfwd.h"

/* Block SIGINT and SIGTERM for all threads to come, and open what main waits on. 0 or an exit code.
 */
int wait_open(struct mfwd *m);

/* The monotonic clock in nanoseconds. */
int64_t wait_now(void);

/* Sleep until the run is to end: by time, count or signal. Shows statistics in the meantime. */
void wait_end(struct mfwd *m);

#endif
