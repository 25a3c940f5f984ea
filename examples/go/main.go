// Roles of Paxos in Go under Synod's checker:
//
//	go build -o paxos . && synod check paxos --acceptor "./paxos acceptor" --proposer "./paxos proposer"
//
// and against its vectors: ./paxos vectors FOLDER
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
)

// Question is one of the checker's, in either form: with self and state, or without.
type Question struct {
	ID    int             `json:"id"`
	Type  string          `json:"type"`
	Self  *Self           `json:"self"`
	State json.RawMessage `json:"state"`
	Event Event           `json:"event"`
}

// Event is what an actor is to do.
type Event struct {
	Type    string  `json:"type"`
	Value   string  `json:"value"`
	Message Message `json:"message"`
}

// take has a role do something, and returns what it sends.
func take(role Role, event Event) []any {
	send := []any{}
	if event.Type == "start" {
		return append(send, role.Start(event.Value)...)
	}
	return append(send, role.Receive(event.Message)...)
}

// serve answers the questions on standard input, as a program that is handed its state, or as one that keeps it.
func serve(make func(Self) Role, kind string) {
	questions := bufio.NewScanner(os.Stdin)
	questions.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	var role Role
	for questions.Scan() {
		var question Question
		check(json.Unmarshal(questions.Bytes(), &question))
		answer := fields{"id": question.ID}
		if question.Type == "hello" {
			answer["protocol"], answer["kind"], answer["restart"] = 1, kind, true
			check(answers.Encode(answer))
			continue
		}
		if question.Self != nil {
			role = make(*question.Self)
		}
		if question.State != nil {
			check(json.Unmarshal(question.State, role))
		}
		switch question.Type {
		case "restart":
			role.Restart()
		case "step":
			answer["send"] = take(role, question.Event)
		}
		answer["state"] = role
		check(answers.Encode(answer))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("expected a role, or: vectors FOLDER")
	}
	if os.Args[1] == "vectors" && len(os.Args) > 2 {
		runVectors(os.Args[2])
		return
	}
	make, isRole := Roles[os.Args[1]]
	if !isRole {
		log.Fatalf("%s: expected one of the roles in role.go", os.Args[1])
	}
	kind := "stateless"
	if len(os.Args) > 2 {
		kind = os.Args[2]
	}
	serve(make, kind)
}
