/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * Foreign storage (MEXTADD): a record holds the shinfo count, the caller's free function with its
 * argument, and the zero mark. The first mbuf and its followers are EXTERNAL with that shinfo, so
 * whoever drops last, a driver too, runs the callback: it zeroes marked storage that may be
 * written, calls the free function once, and puts the record back. Three threads own mbuf headers
 * and pass them on; the header that attached the storage is one of them and may go first.
 *
 * As in leader.pml, a load, a store or an atomic read-modify-write is one step, and what shares an
 * atomic block with it is ghost state or an assertion.
 *
 * -DBROKEN=n builds a protocol that is wrong in one place. spin must refute each of them:
 *   1  share adds by load and store at any count
 *   2  drop subtracts by load and store
 *   3  drop loads the count again instead of using what its subtraction returned
 *   4  the callback puts the record back before it has read it
 *   5  the header that attached the storage runs the callback when it is freed
 *   6  the callback zeroes storage that is read-only
 *   7  the mark lives in the count's word and is set by load and store
 *   8  the callback takes the argument from the mbuf that dropped last
 *   9  sharing has no limit
 *  10  the storage is zeroed after the free function has given it away
 *  11  the mark is read before the drop
 *  12  the unique test is used for storage that is read-only
 *  13  the record is not put back
 */

#ifndef BROKEN
#define BROKEN 0
#endif

#define NTHREADS 3
#define NOBODY 9
#define LIMIT 3

#ifndef OPS
#define OPS 6 /* shares, writes, marks and hand-overs of all threads together */
#endif

#define OURS 1	/* the argument of the free function */
#define OTHER 2 /* what the record's next owner writes there */

byte refs = 1;	/* shinfo's refcnt */
bool mark;	/* zero the storage */
byte arg = OURS;
bool recfree;	/* the record lies in its pool */
bool writable;	/* M_EXTWR */
byte ops = OPS;

byte first;	    /* who owns the header that attached the storage */
byte fol[NTHREADS]; /* followers that each thread owns */
byte nhold = 1;	    /* references that mbufs hold */
bool secret;	    /* bytes that m_zero() promised to clear */
byte called;	    /* calls of the free function */
bool gone[NTHREADS];

#define HOLDS(t) (fol[t] + (first == t))
#define TOUCH(t) assert(HOLDS(t) > 0 && !recfree && called == 0)

inline give_up()
{
	if
	:: first == me -> first = NOBODY; had = true
	:: fol[me] > 0 -> fol[me]--; had = false
	fi;
	nhold--
}

inline share()
{
	atomic { TOUCH(me); r = refs }
	if
#if BROKEN == 1
	:: true ->
#else
	:: r == 1 ->
#endif
		atomic { refs = r + 1; fol[me]++; nhold++ }
#if BROKEN != 1
	:: else ->
		atomic {
			r = refs;
			refs++;
#if BROKEN == 9
			r = 0;
#endif
			assert(refs <= LIMIT + NTHREADS);
			if
			:: r < LIMIT -> fol[me]++; nhold++; assert(nhold <= LIMIT)
			:: else
			fi
		}
		if
		:: r >= LIMIT -> atomic { TOUCH(me); refs-- }
		:: else
		fi
#endif
	fi
}

/* rte_pktmbuf_free_seg() of an EXTERNAL mbuf. */
inline drop()
{
#if BROKEN == 11
	atomic { TOUCH(me); m = mark }
#endif
	atomic { TOUCH(me); r = refs }
	if
	:: r == 1 -> atomic { give_up(); r = 0 }
#if BROKEN == 2
	:: else -> atomic { r--; refs = r; give_up() }
#else
	:: else ->
		atomic { refs--; give_up(); r = refs }
#if BROKEN == 3
		r = refs
#elif BROKEN == 5
		if
		:: had -> r = 0
		:: else
		fi
#endif
#endif
	fi;
	if
	:: r == 0 -> callback()
	:: else
	fi
}

inline callback()
{
	assert(!recfree);
#if BROKEN == 4
	refs = 1;
	recfree = true;
#endif
#if BROKEN != 11
	m = mark;
#endif
	r = arg;
#if BROKEN == 8
	if
	:: had
	:: else -> r = 0 /* a follower never had the argument */
	fi;
#endif
#if BROKEN == 10
	atomic { assert(nhold == 0 && r == OURS); called++; assert(called == 1) }
#endif
	if
#if BROKEN == 6
	:: m ->
#else
	:: m && writable ->
#endif
		atomic { assert(writable && called == 0); secret = false }
	:: else
	fi;
#if BROKEN != 10
	atomic {
		assert(nhold == 0 && r == OURS);
		assert(!secret || !writable);
		called++;
		assert(called == 1)
	}
#endif
#if BROKEN == 4
	mark = false
#elif BROKEN != 13
	refs = 1;
	mark = false;
	atomic { assert(!recfree); recfree = true }
#endif
}

inline unique_then_write()
{
	atomic { TOUCH(me); r = refs }
	if
#if BROKEN == 12
	:: r == 1 ->
#else
	:: r == 1 && writable ->
#endif
		assert(writable && nhold == 1 && HOLDS(me) == 1); /* the first byte written */
		assert(writable && nhold == 1 && HOLDS(me) == 1)  /* the last */
	:: else
	fi
}

inline zero()
{
#if BROKEN == 7
	atomic { TOUCH(me); r = refs }
	atomic { refs = r; mark = true; secret = true }
#else
	atomic { TOUCH(me); mark = true; secret = true }
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
		:: first == me -> first = r
		:: fol[me] > 0 -> fol[me]--; fol[r]++
		fi
	}
}

proctype thread(byte me)
{
	byte r;
	bit m, had;

	do
	:: atomic { HOLDS(me) > 0 && ops > 0 -> ops-- }
		if
		:: share()
		:: unique_then_write()
		:: zero()
		:: hand_over()
		fi;
		r = 0
	:: HOLDS(me) > 0 ->
		drop();
		atomic { r = 0; m = 0; had = 0 }
	:: atomic { recfree && arg == OURS -> arg = OTHER } /* the record's next owner */
	:: atomic { HOLDS(me) == 0 -> gone[me] = true; break }
	od
}

init
{
	byte i;

	atomic {
		if
		:: writable = true
		:: writable = false
		fi;
		if /* one header alone, or a follower on each other thread */
		:: true
		:: fol[1] = 1; fol[2] = 1; refs = 3; nhold = 3
		fi;
		for (i : 0 .. NTHREADS - 1) {
			run thread(i)
		}
		i = 0
	}
	_nr_pr == 1;
	assert(called == 1 && recfree && nhold == 0 && refs == 1 && !mark);
	assert(!secret || !writable)
}
