/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The cas policy: a list of records without a lock. A record is linked in front; it leaves by a mark
 * in its own link, after which nobody changes that link, and by the swing of the link that leads to
 * it, which its owner or anybody who comes by makes. The swing that empties the list closes it and
 * drops the reference that the list holds on its cluster. A record may be used again once all who
 * were readers when it was unlinked have left; here it is at that very moment. A thread may leave a
 * record that is not in front where it lies. One cluster, two lists, three records, three threads.
 *
 * A load, a store or an atomic read-modify-write is one step, and what shares an atomic block with
 * it is ghost state or an assertion.
 *
 * -DBROKEN=n builds a protocol that is wrong in one place. spin must refute each of them:
 *   1  a record leaves in one step: no mark, only the swing
 *   2  an unlinked record is used again at once
 *   3  the swing does not see that the record in front has left too
 *   4  a record is unlinked by its owner alone
 *   5  a list that was empty is used again
 *   6  closing a list clears the way to it without looking whose it is
 *   7  the walk of the unique test is not repeated when the first record changed
 *   8  the unique test loads the cluster's count after the walk
 *   9  a list holds no reference to the cluster
 *  10  the owner of the cluster's own mbuf is no reader while it looks at the list
 *  11  whoever leaves becomes a reader after its mark
 *  12  every swing in front closes the list
 *  13  the unique test takes a list for no holder
 */

#ifndef BROKEN
#define BROKEN 0
#endif

#define NTHREADS 3
#define NRECORDS 3 /* objects 1 .. NRECORDS */
#define NOBJECTS 6 /* and two lists; 0 is none */
#define NOBODY 9

#ifndef OPS
#define OPS 4 /* shares, hand-overs and unique tests of all threads together */
#endif

#define FREE 0
#define USED 1
#define LIMBO 2

/* A link: twice the object it leads to, and 1 if the record it is in has left. */
#define TO(n) ((n) * 2)
#define AT(link) ((link) / 2)
#define GONE(link) ((link) % 2 == 1)
#define PLAIN(link) ((link) / 2 * 2)

byte link[NOBJECTS];
byte state[NOBJECTS];
byte wait[NOBJECTS];	/* readers that a record in limbo waits for, a bit each */
byte list[NRECORDS + 1];
byte owner[NRECORDS + 1];
byte lead;		/* who owns the cluster's own mbuf */
byte slot;		/* its private line: the list */
byte refs = 1;		/* its DPDK count */
bool inpool;
byte readers;		/* a bit each */
byte nhold = 1;		/* mbufs that hold the cluster */
byte ops = OPS;
byte done;

#define BIT(t) (1 << (t))
#define SEEN(n) assert(state[n] != FREE)

inline enter()
{
	readers = readers | BIT(me)
}

/* d_step: what a reader's leaving means for all records is one step. */
inline leave()
{
	d_step {
		readers = readers & ~BIT(me);
		i = 1;
		do
		:: i < NOBJECTS ->
			wait[i] = wait[i] & ~BIT(me);
			if
			:: state[i] == LIMBO && wait[i] == 0 -> state[i] = FREE
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0
	}
}

#if BROKEN == 2
#define RETIRE(n) state[n] = FREE
#else
#define RETIRE(n) state[n] = LIMBO; wait[n] = readers
#endif

inline drop_cluster()
{
	atomic { assert(!inpool); x = refs }
	if
	:: x == 1 -> refs = 0; x = 0
	:: else -> atomic { assert(!inpool); refs--; x = refs }
	fi;
	if
	:: x == 0 -> atomic { assert(!inpool && nhold == 0 && slot == 0); inpool = true }
	:: else
	fi
}

/* r in front of list l; ok is false if the list is closed. */
inline put_in_front()
{
	do
	:: atomic { SEEN(l); first = link[l] }
		if
#if BROKEN != 5
		:: first == 0 -> ok = false; break
#endif
		:: else
		fi;
		link[r] = first;
		atomic {
			list[r] = l;
			SEEN(l);
			if
			:: link[l] == first -> link[l] = TO(r); ok = true
			:: else
			fi
		}
		if
		:: ok -> break
		:: else
		fi
	od
}

inline share_lead()
{
	ok = false;
	atomic { assert(!inpool); x = refs }
	if
	:: x != 1 ->
#if BROKEN != 10
		enter();
#endif
		l = slot;
		if
		:: l != 0 -> put_in_front()
		:: else
		fi;
#if BROKEN != 10
		leave()
#endif
	:: else
	fi;
	if
	:: !ok ->
		atomic {
			l = 0;
			if
			:: state[4] == FREE -> l = 4
			:: state[4] != FREE && state[5] == FREE -> l = 5
			:: else
			fi;
			if
			:: l != 0 -> state[l] = USED
			:: else
			fi
		}
		if
		:: l != 0 ->
#if BROKEN != 9
			x = refs;
			if
			:: x == 1 -> refs = 2
			:: else -> atomic { refs++ }
			fi;
#endif
			link[r] = 0;
			atomic { /* one open list a cluster */
				assert(state[9 - l] != USED || link[9 - l] == 0);
				link[l] = TO(r);
				list[r] = l
			}
			slot = l;
			ok = true
		:: else -> state[r] = FREE
		fi
	:: else
	fi
}

/* Record n has left, as r's owner sees it. */
#if BROKEN == 1
#define LEFT(n, next) (n == r)
#elif BROKEN == 4
#define LEFT(n, next) (n == r && GONE(next))
#else
#define LEFT(n, next) GONE(next)
#endif

