/*
 * Single-decree Paxos as the roles play it ("Paxos Made Simple", sections 2.2 and 2.3): proposers that collect promises one by one
 * and each have one value of their own, acceptors, and a network that is the set of all messages ever sent. There are no learners:
 * what is chosen can be told from the votes. There are no nacks.
 *
 * A state is what each role holds (the table in spec/README.md), which messages were sent, and how many crashes there were. A step
 * that would change nothing is not a step.
 */
#include "loops.h"

/* Bounds, each of which spin -D... may set. There are at most 5 acceptors, 4 proposers, 5 ballots of each, 5 values. */
#ifndef ACCEPTORS
#define ACCEPTORS 3
#endif
#ifndef PROPOSERS
#define PROPOSERS 2
#endif
#ifndef VALUES                          /* proposer p wishes for value p modulo VALUES */
#define VALUES PROPOSERS
#endif
#ifndef ROUNDS                          /* the ballots that each proposer may start ... */
#define ROUNDS 1
#endif
#ifndef BALLOTS_0                       /* ... or fewer, by proposer */
#define BALLOTS_0 ROUNDS
#endif
#ifndef BALLOTS_1
#define BALLOTS_1 ROUNDS
#endif
#ifndef BALLOTS_2
#define BALLOTS_2 ROUNDS
#endif
#ifndef BALLOTS_3
#define BALLOTS_3 ROUNDS
#endif
#ifndef CRASHES                         /* of any process, in one run */
#define CRASHES 0
#endif

/* One rule broken, by -DMUTANT=...; the names are those of the gallery (spec/mutants). */
#define OWN_VALUE           1           /* proposes its own value although a promise reports another */
#define HALF_IS_A_QUORUM    2           /* half of the acceptors are enough */
#define ACCEPTS_LOWER       3           /* accepts whatever it is asked to accept, though it has promised a higher ballot */
#define PROMISE_NOT_DURABLE 4           /* a crash makes an acceptor forget its promise */
#ifndef MUTANT
#define MUTANT 0
#endif

#if MUTANT == HALF_IS_A_QUORUM
#define QUORUM ((ACCEPTORS + 1) / 2)
#else
#define QUORUM (ACCEPTORS / 2 + 1)
#endif

#define EACH_ACCEPTOR(...) LOOP(ACCEPTORS, __VA_ARGS__)
#define EACH_ROUND(...)    LOOP2(ROUNDS, __VA_ARGS__)
#define EACH_PROPOSER(...) LOOP3(PROPOSERS, __VA_ARGS__)
#define EACH_VALUE(...)    LOOP4(VALUES, __VA_ARGS__)
#define EACH_OTHER(...)    LOOP5(PROPOSERS, __VA_ARGS__)

/*
 * Ballots are ordered by round, and within a round by proposer: 1, 2, ...; 0 is none. A proposal (ballot, value) is a number that
 * grows with the ballot; proposal 0 is none. A set of ballots or of proposals is a word, bit by bit.
 */
#define BALLOTS             (ROUNDS * PROPOSERS)
#define ballot(round, p)    (((round) - 1) * PROPOSERS + (p) + 1)
#define proposal(b, v)      ((b) * VALUES + (v))
#define valueOf(x)          ((x) % VALUES)
#define NONE                0
#if BALLOTS_0 > ROUNDS || BALLOTS_1 > ROUNDS || BALLOTS_2 > ROUNDS || BALLOTS_3 > ROUNDS
#error "ROUNDS is the most that any proposer may start"
#endif
#if (BALLOTS + 1) * VALUES > 31
#error "too many proposals for a word of 31 bits"
#endif
#if (BALLOTS + 1) * VALUES < 16
#define set                 short
#else
#define set                 int
#endif
#define has(s, x)           (((s) >> (x)) & 1)
#define add(s, x)           s = (s) | (1 << (x))

/* A proposer; only `round` survives a crash. */
#define IDLE    0
#define PREPARE 1
#define ACCEPT  2
byte round[PROPOSERS];                  /* of the highest ballot that it has started; 0: none */
byte phase[PROPOSERS];                  /* of that ballot */
byte value[PROPOSERS];                  /* wished for; once proposed, the value proposed; 0 when idle, else 1 + the value */
byte heard[PROPOSERS * ACCEPTORS];      /* in phase PREPARE: 0, or 1 + the proposal that the acceptor reported with its promise */

/* An acceptor; all of it survives a crash. */
byte promised[ACCEPTORS];               /* the highest ballot in which it has promised or accepted */
byte accepted[ACCEPTORS];               /* the proposal that it accepted last */

/* The messages sent. */
set prepares;                           /* ballots */
set promises[ACCEPTORS * BALLOTS];      /* from an acceptor, in a ballot: the proposals reported */
set accepts;                            /* proposals */
set votes[ACCEPTORS];                   /* from an acceptor: the proposals accepted */

byte crashes;

#define at(p, a)            ((p) * ACCEPTORS + (a))
#define of(a, b)            ((a) * BALLOTS + (b) - 1)

/* A value is chosen when a quorum has accepted it in one ballot; at most one ever is. */
#define voted(a, r, p, v)   has(votes[a], proposal(ballot((r) + 1, p), v))
#define chosenIn(r, p, v)   (EACH_ACCEPTOR(+, voted, r, p, v)) >= QUORUM
#define chosenBy(p, v)      (EACH_ROUND(||, chosenIn, p, v))
#define chosen(v)           (EACH_PROPOSER(||, chosenBy, v))

