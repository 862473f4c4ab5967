/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_FAIL_H
#define MFWD_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Say what is wrong, in exactly one line on the standard error: "mfwd: thing: value; remedy".
 * Returns code, the exit code. Only the first call of a run prints.
 */
int fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * What EAL and the drivers log goes into memory, so that a failure can be explained in one line.
 * With echo it goes to the standard error too (the user asked with --log-level).
 */
int log_open(bool echo);

/* Forget what was logged: what comes now has one cause. */
void log_forget(void);

/* The last line that was logged as an error or a warning, without its prefix; "" if none. */
const char *log_last(char *buf, size_t len);

/* The last line that has needle in it; NULL if none. */
const char *log_find(const char *needle, char *buf, size_t len);

/* The line before the first one that has needle in it; NULL if none. */
const char *log_before(const char *needle, char *buf, size_t len);

/* Add text that did not come through the log. */
void log_add(const char *text, size_t len);

#endif