/* Swing the link of p, which leads to n, to what is behind n. */
inline swing(p, n)
{
	atomic {
		SEEN(p);
		if
#if BROKEN == 3
		:: AT(link[p]) == n ->
#else
		:: link[p] == TO(n) ->
#endif
			link[p] = PLAIN(next);
			RETIRE(n);
			ok = true
		:: else -> ok = false
		fi
	}
}

inline tidy()
{
	do
	:: atomic { SEEN(l); first = link[l] }
		if
		:: first == 0 -> break
		:: else
		fi;
		p = AT(first);
		atomic { SEEN(p); next = link[p] }
		if
		:: LEFT(p, next) ->
			n = p;
			swing(l, n);
			if
#if BROKEN == 12
			:: ok ->
#else
			:: ok && PLAIN(next) == 0 ->
#endif
				atomic {
					if
#if BROKEN == 6
					:: true -> slot = 0
#else
					:: slot == l -> slot = 0
					:: else
#endif
					fi
				}
				atomic { RETIRE(l) }
				closed = true;
				break
			:: else
			fi
		:: else -> break_or_walk()
			if
			:: ok -> break
			:: else
			fi
		fi
	od
}

/* Unlink r, which is not in front, and those before it; or leave it. ok: done. */
inline break_or_walk()
{
	ok = true;
	if
	:: true -> /* too far behind */
	:: true ->
		atomic { SEEN(p); first = link[p] }
		if
		:: GONE(first) && BROKEN != 1 -> ok = false
		:: else ->
			do
			:: first == 0 -> break
			:: else ->
				n = AT(first);
				atomic { SEEN(n); next = link[n] }
				if
				:: LEFT(n, next) ->
					swing(p, n);
					if
					:: !ok || n == r -> break
					:: else -> first = PLAIN(next)
					fi
				:: else -> p = n; first = PLAIN(next)
				fi
			od
		fi
	fi
}

inline drop_follower()
{
	closed = false;
#if BROKEN != 11
	enter();
#endif
	atomic {
		SEEN(r);
#if BROKEN != 1
		link[r] = PLAIN(link[r]) + 1;
#endif
		l = list[r];
		owner[r] = NOBODY;
		nhold--
	}
#if BROKEN == 11
	enter();
#endif
	tidy();
	leave();
#if BROKEN != 9
	if
	:: closed -> drop_cluster()
	:: else
	fi
#endif
}

inline drop_lead()
{
	atomic { lead = NOBODY; nhold-- }
	drop_cluster()
}

/* Is the caller, who holds the cluster, the only holder? */
inline unique()
{
	n = 0;
#if BROKEN != 8
	atomic { assert(!inpool); x = refs }
#endif
	enter();
	l = slot;
	if
	:: l != 0 ->
		do
		:: atomic { SEEN(l); first = link[l]; p = first; n = 0 }
			do
			:: p != 0 ->
				atomic {
					SEEN(AT(p));
					next = link[AT(p)];
#if BROKEN != 13
					n = n + !GONE(next);
#endif
					p = PLAIN(next)
				}
			:: else -> break
			od;
			atomic { SEEN(l); p = link[l] }
			if
			:: p == first || BROKEN == 7 -> break
			:: else
			fi
		od
	:: else -> n = 1
	fi;
#if BROKEN == 8
	atomic { assert(!inpool); x = refs }
#endif
	atomic {
		if
		:: x + n == 2 -> assert(nhold == 1)
		:: else
		fi
	}
	leave()
}

#define MYREC (owner[1] == me || owner[2] == me || owner[3] == me)
#define RECFREE (state[1] == FREE || state[2] == FREE || state[3] == FREE)

inline pick()
{
	if
	:: owner[1] == me -> o = 1
	:: owner[2] == me -> o = 2
	:: owner[3] == me -> o = 3
	fi
}

inline take()
{
	if
	:: state[1] == FREE -> r = 1
	:: state[1] != FREE && state[2] == FREE -> r = 2
	:: state[1] != FREE && state[2] != FREE && state[3] == FREE -> r = 3
	fi;
	state[r] = USED
}

inline forget()
{
	o = 0; r = 0; l = 0; n = 0; p = 0; x = 0; first = 0; next = 0; ok = false; closed = false
}

proctype thread(byte me)
{
	byte i, l, n, o, p, r, x, first, next;
	bool ok, closed;

	do
	:: atomic { lead == me && ops > 0 && RECFREE -> ops--; take() }
		share_lead();
		atomic {
			if
			:: ok -> owner[r] = me; nhold++
			:: else
			fi;
			forget()
		}
	:: atomic { MYREC && ops > 0 && RECFREE -> ops--; pick(); take(); l = list[o]; ok = false }
		put_in_front();
		atomic { assert(ok); owner[r] = me; nhold++; forget() }
	:: atomic { MYREC && ops > 0 -> ops--; pick(); owner[o] = (me + 1) % NTHREADS; forget() }
	:: atomic { (MYREC || lead == me) && ops > 0 -> ops-- }
		unique();
		forget()
	:: atomic { MYREC -> pick(); r = o }
		drop_follower();
		forget()
	:: lead == me ->
		drop_lead();
		forget()
	:: nhold == 0 && lead != me && !MYREC -> break
	od;
	atomic {
		done++;
		if
		:: done == NTHREADS -> /* nothing leaks */
			assert(inpool);
			assert(state[1] == FREE && state[2] == FREE && state[3] == FREE);
			assert(state[4] == FREE && state[5] == FREE)
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
