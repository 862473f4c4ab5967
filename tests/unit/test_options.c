/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* The option table and its parser. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>

#include "modes/modes.h"
#include "options.h"
#include "opttable.h"

static char err[400];

/* Parse words divided by spaces. */
static int
parse(struct options *o, const char *line)
{
	static char buf[512];
	char *argv[32], *save = NULL;
	int argc = 0;

	snprintf(buf, sizeof(buf), "%s", line);
	for (char *w = strtok_r(buf, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	options_init(o);
	err[0] = '\0';
	return options_parse(o, argc, argv, err, sizeof(err));
}

static void
defaults(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, ""), 0);
	assert_string_equal(mode_name(o.mode), "io");
	assert_int_equal(o.nb_cores, 1);
	assert_int_equal(o.rxq, 1);
	assert_int_equal(o.burst, 32);
	assert_int_equal(o.mbcache, 250);
	assert_int_equal(o.mirror_port, -1);
	assert_int_equal(o.idle, IDLE_POLL);
}

static void
all_of_them(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o,
			     "--forward-mode=macswap --nb-cores 2 --rxq=3 --txq=4 --rxd=512 "
			     "--txd=256 --burst=64 --mbcache=100 --mbuf-size=4096 "
			     "--total-num-mbufs=9999 --max-pkt-len=9000 --portlist=3,0-1 "
			     "--port-topology=chained --stats-period=5 --tx-first --duration=1.5 "
			     "--packets=10000000000 --json=- --idle=sleep --print-plan -a "
			     "--no-flush-rx --no-mlockall"),
	    0);
	assert_string_equal(mode_name(o.mode), "macswap");
	assert_int_equal(o.nb_cores, 2);
	assert_int_equal(o.rxq, 3);
	assert_int_equal(o.txq, 4);
	assert_int_equal(o.rxd, 512);
	assert_int_equal(o.txd, 256);
	assert_int_equal(o.burst, 64);
	assert_int_equal(o.mbcache, 100);
	assert_int_equal(o.mbuf_size, 4096);
	assert_int_equal(o.total_mbufs, 9999);
	assert_int_equal(o.max_pkt_len, 9000);
	assert_int_equal(o.nportlist, 3);
	assert_int_equal(o.portlist[0], 3);
	assert_int_equal(o.portlist[1], 0);
	assert_int_equal(o.portlist[2], 1);
	assert_int_equal(o.topology, TOPOLOGY_CHAINED);
	assert_int_equal(o.stats_period, 5);
	assert_true(o.tx_first);
	assert_true(o.duration == 1.5);
	assert_true(o.packets == UINT64_C(10000000000));
	assert_string_equal(o.json, "-");
	assert_int_equal(o.idle, IDLE_SLEEP);
	assert_true(o.print_plan);
	assert_int_equal(parse(&o, "--forward-mode=mirror --mirror-port=2 --mirror-vlan=7"), 0);
	assert_int_equal(o.mirror_port, 2);
	assert_int_equal(o.mirror_vlan, 7);
}

