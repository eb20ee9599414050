"""Run benchmarks: `python -m benchmarks [NAME...]`, all of them without a name."""

from __future__ import annotations

import argparse
import importlib
import pkgutil

import benchmarks


def main() -> None:
    modules = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    names = [name for name in modules if name != "__main__" and not name.startswith("peer_")]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", epilog=f"benchmarks: {', '.join(names)}")
    parser.add_argument("name", nargs="*", default=names, metavar="NAME", help="a benchmark; all without a name")
    parser.add_argument("--long", action="store_true", help="also what takes minutes (peers: memory)")
    chosen = parser.parse_args().name
    if unknown := [name for name in chosen if name not in names]:
        parser.error(f"no benchmark {unknown[0]!r}; there are: {', '.join(names)}")
    for name in chosen:
        print(f"== {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
