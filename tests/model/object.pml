/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the mfwd authors
 */

/*
 * The object policy: a cluster that is shared has an object, which counts its followers and holds
 * one reference of the cluster's own DPDK count. The cluster's private line only says where the
 * object is, and holds no reference: whoever owns the cluster's own mbuf may find an object that
 * is about to go, or that serves another cluster by now. Two clusters, two objects that are used
 * again and again, three threads.
 *
 * A load, a store or an atomic read-modify-write is one step, and what shares an atomic block with
 * it is ghost state or an assertion.
 *
 * -DBROKEN=n builds a protocol that is wrong in one place. spin must refute each of them:
 *   1  the owner does not look whether the object is still this cluster's
 *   2  the owner takes a reference of an object that has none
 *   3  the last follower clears the way to the object without looking whose it is
 *   4  the object goes back to its pool before the way to it is cleared
 *   5  a follower that loads the count as 1 drops it by a plain store
 *   6  the object holds no reference to the cluster
 *   7  freeing the cluster's own mbuf drops a reference of the object
 *   8  the object's reference to the cluster is raised by load and store at any count
 *   9  the last follower drops the cluster before the way to the object is cleared
 */

#ifndef BROKEN
#define BROKEN 0
#endif

#define NTHREADS 3
#define NCLUSTERS 2
#define NOBJECTS 3 /* and number 0, which is none */
#define NFOLLOWERS 3
#define NOBODY 9

#ifndef OPS
#define OPS 4 /* shares and hand-overs of all threads together */
#endif

byte lead[NCLUSTERS];	/* who owns the cluster's own mbuf */
byte refs[NCLUSTERS];	/* its DPDK count */
byte slot[NCLUSTERS];	/* its private line: the object */
bool inpool[NCLUSTERS];
byte nhold[NCLUSTERS];	/* mbufs that hold the cluster */

byte orefs[NOBJECTS];
byte olead[NOBJECTS];	/* whose it is: stays what it was in the pool */
bool oout[NOBJECTS];	/* not in its pool */

byte fown[NFOLLOWERS];	/* who owns the follower's mbuf */
byte fobj[NFOLLOWERS];
byte fclu[NFOLLOWERS];	/* ghost: the cluster it was made for */

byte ops = OPS;
byte done;

#define LIVE(b, c) (oout[b] && orefs[b] > 0 && olead[b] == c)

inline put_cluster(c)
{
	atomic {
		assert(!inpool[c] && nhold[c] == 0);
		assert(slot[c] == 0);
		inpool[c] = true
	}
}

/* rte_pktmbuf_free_seg() of a direct mbuf, or the object's reference. */
inline drop_cluster(c)
{
	atomic { assert(!inpool[c]); r = refs[c] }
	if
	:: r == 1 -> refs[c] = 0; r = 0
	:: else -> atomic { assert(!inpool[c]); refs[c]--; r = refs[c] }
	fi;
	if
	:: r == 0 -> put_cluster(c)
	:: else
	fi
}

/* Give up a reference of object b. */
inline unref(b)
{
#if BROKEN == 5
	x = orefs[b];
	if
	:: x == 1 -> orefs[b] = 0; x = 0
	:: else -> atomic { assert(oout[b]); orefs[b]--; x = orefs[b] }
	fi;
#else
	atomic { assert(oout[b] && orefs[b] > 0); orefs[b]--; x = orefs[b] }
#endif
	if
	:: x == 0 ->
		l = olead[b];
#if BROKEN == 4
		atomic { oout[b] = false }
#endif
#if BROKEN == 9
		drop_cluster(l);
#endif
#if BROKEN == 3
		slot[l] = 0;
#else
		atomic {
			if
			:: slot[l] == b -> slot[l] = 0
			:: else
			fi
		}
#endif
#if BROKEN != 4
		atomic { assert(oout[b]); oout[b] = false }
#endif
#if BROKEN != 6 && BROKEN != 9
		drop_cluster(l)
#endif
	:: else
	fi
}

