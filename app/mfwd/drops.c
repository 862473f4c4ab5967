/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <string.h>

#include "drops.h"

static const struct {
	const char *name, *help;
} reasons[] = {
#define X(id, name, help) {name, help},
    DROP_REASONS(X)
#undef X
};

const char *
drop_name(enum drop d)
{
	return reasons[d].name;
}

const char *
drop_help(enum drop d)
{
	return reasons[d].help;
}

bool
drop_of_mirror(enum drop d)
{
	return strncmp(reasons[d].name, "mirror_", 7) == 0;
}
