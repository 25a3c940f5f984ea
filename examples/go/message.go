package main

import "encoding/json"

// Ballot numbers a proposal; the zero Ballot is lower than all that are in use.
type Ballot struct {
	Round    int    `json:"round"`
	Proposer string `json:"proposer"`
}

// Less orders ballots by round, then by proposer.
func (b Ballot) Less(other Ballot) bool {
	if b.Round != other.Round {
		return b.Round < other.Round
	}
	return b.Proposer < other.Proposer
}

type Proposal struct {
	Ballot Ballot `json:"ballot"`
	Value  string `json:"value"`
}

// Message is any message as it is received: what its type does not have is zero.
type Message struct {
	Type     string    `json:"type"`
	From     string    `json:"from"`
	Ballot   Ballot    `json:"ballot"`
	Value    string    `json:"value"`
	Accepted *Proposal `json:"accepted"`
}

// What is sent: the checker, or the network, knows from whom and to whom.

type Prepare struct{ Ballot Ballot }
type Promise struct {
	Ballot   Ballot
	Accepted *Proposal
}
type Accept Proposal
type Accepted Proposal
type Decision struct{ Value string }

type fields map[string]any

func (m Prepare) MarshalJSON() ([]byte, error) {
	return json.Marshal(fields{"type": "prepare", "ballot": m.Ballot})
}
func (m Promise) MarshalJSON() ([]byte, error) {
	return json.Marshal(fields{"type": "promise", "ballot": m.Ballot, "accepted": m.Accepted})
}
func (m Accept) MarshalJSON() ([]byte, error) {
	return json.Marshal(fields{"type": "accept", "ballot": m.Ballot, "value": m.Value})
}
func (m Accepted) MarshalJSON() ([]byte, error) {
	return json.Marshal(fields{"type": "accepted", "ballot": m.Ballot, "value": m.Value})
}
func (m Decision) MarshalJSON() ([]byte, error) {
	return json.Marshal(fields{"type": "decision", "value": m.Value})
}
