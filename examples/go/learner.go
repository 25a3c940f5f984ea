package main

import "sort"

// Vote is what an acceptor is known to have accepted.
type Vote struct {
	Proposal
	Acceptor string
}

// Learner has what it has learned on disk; votes can be heard of again.
type Learner struct {
	self    Self
	Learned string
	Votes   []Vote
}

func (l *Learner) Start(string) []any { return nil }

func (l *Learner) Restart() { l.Votes = nil }

func (l *Learner) Receive(m Message) []any {
	return l.count(m, func(one, other Proposal) bool { return one == other })
}

// count learns a value from a quorum of votes for proposals that are alike.
func (l *Learner) count(m Message, alike func(one, other Proposal) bool) []any {
	if l.Learned != "" {
		return nil
	}
	if m.Type == "decision" {
		return l.learn(m.Value)
	}
	vote := Vote{Proposal{m.Ballot, m.Value}, m.From}
	voted := map[string]bool{vote.Acceptor: true}
	isKnown := false
	for _, known := range l.Votes {
		isKnown = isKnown || known == vote
		if alike(known.Proposal, vote.Proposal) {
			voted[known.Acceptor] = true
		}
	}
	if includes(l.self.Quorums.Phase2, func(acceptor string) bool { return voted[acceptor] }) {
		return l.learn(m.Value)
	}
	if !isKnown {
		l.Votes = append(l.Votes, vote)
		// In a fixed order, so that the same votes are the same state.
		sort.Slice(l.Votes, func(i, j int) bool {
			one, other := l.Votes[i], l.Votes[j]
			return one.Ballot.Less(other.Ballot) || one.Ballot == other.Ballot && one.Acceptor < other.Acceptor
		})
	}
	return nil
}

func (l *Learner) learn(value string) []any {
	l.Learned, l.Votes = value, nil
	return []any{Decision{value}}
}

// AddingUp counts votes for a value, of whatever ballots.
type AddingUp struct{ Learner }

func (a *AddingUp) Receive(m Message) []any {
	return a.count(m, func(one, other Proposal) bool { return one.Value == other.Value })
}
