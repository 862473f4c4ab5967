/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef BSDMBUF_TAG_H
#define BSDMBUF_TAG_H

/*
 * Packet tags: mbuf_tags(9). A tag is owned by the packet header it hangs on, and is gone before
 * a driver gets the packet (m_unwrap). Type 0 is reserved.
 */

#include <bsdmbuf/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct m_tag {
	struct m_tag *m_tag_link; /* next of the packet */
	uint16_t m_tag_id;	  /* the type */
	uint16_t m_tag_len;	  /* bytes of data, right behind this struct */
	uint32_t m_tag_pad;
};

/* The data of a tag, aligned as a pointer. */
#define M_TAG_DATA(t) ((void *)((struct m_tag *)(t) + 1))

/* A new tag with len bytes (0 .. PACKET_TAG_MAXSIZE), the caller's until it is prepended, or
 * freed by m_tag_free(). NULL: EINVAL, ENOBUFS. mbuf_tags(9). */
M_API struct m_tag *m_tag_get(int type, int len, int how);

/* Free a tag that hangs on no packet. NULL is legal. Ours. */
M_API void m_tag_free(struct m_tag *t);

/* Hang t on m, first; m owns it now. mbuf_tags(9). */
M_API void m_tag_prepend(struct mbuf *m, struct m_tag *t);

/* Take t off m and free it; a t that is not on m is left alone. mbuf_tags(9). */
M_API void m_tag_delete(struct mbuf *m, struct m_tag *t);

/* Free all tags of m. mbuf_tags(9). */
M_API void m_tag_delete_chain(struct mbuf *m);

/* The first tag of a type behind t, or of all if t is NULL; NULL if none. mbuf_tags(9). */
M_API struct m_tag *m_tag_find(const struct mbuf *m, int type, struct m_tag *t);

/* A copy of t, the caller's. NULL: ENOBUFS. mbuf_tags(9). */
M_API struct m_tag *m_tag_copy(const struct m_tag *t, int how);

/*
 * Copy all tags of from to to, in order; to's own are freed first. 1, or 0 when one could not be
 * made: to has then none (as BSD: 1 is success). mbuf_tags(9).
 */
M_API int m_tag_copy_chain(struct mbuf *to, const struct mbuf *from, int how);

/* Walk the tags. NULL at the end. mbuf_tags(9). */
M_API struct m_tag *m_tag_first(const struct mbuf *m);
M_API struct m_tag *m_tag_next(const struct mbuf *m, const struct m_tag *t);

#ifdef __cplusplus
}
#endif

#endif /* BSDMBUF_TAG_H */
