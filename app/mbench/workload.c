/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <string.h>

#include "mbench.h"

static const char *const names[MB_NWORKLOADS] = {
    [MB_INDEPENDENT] = "independent",
    [MB_HANDOFF] = "handoff",
    [MB_EXCHANGE] = "exchange",
    [MB_RETRANSMIT] = "retransmit",
    [MB_SPLICE] = "splice",
};

const char *
mb_workload_name(enum mb_workload w)
{
	return names[w];
}

int
mb_workload_find(const char *name, size_t len)
{
	for (int i = 0; i < MB_NWORKLOADS; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return i;
	return -ENOENT;
}
