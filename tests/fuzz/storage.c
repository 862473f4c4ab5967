/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Foreign storage for MEXTADD, and for drivers that bring their own. */

#include "world.h"

#include <string.h>
#include <sys/mman.h>

#define PATTERN 0xa7

static void
check_returned(struct storage *s)
{
	uint32_t state = STORAGE_USED;
	unsigned i;

	if (s->writable && __atomic_load_n(&s->marked, __ATOMIC_ACQUIRE)) {
		for (i = 0; i < STORAGE; i++) {
			if (s->buf[i] != 0)
				FAIL("marked storage comes back with byte %u not zero", i);
		}
	}
	if (!s->writable) {
		for (i = 0; i < STORAGE; i++)
			MUST(s->buf[i] == PATTERN);
	}
	__atomic_store_n(&s->marked, 0, __ATOMIC_RELAXED);
	/* release: who takes the storage next has seen the checks end */
	if (!__atomic_compare_exchange_n(
		&s->state, &state, STORAGE_FREE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		FAIL("the free function ran twice");
}

/* The free function of MEXTADD. */
static void
extfree(void *buf, unsigned size, void *arg)
{
	struct storage *s = arg;

	MUST(buf == s->buf);
	MUST(size == STORAGE);
	check_returned(s);
}

/* The free callback of a driver's own shinfo. */
void
storage_shinfo_free(void *buf, void *arg)
{
	struct storage *s = arg;

	MUST(buf == s->buf);
	check_returned(s);
}

unsigned
storage_freefn(void)
{
	return mextfree_register(extfree);
}

void
storage_init(struct world *w)
{
	unsigned i;

	for (i = 0; i < STORAGES; i++) {
		struct storage *s = &w->storage[i];

		s->buf =
		    mmap(NULL, STORAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		MUST(s->buf != MAP_FAILED);
		memset(s->buf, PATTERN, STORAGE);
		s->writable = i % 2 == 0;
		if (!s->writable)
			MUST(mprotect(s->buf, STORAGE, PROT_READ) == 0);
	}
}

void
storage_fini(struct world *w)
{
	unsigned i;

	for (i = 0; i < STORAGES; i++) {
		if (__atomic_load_n(&w->storage[i].state, __ATOMIC_ACQUIRE) != STORAGE_FREE)
			FAIL("storage %u: the free function did not run", i);
		munmap(w->storage[i].buf, STORAGE);
	}
}

/* A buffer that nobody has, starting the search at which; NULL if all are out. */
struct storage *
storage_get(struct world *w, unsigned which)
{
	unsigned i;

	for (i = 0; i < STORAGES; i++) {
		struct storage *s = &w->storage[(which + i) % STORAGES];
		uint32_t state = STORAGE_FREE;

		/* acquire: pairs with the callback's release */
		if (__atomic_compare_exchange_n(
			&s->state, &state, STORAGE_USED, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return s;
	}
	return NULL;
}
