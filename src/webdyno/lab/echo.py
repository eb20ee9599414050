"""Does a stack send a message back over its WebSocket? Asked before anything is timed."""

from __future__ import annotations

from ..errors import ContractBroken
from ..loadgen.driver import Generator
from ..loadgen.job import LoadJob
from ..model.fact import fact
from ..model.load import ClosedLoad, Window
from ..model.workload import Expected, Workload
from ..serving.served import Address
from ..texts.failure import failure
from ..units import printable

# The status by which a server begins to speak WebSocket; its messages have none of their own.
_SWITCHED = 101


def try_echo(
    generator: Generator,
    workload: Workload,
    address: Address,
    *,
    times: int,
    within_s: float,
) -> Expected:
    """Send the workload's message a few times, one after the other; what every answer is held against.

    Args:
        generator: sends it.
        workload: a message over a WebSocket, and the bytes that must come back.
        address: of the server, which is ready.
        times: how often.
        within_s: seconds that all of it may take.

    Raises:
        ContractBroken: no WebSocket is opened, or something else comes back.
        EngineFailed: the load generator failed.
    """
    assert workload.body is not None
    expected = Expected(status=_SWITCHED, length=len(workload.body), body=workload.body)
    result = generator.run(
        LoadJob(
            host=address.host,
            port=address.port,
            tls=address.tls,
            request=address.as_sent(workload.request),
            expected=expected,
            load=ClosedLoad(connections=1),
            window=Window(warmup_s=0, duration_s=within_s, timeout_s=within_s),
            journeys=times,
        )
    )
    if result.ok < times:
        seen = tuple(printable(sample.detail) for sample in result.failure_samples)
        raise failure(
            ContractBroken,
            fact("no-echo", asked=workload.request.line),
            fact("speak-websocket"),
            seen or (f"no answer within {within_s:g} s",),
        )
    return expected
