/*
 * Paxos at the level of Lamport's TLA+ module `Paxos`: acceptors, and the set of all messages ever sent. Variables and rules have
 * his names. A state is <<maxBal, maxVBal, maxVal, msgs>> as there, so that Spin counts the states that TLC counts.
 *
 * Two things are written differently. Ballots are one higher: his ballots 0, 1, ... are 1, 2, ... here, his -1 is 0. And a step that
 * would change nothing (a message sent again) is not a step.
 */
#include "loops.h"

/* Bounds, each of which spin -D... may set. There are at most 5 of anything. */
#ifndef ACCEPTORS
#define ACCEPTORS 3
#endif
#ifndef BALLOTS                         /* in all */
#define BALLOTS 2
#endif
#ifndef VALUES
#define VALUES 2
#endif
#ifndef QUORUM                          /* any so many acceptors; half of them (ACCEPTORS even) is one too few */
#define QUORUM (ACCEPTORS / 2 + 1)
#endif

/* A vote <<ballot, value>> as a number, which grows with the ballot; <<-1, None>> is number 0. A set of them is a word, bit by bit. */
#define vote(b, v)     ((b) * VALUES + (v))
#if (BALLOTS + 1) * VALUES < 16
#define votes          short
#else
#define votes          int
#endif
#if (BALLOTS + 1) * VALUES > 31
#error "too many votes for a word of 31 bits"
#endif
#define has(set, x)    (((set) >> (x)) & 1)
#define add(set, x)    set = (set) | (1 << (x))
#define inBallot(b)    (((1 << VALUES) - 1) << vote(b, 0))
#define upTo(b)        ((1 << vote((b) + 1, 0)) - 1)

#define EACH_ACCEPTOR(...) LOOP(ACCEPTORS, __VA_ARGS__)
#define EACH_BALLOT(...)   LOOP2(BALLOTS, __VA_ARGS__)
#define EACH_VALUE(...)    LOOP3(VALUES, __VA_ARGS__)

byte  maxBal[ACCEPTORS];
byte  maxVBal[ACCEPTORS];               /* <<maxVBal[a], maxVal[a]>> is the vote of a with the largest ballot */
byte  maxVal[ACCEPTORS];

/* msgs, by type and sender. */
short msgs1a;                           /* by ballot */
votes msgs1b[ACCEPTORS * BALLOTS];      /* of an acceptor, in a ballot: the votes that it reported */
votes msgs2a;
votes msgs2b[ACCEPTORS];

#define from(a, b)     ((a) * BALLOTS + (b) - 1)

/* A value is chosen if a quorum has voted for it in one ballot. */
#define voted(a, b, v)   has(msgs2b[a], vote((b) + 1, v))
#define chosenIn(b, v)   (EACH_ACCEPTOR(+, voted, b, v)) >= QUORUM
#define chosen(v)        (EACH_BALLOT(||, chosenIn, v))

inline Agreement() {
  assert((EACH_VALUE(+, chosen)) <= 1)
}

/* The leader of ballot b begins it. */
inline Phase1a(b) {
  !has(msgs1a, b) -> add(msgs1a, b)
}

/* Acceptor a promises b, if that is greater than maxBal[a], and reports its vote with the largest ballot. */
inline Phase1b(a, b) {
  has(msgs1a, b) && b > maxBal[a] ->
  maxBal[a] = b;
  add(msgs1b[from(a, b)], vote(maxVBal[a], maxVal[a]))
}

/*
 * The leader of ballot b proposes v, if it has proposed nothing in b, and some quorum has promised b, of which either no member
 * reported a vote, or v is the value of a vote that one of them reported, and none reported a vote with a larger ballot.
 * As any QUORUM acceptors are a quorum, that is to say: QUORUM acceptors reported nothing larger than this vote, one of them just it.
 */
#define freeIn(a, b)          has(msgs1b[from(a, b)], vote(0, 0))
#define nothingAbove(a, c, b) ((msgs1b[from(a, b)] & upTo(c)) != 0)
#define reports(a, c, b, v)   has(msgs1b[from(a, b)], vote(c, v))
#define shown(c, b, v)        (((EACH_ACCEPTOR(||, reports, (c) + 1, b, v))) && \
                               (EACH_ACCEPTOR(+, nothingAbove, (c) + 1, b)) >= QUORUM)

inline Phase2a(b, v) {
  (msgs2a & inBallot(b)) == 0 &&
    ((EACH_ACCEPTOR(+, freeIn, b)) >= QUORUM || (EACH_BALLOT(||, shown, b, v))) ->
  add(msgs2a, vote(b, v))
}

/* Acceptor a votes for v in ballot b as it is asked to, unless it has promised a greater ballot. */
inline Phase2b(a, b, v) {
  has(msgs2a, vote(b, v)) && b >= maxBal[a] && !(maxBal[a] == b && maxVBal[a] == b && maxVal[a] == v) ->
  maxBal[a] = b;
  maxVBal[a] = b;
  maxVal[a] = v;
  add(msgs2b[a], vote(b, v));
  Agreement()
}

/* All steps there may be. */
#define STEPS_1a(b)        :: d_step { Phase1a((b) + 1) }
#define STEPS_1b(b, a)     :: d_step { Phase1b(a, (b) + 1) }
#define STEPS_2a(b, v)     :: d_step { Phase2a((b) + 1, v) }
#define STEPS_2b(b, a, v)  :: d_step { Phase2b(a, (b) + 1, v) }

#define STEPS_acceptor(a)           EACH_BALLOT(, STEPS_1b, a) EACH_VALUE(, STEPS_votes, a)
#define STEPS_votes(v, a)           EACH_BALLOT(, STEPS_2b, a, v)
#define STEPS_proposals(v)          EACH_BALLOT(, STEPS_2a, v)

/* One process with one location: whatever Spin keeps beside the variables is the same in every state. */
active proctype Next() {
end:
  do
  EACH_BALLOT(, STEPS_1a)
  EACH_VALUE(, STEPS_proposals)
  EACH_ACCEPTOR(, STEPS_acceptor)
  od
}
