"""An acceptor as pure functions: synod check paxos --acceptor "python3 examples/python/acceptor.py" --crashes 1"""

from synod import key, stateless

INITIAL = {"promised": None, "accepted": None}


def step(_actor, state, event):
    message = event["message"]
    ballot = message["ballot"]
    if message["type"] == "prepare" and key(ballot) > key(state["promised"]):
        promise = {"type": "promise", "ballot": ballot, "accepted": state["accepted"]}
        return {**state, "promised": ballot}, [promise]
    if message["type"] == "accept" and key(ballot) >= key(state["promised"]):
        proposal = {"ballot": ballot, "value": message["value"]}
        return {"promised": ballot, "accepted": proposal}, [{"type": "accepted", **proposal}]
    return state, []


if __name__ == "__main__":
    # All of its state is on disk before it answers, so that a crash leaves all of it.
    stateless(initial=lambda _actor: INITIAL, step=step, restart=lambda state: state)
