/*
 * What a person would write by hand: a breadth-first search of the states of Lamport's TLA+ module `Paxos`, and of nothing else.
 *
 *     g++ -O3 -march=native -DACCEPTORS=3 -DVALUES=2 -DBALLOTS=4 -o lamport lamport.cc && ./lamport 8220065
 *
 * The argument is the number of states there is to be room for. It prints what it counted as JSON, and fails if two values are chosen.
 *
 * A state is the module's <<maxBal, maxVBal, maxVal, msgs>>, packed in 128 bits. The packing takes no lemma of Paxos, with one
 * exception that is looked after: an acceptor has sent at most one 1b message in a ballot, or the program fails.
 */
#include "table.h"
#include <utility>
#include <vector>

#ifndef QUORUM /* how many acceptors are a quorum */
#define QUORUM (ACCEPTORS / 2 + 1)
#endif

typedef unsigned __int128 State;

constexpr int A = ACCEPTORS, V = VALUES, B = BALLOTS;
constexpr int VOTES = B * V; /* a set of <<ballot, value>> is a word: bit b * V + v */

constexpr int bitsFor(int largest) { return largest == 0 ? 0 : 1 + bitsFor(largest / 2); }

/* Where each variable is. A vote is 0 for none, or 1 + b * V + v; a 1b message is 0 for none, or 1 + the vote that it reports. */
constexpr int BAL = bitsFor(B), VOTE = bitsFor(VOTES), REPORT = bitsFor(VOTES + 1);
constexpr int maxBal(int a) { return a * BAL; } /* one more than in the module */
constexpr int vote(int a) { return A * BAL + a * VOTE; }
constexpr int MSGS_1A = vote(A); /* by ballot */
constexpr int MSGS_2A = MSGS_1A + B;
constexpr int msgs2b(int a) { return MSGS_2A + VOTES + a * VOTES; }
constexpr int msgs1b(int a, int b) { return msgs2b(A) + (a * B + b) * REPORT; }
constexpr int MARK = 127; /* set in every state, so that none is 0, which is an empty slot of the table */
static_assert(msgs1b(A, 0) <= MARK, "these bounds do not fit 128 bits");

static inline unsigned get(State s, int at, int bits) { return unsigned(s >> at) & ((1u << bits) - 1); }
static inline State put(State s, int at, int bits, unsigned value) {
  return (s & ~(State((1u << bits) - 1) << at)) | State(value) << at;
}
static inline State add(State s, int at) { return s | State(1) << at; }

/* A loop over acceptors, ballots or values, of which there are few: written out by the compiler, which makes shifts constant. */
#define EACH(i, from, to) _Pragma("GCC unroll 32") for (int i = from; i < to; i++)

/* A quorum is a set of acceptors; one with more acceptors than it needs allows nothing that a smaller one does not. */
constexpr bool isQuorum(int members) { return __builtin_popcount(members) == QUORUM; }

static bool agreement(State s) {
  unsigned chosen = 0, values = 0;
  EACH(q, 0, 1 << A) {
    if (!isQuorum(q)) continue;
    unsigned all = (1u << VOTES) - 1;
    EACH(a, 0, A)
      if (q >> a & 1) all &= get(s, msgs2b(a), VOTES);
    chosen |= all;
  }
  EACH(b, 0, B) values |= chosen >> (b * V) & ((1u << V) - 1);
  return (values & (values - 1)) == 0;
}

/* Phase2a: the values, as bits, that some quorum's 1b messages of ballot b allow. */
static unsigned allowed(State s, int b) {
  unsigned values = 0, report[A];
  EACH(a, 0, A) report[a] = get(s, msgs1b(a, b), REPORT);
  EACH(q, 0, 1 << A) {
    if (!isQuorum(q)) continue;
    bool all = true;
    int largest = -1; /* the ballot of the largest vote reported */
    unsigned its = (1u << V) - 1;
    EACH(a, 0, A) {
      if (!(q >> a & 1)) continue;
      if (report[a] == 0) all = false;
      if (report[a] < 2) continue; /* reports no vote */
      const int ballot = int(report[a] - 2) / V;
      const unsigned value = 1u << (report[a] - 2) % V;
      if (ballot > largest) its = 0, largest = ballot;
      if (ballot == largest) its |= value;
    }
    if (all) values |= its;
  }
  return values;
}

/* Calls `step` with every successor that differs from the state. */
template <typename Step> static inline void successors(State s, Step step) {
  const unsigned asked = get(s, MSGS_1A, B), proposed = get(s, MSGS_2A, VOTES);
  EACH(b, 0, B) {
    if (!(asked >> b & 1)) step(add(s, MSGS_1A + b)); /* Phase1a(b) */
    if ((proposed >> (b * V) & ((1u << V) - 1)) == 0) { /* Phase2a(b, v) */
      const unsigned values = allowed(s, b);
      EACH(v, 0, V)
        if (values >> v & 1) step(add(s, MSGS_2A + b * V + v));
    }
  }
  EACH(a, 0, A) {
    const int promised = int(get(s, maxBal(a), BAL)) - 1;
    const unsigned last = get(s, vote(a), VOTE);
    EACH(b, 0, B) { /* Phase1b(a) */
      if (b <= promised || !(asked >> b & 1)) continue;
      if (get(s, msgs1b(a, b), REPORT) != 0) fail("an acceptor sends two 1b messages in one ballot");
      step(put(put(s, maxBal(a), BAL, b + 1), msgs1b(a, b), REPORT, 1 + last));
    }
    EACH(b, 0, B) { /* Phase2b(a) */
      EACH(v, 0, V) {
        if (b < promised || !(proposed >> (b * V + v) & 1)) continue;
        const State next = put(put(s, maxBal(a), BAL, b + 1), vote(a), VOTE, 1 + b * V + v);
        const State sent = add(next, msgs2b(a) + b * V + v);
        if (sent == s) continue;
        if (!agreement(sent)) fail("two values are chosen");
        step(sent);
      }
    }
  }
}

static inline uint64_t hashOf(State s) { return mix(uint64_t(s >> 64) * 0x9e3779b97f4a7c15u ^ uint64_t(s)); }

int main(int, char** arguments) {
  Table<State> table(strtoull(arguments[1], nullptr, 10));
  constexpr int MOST = B * (1 + V) + A * B * (1 + V); /* successors of a state */
  static State waiting[BATCH + MOST];
  static uint64_t at[BATCH + MOST];
  int count = 0;
  uint64_t transitions = 0, depth = 0;
  std::vector<State> level, next;
  const auto wait = [&](State s) {
    waiting[count] = s;
    at[count] = table.slotOf(hashOf(s));
    table.fetch(at[count++]);
  };
  const auto insertThem = [&] {
    for (int k = 0; k < count; k++)
      if (table.insert(waiting[k], at[k])) next.push_back(waiting[k]);
    transitions += count;
    count = 0;
  };

  const State initial = State(1) << MARK;
  table.insert(initial, table.slotOf(hashOf(initial)));
  for (level.push_back(initial);; depth++) {
    for (const State state : level) {
      successors(state, wait);
      if (count >= BATCH) insertThem();
    }
    insertThem();
    if (next.empty()) break;
    level.clear();
    std::swap(level, next);
  }
  printf("{\"states\":%lu,\"transitions\":%lu,\"diameter\":%lu,\"tableBytes\":%lu}\n", table.used, transitions, depth,
         table.bytes());
}
