/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_BREAKS_H
#define M_BREAKS_H

/*
 * Rules that can be broken on purpose. A library compiled with -DMBUF_BREAK=n breaks rule n of the
 * hazards that docs/design/sharing.md lists; the test that watches that rule must then fail
 * (tests/unit/breaks.py). 14 is the first half of rule 4, a drop without release; 20 to 23
 * are mistakes in functions that work on chains, for the property test to find. In every other
 * build M_BREAKS() is the constant 0 and leaves no code.
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
		void (*m_point_fn)(int) = __atomic_load_n(&m_point, __ATOMIC_RELAXED);             \
		if (m_point_fn != NULL)                                                            \
			m_point_fn(n);                                                             \
	} while (0)
#else
#define M_POINT(n) ((void)0)
#endif

#endif /* M_BREAKS_H */
