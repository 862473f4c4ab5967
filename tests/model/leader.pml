/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The leader policy for one pool cluster: share, drop, last drop, the unique test before a write,
 * the leader's header freed early, the zero mark with the library's own reference, the reaper and
 * the limit of the count. Three threads own mbuf headers and pass them on.
 *
 * Every load, store and atomic read-modify-write of the library is one step, so all interleavings
 * of those are searched. Steps are sequentially consistent: README.md says what that leaves out.
 * What stands in one atomic block with such a step is ghost state: what is true, not what the
 * code knows (fol, lead, nhold, secret), and assertions about it.
 *
 * -DBROKEN=n builds a protocol that is wrong in one place. spin must refute each of them:
 *   1  share adds by load and store at any count
 *   2  drop subtracts by load and store
 *   3  drop loads the count again instead of using what its subtraction returned
 *   4  sharing has no limit
 *   5  the zero mark is set before the library's own reference is taken
 *   6  the unique test loads the count before the mark
 *   7  the free path reads the mark after a drop that was not the last
 *   8  the zero mark takes no reference
 *   9  two threads that mark at once both take a reference
 *  10  the reaper does not lock its list
 *  11  the leader's header is freed twice
 *  12  the leader's header goes back to the pool while followers exist
 *  13  the leader goes back to the pool before its count is set to 1
 *  14  the unique test takes every marked cluster for its own
 *  15  the reaper does not zero
 *  16  a share over the limit is not undone
 */

#ifndef BROKEN
#define BROKEN 0
#endif

#define NTHREADS 3
#define NOBODY 9
#define LIMIT 3 /* references that sharing may reach */

#ifndef OPS
#define OPS 6 /* shares, writes, marks, hand-overs and idle reaps of all threads together */
#endif

byte refs = 1;	    /* the leader's refcnt */
bool inpool;	    /* the leader lies in its pool */
bool mark;	    /* m_priv.zero */
bool listed;	    /* on the reap list */
bool lock;	    /* of the reap list */
byte ops = OPS;
bool again = true;  /* the leader may be allocated once more */

byte lead = NOBODY; /* who owns the leader's header */
byte fol[NTHREADS]; /* followers that each thread owns */
byte nhold;	    /* references that mbufs hold */
bool secret;	    /* bytes that m_zero() promised to clear */
bool gone[NTHREADS];

#define HOLDS(t) (fol[t] + (lead == t))
#define TOUCH(t) assert(HOLDS(t) > 0 && !inpool)

/* A drop gives up one header: either kind, if the thread owns both. */
inline give_up()
{
	if
	:: lead == me -> lead = NOBODY
	:: fol[me] > 0 -> fol[me]--
	fi;
	nhold--
}

inline put()
{
	atomic {
		assert(!inpool && nhold == 0);
		assert(!secret && !mark && !listed);
		inpool = true
	}
}

inline share()
{
	atomic { TOUCH(me); r = refs }
	if
#if BROKEN == 1
	:: true ->
#else
	:: r == 1 -> /* the owner is the only holder: a plain store */
#endif
		atomic { refs = r + 1; fol[me]++; nhold++ }
#if BROKEN != 1
	:: else ->
		atomic {
			r = refs;
			refs++;
#if BROKEN == 4
			r = 0;
#endif
			assert(refs <= LIMIT + 1 + NTHREADS);
			if
			:: r < LIMIT -> fol[me]++; nhold++; assert(nhold <= LIMIT)
			:: else
			fi
		}
		if
#if BROKEN != 16
		:: r >= LIMIT -> atomic { TOUCH(me); refs-- }
#endif
		:: else
		fi
#endif
	fi
}

