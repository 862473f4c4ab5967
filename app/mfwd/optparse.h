/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MFWD_OPTPARSE_H
#define MFWD_OPTPARSE_H

#include "opttable.h"

/* The kinds of option values; the rows of the table name one each. */
#define OPT_PARSER(name)                                                                           \
	int name(const struct option_row *r, struct options *o, const char *val, char *err,        \
	    size_t errlen)

OPT_PARSER(opt_flag);
OPT_PARSER(opt_always);
OPT_PARSER(opt_u32);
OPT_PARSER(opt_u64);
OPT_PARSER(opt_seconds);
OPT_PARSER(opt_string);
OPT_PARSER(opt_mode);
OPT_PARSER(opt_topology);
OPT_PARSER(opt_idle);
OPT_PARSER(opt_port);
OPT_PARSER(opt_portlist);

#endif
