/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "cpus.h"

struct scan {
	const cpu_set_t *may;
	int bad; /* first CPU outside of may; -1: none */
};

static void
use_cpu(struct scan *sc, unsigned long cpu)
{
	if (sc->bad < 0 && (cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, sc->may)))
		sc->bad = cpu > INT32_MAX ? INT32_MAX : (int)cpu;
}

static int
number(const char **s, unsigned long *v)
{
	char *e;

	if (!isdigit((unsigned char)**s))
		return -EINVAL;
	errno = 0;
	*v = strtoul(*s, &e, 10);
	*s = e;
	return errno == 0 ? 0 : -EINVAL;
}

/* N or N-M; used says that these are CPUs, not names of lcores. */
static int
range(const char **s, struct scan *sc, bool used)
{
	unsigned long lo, hi;

	if (number(s, &lo) != 0)
		return -EINVAL;
	hi = lo;
	if (**s == '-') {
		(*s)++;
		if (number(s, &hi) != 0)
			return -EINVAL;
	}
	if (lo > hi)
		RTE_SWAP(lo, hi);
	for (unsigned long c = lo; used && c <= hi && sc->bad < 0; c++)
		use_cpu(sc, c);
	return 0;
}

/* A range, or a list of them in parentheses. */
static int
set(const char **s, struct scan *sc, bool used)
{
	if (**s != '(')
		return range(s, sc, used);
	do {
		(*s)++;
		if (range(s, sc, used) != 0)
			return -EINVAL;
	} while (**s == ',');
	return *(*s)++ == ')' ? 0 : -EINVAL;
}

/* --lcores: sets, each with @ and the set of its CPUs, or standing for CPUs of the same number. */
static int
scan_lcores(const char *s, struct scan *sc)
{
	for (;; s++) {
		const char *at = s;
		struct scan none = {sc->may, -1};
		int rc = set(&at, &none, false);

		if (rc == 0 && *at == '@') {
			at++;
			rc = set(&at, sc, true);
		} else if (rc == 0) {
			at = s;
			rc = set(&at, sc, true);
		}
		if (rc != 0)
			return rc;
		s = at;
		if (*s == '\0')
			return 0;
		if (*s != ',')
			return -EINVAL;
	}
}

static int
scan_list(const char *s, struct scan *sc)
{
	for (;; s++) {
		if (range(&s, sc, true) != 0)
			return -EINVAL;
		if (*s == '\0')
			return 0;
		if (*s != ',')
			return -EINVAL;
	}
}

static int
scan_mask(const char *s, struct scan *sc)
{
	size_t n;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	n = strlen(s);
	if (n == 0 || n > CPU_SETSIZE / 4)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[n - 1 - i];
		int nibble = isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;

		if (!isxdigit(c))
			return -EINVAL;
		for (unsigned b = 0; b < 4; b++)
			if (nibble & (1 << b))
				use_cpu(sc, i * 4 + b);
	}
	return 0;
}

static const struct {
	const char *name;
	int (*scan)(const char *, struct scan *);
} kinds[] = {{"-c", scan_mask}, {"-l", scan_list}, {"--lcores", scan_lcores}};

/* The value of option i in word w, or in the next word; NULL when w is another option. */
static const char *
value_of(unsigned i, const char *word, const char *next)
{
	size_t n = strlen(kinds[i].name);

	if (strncmp(word, kinds[i].name, n) != 0)
		return NULL;
	if (word[n] == '\0')
		return next != NULL ? next : "";
	if (n == 2)
		return word + n;
	return word[n] == '=' ? word + n + 1 : NULL;
}

int
cpus_check(
    int argc, char **argv, const cpu_set_t *may, int *cpu, const char **opt, const char **val)
{
	bool any = false;

	for (int w = 1; w < argc; w++) {
		for (unsigned i = 0; i < RTE_DIM(kinds); i++) {
			struct scan sc = {may, -1};
			const char *v = value_of(i, argv[w], w + 1 < argc ? argv[w + 1] : NULL);

			if (v == NULL)
				continue;
			any = true;
			*opt = kinds[i].name;
			*val = v;
			if (kinds[i].scan(v, &sc) != 0)
				return -EINVAL;
			*cpu = sc.bad;
			if (sc.bad >= 0)
				return 1;
		}
	}
	return any ? 0 : 2;
}

const char *
cpus_print(const cpu_set_t *set_, char *buf, size_t len)
{
	size_t n = 0;

	buf[0] = '\0';
	for (int c = 0; c < CPU_SETSIZE && n < len; c++) {
		int first = c;

		if (!CPU_ISSET(c, set_))
			continue;
		while (c + 1 < CPU_SETSIZE && CPU_ISSET(c + 1, set_))
			c++;
		n += (size_t)snprintf(buf + n, len - n, "%s%d", n > 0 ? "," : "", first);
		if (c > first && n < len)
			n += (size_t)snprintf(buf + n, len - n, "-%d", c);
	}
	return buf;
}
