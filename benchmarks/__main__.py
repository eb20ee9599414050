"""Run benchmarks: `python -m benchmarks [NAME...] [OPTIONS]`, all of them without a name."""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
import sys
from itertools import takewhile

import benchmarks

# The only option that several benchmarks have in common.
LONG = "--long"


def main() -> None:
    modules = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    names = [name for name in modules if name != "__main__" and not name.startswith("peer_")]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        usage="%(prog)s [-h] [NAME ...] [OPTIONS]",
        epilog=f"benchmarks: {', '.join(names)}. One that is named alone has options of its own: NAME --help.",
    )
    parser.add_argument("name", nargs="*", default=names, metavar="NAME", help="a benchmark; all without a name")
    parser.add_argument(LONG, action="store_true", help="also what takes minutes (peers: memory) or hours (aa)")
    named = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    options = sys.argv[1 + len(named) :]
    chosen = named if len(named) == 1 else parser.parse_args().name
    if unknown := [name for name in chosen if name not in names]:
        parser.error(f"no benchmark {unknown[0]!r}; there are: {', '.join(names)}")
    for name in chosen:
        print(f"== {name}")
        run = importlib.import_module(f"benchmarks.{name}").main
        if "arguments" in inspect.signature(run).parameters:
            run(options)
        elif set(options) - {LONG}:
            parser.error(f"{name} has no options")
        else:
            run()


if __name__ == "__main__":
    main()
