/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/* Start, end, and the pools: pool.h. */

#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mbuf_dyn.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_memzone.h>

#include "internal.h"
#include "policy/policy.h"

#define DEF_NMBUFS 8192
#define DEF_NCLUSTERS 8192
#define DEF_CACHE 256

struct m_hot m_hot;
struct m_state m_state;
M_TLS struct m_lcore m_lcore = {.node = &m_state.node[0], .lcore = LCORE_ID_ANY};

static struct rte_mempool_cache *
cache_of(struct rte_mempool *mp, unsigned lcore)
{
	return mp == NULL ? NULL : rte_mempool_default_cache(mp, lcore);
}

void
m_here_slow(void)
{
	unsigned s = rte_socket_id(); /* of no lcore: SOCKET_ID_ANY, which is a large number */
	const struct m_node *node =
	    &m_state.node[s < RTE_DIM(m_state.by_socket) ? m_state.by_socket[s] : 0];

	m_lcore.node = node;
	m_lcore.lcore = rte_lcore_id();
	m_lcore.mp[0] = node->header;
	m_lcore.mp[1] = node->cluster;
	for (unsigned i = 0; i < 2; i++)
		m_lcore.cache[i] = cache_of(m_lcore.mp[i], m_lcore.lcore);
	m_lcore.generation = m_state.generation;
}

static void
pools_free(void)
{
	unsigned generation = m_state.generation + 1;

	for (unsigned i = 0; i < m_state.nnodes; i++) {
		rte_mempool_free(m_state.node[i].cluster);
		rte_mempool_free(m_state.node[i].header);
	}
	memset(&m_state, 0, sizeof(m_state));
	m_state.generation = generation;
}

static void
memzone_free(struct rte_mempool_memhdr *memhdr, void *mz)
{
	(void)memhdr;
	rte_memzone_free(mz);
}

/*
 * Among small pages DPDK lays no object across two of them, so clusters would lie a page apart:
 * their headers then share eight ways of one set of the first cache, and half of the memory is
 * lost. It does so for IO addresses, which are contiguous anyhow where they are virtual addresses;
 * so objects are laid end to end, each with its IO address, which DPDK asks for at every detach.
 */
static int
populate(struct rte_mempool *mp)
{
	const struct rte_memzone *mz;
	size_t chunk, align;
	ssize_t size;
	int n;

	if (rte_eal_has_hugepages() || !m_state.iova_va)
		return rte_mempool_populate_default(mp);
	size = rte_mempool_op_calc_mem_size_default(mp, mp->size, 0, &chunk, &align);
	if (size < 0)
		return (int)size;
	mz = rte_memzone_reserve_aligned(mp->name, (size_t)size, mp->socket_id, 0, (unsigned)align);
	if (mz == NULL)
		return -ENOMEM;
	/* the flag lets objects cross pages; that IO addresses are contiguous is true all the same
	 */
	mp->flags |= RTE_MEMPOOL_F_NO_IOVA_CONTIG;
	n = rte_mempool_populate_iova(mp, mz->addr, (rte_iova_t)(uintptr_t)mz->addr, mz->len,
	    memzone_free, (void *)(uintptr_t)mz);
	mp->flags &= ~(unsigned)(RTE_MEMPOOL_F_NO_IOVA_CONTIG | RTE_MEMPOOL_F_NON_IO);
	return n;
}

/* With the journal behind the room, in debug builds. */
static unsigned
object_size(unsigned room)
{
	return (unsigned)sizeof(struct mbuf) +
	    (M_TRACE_SIZE == 0
		    ? room
		    : RTE_ALIGN_CEIL(room, RTE_CACHE_LINE_SIZE) + (unsigned)M_TRACE_SIZE);
}

static struct rte_mempool *
pool_create(enum m_pool_kind kind, int socket, unsigned n, unsigned room, unsigned cache)
{
	struct rte_pktmbuf_pool_private rpp = {
	    .mbuf_data_room_size = (uint16_t)room,
	    .mbuf_priv_size = sizeof(struct m_private),
	};
	char name[RTE_MEMPOOL_NAMESIZE];
	struct m_pool_private *pp;
	struct rte_mempool *mp;

	snprintf(name, sizeof(name), M_POOL_PREFIX "_%s%d",
	    kind == M_POOL_CLUSTER ? "cluster" : "header", socket);
	mp = rte_mempool_create_empty(name, n, object_size(room), cache, sizeof(*pp), socket, 0);
	if (mp == NULL)
		return NULL;
	if (rte_mempool_set_ops_byname(mp, rte_mbuf_best_mempool_ops(), NULL) != 0) {
		rte_mempool_free(mp);
		return NULL;
	}
	rte_pktmbuf_pool_init(mp, &rpp);
	if (populate(mp) != (int)n) {
		rte_mempool_free(mp);
		rte_errno = ENOMEM;
		return NULL;
	}
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL); /* which zeroes the private line */
	pp = rte_mempool_get_priv(mp);
	pp->kind = kind;
	pp->socket = (uint32_t)socket;
	pp->magic = M_POOL_MAGIC ^ (uint64_t)(uintptr_t)mp;
	return mp;
}

/* The flag, or 0 when none is free. A flag that is there from an earlier m_init() is found. */
static uint64_t
dynflag(const char *name)
{
	struct rte_mbuf_dynflag desc = {0};
	int bit;

	snprintf(desc.name, sizeof(desc.name), "%s", name);
	bit = rte_mbuf_dynflag_register(&desc);
	return bit < 0 ? 0 : RTE_BIT64(bit);
}

