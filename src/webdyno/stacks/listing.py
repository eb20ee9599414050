"""What the catalogue holds, as rows to show."""

from __future__ import annotations

from typing import NamedTuple

from ..model.run import Interface, interface_name
from ..model.stack import Stack
from .catalogue import app_names, find_app, find_server, server_names
from .entries import MODE_KEY, App, Server
from .lock import default_version, locked_pins
from .matrix import matrix
from .pairs import pairs
from .workloads import WORKLOADS, workloads


class ListedApp(NamedTuple):
    """A reference app.

    Attributes:
        name, interface, summary: as in the catalogue.
        version: the locked version; None for an app without a package, or one that is not locked.
        workloads: what it can be asked; empty for another package's app, of which that is not known.
        parts: what can be added to it by `with=`.
    """

    name: str
    interface: Interface
    version: str | None
    summary: str
    workloads: tuple[str, ...]
    parts: tuple[str, ...]


class ParameterRow(NamedTuple):
    """A parameter of a workload.

    Attributes:
        name: key in the notation.
        values: which values it takes.
        default: taken where it is not given.
        help: one line.
    """

    name: str
    values: str
    default: str
    help: str


class WorkloadRow(NamedTuple):
    """A workload.

    Attributes:
        name, summary: as in the catalogue.
        parameters: by name.
        apps: the reference apps that can be asked it.
        only: of those, the ones that need a certain stack: app, stacks, and why.
    """

    name: str
    summary: str
    parameters: tuple[ParameterRow, ...]
    apps: tuple[str, ...]
    only: tuple[tuple[str, tuple[str, ...], str], ...]


class OptionRow(NamedTuple):
    """An option of a server.

    Attributes:
        name: key in the notation.
        values: which values it takes.
        default: what webdyno passes; None where the server's own default holds.
        help: one line.
        only: the modes that have it, such as `worker_class=gthread` or `WSGI`; empty where all have it.
    """

    name: str
    values: str
    default: str | None
    help: str
    only: tuple[str, ...]


class ServerRow(NamedTuple):
    """A server.

    Attributes:
        name, summary: as in the catalogue.
        version: the locked version, or None where it is not locked.
        interfaces: what it serves.
        options: by name.
    """

    name: str
    version: str | None
    interfaces: tuple[Interface, ...]
    options: tuple[OptionRow, ...]
    summary: str


def list_apps() -> list[ListedApp]:
    """Every reference app.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    pins = locked_pins()
    return [
        ListedApp(
            app.name,
            app.interface,
            default_version(app.package, pins) if app.package else None,
            app.summary,
            tuple(name for name in WORKLOADS if app.name in matrix() and name in matrix()[app.name].parts),
            tuple(app.parts),
        )
        for app in _apps()
    ]


def list_workloads() -> list[WorkloadRow]:
    """Every workload with its parameters, and the apps that can be asked it.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    return [
        WorkloadRow(
            one.name,
            one.summary,
            tuple(ParameterRow(each.name, str(each.kind), each.default, each.help) for each in one.parameters),
            tuple(name for name, row in matrix().items() if one.name in row.parts),
            tuple((name, *row.only[one.name]) for name, row in matrix().items() if one.name in row.only),
        )
        for one in workloads()
    ]


def list_servers() -> list[ServerRow]:
    """Every server with its options.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    pins = locked_pins()
    return [
        ServerRow(
            server.name,
            default_version(server.package, pins),
            tuple(sorted({mode.interface for mode in server.modes})),
            tuple(_options(server)),
            server.summary,
        )
        for server in _servers()
    ]


def list_stacks() -> list[str]:
    """Every app with every server, mode and wrapper that fits it, as notations.

    Raises:
        UsageError: where another package's entry cannot be loaded.
    """
    return [str(stack) for app in _apps() for stack in pairs(Stack(app=app.name), app.interface)]


def _apps() -> list[App]:
    return [app for name in app_names() if (app := find_app(name))]


def _servers() -> list[Server]:
    return [server for name in server_names() if (server := find_server(name))]


def _options(server: Server) -> list[OptionRow]:
    rows = []
    names = tuple(dict.fromkeys(mode.name for mode in server.modes if mode.name))
    if names:
        default = server.modes[0].name
        serving = {
            name: sorted({interface_name(mode.interface) for mode in server.modes if mode.name == name})
            for name in names
        }
        which = ", ".join(f"{name} ({'/'.join(interfaces)})" for name, interfaces in serving.items())
        rows.append(OptionRow(MODE_KEY, ", ".join(names), default, f"how requests are handled: {which}", ()))
    options = {option.name: option for mode in server.modes for option in mode.options}
    for name, option in options.items():
        having = [mode for mode in server.modes if option in mode.options]
        only = dict.fromkeys(
            f"{MODE_KEY}={mode.name}" if mode.name else interface_name(mode.interface) for mode in having
        )
        everywhere = len(having) == len(server.modes)
        rows.append(OptionRow(name, str(option.kind), option.default, option.help, () if everywhere else tuple(only)))
    return rows
