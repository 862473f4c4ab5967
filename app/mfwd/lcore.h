/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_LCORE_H
#define MFWD_LCORE_H

#include "mfwd.h"

/* Start the forwarding lcores; and stop them, and wait until the last is done. */
int lcores_start(struct mfwd *m);
void lcores_stop(struct mfwd *m);

#endif
