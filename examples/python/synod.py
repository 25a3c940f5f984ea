"""Speaks Synod's protocol, version 1: a line of JSON in, a line of JSON out. Copy it beside an implementation of your own."""

import json
import sys


def serve(answer):
    """Answers each question with `answer(question)`, under the number that the question has."""
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps({"id": question["id"], **answer(question)}), flush=True)


def stateless(initial, step, restart=None):
    """An implementation as functions: of the actor, of actor, state and event, of a state that is left by a crash."""

    def answer(question):
        match question["type"]:
            case "hello":
                return {"protocol": 1, "kind": "stateless", "restart": restart is not None}
            case "init":
                return {"state": initial(question["self"])}
            case "restart":
                return {"state": restart(question["state"])}
            case "step":
                state, send = step(question["self"], question["state"], question["event"])
                return {"state": state, "send": send}

    serve(answer)


def stateful(make):
    """An implementation as an object that `make(actor)` makes, with `start`, `receive`, `restart`, and `state` to tell it by."""
    actor = None

    def answer(question):
        nonlocal actor
        send = {}
        match question["type"]:
            case "hello":
                return {"protocol": 1, "kind": "stateful", "restart": True}
            case "reset":
                actor = make(question["self"])
            case "restart":
                actor.restart()
            case "step":
                event = question["event"]
                sent = actor.start(event["value"]) if event["type"] == "start" else actor.receive(event["message"])
                send = {"send": sent}
        return {"state": actor.state(), **send}

    serve(answer)


def key(ballot):
    """Ballots are ordered by round, then by proposer; no ballot is lower than all of them."""
    return (ballot["round"], ballot["proposer"]) if ballot else (0, "")


def quorum(family, members):
    """Whether the members include one of the quorums."""
    return any(set(each) <= set(members) for each in family)
