"""A proposer as an object that keeps its state: synod check paxos --proposer "python3 examples/python/proposer.py" --crashes 1"""

from synod import key, quorum, stateful


class Proposer:
    def __init__(self, actor):
        self.id = actor["id"]
        self.quorums = actor["quorums"]["phase1"]
        self.round = 0  # The one thing that must be on disk before a prepare request leaves.
        self.abandon()

    def abandon(self):
        self.value = None
        self.promises = None  # Once it has proposed, or has nothing to propose, promises are of no use.

    restart = abandon

    def start(self, value):
        self.round += 1
        self.value = value
        self.promises = {}
        return [{"type": "prepare", "ballot": self.ballot()}]

    def receive(self, message):
        if message["type"] == "nack" and message["ballot"] == self.ballot():
            self.abandon()
        if message["type"] != "promise" or message["ballot"] != self.ballot() or self.promises is None:
            return []
        self.promises[message["from"]] = message["accepted"]
        if not quorum(self.quorums, self.promises):
            return []
        value = self.choose()
        self.abandon()
        return [{"type": "accept", "ballot": self.ballot(), "value": value}]

    def choose(self):
        """The value of the highest-numbered proposal that the promises report; its own if they report none."""
        reports = [report for report in self.promises.values() if report]
        return max(reports, key=lambda report: key(report["ballot"]))["value"] if reports else self.value

    def ballot(self):
        return {"round": self.round, "proposer": self.id}

    def state(self):
        return {"round": self.round, "value": self.value, "promises": self.promises}


if __name__ == "__main__":
    stateful(Proposer)
