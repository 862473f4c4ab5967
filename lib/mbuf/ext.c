/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Foreign storage: MEXTADD, and extbufs that others attached. share.h.
 *
 * MEXTADD takes one mbuf more from the header pool, the record. Its room holds the count and what
 * the last dropper needs; the mbuf itself and all who share it are EXTERNAL and refer to the
 * record. So whoever is last, a driver too, finds the record, and no mbuf freed early is needed.
 */

#include <string.h>

#include <rte_lcore.h>
#include <rte_memory.h>
#include <rte_spinlock.h>

#include "blank.h"
#include "internal.h"
#include "policy/policy.h"

struct record {
	struct rte_mbuf_ext_shared_info shinfo;
	void *buf;
	void *arg;
	m_extfree_fn fn;
	uint32_t size;
	uint32_t flags;
	uint32_t zero; /* atomic (hazard 3): zero the storage at the last drop */
};
M_ASSERT(sizeof(struct record) <= MSIZE);

static struct {
	rte_spinlock_t lock;
	unsigned n; /* atomic: entries of fn[] that may be read */
	m_extfree_fn fn[M_EXTFREE_MAX];
} reg;

unsigned
mextfree_register(m_extfree_fn fn)
{
	unsigned i;

	if (fn == NULL)
		return UINT32_MAX;
	rte_spinlock_lock(&reg.lock);
	for (i = 0; i < reg.n && reg.fn[i] != fn; i++)
		;
	if (i == reg.n && i < M_EXTFREE_MAX) {
		reg.fn[i] = fn;
		/* release: an index that is seen has its function */
		__atomic_store_n(&reg.n, i + 1, __ATOMIC_RELEASE);
	}
	rte_spinlock_unlock(&reg.lock);
	return i < M_EXTFREE_MAX ? i : UINT32_MAX;
}

/*
 * The last reference is gone. Everything is read from the record, nothing from the mbuf that
 * happened to be last (hazard 7).
 */
static void
record_free(void *addr, void *opaque)
{
	struct rte_mbuf *r = opaque;
	struct record *rec = r->buf_addr;
	void *buf = M_BREAKS(7) ? (char *)addr + 1 : rec->buf;

	/*
	 * DPDK sees the last reference by a relaxed load (hazard 13). acquire: what the others did
	 * with the storage is over. A load, for TSan does not know fences.
	 */
	if (!M_BREAKS(13))
		(void)__atomic_load_n(&rec->shinfo.refcnt, __ATOMIC_ACQUIRE);
	/* relaxed: whoever marked it has dropped his reference since */
	if (__atomic_load_n(&rec->zero, __ATOMIC_RELAXED) != 0 &&
	    ((rec->flags & M_EXTWR) != 0 || M_BREAKS(9)))
		explicit_bzero(rec->buf, rec->size);
	rec->fn(buf, rec->size, rec->arg);
	M_TOPOOL(m_fromrte(r));
	rte_mempool_put(r->pool, r);
}

static struct record *
record_of(const struct rte_mbuf *r)
{
	if ((r->ol_flags & RTE_MBUF_F_EXTERNAL) == 0 || r->shinfo->free_cb != record_free)
		return NULL;
	return (struct record *)r->shinfo;
}
M_ASSERT(offsetof(struct record, shinfo) == 0);

int
m_extadd(struct mbuf *m, void *buf, unsigned size, unsigned flags, unsigned freefn, void *arg)
{
	struct rte_mbuf *r = &m->m_rte, *rm;
	struct record *rec;
	void *obj;

	M_CHECK(m);
	/* acquire: pairs with mextfree_register(); relaxed: a count of 1 is m's own, and of a
	 * marked mbuf it is not 1 */
	if (m_hascluster(m) || __atomic_load_n(&r->refcnt, __ATOMIC_RELAXED) != 1 || buf == NULL ||
	    size == 0 || size > UINT16_MAX || (flags & ~(unsigned)M_EXTWR) != 0 ||
	    freefn >= __atomic_load_n(&reg.n, __ATOMIC_ACQUIRE))
		return -EINVAL;
	if ((obj = m_rawget1(m_mynode()->header)) == NULL)
		return -ENOBUFS;
	rm = obj;
	rec = rm->buf_addr;
	*rec = (struct record){
	    .shinfo = {.free_cb = record_free, .fcb_opaque = rm, .refcnt = 1},
	    .buf = buf,
	    .arg = arg,
	    .fn = reg.fn[freefn],
	    .size = size,
	    .flags = flags,
	};
	r->buf_addr = buf;
	compat_setiova(r, m_state.iova_va ? (rte_iova_t)(uintptr_t)buf : rte_mem_virt2iova(buf));
	r->buf_len = (uint16_t)size;
	r->data_off = 0;
	r->data_len = 0;
	r->shinfo = &rec->shinfo;
	r->ol_flags |= RTE_MBUF_F_EXTERNAL;
	return 0;
}

int
m_extshare(struct rte_mbuf *n, const struct rte_mbuf *m)
{
	int rc = lead_refcount(&m->shinfo->refcnt);

	if (rc != 0)
		return rc;
	m_viewroom(n, m);
	n->shinfo = m->shinfo;
	n->ol_flags |= RTE_MBUF_F_EXTERNAL;
	return 0;
}

bool
m_extwritable(const struct mbuf *m)
{
	const struct record *rec = mpol_isfollower(&m->m_rte) ? NULL : record_of(&m->m_rte);

	return rec == NULL || (rec->flags & M_EXTWR) != 0;
}

bool
m_extiszeroed(const struct mbuf *m)
{
	const struct record *rec = record_of(&m->m_rte);

	/* acquire: the mark goes with the writes of who set it */
	return rec != NULL && __atomic_load_n(&rec->zero, __ATOMIC_ACQUIRE) != 0;
}

int
m_extzero(struct mbuf *m)
{
	struct record *rec = record_of(&m->m_rte);

	if (rec == NULL)
		return -ENOTSUP;
	/* release: pairs with m_extiszeroed() */
	if ((rec->flags & M_EXTWR) != 0 || M_BREAKS(9))
		__atomic_store_n(&rec->zero, 1, __ATOMIC_RELEASE);
	return 0;
}
