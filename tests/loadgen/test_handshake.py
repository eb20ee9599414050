"""The opening handshake of a WebSocket: what may come before the switch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webdyno.loadgen.engine.answer import QUIET_BYTES
from webdyno.loadgen.engine.handshake import Handshake, Refused

from .test_answer import cut
from .websocket_server import switching

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def begun() -> Handshake:
    return Handshake(b"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n")


@pytest.mark.parametrize("interim", [b"", CONTINUE, HINTS, HINTS * 3, CONTINUE + HINTS])
@given(st.lists(st.integers(0, 500), max_size=8))
def test_responses_of_1xx_before_the_switch_are_skipped(interim: bytes, places: list[int]) -> None:
    handshake = begun()
    fed = [handshake.feed(piece) for piece in cut(interim + switching(handshake.unsent), places)]
    assert fed == [None] * (len(fed) - 1) + [b""]


@pytest.mark.parametrize("status", [b"200 OK", b"400 Bad Request", b"1000 No"])
def test_another_final_response_is_still_refused_after_them(status: bytes) -> None:
    with pytest.raises(Refused, match=status.split()[0].decode()):
        begun().feed(HINTS + b"HTTP/1.1 " + status + b"\r\n\r\n")


def test_responses_of_1xx_without_end_are_cut_off() -> None:
    handshake = begun()
    with pytest.raises(Refused, match="more than"):
        for _ in range(QUIET_BYTES // len(HINTS) + 2):
            assert handshake.feed(HINTS) is None


def test_a_connection_that_ends_after_them_is_no_whole_answer() -> None:
    handshake = begun()
    assert handshake.feed(HINTS) is None
    with pytest.raises(Refused, match="without a whole answer"):
        handshake.feed(b"")
