"""`webdyno serve`: one stack in the foreground, exactly as the trials run it."""

from __future__ import annotations

import shlex
import time

from ..errors import Interrupted
from ..lab.interruption import Interruption
from ..model.notation import parse_notation
from ..model.secrets import Secrets
from ..model.workload import Request
from ..probes.cpu_plan import plan_cpus
from ..processes.guard import guarding
from ..questions.compare import app_settings
from ..questions.option import checked
from ..questions.options import OwnAppOptions
from ..serving.launcher import launch
from ..stacks.prepare import check, prepare
from ..texts.catalogue import noted, told
from ..units import printable
from .output import give, say

CHECK_EVERY_S = 0.5
# Longer than in a trial: what is served by hand may have something to finish.
GRACE_S = 5.0


def run_serve(stack: str, options: OwnAppOptions, *, port: int | None) -> None:
    """Serve until Ctrl-C, SIGTERM, or the end of the server.

    Raises:
        LaunchFailed: the server did not start, or ended by itself.
        NotGiven: its address could not be printed.
    """
    settings = app_settings(checked(OwnAppOptions, options))
    parsed = parse_notation(stack)
    check(parsed, settings)
    secrets = Secrets(options.get("hidden"))
    for name, value in settings.env.items():
        secrets.learn(name, value)

    def tell(text: str) -> None:
        say(printable(secrets.text(text)))

    with secrets.out_of_errors(), Interruption(), guarding(tell):
        record = prepare(parsed, settings, lambda what: tell(told(what)))
        cpus = plan_cpus(int(parsed.stack.option("workers") or 1))
        with launch(
            record,
            port=port,
            cpus=cpus.server if cpus.pinned else None,
            stop_deadline_s=GRACE_S,
        ) as server:
            answer = server.wait_ready(Request(), settings.start_timeout_s)
            lines = [
                f"{record.notation} is ready after {answer.startup_s:.2f} s",
                f"  url      {server.url}",
                f"  command  {shlex.join(server.argv)}",
                f"  folder   {record.cwd}",
                f"  cpus     {', '.join(map(str, cpus.server)) if cpus.pinned else 'any'}",
                *(f"  note     {noted(note)}" for note in record.notes),
                "Ctrl-C stops it.",
            ]
            give(
                "".join(printable(secrets.text(line)) + "\n" for line in lines),
                "its address cannot be told, so it was stopped",
            )
            try:
                while True:
                    time.sleep(CHECK_EVERY_S)
                    server.check_alive()
            except Interrupted:
                say("stopped")
