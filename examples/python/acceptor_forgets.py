"""The acceptor with a mistake: only what it accepted is on disk, so that a crash makes it forget its promise."""

from acceptor import INITIAL, step
from synod import stateless

stateless(initial=lambda _actor: INITIAL, step=step, restart=lambda state: {**state, "promised": None})
