/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The batch policy: the circle and the lock of mutex.pml, but a follower is a record, and records
 * whose mbuf is gone are collected per thread before they leave the circle under one lock. The
 * thread itself takes its batch when it is full; any thread may take any batch, for a pool may be
 * empty. What waits is linked and holds the cluster in its place, but is no holder: the unique test
 * does not count it. Three threads own the mbufs and pass them on.
 *
 * A load, a store or an atomic read-modify-write is one step, and what shares an atomic block with
 * it is ghost state or an assertion.
 *
 * -DBROKEN=n builds a protocol that is wrong in one place. spin must refute each of them:
 *   1  a record is used again when it was collected
 *   2  a batch is taken by a load and a store
 *   3  records leave their circle without the lock
 *   4  a circle holds no reference on the cluster
 *   5  a batch is left when its thread ends
 *   6  the unique test does not take the lock
 *   7  the unique test loads the cluster's count after the walk
 *   8  a record joins a batch by a load and a store
 *   9  the cluster is dropped for each record that is released
 */

#ifndef BROKEN
#define BROKEN 0
#endif

#define NTHREADS 3
#define NODES 4 /* node 0 is the cluster's own mbuf */
#define NOBODY 9
#define FULL 2

#ifndef OPS
#define OPS 4 /* shares, hand-overs, unique tests and flushes of others' batches */
#endif

byte nxt[NODES];	/* a node's number + 1; 0 is no link */
byte prv[NODES];
byte owner[NODES];	/* who owns the mbuf; of the record: NTHREADS is nobody, but in use */
bool dead[NODES];
byte batch[NTHREADS];	/* records, a bit each */
byte refs = 1;		/* the cluster's own mbuf: DPDK's count */
bool lock;
bool inpool;
byte ops = OPS;
byte nhold = 1;		/* mbufs that hold the cluster */
byte done;

#define BIT(n) (1 << (n))
#define TOUCH() assert(!inpool)

inline enter()
{
	atomic { !lock; lock = true }
}

inline drop_cluster()
{
	atomic { TOUCH(); r = refs }
	if
	:: r == 1 -> refs = 0; r = 0
	:: else -> atomic { TOUCH(); refs--; r = refs }
	fi;
	if
	:: r == 0 -> atomic { assert(!inpool && nhold == 0 && nxt[0] == 0); inpool = true }
	:: else
	fi
}

/* Links record n behind node o. */
inline share()
{
	alone = false;
	if
	:: o == 0 -> atomic { TOUCH(); alone = (refs == 1) }
	:: else
	fi;
	if
	:: !alone -> enter()
	:: else
	fi;
	dead[n] = false;
	atomic { TOUCH(); x = nxt[o] }
	if
	:: x == 0 ->
		assert(o == 0);
#if BROKEN != 4
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
	:: !alone -> lock = false
	:: else
	fi;
	atomic { owner[n] = me; nhold++ }
}

/* Record n leaves its circle. */
inline unlink()
{
	atomic { TOUCH(); x = nxt[n]; y = prv[n]; assert(x != 0 && y != 0) }
	prv[x - 1] = y;
	nxt[y - 1] = x;
	if
	:: x == y -> atomic { assert(x == 1); nxt[0] = 0 }; prv[0] = 0; last = true
	:: else
	fi;
	atomic { nxt[n] = 0; prv[n] = 0 }
}

/* Release all of thread v's batch. */
inline flush(v)
{
#if BROKEN == 2
	set = batch[v];
	batch[v] = 0;
#else
	atomic { set = batch[v]; batch[v] = 0 }
#endif
	last = false;
	if
	:: set != 0 ->
#if BROKEN != 3
		enter();
#endif
		n = 1;
		y = 0;
		do
		:: n < NODES ->
			if
			:: (set & BIT(n)) != 0 ->
				unlink();
#if BROKEN == 9
				if
				:: !last -> drop_cluster()
				:: else
				fi
#endif
			:: else
			fi;
			n++
		:: else -> break
		od;
#if BROKEN != 3
		lock = false;
#endif
		if
		:: last -> drop_cluster()
		:: else
		fi;
		atomic {
			n = 1;
			do
			:: n < NODES ->
				if
				:: (set & BIT(n)) != 0 && owner[n] == NTHREADS -> owner[n] = NOBODY
				:: else
				fi;
				n++
			:: else -> break
			od;
			n = 0
		}
	:: else
	fi
}

/* The callback of record n. */
inline drop_follower()
{
	atomic { dead[n] = true; owner[n] = NTHREADS; nhold-- }
#if BROKEN == 8
	x = batch[me];
	batch[me] = x | BIT(n);
#else
	atomic { batch[me] = batch[me] | BIT(n) }
#endif
#if BROKEN == 1
	owner[n] = NOBODY;
#endif
	mine++;
	if
	:: mine >= FULL -> mine = 0; flush(me)
	:: else
	fi
}

/* Is the caller the only holder? */
inline unique()
{
#if BROKEN != 7
	atomic { TOUCH(); r = refs }
#endif
#if BROKEN != 6
	enter();
#endif
	y = 1;
	atomic { TOUCH(); x = nxt[0] }
	if
	:: x != 0 ->
		y = 0;
		do
		:: x > 1 -> atomic { y = y + !dead[x - 1]; x = nxt[x - 1] }
		:: else -> break
		od
	:: else
	fi;
#if BROKEN != 6
	lock = false;
#endif
#if BROKEN == 7
	atomic { TOUCH(); r = refs }
#endif
	atomic {
		if
		:: r + y == 2 -> assert(nhold == 1)
		:: else
		fi
	}
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

inline take_record()
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

inline forget()
{
	n = 0; o = 0; x = 0; y = 0; r = 0; set = 0; last = false; alone = false
}

#define MINE (owner[0] == me || owner[1] == me || owner[2] == me || owner[3] == me)

proctype thread(byte me)
{
	byte n, o, x, y, r, set, mine;
	bool last, alone;

	do
	:: atomic { MINE && ops > 0 -> ops--; pick_mine(o); take_record() }
		if
		:: n != 0 -> share()
		:: else
		fi;
		forget()
	:: atomic { MINE && ops > 0 -> ops--; pick_mine(n); owner[n] = (me + 1) % NTHREADS; n = 0 }
	:: atomic { MINE && ops > 0 -> ops-- }
		unique();
		forget()
	:: atomic { ops > 0 -> ops--; o = (me + 1) % NTHREADS }
		flush(o);
		forget()
	:: atomic { MINE -> pick_mine(n); r = n }
		if
		:: n == 0 ->
			atomic { owner[0] = NOBODY; nhold-- }
			drop_cluster()
		:: else -> drop_follower()
		fi;
		forget()
	:: nhold == 0 && !MINE -> break
	od;
#if BROKEN != 5
	flush(me);
#endif
	atomic {
		done++;
		if
		:: done == NTHREADS -> /* nothing leaks */
			assert(inpool);
			assert(owner[1] == NOBODY && owner[2] == NOBODY && owner[3] == NOBODY)
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
