/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef M_DEBUG_H
#define M_DEBUG_H

/* What a build with mbuf_debug does more, and the hooks for it. internal.h includes this. */

#ifdef MBUF_DEBUG

/* The journal of one mbuf, behind its room. All fields are atomic: a leader's has many writers. */
struct m_trace {
	const void *got, *shared, *sent, *freed; /* the caller's address */
	uint32_t got_by, shared_by, sent_by, freed_by;
	uint32_t busy;	 /* thread that is in a function with it, or 0 */
	uint32_t poison; /* its room was poisoned when it was freed */
	uint32_t seen;	 /* m_debug_leaks() */
} __rte_aligned(64);
#define M_TRACE_SIZE sizeof(struct m_trace)

/* One public function on the stack. The outermost one's caller is who the journal names. */
struct m_entry {
	const struct mbuf *m; /* marked as busy, or NULL */
};
struct m_entry m_entry_begin(const struct mbuf *m, const char *where, const void *caller);
void m_entry_end(struct m_entry *e);

/* An mbuf comes from its pool, goes there, is shared, given to a driver. */
void m_frompool(struct mbuf *m);
void m_topool(struct mbuf *m);
void m_isshared(struct rte_mbuf *r);
void m_issent(struct mbuf *m);
void m_iswrapped(struct mbuf *m);
/* Its room was zeroed, for M_ZEROIZE: no poison. */
void m_iszero(struct mbuf *m);
/* Its owner gives up the header of a leader that others still use. */
void m_giveup(struct rte_mbuf *r);

#define M_PASTE2(a, b) a##b
#define M_PASTE(a, b) M_PASTE2(a, b)
#define M_ENTRY_OF(m)                                                                              \
	__attribute__((cleanup(m_entry_end), unused)) struct m_entry M_PASTE(m_entry_, __LINE__) = \
	    m_entry_begin((m), __func__, __builtin_return_address(0))

/* Every public function that takes a chain begins with M_CHECK(), one that only allocates with
 * M_ENTRY(). They are declarations. */
#define M_CHECK(m) M_ENTRY_OF(m)
#define M_ENTRY() M_ENTRY_OF(NULL)
#define M_FROMPOOL(m) m_frompool(m)
#define M_TOPOOL(m) m_topool(m)
#define M_SHARED(r) m_isshared(r)
#define M_SENT(m) m_issent(m)
#define M_WRAPPED(m) m_iswrapped(m)
#define M_ZEROED(m) m_iszero(m)
#define M_GIVEUP(r) m_giveup(r)

#else

#define M_TRACE_SIZE 0
#define M_CHECK(m) ((void)(m))
#define M_ENTRY() ((void)0)
#define M_FROMPOOL(m) ((void)(m))
#define M_TOPOOL(m) ((void)(m))
#define M_SHARED(r) ((void)(r))
#define M_SENT(m) ((void)(m))
#define M_WRAPPED(m) ((void)(m))
#define M_ZEROED(m) ((void)(m))
#define M_GIVEUP(r) ((void)(r))

#endif

#endif /* M_DEBUG_H */
