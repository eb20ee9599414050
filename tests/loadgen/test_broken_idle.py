"""Idle connections that the server cuts off all at once, while a user is about to take one of them."""

import os
import signal
import socket
import struct
import threading

import pytest

from webdyno.loadgen.generator import LoadGenerator
from webdyno.loadgen.job import LoadJob
from webdyno.model.load import ClosedLoad, Window
from webdyno.model.scenario import Flow, Scenario, Step
from webdyno.model.workload import Request

from .server import Exchange, ScriptedServer, good

pytestmark = pytest.mark.paced

# More than the interpreter allows nested calls for, if each broken connection led to the next by a call.
USERS = 250


class Cutting:
    """Answers, but holds back the first answer to the last user until all the others rest after their last step.

    Then, while the engine stands still, it gives that answer and resets every other connection, so that the engine
    learns of everything in one turn, of the answer first.

    Attributes:
        engine: its process.
    """

    def __init__(self) -> None:
        self.engine = 0
        self._changed = threading.Condition()
        self._begun = self._resting = 0
        self._served: dict[threading.Thread, socket.socket] = {}

    def __call__(self, exchange: Exchange) -> None:
        step = exchange.head.split()[1]
        with self._changed:
            self._begun += step == b"/first"
            if step == b"/first" and self._begun == USERS:
                assert self._changed.wait_for(lambda: self._resting == USERS - 1, 20)
                self._cut_off(exchange)
                return
            self._served[threading.current_thread()] = exchange.sock
        good(exchange)
        with self._changed:
            self._resting += step == b"/last"
            self._changed.notify_all()

    def _cut_off(self, exchange: Exchange) -> None:
        os.kill(self.engine, signal.SIGSTOP)
        try:
            good(exchange)
            for sock in self._served.values():
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.shutdown(socket.SHUT_RD)
            for thread in self._served:
                thread.join(10)
        finally:
            os.kill(self.engine, signal.SIGCONT)


def test_idle_connections_that_break_together_are_replaced_before_a_user_takes_one(
    generator: LoadGenerator,
) -> None:
    steps = [
        Step(name=name, request=Request(path=f"/{name}"), think_s=(think_s, think_s))
        for name, think_s in (("first", 0.0), ("second", 0.0), ("last", 60.0), ("never", 0.0))
    ]
    script = Cutting()
    with ScriptedServer(script) as server:
        generator.start()
        (script.engine,) = generator.pids
        result = generator.run(
            LoadJob(
                host="127.0.0.1",
                port=server.port,
                scenario=Scenario(flows=(Flow(name="f", steps=tuple(steps)),)),
                load=ClosedLoad(connections=USERS),
                window=Window(warmup_s=0, duration_s=2, timeout_s=5),
            )
        )
        script_requests = server.counts["requests"]
    assert result.failures == {}
    assert result.ok == script_requests == 3 * USERS
    assert result.reconnects == USERS - 1
