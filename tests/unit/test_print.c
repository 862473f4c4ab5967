/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* m_print: what it says, and that it says all of a chain. */

#include "unit.h"

static char text[4096];

static const char *
printed(const struct mbuf *m)
{
	FILE *f = fmemopen(text, sizeof(text), "w");

	assert_non_null(f);
	m_print(m, f);
	fclose(f);
	return text;
}

static void
test_print(void **state)
{
	struct mbuf *m = unit_chain(2, 10, 0), *n, *other;
	unsigned lines = 0;

	(void)state;
	assert_non_null(strstr(printed(NULL), "null"));
	n = unit_small(7, 0);
	m_cat(m, n); /* copied: there is room */
	m->m_next->m_next = unit_small(3, 0);
	m_calchdrlen(m);
	m_setflags(m, M_BCAST | M_VLANTAG);
	m_tag_prepend(m, m_tag_get(77, 12, M_DONTWAIT));
	assert_int_equal(m_zero(m->m_next), 0);
	other = m_copym(m, 0, M_COPYALL, M_DONTWAIT);
	printed(m);
	for (const char *p = text; (p = strstr(p, "\n  mbuf 0x")) != NULL; p++)
		lines++;
	assert_int_equal(lines, 3);
	assert_non_null(strstr(text, "packet of 30 bytes in 3 segments"));
	assert_non_null(strstr(text, "tag 77, 12 bytes"));
	assert_non_null(strstr(text, "<M_EXT,M_PKTHDR,M_EXTWR,M_VLANTAG,M_BCAST> len 10"));
	assert_non_null(strstr(text, "M_ZEROIZE"));
	assert_non_null(strstr(text, "refs 2"));
	assert_non_null(strstr(text, "refs 1"));
	m_freem(other);
	m_freem(m);
}

/* It prints what is there, also of a chain whose head tells lies, and changes nothing. */
static void
test_print_invalid(void **state)
{
	struct mbuf *m = unit_small(5, 0);

	(void)state;
	m->m_pkthdr.len = 99;
	m->m_rte.nb_segs = 4;
	assert_non_null(strstr(printed(m), "packet of 99 bytes in 4 segments"));
	assert_non_null(strstr(text, " len 5 "));
	m_calchdrlen(m);
	unit_check(m, 5, 0);
	m_freem(m);
}

static const struct CMUnitTest unit_tests[] = {
    UNIT_TEST(test_print),
    UNIT_TEST(test_print_invalid),
};

UNIT_MAIN("print")