inline Agreement() {
  assert((EACH_VALUE(+, chosen)) <= 1)
}

#define forget(a, p)        heard[at(p, a)] = 0
#define forgetAll(p)        EACH_ACCEPTOR(;, forget, p)

/* Phase 1a: a proposer selects a new ballot, whatever became of its last one, and asks all acceptors for their promises. */
inline Phase1a(p, ballots) {
  round[p] < ballots ->
  round[p] = round[p] + 1;
  phase[p] = PREPARE;
  value[p] = 1 + p % VALUES;
  forgetAll(p);
  add(prepares, ballot(round[p], p))
}

/* Phase 1b: an acceptor promises a ballot higher than any it has promised, and reports the highest proposal that it has accepted. */
inline Phase1b(a, b) {
  has(prepares, b) && b > promised[a] ->
  promised[a] = b;
  add(promises[of(a, b)], accepted[a])
}

/*
 * Phase 2a: a proposer in phase PREPARE receives the promise of acceptor a for its ballot, which reports x. With the promises of a
 * quorum it proposes the value of the highest proposal reported, or its own if none was, to all acceptors. Until then it waits.
 */
#define counts(a, p)        (heard[at(p, a)] != 0)
#define chooseHigher(a, p)  highest = (heard[at(p, a)] > highest -> heard[at(p, a)] : highest)

byte highest;                           /* for use within this rule; between steps it is 0. Like `heard`, 1 + a proposal */

inline Phase2a(p, a, x) {
  phase[p] == PREPARE && has(promises[of(a, ballot(round[p], p))], x) && heard[at(p, a)] != 1 + (x) ->
  heard[at(p, a)] = 1 + (x);
  if
  :: (EACH_ACCEPTOR(+, counts, p)) >= QUORUM ->
     highest = 1 + NONE;
     EACH_ACCEPTOR(;, chooseHigher, p);
#if MUTANT != OWN_VALUE
     if
     :: highest > 1 + NONE -> value[p] = 1 + valueOf(highest - 1)
     :: else
     fi;
#endif
     highest = 0;
     phase[p] = ACCEPT;
     forgetAll(p);
     add(accepts, proposal(ballot(round[p], p), value[p] - 1))
  :: else
  fi
}

/* Phase 2b: an acceptor accepts what it is asked to accept, unless it has promised a higher ballot. Accepting promises the ballot. */
#if MUTANT == ACCEPTS_LOWER
#define mayAccept(a, b)     true
#else
#define mayAccept(a, b)     (b >= promised[a])
#endif

inline Phase2b(a, b, v) {
  has(accepts, proposal(b, v)) && mayAccept(a, b) && !(promised[a] == b && accepted[a] == proposal(b, v)) ->
  promised[a] = b;
  accepted[a] = proposal(b, v);
  add(votes[a], proposal(b, v));
  Agreement()
}

/* A crash, and the restart after it. */
inline ProposerCrashes(p) {
  crashes < CRASHES ->
  crashes = crashes + 1;
  phase[p] = IDLE;
  value[p] = 0;
  forgetAll(p)
}

inline AcceptorCrashes(a) {
  crashes < CRASHES ->
#if MUTANT == PROMISE_NOT_DURABLE
  promised[a] = 0;
#endif
  crashes = crashes + 1
}

/* All steps there may be, by who takes them. */
#define PROPOSER(p)                :: d_step { Phase1a(p, BALLOTS_##p) } \
                                   EACH_ACCEPTOR(, PROMISES, p)
#define PROMISES(a, p)             :: d_step { Phase2a(p, a, NONE) } \
                                   EACH_VALUE(, REPORTS, p, a)
#define REPORTS(v, p, a)           EACH_ROUND(, REPORTS_OF_ROUND, p, a, v)
#define REPORTS_OF_ROUND(r, p, a, v) EACH_OTHER(, REPORT, r, p, a, v)
#define REPORT(q, r, p, a, v)      :: d_step { Phase2a(p, a, proposal(ballot((r) + 1, q), v)) }

#define ACCEPTOR(a)                EACH_ROUND(, REQUESTS, a)
#define REQUESTS(r, a)             EACH_PROPOSER(, REQUESTS_OF, r, a)
#define REQUESTS_OF(p, r, a)       :: d_step { Phase1b(a, ballot((r) + 1, p)) } \
                                   EACH_VALUE(, REQUEST, p, r, a)
#define REQUEST(v, p, r, a)        :: d_step { Phase2b(a, ballot((r) + 1, p), v) }

#define PROPOSER_CRASHES(p)        :: d_step { ProposerCrashes(p) }
#define ACCEPTOR_CRASHES(a)        :: d_step { AcceptorCrashes(a) }

/* One process with one location: whatever Spin keeps beside the variables is the same in every state. */
active proctype Next() {
end:
  do
  EACH_PROPOSER(, PROPOSER)
  EACH_ACCEPTOR(, ACCEPTOR)
#if CRASHES > 0
  EACH_PROPOSER(, PROPOSER_CRASHES)
  EACH_ACCEPTOR(, ACCEPTOR_CRASHES)
#endif
  od
}
