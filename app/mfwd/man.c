/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#include <stdio.h>
#include <string.h>

#include "drops.h"
#include "modes/modes.h"
#include "options.h"
#include "opttable.h"

/* --help and the man page, from the tables that the parser and the counters use. */

static void
wrap(FILE *f, const char *text, unsigned indent)
{
	unsigned col = indent;

	fprintf(f, "%*s", (int)indent, "");
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (col > indent && col + n > 78) {
			fprintf(f, "\n%*s", (int)indent, "");
			col = indent;
		} else if (col > indent) {
			fputc(' ', f);
			col++;
		}
		fwrite(text, 1, n, f);
		col += (unsigned)n;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}

void
options_help(FILE *f)
{
	const struct option_row *r;

	fprintf(f,
	    "Usage: mfwd [EAL options] -- [options]\n"
	    "Forward packets between the ports that EAL finds, as BSD mbuf chains.\n"
	    "EAL's options choose lcores, memory and ports: see mfwd(8).\n\n");
	for (unsigned i = 0; (r = opttable_at(i)) != NULL; i++) {
		fprintf(f, "  --%s%s%s\n", r->name, r->arg != NULL ? "=" : "",
		    r->arg != NULL ? r->arg : "");
		wrap(f, r->help, 8);
	}
}

static void
quote_char(FILE *f, char c)
{
	if (c == '\\')
		fputs("\\e", f);
	else if (c == '-')
		fputs("\\-", f);
	else
		fputc(c, f);
}

/* Text with what mandoc would take for markup made harmless; short lines, one sentence each. */
static void
quote(FILE *f, const char *text)
{
	unsigned col = 0;
	bool full = false;

	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (col > 0 && (full || col + n > 70)) {
			fputc('\n', f);
			col = 0;
		} else if (col > 0) {
			fputc(' ', f);
		}
		if (col == 0 && (*text == '.' || *text == '\''))
			fputs("\\&", f);
		for (size_t i = 0; i < n; i++)
			quote_char(f, text[i]);
		col += (unsigned)n + 1;
		full = text[n - 1] == '.';
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}

static void
man_options(FILE *f)
{
	const struct option_row *r;

	fputs(".Sh OPTIONS\n"
	      "The options of EAL come first, then\n.Fl Fl ,\nthen these:\n"
	      ".Bl -tag -width Ds\n",
	    f);
	for (unsigned i = 0; (r = opttable_at(i)) != NULL; i++) {
		fprintf(f, ".It Fl Fl %s", r->name);
		if (r->arg != NULL)
			fprintf(f, " Ns = Ns Ar %s", r->arg);
		fputc('\n', f);
		quote(f, r->help);
	}
	fputs(".El\n", f);
}

static void
man_lists(FILE *f)
{
	const struct mode *m;

	fputs(".Sh MODES\n.Bl -tag -width macswap\n", f);
	for (unsigned i = 0; (m = mode_at(i)) != NULL; i++) {
		fprintf(f, ".It Cm %s\n", mode_name(m));
		quote(f, mode_help(m));
	}
	fputs(".El\n.Sh DROP REASONS\nThe record and the summary count what was lost by these "
	      "names:\n"
	      ".Bl -tag -width mirror_nobuf\n",
	    f);
	for (enum drop d = 0; d < DROP_MAX; d++) {
		fprintf(f, ".It Cm %s\n", drop_name(d));
		quote(f, drop_help(d));
	}
	fputs(".El\n", f);
}

static const char head[] =
    ".\\\" SPDX-License-Identifier: BSD-3-Clause\n"
    ".\\\" Copyright (c) 2026, the mfwd authors\n"
    ".\\\" Made by mfwd --man from the tables of the program.\n"
    ".Dd November 25, 2026\n"
    ".Dt MFWD 8\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm mfwd\n"
    ".Nd forward packets between network ports in userspace, as BSD mbuf chains\n"
    ".Sh SYNOPSIS\n"
    ".Nm\n"
    ".Op Ar EAL options\n"
    ".Fl Fl\n"
    ".Op Ar options\n"
    ".Sh DESCRIPTION\n"
    "The\n.Nm\nprogram receives packets from the ports that the DPDK environment\n"
    "layer (EAL) finds,\n"
    "and sends each on the port that is its peer.\n"
    "Every packet is a BSD mbuf chain, whose clusters can be shared without a copy.\n"
    ".Pp\n"
    "The main lcore sleeps and does not forward: give at least two, which may\nshare a CPU, as\n"
    ".Fl Fl lcores Ns = Ns 0@0,1@1 .\n"
    "Where EAL is told of no lcores and only one CPU may be used,\n.Nm\ngives both lcores that "
    "CPU.\n"
    ".Pp\n"
    "A run ends after\n.Fl Fl duration ,\nafter\n.Fl Fl packets ,\nor by SIGINT or SIGTERM; "
    "never because the standard input ends.\n"
    "It then stops and closes the ports, and prints the totals and the balance\nof the pools.\n"
    "When it begins to forward, it prints a line that starts with\n"
    ".Dq mfwd: forwarding\n"
    "to the standard error.\n";

static const char tail[] =
    ".Sh EXIT STATUS\n"
    ".Bl -tag -width Ds\n"
    ".It 0\nThe run was good, and all buffers are back in their pools.\n"
    ".It 1\nThe run could not be made, or its record could not be written.\n"
    ".It 2\nThe command line is wrong.\n"
    ".El\n"
    "For 1 and 2, one line on the standard error names the thing, the value\nand the remedy.\n"
    ".Sh EXAMPLES\n"
    "Two ports without hardware, for one second:\n"
    ".Pp\n"
    ".Dl mfwd --no-huge --no-pci --vdev net_null0 --vdev net_null1 -- --duration=1\n"
    ".Pp\n"
    "Send what port 0 and 1 exchange to port 2 too, with VLAN tag 7:\n"
    ".Pp\n"
    ".Dl mfwd -l 0,1 -- --forward-mode=mirror --mirror-port=2 --mirror-vlan=7\n"
    ".Sh SEE ALSO\n"
    ".Xr mbuf 9\n"
    ".Pp\n"
    "The Getting Started Guide of DPDK, for the options of EAL.\n";

void
options_man(FILE *f)
{
	fputs(head, f);
	man_options(f);
	man_lists(f);
	fputs(tail, f);
}
