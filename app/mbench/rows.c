/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <string.h>

#include "mbench.h"

/*
 * Every row. The policies come from the build (mbench_policies in meson.build): each is the whole
 * library and the loops over it, compiled with that policy, with all symbols but one hidden. The
 * others are the references.
 */
#define ROW(name) const struct mb_row *mb_row_##name(void);
MB_POLICIES
MB_REFERENCES
#undef ROW

typedef const struct mb_row *row_fn(void);

static row_fn *const table[] = {
#define ROW(name) mb_row_##name,
    MB_POLICIES MB_REFERENCES
#undef ROW
};

unsigned
mb_rows(const struct mb_row *rows[MB_MAXROWS])
{
	_Static_assert(RTE_DIM(table) <= MB_MAXROWS, "too many rows");
	for (unsigned i = 0; i < RTE_DIM(table); i++)
		rows[i] = table[i]();
	return RTE_DIM(table);
}

const struct mb_row *
mb_row_find(const char *name, size_t len)
{
	const struct mb_row *rows[MB_MAXROWS];
	unsigned n = mb_rows(rows);

	for (unsigned i = 0; i < n; i++)
		if (strlen(rows[i]->name) == len && memcmp(rows[i]->name, name, len) == 0)
			return rows[i];
	return NULL;
}
