/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_BREAKS_H
#define M_BREAKS_H

/*
 * Rules that can be broken on purpose. A library compiled with -DMBUF_BREAK=n breaks rule n of the
 * hazards that docs/design/sharing.md lists; the test that watches that rule must then fail
 * (tests/unit/breaks.py). 14 is the first half of rule 4, a drop without release; 20 and more are
 * mistakes in the data functions, for the property test to find. In every other build M_BREAKS() is
 * the constant 0 and leaves no code.
 */
#ifndef MBUF_BREAK
#define MBUF_BREAK 0
#endif
#define M_BREAKS(n) (MBUF_BREAK == (n))

/*
 * Where another lcore can step in. With -DMBUF_POINTS a test, which defines m_point, does there
 * what that lcore would do, so that a rare interleaving comes each time.
 */
#ifdef MBUF_POINTS
extern void (*m_point)(int n);
#define M_POINT(n)                                                                                 \
	do {                                                                                       \
		if (m_point != NULL)                                                               \
			m_point(n);                                                                \
	} while (0)
#else
#define M_POINT(n) ((void)0)
#endif

#endif /* M_BREAKS_H */
