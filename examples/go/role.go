package main

// Self is what an actor is told about itself and the others.
type Self struct {
	ID      string `json:"id"`
	Quorums struct {
		Phase1 [][]string `json:"phase1"`
		Phase2 [][]string `json:"phase2"`
	} `json:"quorums"`
}

// Role is an actor. Its exported fields are its state: they can be written as JSON and read again.
type Role interface {
	Start(value string) []any
	Receive(m Message) []any
	// Restart leaves what is on disk.
	Restart()
}

// Roles makes each role, and beside it the same with a mistake.
var Roles = map[string]func(Self) Role{
	"acceptor":           func(Self) Role { return &Acceptor{} },
	"acceptor-forgetful": func(Self) Role { return &Forgetful{} },
	"proposer":           func(self Self) Role { return &Proposer{self: self} },
	"proposer-insistent": func(self Self) Role { return &Insistent{Proposer{self: self}} },
	"learner":            func(self Self) Role { return &Learner{self: self} },
	"learner-adding-up":  func(self Self) Role { return &AddingUp{Learner{self: self}} },
}

// includes tells whether one of the quorums is among the members.
func includes(quorums [][]string, isMember func(string) bool) bool {
	for _, quorum := range quorums {
		all := true
		for _, member := range quorum {
			all = all && isMember(member)
		}
		if all {
			return true
		}
	}
	return false
}
