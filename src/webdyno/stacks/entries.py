"""What an entry of the catalogue is: an app, a server, its modes and their options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..model.fact import Fact
from ..model.run import Interface

MODE_KEY = "worker_class"
"""The option by which a server with several named modes is told which one to use."""


@dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"

    def read(self, text: str) -> str:
        """The value as the server is given it.

        Raises:
            ValueError: with what is allowed.
        """
        # The length is bounded first: turning a text of many thousand digits into a number is slow, or refused.
        if not (text.isascii() and text.isdigit() and len(text) < 20 and self.low <= int(text) <= self.high):
            raise ValueError(f"a whole number from {self}")
        return str(int(text))


@dataclass(frozen=True)
class OneOf:
    """One of a few words."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.values)

    def read(self, text: str) -> str:
        """The value as the server is given it.

        Raises:
            ValueError: with what is allowed.
        """
        if text not in self.values:
            raise ValueError(f"one of {self}")
        return text


@dataclass(frozen=True)
class FilePath:
    """A file of the user's own app."""

    def __str__(self) -> str:
        return "path in the working folder"

    def read(self, text: str) -> str:
        """The path as written; whether it exists is seen once the working folder is known."""
        return text


@dataclass(frozen=True)
class ServerOption:
    """A setting of a server that a stack notation may give.

    Attributes:
        name: the key in the notation.
        kind: which values it takes.
        help: one line, without a full stop.
        default: passed where the notation does not give it; None leaves the server its own default.
        flag: how the server's command line spells it; `--name` where empty, None where it is not given there.
    """

    name: str
    kind: Integer | OneOf | FilePath
    help: str
    default: str | None = None
    flag: str | None = ""


@dataclass(frozen=True)
class Mode:
    """One way in which a server serves.

    Attributes:
        interface: what it serves.
        packages: requirements; each names its package and extras, without a version.
        options: what may be set.
        name: the value of `worker_class` that chooses it; empty for a server that has one mode per interface.
        worker: the name as the server's command line takes it.
        only_by_name: True where the mode must be asked for, so that nobody gets it unknowingly.
        notes: what sets it apart when stacks are compared, shown beside each result; a server of another package gives
            each its sentence, as `template`.
        spoils: apps that it would serve wrongly although it speaks their interface: what they are, and what goes wrong.
    """

    interface: Interface
    packages: tuple[str, ...]
    options: tuple[ServerOption, ...]
    name: str = ""
    worker: str = ""
    only_by_name: bool = False
    notes: tuple[Fact, ...] = ()
    spoils: Mapping[Interface, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SpokenInterface:
    """What apps and servers speak with each other.

    Attributes:
        name: as an app and the modes of a server name it.
        server: name of the server for apps whose notation names none.
        also: the interfaces that such an app may be served as besides, without a wrapper.
        classes: `module.Class` of apps that are known by their class; where there are none, by their arguments.
    """

    name: Interface
    server: str
    also: tuple[Interface, ...] = ()
    classes: tuple[str, ...] = ()


WSGI = SpokenInterface("wsgi", "gunicorn")
ASGI = SpokenInterface("asgi", "uvicorn")


@dataclass(frozen=True)
class Serving:
    """What a server is asked to do.

    Attributes:
        target: import string of the app or of its wrapper.
        mode: one of the server's modes.
        options: checked values by name, with the defaults filled in.
    """

    target: str
    mode: Mode
    options: Mapping[str, str]

    def flags(self) -> tuple[str, ...]:
        """The options as `--flag value` pairs, in the mode's order."""
        known = [option for option in self.mode.options if option.name in self.options and option.flag is not None]
        return tuple(
            part
            for option in known
            for part in (option.flag or "--" + option.name.replace("_", "-"), self.options[option.name])
        )


@dataclass(frozen=True)
class Server:
    """A server.

    Attributes:
        name: as written after `@`.
        package: the package that `==VERSION` pins.
        summary: one line.
        modes: the first one that fits the app and the options is taken.
        arguments: what follows the interpreter on the command line, with `{port}` for the port.
        variables: names of environment variables that it reads, `*` for any ending.
    """

    name: str
    package: str
    summary: str
    modes: tuple[Mode, ...]
    arguments: Callable[[Serving], tuple[str, ...]]
    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class App:
    """A reference app.

    Attributes:
        name: as written in a notation.
        interface: what it is.
        folder: where `target` is imported from; the only folder on the path beside the services' shared one.
        target: import string.
        package: the package that `==VERSION` pins; None where there is none.
        summary: one line.
        requirements: what it and its parts need, each without a version; where empty, only its package.
        both_handlers: `/sync` and `/async` are answered by a `def` and an `async def` handler.
    """

    name: str
    interface: Interface
    folder: Path
    target: str
    package: str | None
    summary: str
    requirements: tuple[str, ...] = ()
    both_handlers: bool = False

    @property
    def parts(self) -> Mapping[str, Path]:
        """The files of what can be added to it by `with=`, by the name of the part: those in its folder's `parts`."""
        return {file.stem: file for file in sorted(self.folder.glob("parts/*.py"))}


IDLE_S = "75"
"""How many seconds servers that let it be set keep an idle connection open, so that none wins by fewer reconnects."""

SERVICES = Path(__file__).resolve().parent.parent / "services"
"""The reference services; read, never imported."""

SHARED = SERVICES / "shared"
"""What they share: the folder that `webdyno_shared` is imported from."""
