/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_CPUS_H
#define MFWD_CPUS_H

#include <sched.h>
#include <stddef.h>

/*
 * EAL panics when an lcore is put on a CPU that the process may not use, so the lcore options are
 * looked at before EAL sees them.
 */

/*
 * Look through EAL's words for -c, -l and --lcores. The first CPU that they use and that is not in
 * may is put into *cpu, and the option's name and value are put into *opt and *val.
 * Returns 0 when all is well, 1 when there is such a CPU, 2 when no such option is there,
 * -EINVAL when an option's value is malformed.
 */
int cpus_check(
    int argc, char **argv, const cpu_set_t *may, int *cpu, const char **opt, const char **val);

/* "0-3,6" into buf. */
const char *cpus_print(const cpu_set_t *set, char *buf, size_t len);

#endif
