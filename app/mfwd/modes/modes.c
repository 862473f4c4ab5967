/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <stdio.h>
#include <string.h>

#include "../mfwd.h"
#include "modes.h"

static const struct mode *(*const modes[])(void) = {
    mode_io,
    mode_macswap,
    mode_mirror,
};

const struct mode *
mode_at(unsigned i)
{
	return i < RTE_DIM(modes) ? modes[i]() : NULL;
}

const struct mode *
mode_find(const char *name)
{
	const struct mode *m;

	for (unsigned i = 0; (m = mode_at(i)) != NULL; i++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

const char *
mode_name(const struct mode *m)
{
	return m->name;
}

const char *
mode_help(const struct mode *m)
{
	return m->help;
}

const char *
mode_names(char *buf, size_t len)
{
	const struct mode *m;
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned i = 0; (m = mode_at(i)) != NULL && n < len; i++)
		n += (size_t)snprintf(buf + n, len - n, "%s%s", i > 0 ? "|" : "", m->name);
	return buf;
}
