"""A learner as an object that keeps its state: synod check paxos --learner "python3 examples/python/learner.py" --learners 1"""

from synod import key, quorum, stateful


class Learner:
    def __init__(self, actor):
        self.quorums = actor["quorums"]["phase2"]
        self.learned = None
        self.votes = set()

    def restart(self):
        self.votes = set()  # What it learned is on disk; votes can be heard of again.

    def receive(self, message):
        if self.learned is not None:
            return []
        if message["type"] == "decision":
            return self.learn(message["value"])
        self.votes.add((key(message["ballot"]), message["value"], message["from"]))
        return self.learn(message["value"]) if quorum(self.quorums, self.voters(message)) else []

    def voters(self, message):
        """The acceptors that are known to have accepted the same proposal: votes of different ballots do not add up."""
        return {who for ballot, value, who in self.votes if (ballot, value) == (key(message["ballot"]), message["value"])}

    def learn(self, value):
        self.learned = value
        self.votes = set()
        return [{"type": "decision", "value": value}]

    def state(self):
        # A set has no order of its own, and another one in each process.
        return {"learned": self.learned, "votes": sorted(self.votes)}


if __name__ == "__main__":
    stateful(Learner)
