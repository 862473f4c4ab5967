/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "fail.h"
#include "json.h"
#include "stats.h"
#include "version.h"

/* The schema's number; it only grows, and what a number has, the next one has too. */
#define SCHEMA 1

static json_t *
number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *
ports(const struct mfwd *m)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < RTE_MAX_ETHPORTS; i++) {
		const struct port *p = &m->ports[i];
		const struct rte_eth_stats *st = &p->final;

		if (!p->used)
			continue;
		json_array_append_new(a,
		    json_pack("{si ss ss so so so so so so so so}", "port", (int)p->id, "name",
			p->name, "driver", p->driver, "rx_packets", number(st->ipackets),
			"rx_bytes", number(st->ibytes), "tx_packets", number(st->opackets),
			"tx_bytes", number(st->obytes), "rx_missed", number(st->imissed),
			"rx_errors", number(st->ierrors), "rx_nombuf", number(st->rx_nombuf),
			"tx_errors", number(st->oerrors)));
	}
	return a;
}

static json_t *
lcores(const struct mfwd *m)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < m->plan.nlcores; i++) {
		const struct lcore *lc = &m->plan.lcores[i];
		uint64_t rx = 0, tx = 0;

		for (unsigned j = 0; j < lc->nstreams; j++) {
			rx += lc->streams[j].rx_packets;
			tx += lc->streams[j].tx_packets;
		}
		json_array_append_new(a,
		    json_pack("{si si so so so so so}", "lcore", (int)lc->id, "cpu", lc->cpu,
			"rx_packets", number(rx), "tx_packets", number(tx), "busy_cycles",
			number(lc->busy_cycles), "poll_cycles", number(lc->poll_cycles), "cpu_ns",
			number(lc->cpu_ns)));
	}
	return a;
}

static json_t *
drops(const struct stats_total *t)
{
	json_t *o = json_object();

	for (enum drop d = 0; d < DROP_MAX; d++)
		json_object_set_new(o, drop_name(d), number(t->drops[d]));
	return o;
}

static json_t *
pools(const struct mfwd *m)
{
	json_t *a = json_array();

	for (unsigned i = 0; i < m->npools; i++)
		json_array_append_new(a,
		    json_pack("{ss si si si}", "name", m->pools[i].name, "socket",
			m->pools[i].socket, "size", (int)m->pools[i].size, "in_use",
			(int)m->pools[i].in_use));
	return a;
}

static json_t *
record(const struct mfwd *m)
{
	struct stats_total t;
	double s = m->duration_s;

	stats_total(m, &t);
	return json_pack("{si ss ss ss sf so so so so s{so so so sf}}", "schema", SCHEMA, "program",
	    "mfwd", "version", MFWD_VERSION, "mode", m->opt.mode->name, "duration_s", s, "ports",
	    ports(m), "lcores", lcores(m), "drops", drops(&t), "pools", pools(m), "total",
	    "rx_packets", number(t.rx), "tx_packets", number(t.tx), "dropped", number(t.dropped),
	    "mpps", s > 0 ? (double)t.rx / s / 1e6 : 0.0);
}

static int
cannot(const char *path, int err)
{
	return fail(EXIT_RUN, "--json=%s: the record cannot be written: %s; name a file that can",
	    path, strerror(err));
}

/* Something that is there and is no plain file (a pipe, a device) is written in place. */
static bool
in_place(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

int
json_check(const char *path)
{
	char dir[4096];
	struct stat st;

	if (strlen(path) >= sizeof(dir) - 8)
		return cannot(path, ENAMETOOLONG);
	if (strcmp(path, "-") == 0)
		return 0;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return cannot(path, EISDIR);
	if (in_place(path))
		return access(path, W_OK) == 0 ? 0 : cannot(path, errno);
	snprintf(dir, sizeof(dir), "%s", path);
	return access(dirname(dir), W_OK | X_OK) == 0 ? 0 : cannot(path, errno);
}

static int
put(FILE *f, const char *text)
{
	if (fputs(text, f) == EOF || fputc('\n', f) == EOF || fflush(f) == EOF)
		return errno;
	return 0;
}

/* A new file that takes the old one's place when it is whole: a full disk leaves nothing half done.
 */
static int
replace(const char *path, const char *text)
{
	char tmp[4096];
	FILE *f;
	int err;

	snprintf(tmp, sizeof(tmp), "%s.%d", path, (int)getpid());
	f = fopen(tmp, "wx");
	if (f == NULL)
		return errno;
	err = put(f, text);
	if (err == 0 && fsync(fileno(f)) != 0)
		err = errno;
	if (fclose(f) != 0 && err == 0)
		err = errno;
	if (err == 0 && rename(tmp, path) != 0)
		err = errno;
	if (err != 0)
		unlink(tmp);
	return err;
}

static int
overwrite(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	int err;

	if (f == NULL)
		return errno;
	err = put(f, text);
	if (fclose(f) != 0 && err == 0)
		err = errno;
	return err;
}

int
json_write(const struct mfwd *m, const char *path)
{
	json_t *j = record(m);
	char *text = j != NULL ? json_dumps(j, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
	int err = ENOMEM;

	if (text != NULL) {
		if (strcmp(path, "-") == 0)
			err = put(stdout, text);
		else
			err = in_place(path) ? overwrite(path, text) : replace(path, text);
	}
	free(text);
	json_decref(j);
	return err == 0 ? 0 : cannot(path, err);
}
