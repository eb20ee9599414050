"""`webdyno list`: what can be named."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..dependencies.table import dependency_names, find_dependency
from ..errors import UsageError
from ..loadgen.driver import ABILITIES
from ..loadgen.drivers.table import driver_names, find_driver
from ..model.run import interface_name
from ..probes.table import find_probe, probe_names
from ..report.formats.table import find_format, format_names
from ..stacks.listing import (
    ListedApp,
    OptionRow,
    ServerRow,
    list_apps,
    list_servers,
    list_stacks,
    list_workloads,
)
from ..units import printable
from .output import give, rendered


def run_list(what: str, *, json: bool) -> None:
    """Print one part of the catalogue.

    Raises:
        UsageError: there is no such part.
    """
    parts: dict[str, Callable[[bool], str]] = {
        "stacks": _stacks,
        "servers": _servers,
        "apps": _apps,
        "workloads": _workloads,
        "dependencies": _dependencies,
        "drivers": _drivers,
        "probes": _probes,
        "formats": _formats,
    }
    if what not in parts:
        raise UsageError(f"there is no list of {what!r}", f"list one of: {', '.join(parts)}")
    give(parts[what](json), "nothing is lost: run it again")


def _stacks(json: bool) -> str:
    stacks = list_stacks()
    return _json(stacks) if json else "".join(printable(stack) + "\n" for stack in stacks)


def _apps(json: bool) -> str:
    rows = list_apps()
    if json:
        return _json([row._asdict() for row in rows])
    table = Table("app", "interface", "version", "", "workloads", "with=", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*_app_cells(row))
    return rendered(Console(highlight=False), table, "Your own: MODULE:NAME, for example shop.main:app")


def _app_cells(row: ListedApp) -> tuple[str, ...]:
    workloads, parts = ", ".join(row.workloads), printable(", ".join(row.parts))
    return printable(row.name), row.interface, row.version or "", printable(row.summary), workloads, parts


def _workloads(json: bool) -> str:
    rows = list_workloads()
    if json:
        return _json([{**row._asdict(), "parameters": [each._asdict() for each in row.parameters]} for row in rows])
    shown: list[RenderableType] = []
    for row in rows:
        shown.append(Text.assemble((row.name, "bold"), f"  {row.summary}"))
        table = Table("parameter", "values", "default", "", box=None, pad_edge=False)
        for parameter in row.parameters:
            table.add_row(*parameter)
        shown.append(Padding(table, (0, 0, 0, 2)))
        only = {app: f" (only {', '.join(stacks)}: {why})" for app, stacks, why in row.only}
        shown.append(Padding("apps: " + ", ".join(app + only.get(app, "") for app in row.apps), (0, 0, 1, 2)))
    shown.append("For example: webdyno compare flask fastapi --workload 'fanout?n=50&delay=5'")
    return rendered(Console(highlight=False), *shown)


def _drivers(json: bool) -> str:
    tools = [find_driver(name) for name in driver_names()]
    if json:
        rows = [{"name": tool.name, "summary": tool.summary, "abilities": sorted(tool.abilities)} for tool in tools]
        return _json(rows)
    shown: list[RenderableType] = []
    for tool in tools:
        shown.append(Text.assemble((printable(tool.name), "bold"), f"  {printable(tool.summary)}"))
        can = "".join(f"; {what}" for ability, what in ABILITIES.items() if ability in tool.abilities)
        shown.append(Padding(f"can: closed load of one request{can}", (0, 0, 1, 2)))
    return rendered(Console(highlight=False), *shown)


def _dependencies(json: bool) -> str:
    return _summaries("dependency", {name: find_dependency(name).summary for name in dependency_names()}, json)


def _probes(json: bool) -> str:
    return _summaries("probe", {name: find_probe(name).summary for name in probe_names()}, json)


def _summaries(kind: str, summaries: Mapping[str, str], json: bool) -> str:
    if json:
        return _json([{"name": name, "summary": summary} for name, summary in summaries.items()])
    table = Table(kind, "", box=None, pad_edge=False)
    for name, summary in summaries.items():
        table.add_row(printable(name), printable(summary))
    return rendered(Console(highlight=False), table)


def _formats(json: bool) -> str:
    known = [find_format(name) for name in format_names()]
    if json:
        return _json(
            [
                {"name": each.name, "summary": each.summary, "suffix": each.suffix, "tells": list(each.renderers)}
                for each in known
            ]
        )
    table = Table("format", "file", "tells", "", box=None, pad_edge=False)
    for each in known:
        table.add_row(*map(printable, (each.name, each.suffix, ", ".join(each.renderers), each.summary)))
    return rendered(Console(highlight=False), table)


def _servers(json: bool) -> str:
    rows = list_servers()
    if json:
        return _json([{**row._asdict(), "options": [option._asdict() for option in row.options]} for row in rows])
    shown: list[RenderableType] = []
    for row in rows:
        shown.append(_server_head(row))
        table = Table("option", "values", "default", "", box=None, pad_edge=False)
        for option in row.options:
            table.add_row(*_option_cells(option))
        shown.append(Padding(table, (0, 0, 1, 2)))
    return rendered(Console(highlight=False), *shown)


def _json(value: object) -> str:
    return json_module.dumps(value, indent=2) + "\n"


def _server_head(row: ServerRow) -> Text:
    interfaces = " and ".join(interface_name(interface) for interface in row.interfaces)
    return Text.assemble((printable(row.name), "bold"), f" {row.version or ''}  {interfaces}  {printable(row.summary)}")


def _option_cells(option: OptionRow) -> tuple[str, ...]:
    only = f" ({', '.join(option.only)} only)" if option.only else ""
    return printable(option.name), printable(option.values), option.default or "-", printable(option.help) + only
