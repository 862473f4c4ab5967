/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The one lock: siblings.h. */

#include "policy/siblings.h"

pthread_mutex_t m_sib_lock = PTHREAD_MUTEX_INITIALIZER;
