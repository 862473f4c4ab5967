/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef MBENCH_OPS_LIBRARY_H
#define MBENCH_OPS_LIBRARY_H

/* The library's operations, for --ops. Part of row_library.c. */

#include "ops.h"

static struct mbuf *ops_held[OPS_HELD];

static int
ops_setup(void)
{
	int rc = m_get_bulk(ops_held, OPS_HELD);

	for (unsigned i = 0; rc == 0 && i < OPS_HELD; i++) {
		ops_held[i]->m_len = OPS_LENGTH;
		ops_held[i]->m_pkthdr.len = OPS_LENGTH;
	}
	return rc;
}

static void
ops_teardown(void)
{
	m_freem_bulk(ops_held, OPS_HELD);
	m_flush();
}

/* Puts data and lengths back where they were before the steps. */
static inline void
ops_rewind(int bytes)
{
	for (unsigned i = 0; i < OPS_HELD; i++) {
		ops_held[i]->m_rte.data_off = (uint16_t)(ops_held[i]->m_rte.data_off + bytes);
		ops_held[i]->m_len = OPS_LENGTH;
		ops_held[i]->m_pkthdr.len = OPS_LENGTH;
	}
}

static void
ops_get(unsigned batches)
{
	struct mbuf *v[OPS_HELD];

	for (unsigned b = 0; b < batches; b++) {
		if (m_get_bulk(v, OPS_HELD) != 0)
			return;
		OPS_BARRIER();
		m_freem_bulk(v, OPS_HELD);
	}
}

static void
ops_share(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++)
		for (unsigned i = 0; i < OPS_HELD; i++) {
			struct mbuf *m = m_copym(ops_held[i], 0, M_COPYALL, M_DONTWAIT);

			OPS_BARRIER();
			m_freem(m);
		}
}

static void
ops_share_bulk(unsigned batches)
{
	struct mbuf *ref[OPS_HELD];

	for (unsigned b = 0; b < batches; b++) {
		unsigned n = m_copym_bulk(ops_held, ref, OPS_HELD);

		OPS_BARRIER();
		m_freem_bulk(ref, n);
	}
}

static void
ops_pullup(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++)
		for (unsigned i = 0; i < OPS_HELD; i++) {
			ops_held[i] = m_pullup(ops_held[i], 40);
			OPS_BARRIER();
		}
}

static void
ops_adj(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++) {
		for (unsigned k = 0; k < OPS_STEPS; k++)
			for (unsigned i = 0; i < OPS_HELD; i++) {
				m_adj(ops_held[i], OPS_BYTES);
				OPS_BARRIER();
			}
		ops_rewind(-OPS_BYTES * OPS_STEPS);
	}
}

static void
ops_prepend(unsigned batches)
{
	for (unsigned b = 0; b < batches; b++) {
		for (unsigned k = 0; k < OPS_STEPS; k++)
			for (unsigned i = 0; i < OPS_HELD; i++) {
				M_PREPEND(ops_held[i], OPS_BYTES, M_DONTWAIT);
				OPS_BARRIER();
			}
		ops_rewind(OPS_BYTES * OPS_STEPS);
	}
}

static const struct mb_opset library_ops = {
    .setup = ops_setup,
    .teardown = ops_teardown,
    .op =
	{
	    [MB_OP_GET] = {"m_get_bulk + m_freem_bulk", OPS_HELD, ops_get},
	    [MB_OP_SHARE] = {"m_copym + m_freem", OPS_HELD, ops_share},
	    [MB_OP_SHARE_BULK] = {"m_copym_bulk + m_freem_bulk", OPS_HELD, ops_share_bulk},
	    [MB_OP_PULLUP] = {"m_pullup", OPS_HELD, ops_pullup},
	    [MB_OP_ADJ] = {"m_adj", OPS_HELD *OPS_STEPS, ops_adj},
	    [MB_OP_PREPEND] = {"M_PREPEND", OPS_HELD *OPS_STEPS, ops_prepend},
	},
};

#endif
