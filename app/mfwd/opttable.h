/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_OPTTABLE_H
#define MFWD_OPTTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"

/*
 * One option: the parser, --help, the man page and the tests come from this row.
 * parse() writes what is wrong into err, as "reason; remedy", and returns negative then.
 */
struct option_row {
	const char *name;
	const char *arg; /* NULL: takes none */
	const char *help;
	int (*parse)(
	    const struct option_row *, struct options *, const char *val, char *err, size_t errlen);
	size_t off;	   /* of the field in struct options, for the simple kinds */
	uint64_t min, max; /* for numbers */
};

/* An option of testpmd that mfwd does not have. */
struct option_refused {
	const char *name;
	const char *nearest; /* what to do in place of it */
};

const struct option_row *opttable_at(unsigned i);
const struct option_row *opttable_find(const char *name, size_t len);
const struct option_refused *opttable_refused(const char *name, size_t len);

/* The name in the table that is nearest to this one by edits; NULL when none is near. */
const char *opttable_nearest(const char *name, size_t len);

#endif
