------------------------------ MODULE RolePaxos ------------------------------
(***************************************************************************)
(* Single-decree Paxos as its roles play it (Lamport, "Paxos Made Simple", *)
(* sections 2.2 and 2.3).  Lamport's own module `Paxos' leaves out the     *)
(* proposers: whoever looks at the set of messages and finds the promises  *)
(* of a quorum in it may propose.  Here each proposer is there, receives   *)
(* promises one at a time, remembers what it has received, abandons a      *)
(* ballot for a new one, and crashes.                                      *)
(*                                                                         *)
(* There are no learners: what is chosen can be told from the votes.       *)
(* Acceptors do not answer what they refuse.                               *)
(***************************************************************************)
EXTENDS Integers
-----------------------------------------------------------------------------
(***************************************************************************)
(* The parameters.  Proposers are the numbers 1, 2, ...; proposer p may    *)
(* start Bound[p] ballots, for the sake of the one value Own[p].  Of one   *)
(* run, at most MaxCrashes steps are crashes.                              *)
(***************************************************************************)
CONSTANTS Acceptor, Value, Quorum, Proposer, Own, Bound, MaxCrashes

ASSUME QuorumAssumption == \A Q \in Quorum : Q \subseteq Acceptor
  (*************************************************************************)
  (* That any two quorums have a member in common is what makes it safe.   *)
  (* It is not assumed, so that one can see what happens without it.       *)
  (*************************************************************************)

ASSUME ProposerAssumption == /\ Proposer \subseteq Nat \ {0}
                             /\ Own \in [Proposer -> Value]
                             /\ Bound \in [Proposer -> Nat]
                             /\ MaxCrashes \in Nat

(***************************************************************************)
(* A ballot (the paper: a proposal number) is a pair of a round and the    *)
(* proposer that owns it, so that no two proposers ever use the same one.  *)
(* Ballots are ordered by round, and within a round by proposer.           *)
(***************************************************************************)
Ballot == {<<r, p>> \in (Nat \ {0}) \X Proposer : r \leq Bound[p]}

NoBallot == <<0, 0>>

b \succ c == \/ b[1] > c[1]
             \/ b[1] = c[1] /\ b[2] > c[2]

b \succeq c == b = c \/ b \succ c

(***************************************************************************)
(* A proposal is a ballot with a value.  NoProposal is lower than all.     *)
(***************************************************************************)
None == CHOOSE v : v \notin Value

Proposal == [bal : Ballot, val : Value]

NoProposal == [bal |-> NoBallot, val |-> None]

(***************************************************************************)
(* All messages that can be sent.  The proposer that a promise is for is   *)
(* the one that owns the ballot; prepare and accept requests are for all   *)
(* acceptors.                                                              *)
(***************************************************************************)
Message ==      [type : {"prepare"}, bal : Ballot]
           \cup [type : {"promise"}, acc : Acceptor, bal : Ballot,
                 reported : Proposal \cup {NoProposal}]
           \cup [type : {"accept"}, prop : Proposal]
           \cup [type : {"accepted"}, acc : Acceptor, prop : Proposal]
-----------------------------------------------------------------------------
VARIABLES
  promised,  \* promised[a] is the highest ballot in which acceptor a has
             \* promised or accepted, and accepted[a] is the proposal
  accepted,  \* that it has accepted last.

  round,     \* <<round[p], p>> is the highest ballot that proposer p has
             \* started; round[p] = 0 if there is none.
  phase,     \* Of that ballot: "prepare" while p waits for promises,
             \* "accept" once it has proposed, "idle" if it is given up.
  value,     \* The value that p would like to have chosen; once it has
             \* proposed, what it has proposed; None if it is idle.
  promises,  \* While p waits: the promises that it has received.

  msgs,      \* The set of all messages that have been sent.  As in module
             \* Paxos, none ever leaves it: a message may be received at
             \* any later time, any number of times, or never.
  crashes    \* How many crashes there have been.

