"""Stands in for wrk: takes its options, waits as long as it would, and prints what wrk 4.1.0 printed once.

What it printed (over four connections, for a second) is in `wrk_printed/`: `errors` from a server that sent every tenth
response with status 500 and reset some connections, `stall` from one that stood still once for 300 ms.
"""

import json
import signal
import sys
from pathlib import Path

PRINTED = Path(__file__).parent / "wrk_printed"
CALLS = "calls.json"


def install(folder: Path, printed: str = "stall") -> Path:
    """Put an executable `wrk` into the folder, which comes first in PATH; what it was called with is kept there."""
    path = folder / "wrk"
    path.write_text(
        f"#!{sys.executable} -I\nimport sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"from fake_wrk import main\nmain({str(folder)!r}, {printed!r})\n"
    )
    path.chmod(0o755)
    return folder / CALLS


def main(folder: str, printed: str) -> None:
    if sys.argv[1:] == ["-v"]:
        sys.stdout.write("wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\n")
        sys.exit(1)
    lines = (PRINTED / f"{printed}.txt").read_text().splitlines(keepends=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    sys.stdout.write(lines[0])
    sys.stdout.flush()
    options = dict(zip(sys.argv[1:-1:2], sys.argv[2::2], strict=True))
    stopped = signal.sigtimedwait([signal.SIGINT], int(options["--duration"].rstrip("s")))
    request = (Path(options["--script"]).parent / "request").read_bytes().decode("latin-1")
    with (Path(folder) / CALLS).open("a") as file:
        file.write(json.dumps({"argv": sys.argv[1:], "request": request, "stopped": stopped is not None}) + "\n")
    sys.stdout.write("".join(lines[1:]))
