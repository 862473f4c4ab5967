/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The leader policy for one pool cluster: share, drop, last drop, the unique test before a write,
 * the leader's header freed early, the zero mark with the library's own reference, the reaper, the
 * limit of the count, and the leader whose header refers to a second cluster while its own is
 * shared. Three threads own mbuf headers and pass them on.
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
 *   5  the library takes its own reference after it has let the lock go
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
 *  17  the unique test of a marked cluster does not take the lock
 *  18  the free path does not look at the mark again under the lock
 *  19  the second cluster's mark is taken back without the lock
 */

#ifndef BROKEN
#define BROKEN 0
#endif

#define NTHREADS 3
#define NOBODY 9
#define ZERO 1
#define BODY 2
#define LIMIT 3 /* references that sharing may reach */

#ifndef OPS
#define OPS 5 /* shares, writes, marks, hand-overs and idle reaps of all threads together */
#endif

byte refs = 1;	    /* the leader's refcnt */
bool inpool;	    /* the leader lies in its pool */
byte mark;	    /* m_priv.zero: bits ZERO and BODY */
bool listed;	    /* on the reap list */
bool lock;	    /* of the reap list */
byte ops = OPS;
bool again = true;  /* the leader may be allocated once more */

byte lead = NOBODY; /* who owns the leader's header */
byte fol[NTHREADS]; /* followers that each thread owns */
byte nhold;	    /* references that mbufs hold */
bool body;	    /* the leader's header refers to a second cluster */
bool secret;	    /* bytes that m_zero() promised to clear */
bool gone[NTHREADS];

#define USES(t) (fol[t] + (lead == t && !body))
#define HOLDS(t) (fol[t] + (lead == t))
#define TOUCH(t) assert(HOLDS(t) > 0 && !inpool)
#define LOCK() atomic { !lock -> lock = true }

/* A drop gives up one header. */
inline give_up()
{
	if
	:: hdr -> lead = NOBODY
	:: else -> fol[me]--
	fi;
	nhold--
}

inline put()
{
	atomic {
		assert(!inpool && nhold == 0);
		assert(!secret && mark == 0 && !listed && !body);
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
	atomic {
		if
		:: lead == me -> hdr = true
		:: fol[me] > 0 -> hdr = false
		fi
	}
	if
	:: atomic { TOUCH(me); m = (mark != 0); ours = true }
		if
		:: hdr && body -> leave_body(); m = (mark != 0)
		:: else
		fi
	:: ours = false
	fi;
#if BROKEN != 7
	if
	:: m ->
		LOCK();
#if BROKEN != 18
		m = (mark != 0);
#endif
		if
		:: m ->
			atomic { refs--; give_up(); r = refs }
			if
			:: r == 1 ->
				listed = false;
				lock = false;
				reap_one()
			:: else -> lock = false
			fi
		:: else -> lock = false
		fi
	:: else
	fi;
	if
	:: !m -> plain_drop()
	:: else
	fi
#else
	plain_drop();
	if
	:: r == 1 && ours ->
		atomic { assert(!inpool); m = (mark != 0) }
	:: else
	fi
#endif
}

inline plain_drop()
{
	atomic { TOUCH(me); r = refs }
	if
	:: r == 1 -> atomic { give_up(); r = 0 }
#if BROKEN == 2
	:: else -> atomic { r--; refs = r; give_up() }
#else
#if BROKEN == 12
	:: r != 1 && hdr -> atomic { refs--; give_up(); r = 0 }
#elif BROKEN == 11
	:: r != 1 && hdr -> atomic { refs--; give_up() } atomic { refs--; r = refs }
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
	:: else
	fi
}

inline unique_then_write()
{
#if BROKEN == 6
	atomic { TOUCH(me); r = refs }
	m = (mark != 0);
#else
	atomic { TOUCH(me); m = (mark != 0) }
#if BROKEN != 17
	if
	:: m ->
		LOCK();
		m = (mark != 0);
		r = refs;
		lock = false
	:: else -> r = refs
	fi;
#else
	r = refs;
#endif
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

/* The library holds the leader too, and lists it. what: why. */
inline set_mark(what)
{
#if BROKEN == 9
	atomic { TOUCH(me); m = (mark != 0) }
	LOCK();
#else
	atomic { TOUCH(me); !lock -> lock = true }
	m = (mark != 0);
#endif
	if
	:: m
	:: else ->
#if BROKEN != 8 && BROKEN != 5
		refs++;
#endif
		listed = true
	fi;
	atomic {
		mark = mark | what;
		if
		:: what == ZERO -> secret = true
		:: else -> body = true
		fi
	}
	lock = false;
#if BROKEN == 5
	if
	:: m
	:: else -> refs++
	fi
#endif
}

/* The header gives its second cluster up and is in its own room again. */
inline leave_body()
{
#if BROKEN != 19
	LOCK();
#endif
	r = mark & ZERO;
	if
	:: r == 0 -> listed = false
	:: else
	fi;
	atomic { mark = r; body = false }
	if
	:: r == 0 -> refs--
	:: else
	fi;
#if BROKEN != 19
	lock = false
#endif
}

/* A listed leader that nobody but the library holds, and that has been taken off the list. */
inline reap_one()
{
#if BROKEN != 15
	secret = false;
#endif
	atomic { mark = 0; body = false }
	put()
}

inline reap()
{
#if BROKEN != 10
	LOCK();
#endif
	if
	:: listed ->
		if
		:: refs == 1 ->
			listed = false;
#if BROKEN != 10
			lock = false;
#endif
			reap_one()
		:: else ->
#if BROKEN != 10
			lock = false
#endif
		fi
	:: else ->
#if BROKEN != 10
		lock = false
#endif
	fi
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
	bit m, ours, hdr;

	do
	:: atomic { USES(me) > 0 && ops > 0 -> ops-- }
		if
		:: share()
		:: unique_then_write()
		:: set_mark(ZERO)
		:: hand_over()
		fi;
		atomic { r = 0; m = 0 }
	:: atomic { lead == me && ops > 0 -> ops-- }
		if
		:: atomic { !body && refs != 1 -> m = 0 } set_mark(BODY)
		:: body -> leave_body()
		:: else
		fi;
		atomic { r = 0; m = 0 }
	:: HOLDS(me) > 0 ->
		drop();
		atomic { r = 0; m = 0; ours = 0; hdr = 0 }
	:: atomic { listed && ops > 0 -> ops-- } /* an idle lcore, or one whose pool is empty */
		reap()
	:: atomic {
		inpool && again ->
		again = false;
		inpool = false;
		lead = me;
		nhold = 1;
		assert(refs == 1 && mark == 0)
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
	assert(inpool && refs == 1 && mark == 0 && !listed && nhold == 0)
}
