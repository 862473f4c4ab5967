/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The mutex policy: a circular list of all mbufs that share a cluster, and one lock. Node 0 is the
 * cluster's own mbuf. Its DPDK count is 1 for its own header and 1 for the list as a whole; the
 * list's reference is raised by the share that makes the list and dropped by whoever unlinks the
 * last follower. A share of a cluster whose count is 1 takes no lock. The own header can be freed at any time, by a driver that knows nothing of the
 * list. A follower is unlinked by the callback of its own shinfo. Three threads own the mbufs and
 * pass them on.
 *
 * A load, a store or an atomic read-modify-write is one step, and what shares an atomic block with
 * it is ghost state or an assertion. A step under the lock is one step too: the lock is modelled.
 *
 * -DBROKEN=n builds a protocol that is wrong in one place. spin must refute each of them:
 *   1  a follower is unlinked without the lock
 *   2  a follower is linked without the lock
 *   3  the list takes no reference on the cluster
 *   4  every share takes a reference on the cluster
 *   5  "am I the last follower" is decided before the lock is taken
 *   6  the cluster's own links are cleared after the list's reference was dropped
 *   7  freeing the cluster's own header drops the list's reference as well
 *   8  the list's reference is raised by load and store at any count
 */

#ifndef BROKEN
#define BROKEN 0
#endif

#define NTHREADS 3
#define NODES 4
#define NOBODY 9

#ifndef OPS
#define OPS 5 /* shares and hand-overs of all threads together */
#endif

byte nxt[NODES];	/* a node's number + 1; 0 is no link */
byte prv[NODES];
byte owner[NODES];	/* the thread that owns this mbuf's header */
byte refs = 1;		/* the cluster's own mbuf: DPDK's count */
bool lock;
bool inpool;		/* the cluster lies in its pool */
byte ops = OPS;
byte nhold = 1;		/* mbufs that hold the cluster */
byte done;

#define TOUCH() assert(!inpool)

inline enter()
{
	atomic { !lock; lock = true }
}

inline leave()
{
	lock = false
}

inline put_cluster()
{
	atomic {
		assert(!inpool && nhold == 0);
		assert(nxt[0] == 0 && prv[0] == 0);
		inpool = true
	}
}

/* rte_pktmbuf_free_seg() of a direct mbuf; held tells whether an mbuf goes with the reference. */
inline drop_cluster()
{
	atomic { TOUCH(); r = refs }
	if
	:: r == 1 -> refs = 0; r = 0
	:: else -> atomic { TOUCH(); refs--; r = refs }
	fi;
	if
	:: r == 0 -> put_cluster()
	:: else
	fi
}

/* Links node n behind node o. */
inline share()
{
#if BROKEN == 2
	alone = true;
#else
	alone = false;
	if
	:: o == 0 -> atomic { TOUCH(); alone = (refs == 1) }
	:: else
	fi;
#endif
	if
	:: !alone -> enter()
	:: else
	fi;
	atomic { TOUCH(); x = nxt[o] }
#if BROKEN == 4
	atomic { refs++ }
#endif
	if
	:: x == 0 -> /* o is the cluster's own mbuf, and nobody shares it yet */
		assert(o == 0);
#if BROKEN == 8
		r = refs;
		refs = r + 1;
#elif BROKEN != 3 && BROKEN != 4
		r = refs;
		if
		:: r == 1 -> refs = 2
		:: else -> atomic { refs++ }
		fi;
#endif
		x = 1;
		prv[n] = 1;
		prv[0] = n + 1
	:: else ->
		prv[n] = o + 1;
		prv[x - 1] = n + 1
	fi;
	nxt[n] = x;
	nxt[o] = n + 1;
	if
	:: !alone -> leave()
	:: else
	fi;
	atomic { owner[n] = me; nhold++ }
}

/* The callback of follower n. */
inline drop_follower()
{
	last = false;
#if BROKEN == 5
	last = (nxt[n] == prv[n]);
#endif
#if BROKEN != 1
	enter();
#endif
	atomic { TOUCH(); x = nxt[n]; y = prv[n]; assert(x != 0 && y != 0) }
#if BROKEN != 5
	last = (x == y);
#endif
	prv[x - 1] = y;
	atomic { nxt[y - 1] = x; nhold-- }
#if BROKEN != 6
	if
	:: last -> atomic { assert(x == 1); nxt[0] = 0 }; prv[0] = 0
	:: else
	fi;
#endif
#if BROKEN != 1
	leave();
#endif
	atomic { nxt[n] = 0; prv[n] = 0; owner[n] = NOBODY }
	if
	:: last ->
		drop_cluster()
#if BROKEN == 6
		nxt[0] = 0;
		prv[0] = 0
#endif
	:: else
	fi
}

inline drop_header()
{
	atomic { owner[0] = NOBODY; nhold-- }
	drop_cluster()
#if BROKEN == 7
	if
	:: r == 1 -> drop_cluster()
	:: else
	fi
#endif
}

inline pick_mine(v)
{
	if
	:: owner[0] == me -> v = 0
	:: owner[1] == me -> v = 1
	:: owner[2] == me -> v = 2
	:: owner[3] == me -> v = 3
	fi
}

/* A header of its own from the pool, so that no two threads link the same one. */
inline take_header()
{
	if
	:: owner[1] == NOBODY -> n = 1
	:: owner[1] != NOBODY && owner[2] == NOBODY -> n = 2
	:: owner[1] != NOBODY && owner[2] != NOBODY && owner[3] == NOBODY -> n = 3
	:: else -> n = 0
	fi;
	if
	:: n != 0 -> owner[n] = NTHREADS
	:: else
	fi
}

#define MINE (owner[0] == me || owner[1] == me || owner[2] == me || owner[3] == me)

proctype thread(byte me)
{
	byte n, o, x, y, r;
	bool last, alone;

	do
	:: atomic { MINE && ops > 0 -> ops--; pick_mine(o); take_header() }
		if
		:: n != 0 -> share()
		:: else
		fi
	:: atomic { MINE && ops > 0 -> ops--; pick_mine(n); owner[n] = (me + 1) % NTHREADS }
	:: atomic { MINE -> pick_mine(n); r = n }
		if
		:: n == 0 -> drop_header()
		:: else -> drop_follower()
		fi
	:: nhold == 0 && !MINE -> break
	od;
	atomic {
		done++;
		if
		:: done == NTHREADS -> assert(inpool) /* nothing leaks */
		:: else
		fi
	}
}

init
{
	atomic {
		owner[1] = NOBODY;
		owner[2] = NOBODY;
		owner[3] = NOBODY;
		run thread(0);
		run thread(1);
		run thread(2)
	}
}
