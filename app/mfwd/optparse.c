/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "modes/modes.h"
#include "optparse.h"

/* Digits alone: no sign, no space, no base prefix. *end is the first character after them. */
static int
digits(const char *s, uint64_t *out, const char **end)
{
	char *e;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	*out = strtoull(s, &e, 10);
	*end = e;
	return errno == 0 ? 0 : -ERANGE;
}

static int
number(const struct option_row *r, const char *val, uint64_t *out, char *err, size_t errlen)
{
	const char *end;
	int rc = digits(val, out, &end);

	if (rc == -EINVAL || (rc == 0 && *end != '\0')) {
		snprintf(err, errlen, "not a whole number; give one from %" PRIu64 " to %" PRIu64,
		    r->min, r->max);
		return -EINVAL;
	}
	if (rc != 0 || *out < r->min || *out > r->max) {
		snprintf(err, errlen, "out of range; give a number from %" PRIu64 " to %" PRIu64,
		    r->min, r->max);
		return -ERANGE;
	}
	return 0;
}

static void *
field(const struct option_row *r, struct options *o)
{
	return (char *)o + r->off;
}

OPT_PARSER(opt_flag)
{
	(void)val, (void)err, (void)errlen;
	*(bool *)field(r, o) = true;
	return 0;
}

OPT_PARSER(opt_always)
{
	(void)r, (void)o, (void)val, (void)err, (void)errlen;
	return 0;
}

OPT_PARSER(opt_u32)
{
	uint64_t v;
	int rc = number(r, val, &v, err, errlen);

	if (rc == 0)
		*(uint32_t *)field(r, o) = (uint32_t)v;
	return rc;
}

OPT_PARSER(opt_u64)
{
	return number(r, val, field(r, o), err, errlen);
}

OPT_PARSER(opt_seconds)
{
	char *end = NULL;
	double v = NAN;

	if (isdigit((unsigned char)val[0]) || val[0] == '.')
		v = strtod(val, &end);
	if (end == NULL || *end != '\0' || !(v > (double)r->min) || v > (double)r->max) {
		snprintf(err, errlen, "not a time; give seconds over 0, as 10 or 0.5");
		return -EINVAL;
	}
	*(double *)field(r, o) = v;
	return 0;
}

OPT_PARSER(opt_string)
{
	if (val[0] == '\0') {
		snprintf(err, errlen, "empty; give a file's name, or -");
		return -EINVAL;
	}
	*(const char **)field(r, o) = val;
	return 0;
}

OPT_PARSER(opt_mode)
{
	static const char *const theirs[] = {"mac", "5tswap", "csum", "rxonly", "txonly", "flowgen",
	    "icmpecho", "noisy", "shared_rxq", "ieee1588", "retry"};
	char names[128];

	(void)r;
	o->mode = mode_find(val);
	if (o->mode != NULL)
		return 0;
	for (unsigned i = 0; i < RTE_DIM(theirs); i++) {
		if (strcmp(theirs[i], val) != 0)
			continue;
		snprintf(err, errlen, "a mode of testpmd that mfwd does not have; give %s",
		    mode_names(names, sizeof(names)));
		return -EINVAL;
	}
	snprintf(err, errlen, "no such mode; give %s", mode_names(names, sizeof(names)));
	return -EINVAL;
}

/* One of a few words; its index, or negative. */
static int
choice(const char *const *words, unsigned n, const char *val, char *err, size_t errlen)
{
	size_t len = 0;

	for (unsigned i = 0; i < n; i++)
		if (strcmp(words[i], val) == 0)
			return (int)i;
	len = (size_t)snprintf(err, errlen, "no such choice; give ");
	for (unsigned i = 0; i < n && len < errlen; i++)
		len +=
		    (size_t)snprintf(err + len, errlen - len, "%s%s", i > 0 ? "|" : "", words[i]);
	return -EINVAL;
}

OPT_PARSER(opt_topology)
{
	static const char *const words[] = {"paired", "chained", "loop"};
	int i = choice(words, RTE_DIM(words), val, err, errlen);

	(void)r;
	if (i >= 0)
		o->topology = (enum topology)i;
	return RTE_MIN(i, 0);
}

OPT_PARSER(opt_idle)
{
	static const char *const words[] = {"poll", "pause", "sleep"};
	int i = choice(words, RTE_DIM(words), val, err, errlen);

	(void)r;
	if (i >= 0)
		o->idle = (enum idle)i;
	return RTE_MIN(i, 0);
}

OPT_PARSER(opt_port)
{
	uint64_t v;
	int rc = number(r, val, &v, err, errlen);

	if (rc == 0)
		*(int32_t *)field(r, o) = (int32_t)v;
	return rc;
}

/* N or N-M at *s; *s is moved behind it. */
static int
range(const char **s, uint64_t *lo, uint64_t *hi)
{
	if (digits(*s, lo, s) != 0)
		return -EINVAL;
	*hi = *lo;
	if (**s != '-')
		return 0;
	return digits(*s + 1, hi, s) != 0 || *hi < *lo ? -EINVAL : 0;
}

OPT_PARSER(opt_portlist)
{
	uint64_t seen[(RTE_MAX_ETHPORTS + 63) / 64] = {0};
	uint64_t lo, hi;
	const char *s = val;

	o->nportlist = 0;
	do {
		if (range(&s, &lo, &hi) != 0 || (*s != ',' && *s != '\0')) {
			snprintf(err, errlen, "not a list of ports; give one like 0,2-3");
			return -EINVAL;
		}
		if (hi > r->max) {
			snprintf(err, errlen, "a port over %" PRIu64 "; ports are numbered from 0",
			    r->max);
			return -ERANGE;
		}
		for (uint64_t p = lo; p <= hi; p++) {
			if (seen[p / 64] & (UINT64_C(1) << (p % 64))) {
				snprintf(err, errlen, "port %" PRIu64 " twice; name each once", p);
				return -EINVAL;
			}
			seen[p / 64] |= UINT64_C(1) << (p % 64);
			o->portlist[o->nportlist++] = (uint16_t)p;
		}
	} while (*s++ == ',');
	return 0;
}