/* o: the object that counts one more for cluster c, whose own mbuf is the caller's; 0: none free. */
inline ref_lead()
{
	o = 0;
	atomic { assert(!inpool[c]); r = refs[c] }
	if
	:: r != 1 ->
		b = slot[c];
		if
		:: b != 0 ->
			do
			:: x = orefs[b];
#if BROKEN != 2
				if
				:: x == 0 -> break
				:: else
				fi;
#endif
				atomic {
					if
					:: orefs[b] == x -> orefs[b] = x + 1; o = b
					:: else
					fi
				}
				if
				:: o != 0 -> break
				:: else
				fi
			od;
			if
#if BROKEN == 1
			:: true
#else
			:: o == 0 || olead[b] == c
			:: else -> unref(b); o = 0
#endif
			fi
		:: else
		fi
	:: else
	fi;
	if
	:: o == 0 ->
		atomic {
			if
			:: !oout[1] -> o = 1; oout[1] = true
			:: oout[1] && !oout[2] -> o = 2; oout[2] = true
			:: else
			fi
		}
		if
		:: o != 0 ->
#if BROKEN == 8
			r = refs[c];
			refs[c] = r + 1;
#elif BROKEN != 6
			r = refs[c];
			if
			:: r == 1 -> refs[c] = 2
			:: else -> atomic { refs[c]++ }
			fi;
#endif
			olead[o] = c;
			atomic { assert(!LIVE(3 - o, c)); orefs[o] = 1 } /* one a cluster */
			slot[c] = o
		:: else
		fi
	:: else
	fi
}

inline new_follower()
{
	atomic {
		assert(oout[o] && !inpool[c]);
		nhold[c]++;
		if
		:: fown[0] == NOBODY -> f = 0
		:: fown[0] != NOBODY && fown[1] == NOBODY -> f = 1
		:: fown[0] != NOBODY && fown[1] != NOBODY && fown[2] == NOBODY -> f = 2
		fi;
		fown[f] = me;
		fobj[f] = o;
		fclu[f] = c
	}
}

inline drop_follower()
{
	atomic {
		assert(!inpool[fclu[f]] && olead[fobj[f]] == fclu[f]);
		b = fobj[f];
		fown[f] = NOBODY;
		nhold[fclu[f]]--
	}
	unref(b)
}

inline drop_lead()
{
	atomic { lead[c] = NOBODY; nhold[c]-- }
#if BROKEN == 7
	b = slot[c];
	if
	:: b != 0 -> unref(b)
	:: else
	fi;
#endif
	drop_cluster(c)
}

inline pick_follower()
{
	if
	:: fown[0] == me -> f = 0
	:: fown[1] == me -> f = 1
	:: fown[2] == me -> f = 2
	fi
}

inline pick_lead()
{
	if
	:: lead[0] == me -> c = 0
	:: lead[1] == me -> c = 1
	fi
}

#define MYFOLLOWER (fown[0] == me || fown[1] == me || fown[2] == me)
#define MYLEAD (lead[0] == me || lead[1] == me)
byte used;    /* headers in use */

proctype thread(byte me)
{
	byte b, c, f, l, o, r, x;

	do
	:: atomic { MYLEAD && ops > 0 && used < NFOLLOWERS -> ops--; used++; pick_lead() }
		ref_lead();
		if
		:: o != 0 -> new_follower()
		:: else -> used--
		fi
	:: atomic { MYFOLLOWER && ops > 0 && used < NFOLLOWERS -> ops--; used++; pick_follower() }
		atomic { o = fobj[f]; c = fclu[f]; assert(oout[o] && orefs[o] > 0); orefs[o]++ }
		new_follower()
	:: atomic { MYFOLLOWER && ops > 0 -> ops--; pick_follower(); fown[f] = (me + 1) % NTHREADS }
	:: atomic { MYFOLLOWER -> pick_follower(); used-- }
		drop_follower()
	:: atomic { MYLEAD -> pick_lead() }
		drop_lead()
	:: nhold[0] == 0 && nhold[1] == 0 && !MYLEAD && !MYFOLLOWER -> break
	od;
	atomic {
		done++;
		if
		:: done == NTHREADS -> /* nothing leaks */
			assert(inpool[0] && inpool[1] && !oout[1] && !oout[2])
		:: else
		fi
	}
}

init
{
	atomic {
		refs[0] = 1;
		refs[1] = 1;
		nhold[0] = 1;
		nhold[1] = 1;
		lead[0] = 0;
		lead[1] = 1;
		fown[0] = NOBODY;
		fown[1] = NOBODY;
		fown[2] = NOBODY;
		run thread(0);
		run thread(1);
		run thread(2)
	}
}
