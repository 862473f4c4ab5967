/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_DEBUG_H
#define BSDMBUF_DEBUG_H

/*
 * Finding mistakes and leaks. What a library built with -Dmbuf_debug=true checks, docs/debugging.md
 * says. These functions are there in every build, so that a program need not know.
 */

#include <bsdmbuf/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* what is wrong, with m (or NULL), seen by the function where. m may be anything: do not use it. */
typedef void (*m_report_fn)(const char *what, const struct mbuf *m, const char *where);

/*
 * Who is told of a mistake; NULL: the default, which prints it to stderr, with what is known of m,
 * and aborts. When fn returns, the function goes on as if nothing had been seen; fn may leave by
 * longjmp(). Without mbuf_debug nobody is told. Ours.
 */
M_API void m_debug_report(m_report_fn fn);

/*
 * Write a line for each mbuf that is out of its pool: where it was allocated, last shared, last
 * given to a driver. f NULL: only count. Returns how many. No lcore may use the pools meanwhile.
 * Without mbuf_debug it counts, and says that it knows no more. Ours.
 */
M_API unsigned m_debug_leaks(FILE *f);

/* Whether the library was built with mbuf_debug. Ours. */
M_API bool m_debug_build(void);

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_DEBUG_H */
