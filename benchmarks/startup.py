"""How soon webdyno is there: `import webdyno` and `webdyno --help`, in multiples of a Python that does nothing.

Run it with `python -m benchmarks.startup [ROUNDS]`. To reach: at most 4 times for the import, 16 times for the help.
What is compared is measured in turn, and of each the median counts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import webdyno": ["-c", "import webdyno"],
    "webdyno --help": ["-m", "webdyno", "--help"],
}
GOALS = {"import webdyno": 4, "webdyno --help": 16}


def seconds(arguments: list[str]) -> float:
    """How long a new Python takes for it."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main(rounds: int = 20) -> None:
    """Print the table."""
    for arguments in COMMANDS.values():
        # What is compiled and read from the disk once.
        seconds(arguments)
    taken = [{name: seconds(arguments) for name, arguments in COMMANDS.items()} for _ in range(rounds)]
    medians = {name: statistics.median(each[name] for each in taken) for name in COMMANDS}
    nothing = medians["python -c pass"]
    print(f"start-up, median of {rounds} (python -c pass: {1e3 * nothing:.1f} ms)")
    for name, most in GOALS.items():
        times = medians[name] / nothing
        print(f"  {name}  {1e3 * medians[name]:6.1f} ms  {times:5.1f} times (to reach: at most {most})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
