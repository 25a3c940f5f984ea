"""The proposer with a mistake: it proposes its own value, whatever the promises report."""

from proposer import Proposer
from synod import stateful


class Insistent(Proposer):
    def choose(self):
        return self.value


stateful(Insistent)
