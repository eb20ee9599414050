"""Who sends what: journeys through the flows of a scenario, step by step."""

from __future__ import annotations

import time
from collections.abc import Mapping
from ipaddress import ip_address
from itertools import accumulate, cycle
from random import Random

from ...errors import UsageError
from ...model.http_request import asks_to_close, authority_of
from ...model.scenario import Flow, Scenario, Step
from ...model.workload import JsonScalar
from ..job import LoadJob
from ..request_template import Sources, Values
from .cookie_jar import CookieJar
from .dialogue import Dialogue
from .messages import TEXT, Messages, masked_frame
from .set_cookie import SetCookie
from .wire import RequestWriter

# What is looked at of a request that was sent; longer ones are not held on to while their answers are awaited.
_HEAD_BYTES = 65_536


class EngineStep:
    """One step as the engine sends it.

    Attributes:
        place: among all endpoints, from 0.
        step: as in the scenario.
        dialogue: how its answers are read.
        writer: writes its requests; `constant`: the request, where it is always the same.
        opening: how a WebSocket is asked for, but for the key; None where none is.
        think_ns: least and most time from its answer to the next step.
        trustworthy: the connections may carry cookies that the server calls `Secure`.
    """

    __slots__ = ("constant", "dialogue", "opening", "place", "step", "think_ns", "trustworthy", "writer")

    def __init__(self, place: int, step: Step, job: LoadJob, *, cookies: bool = False) -> None:
        self.place = place
        self.step = step
        request = step.request
        head_only, last = request.method == "HEAD", asks_to_close(request.headers)
        self.dialogue = Dialogue(step.expected, head_only=head_only, take=step.take, last=last, cookies=cookies)
        self.trustworthy = _is_trustworthy(job)
        authority = authority_of(job.host, job.port, 443 if job.tls else 80)
        self.writer = RequestWriter(step, authority, keep_alive=job.keep_alive)
        self.constant = self.writer.constant
        self.opening: bytes | None = None
        if request.websocket:
            if job.scenario is not None:
                raise UsageError("a scenario cannot use a WebSocket", "let it be the only request of the load")
            self.dialogue = Messages(step.expected)
            self.opening, self.constant = self.constant, masked_frame(TEXT, job.request.body or b"")
        least_s, most_s = step.think_s
        self.think_ns = (round(least_s * 1e9), round(most_s * 1e9))


class Journey:
    """One user who goes through one flow.

    Attributes:
        endpoint: the step that is to be sent, or under way.
        constant: the request of the step, where it is the same for all who have no cookies, as this user; else None.
    """

    __slots__ = ("_jar", "_sent", "_steps", "constant", "endpoint", "values")

    def __init__(self, steps: tuple[EngineStep, ...], values: Values) -> None:
        self.endpoint = steps[0]
        self.constant = self.endpoint.constant
        self.values = values
        self._steps = iter(steps[1:])
        # Most scenarios never set a cookie.
        self._jar: CookieJar | None = None
        self._sent = b""

    def request(self) -> bytes:
        """Write the request of the step."""
        request = self.endpoint.writer.render(self.values, self._jar)
        self._sent = request[:_HEAD_BYTES]
        return request

    def next_step(self, taken: Mapping[str, JsonScalar] | None, cookies: tuple[SetCookie, ...] = ()) -> bool:
        """Go on to the next step with what was taken from the answer, and its cookies; False where there is none."""
        if taken:
            self.values.taken.update(taken)
        if cookies:
            self._keep(cookies)
        following = next(self._steps, None)
        if following is None:
            return False
        self.endpoint = following
        self.constant = None if self._jar else following.constant
        return True

    def _keep(self, cookies: tuple[SetCookie, ...]) -> None:
        if self._jar is None:
            self._jar = CookieJar(trustworthy=self.endpoint.trustworthy)
        self._jar.keep(cookies, self.endpoint.writer.origin(self._sent), time.time())


class Journeys:
    """All that a job sends.

    Attributes:
        endpoints: every step of every flow.
        only: the one that is always sent, the same bytes each time; None where there is more to it, or where what is
            sent is counted.
    """

    def __init__(self, job: LoadJob) -> None:
        """Prepare.

        Raises:
            UsageError: a template or a header cannot be sent as written.
        """
        scenario = job.scenario or _always(job)
        place, processes = job.share
        self._sources = Sources(scenario.data, job.seed, job.share, job.counted)
        self._random = Random(f"flows {job.seed}/{place}/{processes}")
        self._flows: list[tuple[EngineStep, ...]] = []
        self.endpoints: list[EngineStep] = []
        for flow in scenario.flows:
            last = len(flow.steps) - 1
            steps = tuple(
                # Cookies that come with the last answer of a journey are never sent.
                EngineStep(len(self.endpoints) + at, step, job, cookies=scenario.cookies and at < last)
                for at, step in enumerate(flow.steps)
            )
            self._flows.append(steps)
            self.endpoints += steps
        self._weights = list(accumulate(flow.weight for flow in scenario.flows))
        self._in_turn = cycle(self._flows)
        self.only = self.endpoints[0] if job.scenario is None and job.journeys is None else None

    def begin(self) -> Journey:
        """One more user, on a flow chosen by weight."""
        flow = self._flows[0]
        if len(self._flows) > 1:
            flow = self._random.choices(self._flows, cum_weights=self._weights)[0]
        return Journey(flow, self._sources.journey())

    def begin_next(self) -> Journey:
        """One more user, on the flow whose turn it is."""
        return Journey(next(self._in_turn), self._sources.journey())

    def think_ns(self, endpoint: EngineStep) -> int:
        """How long a user thinks after the answer of a step."""
        least, most = endpoint.think_ns
        return least if least == most else self._random.randint(least, most)


def _is_trustworthy(job: LoadJob) -> bool:
    """Whether nobody listens in: TLS, or connections that do not leave this machine, as browsers judge them."""
    return job.tls is not None or job.unix_socket is not None or ip_address(job.host).is_loopback


def _always(job: LoadJob) -> Scenario:
    """The same request again and again, in which nothing is a placeholder."""
    request = job.request
    plain = request.model_copy(
        update={
            "path": request.path.replace("${", "$${"),
            "headers": tuple((name, value.replace("${", "$${")) for name, value in request.headers),
            # The body of a WebSocket's request is its message, which is not sent with the opening handshake.
            "body": None if request.body is None or request.websocket else request.body.replace(b"${", b"$${"),
        }
    )
    return Scenario(flows=(Flow(name="request", steps=(Step(name="request", request=plain, expected=job.expected),)),))
