/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* All operations in one numbering, and sequences of them. */

#include "world.h"

#include <string.h>

static const struct op_desc *const tables[] = {
    ops_alloc, ops_chain, ops_share, ops_header, ops_list, ops_driver};

static unsigned
table_len(const struct op_desc *t)
{
	unsigned n = 0;

	while (t[n].name != NULL)
		n++;
	return n;
}

unsigned
run_count(void)
{
	static unsigned count;
	unsigned i, n = 0;

	if (__atomic_load_n(&count, __ATOMIC_RELAXED) ==
	    0) { /* relaxed: any lcore finds the same */
		for (i = 0; i < RTE_DIM(tables); i++)
			n += table_len(tables[i]);
		__atomic_store_n(&count, n, __ATOMIC_RELAXED);
	}
	return __atomic_load_n(&count, __ATOMIC_RELAXED);
}

const struct op_desc *
run_desc(unsigned code)
{
	unsigned i;

	code %= run_count();
	for (i = 0; code >= table_len(tables[i]); i++)
		code -= table_len(tables[i]);
	return &tables[i][code];
}

/* The code of an operation's name, or -1. */
int
run_find(const char *name)
{
	unsigned i;

	for (i = 0; i < run_count(); i++) {
		if (strcmp(run_desc(i)->name, name) == 0)
			return (int)i;
	}
	return -1;
}

void
run_one(struct world *w, const struct op *op)
{
	/* from this operation alone, so that leaving another out does not change it */
	w->noise = op->slot ^ (uint32_t)op->a << 3 ^ (uint32_t)op->b << 8 ^ (uint32_t)op->c << 16;
	run_desc(op->code)->run(w, op);
	check_world(w);
}

void
run_all(struct world *w, const struct op *ops, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		run_one(w, &ops[i]);
}
