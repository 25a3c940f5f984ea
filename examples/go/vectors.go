package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
)

// runVectors tests the roles against what `synod vectors --out FOLDER` wrote.
func runVectors(folder string) {
	var manifest struct {
		Files []struct {
			File    string `json:"file"`
			Vectors int    `json:"vectors"`
			Self    struct {
				Self
				Role string `json:"role"`
			} `json:"self"`
		} `json:"files"`
	}
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	check(err)
	check(json.Unmarshal(text, &manifest))
	for _, entry := range manifest.Files {
		file, err := os.Open(filepath.Join(folder, entry.File))
		check(err)
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, 1<<20)
		for number := 1; lines.Scan(); number++ {
			var vector struct {
				Steps []struct {
					Type  string           `json:"type"`
					Event Event            `json:"event"`
					Send  []map[string]any `json:"send"`
				} `json:"steps"`
			}
			check(json.Unmarshal(lines.Bytes(), &vector))
			role := Roles[entry.Self.Role](entry.Self.Self)
			for at, step := range vector.Steps {
				if step.Type == "restart" {
					role.Restart()
				} else if sent := bare(take(role, step.Event)); sent != bare(step.Send) {
					log.Fatalf("%s: line %d: step %d: sends %s, expected %s", entry.File, number, at, sent, bare(step.Send))
				}
			}
		}
		check(lines.Err())
		fmt.Printf("%s: %d vectors passed\n", entry.File, entry.Vectors)
	}
}

// bare is what is sent as one text, without regard to order, sender and recipients.
func bare(messages any) string {
	text, err := json.Marshal(messages)
	check(err)
	var sent []map[string]any
	check(json.Unmarshal(text, &sent))
	texts := []string{}
	for _, message := range sent {
		delete(message, "from")
		delete(message, "to")
		text, err := json.Marshal(message)
		check(err)
		texts = append(texts, string(text))
	}
	sort.Strings(texts)
	return fmt.Sprint(texts)
}
