"""Tests the examples against vectors: synod vectors --out vectors, then python3 examples/python/run_vectors.py vectors"""

import json
import pathlib
import sys

import acceptor
from learner import Learner
from proposer import Proposer


class Acceptor:
    def __init__(self, _actor):
        self.state = acceptor.INITIAL

    def restart(self):
        pass

    def receive(self, message):
        self.state, send = acceptor.step(None, self.state, {"message": message})
        return send


def take(actor, step):
    """What the implementation sends; whom it is for is left to the network here, and order does not matter."""
    if step["type"] == "restart":
        return actor.restart() or []
    event = step["event"]
    return actor.start(event["value"]) if event["type"] == "start" else actor.receive(event["message"])


def bare(messages):
    return sorted(json.dumps({k: v for k, v in m.items() if k not in ("from", "to")}, sort_keys=True) for m in messages)


def main(folder, roles):
    for entry in json.loads((folder / "manifest.json").read_text())["files"]:
        for number, line in enumerate((folder / entry["file"]).read_text().splitlines(), 1):
            actor = roles[entry["self"]["role"]](entry["self"])
            for at, step in enumerate(json.loads(line)["steps"]):
                if bare(sent := take(actor, step)) != bare(step["send"]):
                    sys.exit(f"{entry['file']}: line {number}: step {at}: sends {sent}, expected {step['send']}")
        print(f"{entry['file']}: {entry['vectors']} vectors passed")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), {"acceptor": Acceptor, "proposer": Proposer, "learner": Learner})