vars == <<promised, accepted, round, phase, value, promises, msgs, crashes>>

acceptorVars == <<promised, accepted>>
proposerVars == <<round, phase, value, promises>>

TypeOK == /\ promised \in [Acceptor -> Ballot \cup {NoBallot}]
          /\ accepted \in [Acceptor -> Proposal \cup {NoProposal}]
          /\ \A p \in Proposer : round[p] \in 0 .. Bound[p]
          /\ phase \in [Proposer -> {"idle", "prepare", "accept"}]
          /\ value \in [Proposer -> Value \cup {None}]
          /\ \A p \in Proposer : promises[p] \subseteq msgs
          /\ msgs \subseteq Message
          /\ crashes \in 0 .. MaxCrashes

Init == /\ promised = [a \in Acceptor |-> NoBallot]
        /\ accepted = [a \in Acceptor |-> NoProposal]
        /\ round = [p \in Proposer |-> 0]
        /\ phase = [p \in Proposer |-> "idle"]
        /\ value = [p \in Proposer |-> None]
        /\ promises = [p \in Proposer |-> {}]
        /\ msgs = {}
        /\ crashes = 0

Send(m) == msgs' = msgs \cup {m}
-----------------------------------------------------------------------------
(***************************************************************************)
(* Phase 1a.  "A proposer selects a proposal number n and sends a prepare  *)
(* request with number n to a majority of acceptors"; here to all.  It may *)
(* do so at any time.  Whatever became of its last ballot, it forgets it.  *)
(***************************************************************************)
Phase1a(p) ==
  /\ round[p] < Bound[p]
  /\ round' = [round EXCEPT ![p] = @ + 1]
  /\ phase' = [phase EXCEPT ![p] = "prepare"]
  /\ value' = [value EXCEPT ![p] = Own[p]]
  /\ promises' = [promises EXCEPT ![p] = {}]
  /\ Send([type |-> "prepare", bal |-> <<round[p] + 1, p>>])
  /\ UNCHANGED <<acceptorVars, crashes>>

(***************************************************************************)
(* Phase 1b.  "If an acceptor receives a prepare request with number n     *)
(* greater than that of any prepare request to which it has already        *)
(* responded, then it responds to the request with a promise not to accept *)
(* any more proposals numbered less than n and with the highest-numbered   *)
(* proposal (if any) that it has accepted."                                *)
(***************************************************************************)
Phase1b(a) ==
  /\ \E m \in msgs :
       /\ m.type = "prepare"
       /\ m.bal \succ promised[a]
       /\ promised' = [promised EXCEPT ![a] = m.bal]
       /\ Send([type |-> "promise", acc |-> a, bal |-> m.bal,
                reported |-> accepted[a]])
  /\ UNCHANGED <<accepted, proposerVars, crashes>>

(***************************************************************************)
(* The value that proposer p must propose on the promises in P: "the value *)
(* of the highest-numbered proposal among the responses, or [...] any      *)
(* value if the responses reported no proposals"; here the proposer's own. *)
(***************************************************************************)
ValueToPropose(p, P) ==
  LET reports == {m.reported : m \in P} \ {NoProposal}
  IN  IF reports = {}
        THEN Own[p]
        ELSE (CHOOSE x \in reports :
                \A y \in reports : x.bal \succeq y.bal).val

(***************************************************************************)
(* Phase 2a.  Proposer p receives the promise of an acceptor for the       *)
(* ballot in which it waits for promises.  (If it has one from the same    *)
(* acceptor already, the later one takes its place.)  If these are the     *)
(* promises of a quorum, it "sends an accept request [...] for a proposal  *)
(* numbered n with a value v", to all acceptors, and need not remember the *)
(* promises any longer.  Else it waits for more.                           *)
(***************************************************************************)
Phase2a(p) ==
  /\ phase[p] = "prepare"
  /\ \E m \in msgs :
       /\ m.type = "promise"
       /\ m.bal = <<round[p], p>>
       /\ LET P == {n \in promises[p] : n.acc # m.acc} \cup {m}
              v == ValueToPropose(p, P)
          IN  IF \E Q \in Quorum : Q \subseteq {n.acc : n \in P}
                THEN /\ phase' = [phase EXCEPT ![p] = "accept"]
                     /\ value' = [value EXCEPT ![p] = v]
                     /\ promises' = [promises EXCEPT ![p] = {}]
                     /\ Send([type |-> "accept",
                              prop |-> [bal |-> m.bal, val |-> v]])
                ELSE /\ promises' = [promises EXCEPT ![p] = P]
                     /\ UNCHANGED <<phase, value, msgs>>
  /\ UNCHANGED <<round, acceptorVars, crashes>>

(***************************************************************************)
(* Phase 2b.  "If an acceptor receives an accept request for a proposal    *)
(* numbered n, it accepts the proposal unless it has already responded to  *)
(* a prepare request having a number greater than n."  As in module Paxos, *)
(* accepting in a ballot also promises it.                                 *)
(***************************************************************************)
MayAccept(a, b) == b \succeq promised[a]

Phase2b(a) ==
  /\ \E m \in msgs :
       /\ m.type = "accept"
       /\ MayAccept(a, m.prop.bal)
       /\ promised' = [promised EXCEPT ![a] = m.prop.bal]
       /\ accepted' = [accepted EXCEPT ![a] = m.prop]
       /\ Send([type |-> "accepted", acc |-> a, prop |-> m.prop])
  /\ UNCHANGED <<proposerVars, crashes>>

(***************************************************************************)
(* A crash, and the restart after it.  A proposer forgets everything but   *)
(* which ballots it has used; "the proposer can always abandon a proposal  *)
(* and forget all about it, as long as it never tries to issue another     *)
(* proposal with the same number".  An acceptor must forget nothing, so    *)
(* that all one can tell of its crash is that there was one.               *)
(***************************************************************************)
ProposerCrashes(p) ==
  /\ crashes < MaxCrashes
  /\ crashes' = crashes + 1
  /\ phase' = [phase EXCEPT ![p] = "idle"]
  /\ value' = [value EXCEPT ![p] = None]
  /\ promises' = [promises EXCEPT ![p] = {}]
  /\ UNCHANGED <<round, acceptorVars, msgs>>

AcceptorCrashes(a) ==
  /\ crashes < MaxCrashes
  /\ crashes' = crashes + 1
  /\ UNCHANGED <<acceptorVars, proposerVars, msgs>>
-----------------------------------------------------------------------------
Next == \/ \E p \in Proposer : Phase1a(p) \/ Phase2a(p) \/ ProposerCrashes(p)
        \/ \E a \in Acceptor : Phase1b(a) \/ Phase2b(a) \/ AcceptorCrashes(a)

Spec == Init /\ [][Next]_vars
-----------------------------------------------------------------------------
(***************************************************************************)
(* A proposal is chosen when a quorum of acceptors has accepted it.  This  *)
(* is said of the messages ever sent, not of what acceptors remember: that *)
(* an acceptor accepts something else later does not undo it.              *)
(***************************************************************************)
Accepted(a, x) == [type |-> "accepted", acc |-> a, prop |-> x] \in msgs

Chosen == {v \in Value : \E m \in msgs :
             /\ m.type = "accepted"
             /\ m.prop.val = v
             /\ \E Q \in Quorum : \A a \in Q : Accepted(a, m.prop)}

(***************************************************************************)
(* The safety requirements of section 2.1 that can be stated without       *)
(* learners.                                                               *)
(***************************************************************************)
Validity == Chosen \subseteq {Own[p] : p \in Proposer}

Agreement == \A v, w \in Chosen : v = w

THEOREM (\A P, Q \in Quorum : P \cap Q # {}) => (Spec => []Agreement)
=============================================================================
