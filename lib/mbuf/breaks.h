/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_BREAKS_H
#define M_BREAKS_H

/*
 * Rules that can be broken on purpose. A library compiled with -DMBUF_BREAK=n breaks rule n of the
 * hazards that docs/design/sharing.md lists; the test that watches that rule must then fail. In
 * every other build M_BREAKS() is the constant 0 and leaves no code.
 */
#ifndef MBUF_BREAK
#define MBUF_BREAK 0
#endif
#define M_BREAKS(n) (MBUF_BREAK == (n))

#endif /* M_BREAKS_H */
