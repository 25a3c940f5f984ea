----------------------------- MODULE MCRolePaxos -----------------------------
(***************************************************************************)
(* Bounds for RolePaxos, and rules to break, from which the configuration  *)
(* files MC*.cfg choose.                                                   *)
(***************************************************************************)
EXTENDS RolePaxos, FiniteSets

CONSTANTS a1, a2, a3, v1, v2

OneAcceptor    == {a1}
TwoAcceptors   == {a1, a2}
ThreeAcceptors == {a1, a2, a3}

Majorities == {Q \in SUBSET Acceptor : 2 * Cardinality(Q) > Cardinality(Acceptor)}

TwoProposers == {1, 2}
TwoValues    == {v1, v2}
OwnValues    == <<v1, v2>>

(***************************************************************************)
(* By proposer: how many ballots it may start.  The set of all ballots is  *)
(* written so that TLC can enumerate it.                                   *)
(***************************************************************************)
Ballots11 == <<1, 1>>
Ballots21 == <<2, 1>>
Ballots22 == <<2, 2>>

FiniteBallot == {<<r, p>> \in (1 .. 9) \X Proposer : r \leq Bound[p]}

(***************************************************************************)
(* One rule broken.                                                        *)
(***************************************************************************)
OwnValue(p, P) == Own[p]

Halves == {Q \in SUBSET Acceptor : 2 * Cardinality(Q) \geq Cardinality(Acceptor)}

AcceptsLower(a, b) == TRUE
=============================================================================