/* Fill in the defaults; -EINVAL for what cannot be. */
static int
conf_check(struct m_conf *c)
{
	unsigned n;

	if (c->nmbufs == 0)
		c->nmbufs = DEF_NMBUFS;
	if (c->nclusters == 0)
		c->nclusters = DEF_NCLUSTERS;
	if (c->cluster_size == 0)
		c->cluster_size = MCLBYTES;
	if (c->cluster_size <= MSIZE || c->cluster_size > MAXMCLBYTES)
		return -EINVAL;
	n = RTE_MIN(c->nmbufs, c->nclusters);
	if (n > INT32_MAX || RTE_MAX(c->nmbufs, c->nclusters) > INT32_MAX)
		return -EINVAL;
	if (c->cache == M_NOCACHE)
		c->cache = 0;
	else if (c->cache == 0)
		c->cache = RTE_MIN((unsigned)DEF_CACHE, n / 8);
	/* DPDK's own bounds, so that a refusal is told from memory that is not there */
	if (c->cache > RTE_MEMPOOL_CACHE_MAX_SIZE || c->cache > n * 2ull / 3)
		return -EINVAL;
	return 0;
}

static bool
socket_wanted(int socket, int want)
{
	unsigned lcore;

	if (want != SOCKET_ID_ANY)
		return socket == want;
	RTE_LCORE_FOREACH (lcore) {
		if ((int)rte_lcore_to_socket_id(lcore) == socket)
			return true;
	}
	return false;
}

static int
node_add(const struct m_conf *c, int socket)
{
	struct m_node *node = &m_state.node[m_state.nnodes];

	m_state.by_socket[socket] = (uint8_t)m_state.nnodes++;
	node->socket = socket;
	node->cluster = pool_create(
	    M_POOL_CLUSTER, socket, c->nclusters, M_HEADROOM + c->cluster_size, c->cache);
	if (node->cluster == NULL)
		return -ENOMEM;
	node->header = pool_create(M_POOL_HEADER, socket, c->nmbufs, MSIZE, c->cache);
	return node->header == NULL ? -ENOMEM : 0;
}

int
m_init(const struct m_conf *conf)
{
	struct m_conf c = {.socket = SOCKET_ID_ANY};
	int rc;

	if (m_hot.ready)
		return -EALREADY;
	if (conf != NULL)
		c = *conf;
	rc = conf_check(&c);
	if (rc != 0)
		return rc;
	m_hot.dirty = dynflag("bsdmbuf_dirty");
	m_hot.nohdr = dynflag("bsdmbuf_nohdr");
	if (m_hot.dirty == 0 || m_hot.nohdr == 0)
		return -ENOSPC;
#ifdef MBUF_DEBUG
	m_state.freed = dynflag("bsdmbuf_freed");
	if (m_state.freed == 0)
		return -ENOSPC;
#endif
	m_state.generation++;
	m_state.cluster_size = c.cluster_size;
	m_state.dynfields = rte_eal_tailq_lookup("RTE_MBUF_DYNFIELD");
	m_state.iova_va = rte_eal_iova_mode() == RTE_IOVA_VA;
	for (unsigned i = 0; i < rte_socket_count() && rc == 0; i++) {
		int socket = rte_socket_id_by_idx(i);

		if (socket >= 0 && socket < RTE_MAX_NUMA_NODES && socket_wanted(socket, c.socket))
			rc = node_add(&c, socket);
	}
	if (rc == 0 && m_state.nnodes == 0)
		rc = -EINVAL;
	if (rc == 0)
		rc = mpol_init();
	if (rc != 0) {
		pools_free();
		return rc;
	}
	m_hot.ready = 1;
	return 0;
}

static int
is_out(const struct m_poolstat *st, void *arg)
{
	(void)arg;
	return st->in_use != 0;
}

int
m_fini(void)
{
	if (!m_hot.ready)
		return 0;
	if (m_pools(is_out, NULL) != 0)
		return -EBUSY;
	mpol_fini();
	m_hot.ready = 0;
	pools_free();
	return 0;
}

static const struct m_node *
node_of(int socket)
{
	if (socket >= 0 && socket < RTE_MAX_NUMA_NODES)
		return &m_state.node[m_state.by_socket[socket]];
	return &m_state.node[0];
}

struct rte_mempool *
m_cluster_pool(int socket)
{
	return node_of(socket)->cluster;
}

struct rte_mempool *
m_header_pool(int socket)
{
	return node_of(socket)->header;
}

static int
pool_stat(struct rte_mempool *mp, int (*fn)(const struct m_poolstat *, void *), void *arg)
{
	const struct m_pool_private *pp = rte_mempool_get_priv(mp);
	struct m_poolstat st = {
	    .name = mp->name,
	    .socket = (int)pp->socket,
	    .kind = pp->kind,
	    .size = mp->size,
	};

	st.in_use = mp->size - RTE_MIN(mp->size, rte_mempool_avail_count(mp));
	return fn(&st, arg);
}

int
m_pools(int (*fn)(const struct m_poolstat *st, void *arg), void *arg)
{
	int rc = 0;

	mpol_reclaim();
	m_reap();
	for (unsigned i = 0; i < m_state.nnodes && rc == 0; i++) {
		rc = pool_stat(m_state.node[i].cluster, fn, arg);
		if (rc == 0)
			rc = pool_stat(m_state.node[i].header, fn, arg);
	}
	return rc;
}

void
m_flush(void)
{
	mpol_flush();
}

size_t
m_pinned(void)
{
	return mpol_pinned();
}

const char *
m_policy(void)
{
	return MPOL_NAME;
}
