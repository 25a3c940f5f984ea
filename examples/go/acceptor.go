package main

// Acceptor has all of its state on disk before it answers.
type Acceptor struct {
	Promised Ballot
	Accepted *Proposal
}

func (a *Acceptor) Start(string) []any { return nil }

func (a *Acceptor) Restart() {}

func (a *Acceptor) Receive(m Message) []any {
	switch {
	case m.Type == "prepare" && a.Promised.Less(m.Ballot):
		a.Promised = m.Ballot
		return []any{Promise{m.Ballot, a.Accepted}}
	case m.Type == "accept" && !m.Ballot.Less(a.Promised):
		a.Promised = m.Ballot
		a.Accepted = &Proposal{m.Ballot, m.Value}
		return []any{Accepted(*a.Accepted)}
	}
	return nil
}

// Forgetful has nothing on disk.
type Forgetful struct{ Acceptor }

func (f *Forgetful) Restart() { *f = Forgetful{} }
