/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "modes/modes.h"
#include "options.h"
#include "opttable.h"

/* testpmd's letters, each for a long option. */
static const struct {
	char letter;
	const char *name;
} letters[] = {{'a', "auto-start"}, {'h', "help"}, {'i', "interactive"}};

void
options_init(struct options *o)
{
	memset(o, 0, sizeof(*o));
	o->mode = mode_at(0);
	o->nb_cores = 1;
	o->rxq = o->txq = 1;
	o->burst = 32;
	o->mbcache = 250;
	o->mirror_port = -1;
}

const char *
options_name(unsigned i)
{
	const struct option_row *r = opttable_at(i);

	return r != NULL ? r->name : NULL;
}

/* The name within a word: "--burst=3" is burst. A letter becomes its long name. */
static const char *
word_name(const char *word, size_t *len)
{
	if (word[0] != '-' || word[1] == '\0')
		return NULL;
	if (word[1] != '-') {
		for (unsigned i = 0; word[2] == '\0' && i < RTE_DIM(letters); i++) {
			if (letters[i].letter != word[1])
				continue;
			*len = strlen(letters[i].name);
			return letters[i].name;
		}
		*len = strlen(word + 1);
		return word + 1;
	}
	*len = strcspn(word + 2, "=");
	return word + 2;
}

bool
options_known(const char *word)
{
	size_t len;
	const char *name;

	if (strncmp(word, "--", 2) != 0)
		return false;
	name = word_name(word, &len);
	return name != NULL &&
	    (opttable_find(name, len) != NULL || opttable_refused(name, len) != NULL);
}

/* A word as a line of error shows it: a long one is cut, so that the remedy stays in sight. */
static const char *
shown(const char *word, char *buf, size_t len)
{
	snprintf(buf, len, "%s", word);
	if (strlen(word) >= len)
		memcpy(buf + len - 4, "...", 4);
	return buf;
}

static int
unknown(const char *word, const char *name, size_t len, char *err, size_t errlen)
{
	const struct option_refused *r;
	const char *near;
	char cut[80];

	word = shown(word, cut, sizeof(cut));
	if (name == NULL) {
		snprintf(err, errlen, "%s: not an option; mfwd --help lists what there is", word);
		return -EINVAL;
	}
	r = opttable_refused(name, len);
	if (r != NULL) {
		snprintf(err, errlen,
		    "%s: an option of testpmd that mfwd does not have; nearest is %s", word,
		    r->nearest);
		return -ENOTSUP;
	}
	near = opttable_nearest(name, len);
	if (near != NULL)
		snprintf(err, errlen, "%s: no such option; the nearest is --%s", word, near);
	else
		snprintf(err, errlen, "%s: no such option; mfwd --help lists what there is", word);
	return -EINVAL;
}

/* One option at argv[0]; how many words it took, or negative. */
static int
parse_one(struct options *o, int argc, char **argv, char *err, size_t errlen)
{
	const struct option_row *r;
	const char *word = argv[0], *name, *val;
	char why[200] = "", cut[80];
	size_t len = 0;
	int used = 1;

	name = word_name(word, &len);
	r = name != NULL ? opttable_find(name, len) : NULL;
	if (r == NULL)
		return unknown(word, name, len, err, errlen);
	val = word[1] == '-' && word[2 + len] == '=' ? word + 2 + len + 1 : NULL;
	if (r->arg == NULL && val != NULL) {
		snprintf(err, errlen, "%s: --%s takes no value; leave it out",
		    shown(word, cut, sizeof(cut)), r->name);
		return -EINVAL;
	}
	if (r->arg != NULL && val == NULL) {
		if (argc < 2) {
			snprintf(
			    err, errlen, "--%s: no value; write --%s=%s", r->name, r->name, r->arg);
			return -EINVAL;
		}
		val = argv[1];
		used = 2;
	}
	if (r->parse(r, o, val, why, sizeof(why)) < 0) {
		snprintf(err, errlen, "--%s=%s: %s", r->name, shown(val, cut, sizeof(cut)), why);
		return -EINVAL;
	}
	return used;
}

/* What options mean together. */
static int
check(const struct options *o, char *err, size_t errlen)
{
	bool mirror = strcmp(mode_name(o->mode), "mirror") == 0;

	if (mirror && o->mirror_port < 0) {
		snprintf(err, errlen,
		    "--forward-mode=mirror: no port to mirror to; add --mirror-port=P");
		return -EINVAL;
	}
	if (!mirror && (o->mirror_port >= 0 || o->mirror_vlan != 0)) {
		snprintf(err, errlen, "--%s: only mode mirror has it; add --forward-mode=mirror",
		    o->mirror_port >= 0 ? "mirror-port" : "mirror-vlan");
		return -EINVAL;
	}
	for (unsigned i = 0; mirror && i < o->nportlist; i++) {
		if (o->portlist[i] != o->mirror_port)
			continue;
		snprintf(err, errlen,
		    "--mirror-port=%d: also in --portlist; the mirror port does not forward, take "
		    "it "
		    "out of one of them",
		    o->mirror_port);
		return -EINVAL;
	}
	return 0;
}

int
options_parse(struct options *o, int argc, char **argv, char *err, size_t errlen)
{
	for (int i = 0; i < argc;) {
		int used = parse_one(o, argc - i, argv + i, err, errlen);

		if (used < 0)
			return used;
		i += used;
	}
	if (o->help || o->version || o->man)
		return 0;
	return check(o, err, errlen);
}
