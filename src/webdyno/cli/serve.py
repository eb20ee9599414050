"""`webdyno serve`: one stack in the foreground, exactly as the trials run it."""

from __future__ import annotations

import shlex
import time
from pathlib import Path

from rich.console import Console

from ..errors import Interrupted
from ..lab.interruption import Interruption
from ..model.notation import parse_notation
from ..model.workload import Request
from ..probes.cpus import plan_cpus
from ..processes.guard import guarding
from ..stacks.app_settings import AppSettings, checked_start_timeout
from ..stacks.launcher import launch
from ..stacks.prepare import check, prepare
from ..units import parse_duration, printable
from .values import variables

CHECK_EVERY_S = 0.5
# Longer than in a trial: what is served by hand may have something to finish.
GRACE_S = 5.0


def run_serve(
    stack: str,
    *,
    port: int | None,
    app_dir: list[Path] | None,
    python: Path | None,
    env: list[str] | None,
    start_timeout: str,
) -> None:
    """Serve until Ctrl-C, SIGTERM, or the end of the server.

    Raises:
        LaunchFailed: the server did not start, or ended by itself.
    """
    console = Console(highlight=False, soft_wrap=True)
    settings = AppSettings(
        app_dirs=tuple(app_dir or ()),
        python=python,
        env=variables(env),
        start_timeout_s=checked_start_timeout(parse_duration(start_timeout, "--start-timeout")),
    )
    parsed = parse_notation(stack)
    check(parsed, settings)
    with Interruption(), guarding(lambda text: console.print(printable(text))):
        record = prepare(parsed, settings, lambda text: console.print(printable(text)))
        cpus = plan_cpus(int(parsed.stack.option("workers") or 1))
        with launch(
            record,
            port=port,
            cpus=cpus.server if cpus.pinned else None,
            stop_deadline_s=GRACE_S,
        ) as server:
            answer = server.wait_ready(Request(), settings.start_timeout_s)
            console.print(f"{printable(record.notation)} is ready after {answer.startup_s:.2f} s")
            console.print(f"  url      {server.url}")
            console.print(f"  command  {printable(shlex.join(server.argv))}")
            console.print(f"  folder   {printable(record.cwd)}")
            console.print(f"  cpus     {', '.join(map(str, cpus.server)) if cpus.pinned else 'any'}")
            for note in record.notes:
                console.print(f"  note     {printable(note)}")
            console.print("Ctrl-C stops it.")
            try:
                while True:
                    time.sleep(CHECK_EVERY_S)
                    server.check_alive()
            except Interrupted:
                console.print("stopped")
