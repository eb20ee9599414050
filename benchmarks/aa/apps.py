"""Apps of the user's whose difference is known: more CPU for each request, or more time that needs none."""

from __future__ import annotations

from pathlib import Path

# Rounds of SHA-256 for each request: so many that the server's own work, which is alike, is 5 % of all.
ROUNDS = 12_000
OWN_SHARE = 0.05
# Of a request to the app that sleeps, what the server and the end of the sleep take beside it, which is alike.
SLEEP_S = 0.002
OWN_S = 0.00043
_ANSWER = """
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""
_HASHING = """
import hashlib

def app(environ, start_response):
    state = b"webdyno"
    for _ in range({rounds}):
        state = hashlib.sha256(state).digest()"""
_SLEEPING = """
import time

def app(environ, start_response):
    time.sleep({seconds})"""


def more_rounds(more: float) -> int:
    """Rounds that make a whole request cost so much more CPU, as a share."""
    return round(ROUNDS * (1 + more / (1 - OWN_SHARE)))


def longer_s(less: float) -> float:
    """The sleep with which one worker carries less by this share: a request takes 1 / (1 - less) times as long."""
    whole = SLEEP_S + OWN_S
    return whole / (1 - less) - OWN_S


def write_apps(folder: Path) -> None:
    """Write every app as a module of its own.

    Args:
        folder: from which they are imported.
    """
    hashing = {"hashes": ROUNDS, "hashes_10_more": more_rounds(0.10), "hashes_5_more": more_rounds(0.05)}
    for name, rounds in hashing.items():
        (folder / f"{name}.py").write_text(_HASHING.format(rounds=rounds) + _ANSWER)
    for name, seconds in {"sleeps": SLEEP_S, "sleeps_longer": longer_s(0.05)}.items():
        (folder / f"{name}.py").write_text(_SLEEPING.format(seconds=seconds) + _ANSWER)