/* The library's free path, which knows of marks, or a driver's rte_pktmbuf_free_seg(). */
inline drop()
{
	if
	:: atomic { TOUCH(me); m = mark; ours = true }
	:: ours = false
	fi;
	atomic { TOUCH(me); r = refs }
	if
	:: r == 1 -> atomic { give_up(); r = 0 }
#if BROKEN == 2
	:: else -> atomic { r--; refs = r; give_up() }
#else
#if BROKEN == 12
	:: r != 1 && lead == me -> atomic { refs--; lead = NOBODY; nhold--; r = 0 }
#elif BROKEN == 11
	:: r != 1 && lead == me -> atomic { refs--; lead = NOBODY; nhold-- } atomic { refs--; r = refs }
#endif
	:: else ->
		atomic { refs--; give_up(); r = refs }
#if BROKEN == 3
		r = refs
#endif
#endif
	fi;
	if
	:: r == 0 ->
#if BROKEN == 13
		put();
		refs = 1
#else
		refs = 1;
		put()
#endif
#if BROKEN == 7
	:: r == 1 && ours ->
		atomic { assert(!inpool); m = mark }
		if
		:: m -> reap()
		:: else
		fi
#else
	:: r == 1 && ours && m -> reap()
#endif
	:: else
	fi
}

inline unique_then_write()
{
#if BROKEN == 6
	atomic { TOUCH(me); r = refs }
	m = mark;
#else
	atomic { TOUCH(me); m = mark }
	r = refs;
#endif
	if
#if BROKEN == 14
	:: r == 1 || m ->
#else
	:: r - m == 1 ->
#endif
		assert(nhold == 1 && HOLDS(me) == 1); /* the first byte written */
		assert(nhold == 1 && HOLDS(me) == 1)  /* the last */
	:: else
	fi
}

inline zero()
{
#if BROKEN == 9
	atomic { TOUCH(me); m = mark }
	atomic { !lock -> lock = true }
#else
	atomic { TOUCH(me); !lock -> lock = true }
	m = mark;
#endif
	if
	:: m
	:: else ->
#if BROKEN == 5
		mark = true;
		refs++;
		atomic { listed = true; secret = true }
#else
#if BROKEN != 8
		refs++;
#endif
		mark = true;
		atomic { listed = true; secret = true }
#endif
	fi;
	lock = false
}

/* Zero and free a marked leader that nobody but the library holds. */
inline reap()
{
#if BROKEN != 10
	atomic { !lock -> lock = true }
#endif
	if
	:: listed ->
		if
		:: refs == 1 ->
#if BROKEN != 15
			secret = false;
#endif
			mark = false;
			listed = false;
			put()
		:: else
		fi
	:: else
	fi;
#if BROKEN != 10
	lock = false
#endif
}

/* An rte_ring: ownership of one header moves to another thread. */
inline hand_over()
{
	atomic {
		if
		:: !gone[(me + 1) % NTHREADS] -> r = (me + 1) % NTHREADS
		:: !gone[(me + 2) % NTHREADS] -> r = (me + 2) % NTHREADS
		:: else -> r = me
		fi;
		if
		:: lead == me -> lead = r
		:: fol[me] > 0 -> fol[me]--; fol[r]++
		fi
	}
}

proctype thread(byte me)
{
	byte r;
	bit m, ours;

	do
	:: atomic { HOLDS(me) > 0 && ops > 0 -> ops-- }
		if
		:: share()
		:: unique_then_write()
		:: zero()
		:: hand_over()
		fi;
		atomic { r = 0; m = 0 }
	:: HOLDS(me) > 0 ->
		drop();
		atomic { r = 0; m = 0; ours = 0 }
	:: atomic { listed && ops > 0 -> ops-- } /* an idle lcore, or one whose pool is empty */
		reap()
	:: atomic {
		inpool && again ->
		again = false;
		inpool = false;
		lead = me;
		nhold = 1;
		assert(refs == 1 && !mark)
	}
	:: atomic { HOLDS(me) == 0 -> gone[me] = true; break }
	od
}

init
{
	byte me, r;
	bit m;

	atomic {
		if /* a leader alone, or shared with both other threads */
		:: lead = 0; nhold = 1
		:: lead = 0; fol[1] = 1; fol[2] = 1; refs = 3; nhold = 3
		fi;
		for (me : 0 .. NTHREADS - 1) {
			run thread(me)
		}
		me = 0
	}
	_nr_pr == 1;
	reap(); /* m_fini() */
	assert(inpool && refs == 1 && !mark && !listed && nhold == 0)
}
