"""An acceptor of single-decree Paxos, as a pure function of its state. Run by `synod check paxos --acceptor "python3 acceptor.py"`."""

import json
import sys


def key(ballot):
    """Ballots are ordered by round, then by proposer; None is lower than all of them."""
    return (ballot["round"], ballot["proposer"]) if ballot else (0, "")


def receive(state, message):
    """What the acceptor does with a message: its state afterwards, and the messages to send."""
    promised = key(state["promised"])
    ballot = message["ballot"]
    if message["type"] == "prepare" and key(ballot) > promised:
        promise = {"type": "promise", "ballot": ballot, "accepted": state["accepted"]}
        return {**state, "promised": ballot}, [promise]
    if message["type"] == "accept" and key(ballot) >= promised:
        proposal = {"ballot": ballot, "value": message["value"]}
        return {"promised": ballot, "accepted": proposal}, [{"type": "accepted", **proposal}]
    return state, []


def answer(question):
    match question["type"]:
        case "hello":
            return {"protocol": 1, "kind": "stateless", "restart": True}
        case "init":
            return {"state": {"promised": None, "accepted": None}}
        case "restart":  # All of it is on disk.
            return {"state": question["state"]}
        case "step":
            state, send = receive(question["state"], question["event"]["message"])
            return {"state": state, "send": send}


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps({"id": question["id"], **answer(question)}), flush=True)
