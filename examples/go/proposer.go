package main

// Proposer has its round on disk before a prepare request leaves, and nothing else.
type Proposer struct {
	self     Self
	Round    int
	Value    string
	Promises map[string]*Proposal // nil unless it waits for promises
}

func (p *Proposer) Restart() { p.Value, p.Promises = "", nil }

func (p *Proposer) Start(value string) []any {
	p.Round++
	p.Value, p.Promises = value, map[string]*Proposal{}
	return []any{Prepare{p.ballot()}}
}

func (p *Proposer) Receive(m Message) []any {
	if m.Ballot != p.ballot() || p.Promises == nil {
		return nil
	}
	switch m.Type {
	case "nack":
		p.Restart()
	case "promise":
		p.Promises[m.From] = m.Accepted
		promised := func(acceptor string) bool { _, did := p.Promises[acceptor]; return did }
		if includes(p.self.Quorums.Phase1, promised) {
			value := p.choose()
			p.Restart()
			return []any{Accept{p.ballot(), value}}
		}
	}
	return nil
}

// choose takes the value of the highest-numbered proposal that is reported, and its own if none is.
func (p *Proposer) choose() string {
	highest := Proposal{Value: p.Value}
	for _, reported := range p.Promises {
		if reported != nil && highest.Ballot.Less(reported.Ballot) {
			highest = *reported
		}
	}
	return highest.Value
}

func (p *Proposer) ballot() Ballot { return Ballot{p.Round, p.self.ID} }

// Insistent proposes its own value, whatever is reported.
type Insistent struct{ Proposer }

func (i *Insistent) Receive(m Message) []any {
	own := i.Value
	sent := i.Proposer.Receive(m)
	for at, each := range sent {
		if accept, is := each.(Accept); is {
			sent[at] = Accept{accept.Ballot, own}
		}
	}
	return sent
}
