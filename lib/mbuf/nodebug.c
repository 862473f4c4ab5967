/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* What is left of bsdmbuf/debug.h in a build without mbuf_debug. */

#include "internal.h"

#ifndef MBUF_DEBUG

void
m_debug_report(m_report_fn fn)
{
	(void)fn;
}

static int
add_out(const struct m_poolstat *st, void *arg)
{
	*(unsigned *)arg += st->in_use;
	return 0;
}

unsigned
m_debug_leaks(FILE *f)
{
	unsigned n = 0;

	m_pools(add_out, &n);
	if (f != NULL && n != 0)
		fprintf(f, "%u mbufs are out; a build with -Dmbuf_debug=true says where from\n", n);
	return n;
}

bool
m_debug_build(void)
{
	return false;
}

#endif /* MBUF_DEBUG */
