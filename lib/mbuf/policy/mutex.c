/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* A driver frees a follower: mutex.h. */

#include "policy/policy.h"

void
m_mutex_freecb(void *addr, void *follower)
{
	struct rte_mbuf *l = mutex_leave(follower);
	struct m_coll c;

	(void)addr;
	if (l == NULL)
		return;
	m_coll_init(&c);
	lead_drop(&c, l);
	m_coll_flush(&c);
}
