"""wrk, the C program: closed load. It tells less and checks less than webdyno's own engine, and the result says so."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ...model.http_request import authority_of, header_fields, write_request
from ...model.load import ClosedLoad
from ...model.trial import DriverRecord, EngineUse, LoadFigures
from ...processes.guard import scratch_folder
from ..driver import Driver, Generator, Seat, ignore
from ..job import LoadEvent, LoadJob, WindowClosed, WindowOpened
from .tool_process import CpuTime, ToolProcess, installed, running
from .wrk_output import Summary, WrkReport, load_result

GET = "apt-get install wrk, brew install wrk"
# wrk looks every 100 ms whether it is to stop; the rest is for a busy machine.
_MARGIN_S = 15.0
_VERSION_S = 10.0
_SCRIPT_NAME = "webdyno.lua"
# In Lua, as wrk takes it. `latency(i)` would count through its histogram once for each value, which takes minutes after
# a stall; where the least and the greatest time stand where we look for them, so does the rest.
_SCRIPT = """
local ffi = require("ffi")
ffi.cdef[[typedef struct { uint64_t count, limit, min, max, data[]; } webdyno_times;]]
local file = assert(io.open("REQUEST", "rb"))
local request = file:read("*a")
file:close()
wrk.format = function() return request end
function init()
  io.write("@opened\\n")
  io.flush()
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("\\n@summary %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f\\n", summary.duration, summary.requests,
    summary.bytes, errors.connect, errors.read, errors.write, errors.status, errors.timeout))
  io.flush()
  local times = ffi.cast("webdyno_times **", latency)[0]
  assert(tonumber(times.min) == latency.min and tonumber(times.max) == latency.max, "an unknown kind of histogram")
  if times.count > 0 then
    for us = latency.min, latency.max do
      if times.data[us] > 0 then io.write(string.format("@time %d %.0f\\n", us, tonumber(times.data[us]))) end
    end
  end
  io.write("@end\\n")
end
"""


def _version() -> str:
    with running([installed("wrk", GET), "-v"]) as program:
        first = program.line(time.monotonic() + _VERSION_S) or ""
    found = re.match(r"wrk (\S+)", first)
    return found[1] if found else ""


class Wrk(Generator):
    """Runs wrk twice for each job: for the warm-up, and for the window, which opens on new connections."""

    def __init__(self, seat: Seat) -> None:
        self._cpus = seat.cpus
        self._path = installed("wrk", GET)
        self._version = _version()

    def start(self) -> None:
        """Nothing: it is started anew for each load."""

    def close(self) -> None:
        """Nothing: it ended with each load."""

    def run(self, job: LoadJob, on_event: Callable[[LoadEvent], None] = ignore) -> LoadFigures:
        """Do one job and wait for its result."""
        assert isinstance(job.load, ClosedLoad)
        with scratch_folder() as folder:
            self._write(job, folder)
            began, warmed = time.monotonic(), 0
            if job.window.warmup_s:
                before, _ = self._push(self._call(job, folder, job.window.warmup_s), job.window.warmup_s, ignore)
                warmed = before.ok
            warmup_s = time.monotonic() - began
            argv = self._call(job, folder, job.window.duration_s)
            report, engine = self._push(argv, job.window.duration_s, on_event)
        shown = tuple(Path(part).name if part.startswith("/") else part for part in argv)
        driver = DriverRecord(name="wrk", version=self._version, command=shown, checked="below-400")
        return load_result(report, job.load.connections, warmup_s=warmup_s, warmed=warmed, engine=engine, driver=driver)

    def _write(self, job: LoadJob, folder: Path) -> None:
        """Write the script, and the request into a file of its own, where no list of processes shows it."""
        authority = authority_of(job.host, job.port)
        headers = tuple(header_fields(job.request, authority, keep_alive=job.keep_alive))
        request = folder / "request"
        request.write_bytes(write_request(job.request.model_copy(update={"headers": headers}), authority))
        (folder / _SCRIPT_NAME).write_text(_SCRIPT.replace("REQUEST", str(request)))

    def _call(self, job: LoadJob, folder: Path, length_s: float) -> list[str]:
        """The command line; wrk takes whole seconds only, so it is told to stop, long before its own end."""
        options = {
            "--threads": "1",
            "--connections": str(job.load.connections),
            "--timeout": f"{job.window.timeout_s:.0f}s",
            "--duration": f"{math.ceil(length_s + _MARGIN_S)}s",
            "--script": str(folder / _SCRIPT_NAME),
        }
        parts = [part for option in options.items() for part in option]
        return [self._path, *parts, f"http://{authority_of(job.host, job.port)}/"]

    def _push(
        self, argv: list[str], length_s: float, on_event: Callable[[LoadEvent], None]
    ) -> tuple[WrkReport, EngineUse]:
        """Run wrk for so long."""
        with running(argv, cpus=self._cpus) as program:
            if program.line(time.monotonic() + _MARGIN_S) != "@opened":
                raise program.failed("did not begin")
            before = program.cpu_time()
            on_event(WindowOpened(at=before.at))
            program.has_spoken(before.at + length_s)
            after = program.cpu_time()
            program.interrupt()
            report = _report(program, before.at, on_event)
            return report, _use(before, after, report.summary.duration_us / 1e6)


def _report(program: ToolProcess, opened: float, on_event: Callable[[LoadEvent], None]) -> WrkReport:
    summary, times, deadline = None, Counter[int](), time.monotonic() + _MARGIN_S
    while (line := program.line(deadline)) != "@end":
        if line is None:
            raise program.failed("ended without a result")
        # The rest is what it prints for people.
        word, *figures = line.split() or [""]
        if word == "@summary":
            summary = Summary(*map(int, figures))
            on_event(WindowClosed(at=opened + summary.duration_us / 1e6))
        elif word == "@time":
            microseconds, count = map(int, figures)
            times[microseconds] = count
    if summary is None:
        raise program.failed("told no counts")
    return WrkReport(summary, times)


def _use(before: CpuTime, after: CpuTime, window_s: float) -> EngineUse:
    """What wrk used in the window, of which it was watched up to the word to stop."""
    share = window_s / (after.at - before.at)
    waited = None if before.waited_s is None or after.waited_s is None else after.waited_s - before.waited_s
    return EngineUse(
        cpu_s=(after.used_s - before.used_s) * share, core_wait_s=None if waited is None else max(waited, 0.0) * share
    )


DRIVER = Driver(
    name="wrk",
    summary="closed load by wrk, the C program; of a response it checks only that its status is below 400",
    abilities=frozenset(),
    version=_version,
    generator=Wrk,
)
