"""Every request is in exactly one count, also those that fit into none at first sight."""

import threading
import time

import pytest

from webdyno.model.load import ClosedLoad, OpenLoad

from .conftest import Measure, make_job
from .server import Exchange, ScriptedServer, answer, good

pytestmark = pytest.mark.paced


def test_a_status_of_000_is_no_answer(measure: Measure) -> None:
    def script(exchange: Exchange) -> None:
        exchange.send(answer(status="200 OK" if exchange.number % 2 else "000 OK"))

    with ScriptedServer(script) as server:
        result = measure(make_job(server.port, OpenLoad(rate=100, arrivals="constant"), seconds=0.2))
    assert result.scheduled == 20
    assert result.failures == {"protocol": 10}
    assert result.statuses == {200: 10}
    assert {sample.detail for sample in result.failure_samples} == {"000 is no status of HTTP"}


def test_what_hangs_from_the_warm_up_on_is_counted_apart(measure: Measure) -> None:
    done = threading.Event()

    def script(exchange: Exchange) -> None:
        # Each connection carries some at first: the window opens once all have.
        if exchange.turn < 3:
            time.sleep(0.01)
            good(exchange)
        else:
            done.wait()

    with ScriptedServer(script) as server:
        load = ClosedLoad(connections=4)
        result = measure(make_job(server.port, load, seconds=0.1, warmup=0.5, timeout=5))
        done.set()
    # All, unless the machine is so busy that some were sent in the window.
    assert result.warmup_failed
    assert result.warmup_failed + result.failures.get("timeout", 0) == 4
