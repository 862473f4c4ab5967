/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_log.h>

#include "fail.h"

/*
 * The log is the process's, as EAL's is; so this file has state of its own. Drivers may log from
 * any thread, so it has a lock.
 */
static struct {
	pthread_mutex_t lock;
	bool failed;
	int echo; /* descriptor to copy the log to; -1: none */
	size_t len;
	char text[16384]; /* the newest */
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .echo = -1};

int
fail(int code, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	int n;

	if (log_state.failed)
		return code;
	log_state.failed = true;
	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n < 0)
		line[0] = '\0';
	/* Words of the command line are in it: nothing that a terminal would obey, no second line.
	 */
	for (char *p = line; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p))
			*p = *p == '\n' ? ' ' : '?';
	fflush(stdout);
	fprintf(stderr, "mfwd: %s\n", line);
	return code;
}

void
log_add(const char *text, size_t len)
{
	size_t cap = sizeof(log_state.text) - 1;

	if (len > cap) {
		text += len - cap;
		len = cap;
	}
	pthread_mutex_lock(&log_state.lock);
	if (log_state.len + len > cap) {
		size_t gone = log_state.len + len - cap;

		memmove(log_state.text, log_state.text + gone, log_state.len - gone);
		log_state.len -= gone;
	}
	memcpy(log_state.text + log_state.len, text, len);
	log_state.len += len;
	log_state.text[log_state.len] = '\0';
	pthread_mutex_unlock(&log_state.lock);
}

static ssize_t
log_write(void *cookie, const char *text, size_t len)
{
	(void)cookie;
	if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_NOTICE)
		log_add(text, len);
	if (log_state.echo >= 0 && write(log_state.echo, text, len) < 0)
		log_state.echo = -1;
	return (ssize_t)len;
}

int
log_open(bool echo)
{
	cookie_io_functions_t io = {.write = log_write};
	FILE *f = fopencookie(NULL, "w", io);

	log_state.echo = echo ? dup(STDERR_FILENO) : -1;
	if (f == NULL)
		return -ENOMEM;
	return rte_openlog_stream(f);
}

void
log_forget(void)
{
	pthread_mutex_lock(&log_state.lock);
	log_state.len = 0;
	log_state.text[0] = '\0';
	pthread_mutex_unlock(&log_state.lock);
}

/* Copy the line that holds position at, without "EAL: ", "function(): " and the like. */
static const char *
copy_line(size_t at, char *buf, size_t len)
{
	const char *t = log_state.text, *s = t + at, *e, *p;

	while (s > t && s[-1] != '\n')
		s--;
	e = s + strcspn(s, "\n");
	for (;;) {
		size_t word = strcspn(s, " :(");

		p = s + word;
		if (strncmp(p, "(): ", 4) == 0)
			p += 4;
		else if (strncmp(s, "EAL: ", 5) == 0 || strncmp(s, "ETHDEV: ", 8) == 0)
			p = strchr(s, ' ') + 1;
		else
			break;
		if (p >= e)
			break;
		s = p;
	}
	while (e > s && (e[-1] == ' ' || e[-1] == '.' || e[-1] == '!' || e[-1] == '\r'))
		e--;
	snprintf(buf, len, "%.*s", (int)(e - s), s);
	return buf;
}

/* The start of the first or last line that contains needle; negative when there is none. */
static long
find_line(const char *needle, bool last)
{
	const char *hit = NULL, *p = log_state.text;

	while ((p = strstr(p, needle)) != NULL && (last || hit == NULL))
		hit = p++;
	if (hit == NULL)
		return -1;
	while (hit > log_state.text && hit[-1] != '\n')
		hit--;
	return hit - log_state.text;
}

const char *
log_find(const char *needle, char *buf, size_t len)
{
	long at;

	pthread_mutex_lock(&log_state.lock);
	at = find_line(needle, true);
	if (at >= 0)
		copy_line((size_t)at, buf, len);
	pthread_mutex_unlock(&log_state.lock);
	return at >= 0 ? buf : NULL;
}

const char *
log_before(const char *needle, char *buf, size_t len)
{
	long at;

	pthread_mutex_lock(&log_state.lock);
	at = find_line(needle, false);
	if (at >= 2)
		copy_line((size_t)at - 2, buf, len);
	pthread_mutex_unlock(&log_state.lock);
	return at >= 2 ? buf : NULL;
}

const char *
log_last(char *buf, size_t len)
{
	size_t n;

	buf[0] = '\0';
	pthread_mutex_lock(&log_state.lock);
	n = log_state.len;
	while (n > 0 && log_state.text[n - 1] == '\n')
		n--;
	if (n > 0)
		copy_line(n - 1, buf, len);
	pthread_mutex_unlock(&log_state.lock);
	return buf;
}
