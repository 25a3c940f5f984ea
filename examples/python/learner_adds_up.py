"""The learner with a mistake: it adds up votes for a value that were cast in different ballots."""

from learner import Learner
from synod import stateful


class Careless(Learner):
    def voters(self, message):
        return {who for _ballot, value, who in self.votes if value == message["value"]}


stateful(Careless)
