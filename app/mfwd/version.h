/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_VERSION_H
#define MFWD_VERSION_H

/* The build says which; see the project's version in meson.build. */
#ifndef MFWD_VERSION
#define MFWD_VERSION "0"
#endif

#endif