/* What is wrong is told in one line that names the option, its value and a way out. */
static void
wrong_ones(void **state)
{
	static const struct {
		const char *line, *names, *remedy;
	} v[] = {
	    {"--burts=4", "--burts=4", "--burst"},
	    {"--quite-something-else", "--quite-something-else", "--help"},
	    {"word", "word", "--help"},
	    {"-", "-", "--help"},
	    {"-x", "-x", "--help"},
	    {"-xyz", "-xyz", "--help"},
	    {"--", "--", "--help"},
	    {"--=3", "--=3", "--help"},
	    {"--burst", "--burst", "--burst=N"},
	    {"--burst=", "--burst=", "from 0 to 512"},
	    {"--burst=-1", "--burst=-1", "from 0 to 512"},
	    {"--burst=513", "--burst=513", "from 0 to 512"},
	    {"--burst=3x", "--burst=3x", "from 0 to 512"},
	    {"--burst=0x10", "--burst=0x10", "from 0 to 512"},
	    {"--packets=0", "--packets=0", "from 1"},
	    {"--packets=99999999999999999999", "--packets=99999", "from 1"},
	    {"--duration=0", "--duration=0", "seconds"},
	    {"--duration=-1", "--duration=-1", "seconds"},
	    {"--duration=nan", "--duration=nan", "seconds"},
	    {"--duration=1e99", "--duration=1e99", "seconds"},
	    {"--duration=inf", "--duration=inf", "seconds"},
	    {"--duration=1s", "--duration=1s", "seconds"},
	    {"--forward-mode=mac", "--forward-mode=mac", "io|macswap|mirror"},
	    {"--forward-mode=nix", "--forward-mode=nix", "io|macswap|mirror"},
	    {"--port-topology=ring", "--port-topology=ring", "paired|chained|loop"},
	    {"--idle=wait", "--idle=wait", "poll|pause|sleep"},
	    {"--portlist=0,0", "--portlist=0,0", "once"},
	    {"--portlist=0-", "--portlist=0-", "0,2-3"},
	    {"--portlist=3-1", "--portlist=3-1", "0,2-3"},
	    {"--portlist=0,", "--portlist=0,", "0,2-3"},
	    {"--portlist=0-99999", "--portlist=0-99999", "from 0"},
	    {"--json=", "--json=", "file"},
	    {"--tx-first=2", "--tx-first=2", "leave it out"},
	    {"--mirror-vlan=4095", "--mirror-vlan=4095", "to 4094"},
	    {"--mirror-port=1", "--mirror-port", "--forward-mode=mirror"},
	    {"--mirror-vlan=1", "--mirror-vlan", "--forward-mode=mirror"},
	    {"--forward-mode=mirror", "--forward-mode=mirror", "--mirror-port"},
	    {"--forward-mode=mirror --mirror-port=1 --portlist=0,1", "--mirror-port=1",
		"--portlist"},
	    {"-i", "-i", "--stats-period"},
	    {"--coremask=0x6", "--coremask=0x6", "--nb-cores"},
	    {"--eth-peer=0,02:00:00:00:00:01", "--eth-peer=0", "macswap"},
	};

	(void)state;
	for (unsigned i = 0; i < RTE_DIM(v); i++) {
		struct options o;

		if (parse(&o, v[i].line) >= 0)
			fail_msg("%s was taken", v[i].line);
		if (strstr(err, v[i].names) == NULL || strstr(err, v[i].remedy) == NULL ||
		    strchr(err, '\n') != NULL)
			fail_msg("%s: \"%s\"", v[i].line, err);
	}
}

/* Every row can be found, takes what it says it takes, and no other row has its name. */
static void
the_table(void **state)
{
	const struct option_row *r;

	(void)state;
	for (unsigned i = 0; (r = opttable_at(i)) != NULL; i++) {
		assert_ptr_equal(opttable_find(r->name, strlen(r->name)), r);
		assert_null(opttable_refused(r->name, strlen(r->name)));
		assert_non_null(r->parse);
		assert_true(strlen(r->help) > 10);
		assert_string_equal(options_name(i), r->name);
	}
	assert_null(options_name(10000));
	assert_true(options_known("--burst=3"));
	assert_true(options_known("--coremask"));
	assert_false(options_known("--no-pci"));
	assert_false(options_known("-l"));
}

/* Help and man page name every option of the table. */
static void
printed(void **state)
{
	const struct option_row *r;
	char *help = NULL, *man = NULL, word[64];
	size_t n;
	FILE *f;

	(void)state;
	f = open_memstream(&help, &n);
	options_help(f);
	fclose(f);
	f = open_memstream(&man, &n);
	options_man(f);
	fclose(f);
	for (unsigned i = 0; (r = opttable_at(i)) != NULL; i++) {
		snprintf(word, sizeof(word), "  --%s%s%s\n", r->name, r->arg != NULL ? "=" : "",
		    r->arg != NULL ? r->arg : "");
		assert_non_null(strstr(help, word));
		snprintf(
		    word, sizeof(word), ".It Fl Fl %s%s", r->name, r->arg != NULL ? " Ns" : "\n");
		assert_non_null(strstr(man, word));
	}
	free(help);
	free(man);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults),
	    cmocka_unit_test(all_of_them),
	    cmocka_unit_test(wrong_ones),
	    cmocka_unit_test(the_table),
	    cmocka_unit_test(printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
