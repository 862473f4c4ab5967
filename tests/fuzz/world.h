/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

/*
 * A world of mbuf chains beside a model of each: a flat array of the bytes that it must have. An
 * operation is eight bytes, so a random number generator, a file and libFuzzer can all drive it,
 * and a sequence of operations means the same each time.
 */

#include <bsdmbuf/mbuf.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAXLEN 6000 /* bytes a chain of the model may have */
#define MAXTAGS 4
#define SLOTS 12
#define QUEUED 8   /* packets that a list of the model may have */
#define STORAGES 8 /* foreign buffers */
#define STORAGE 4096
#define MARKS 16
#define HOGS 128
#define ZOMBIES 64
#define CLUSTERS 192
#define MBUFS 384

struct op {
	uint8_t code; /* index of the operation, modulo their number */
	uint8_t slot;
	uint16_t a, b, c;
};

/* What a chain must be. */
struct chain {
	struct mbuf *m;
	unsigned len;
	bool hdr;
	unsigned ntags;
	struct {
		uint16_t id;
		uint8_t len, fill;
	} tags[MAXTAGS];
	uint8_t bytes[MAXLEN];
};

struct fifo {
	struct chain *c[QUEUED];
	unsigned n;
};

enum {
	STORAGE_FREE,
	STORAGE_USED,
};

/* Foreign storage. The read-only ones are mapped so that a write faults. */
struct storage {
	uint8_t *buf;
	bool writable;
	uint32_t state;	 /* atomic: the callback may run on another lcore */
	uint32_t marked; /* atomic */
	struct rte_mbuf_ext_shared_info shinfo;
};

struct world {
	struct chain *slot[SLOTS];
	struct mbuf_list ml;
	struct mbuf_queue mq;
	struct fifo mlist, mqueue;
	struct storage storage[STORAGES];
	struct mbuf *hog[HOGS];
	unsigned nhog;
	struct {
		uint8_t *buf;
		unsigned len;
	} mark[MARKS];
	unsigned nmarks;
	/*
	 * Headers that a driver freed while their own room was shared and they referred to another
	 * cluster (m_defrag()): they hold that one until the last holder of their room is gone.
	 */
	const struct mbuf *zombie[ZOMBIES];
	unsigned nzombies;
	bool alone;		   /* no other lcore holds references: counts are exact */
	uint64_t refused;	   /* calls that found a pool empty */
	uint32_t noise;		   /* state of the content generator */
	struct rte_ring *in, *out; /* chains from and to other lcores */
};

struct op_desc {
	const char *name;
	void (*run)(struct world *w, const struct op *op);
};

/* The tables of operations, each ended by a NULL name. */
extern const struct op_desc ops_alloc[], ops_chain[], ops_share[], ops_header[], ops_list[],
    ops_driver[];

/* world.c: the world, its slots and content. */
int world_setup(void);
void world_init(struct world *w, bool alone);
void world_fini(struct world *w);
void world_empty(struct world *w);
void world_balance(void);
struct rte_mempool *world_foreign_pool(void);
struct rte_mempool *world_pinned_pool(void);
struct chain *world_have(struct world *w, unsigned slot);
struct chain *world_other(struct world *w, unsigned slot, const struct chain *c);
struct chain *world_new(struct world *w, struct mbuf *m);
void world_drop(struct world *w, struct chain *c);
void world_forget(struct world *w, struct chain *c);
struct chain *world_take(struct world *w, struct chain *c);
void world_put(struct world *w, struct chain *c);
void world_fill(struct world *w, void *p, unsigned n);

/* run.c: operations as a sequence. */
unsigned run_count(void);
const struct op_desc *run_desc(unsigned code);
int run_find(const char *name);
void run_one(struct world *w, const struct op *op);
void run_all(struct world *w, const struct op *ops, size_t n);

/* check.c: fail() says where and aborts; the checks call it. */
void fail(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
#define FAIL(...) fail(__FILE__, __LINE__, __VA_ARGS__)
#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			FAIL("not so: %s", #cond);                                                 \
	} while (0)
void check_chain(const struct chain *c);
void check_world(struct world *w);
void check_marks(struct world *w);
void check_zombies(struct world *w);
unsigned check_holders(const struct world *w, const struct mbuf *m);

/* storage.c: foreign storage. */
void storage_init(struct world *w);
void storage_fini(struct world *w);
struct storage *storage_get(struct world *w, unsigned which);
unsigned storage_freefn(void);
void storage_shinfo_free(void *buf, void *arg);

#endif /* FUZZ_WORLD_H */
