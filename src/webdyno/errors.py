"""Every error that webdyno raises on purpose.

::

    WebdynoError                 exit code 2 unless stated
    |-- UsageError               the request cannot be carried out as written
    |   |-- NotationError        a stack notation that does not parse, or names something unknown
    |   |-- EnvironmentFailed    the packages of a stack cannot be resolved or installed
    |   |-- AppFailed            the user's app does not import, or is not a WSGI/ASGI app
    |   `-- StoreError           a result file or database that is not ours, too new, or damaged
    |-- MeasurementError         exit code 3: nothing valid could be measured
    |   |-- LaunchFailed         a server did not start, listens elsewhere, exited, or hangs
    |   |   `-- DependencyFailed it befell what a workload needs beside the stacks, none of which is to blame
    |   |-- ContractBroken       a service answers something else than the workload expects
    |   |-- EngineFailed         the load generator itself died
    |   |-- NoRoom               a disk is full
    |   `-- Offline              packages are missing and the network cannot be reached
    |-- NotGiven                 exit code 3: there is a result, but it could not be given
    Interrupted                  exit code 130: Ctrl-C or SIGTERM; as KeyboardInterrupt, no Exception
"""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar


class Told(BaseException):
    """What the user is told when a command ends early.

    Attributes:
        exit_code: of the command.
        message: what happened and where, one or two lines.
        remedy: what to do next; empty where the message already says it.
        details: further lines worth showing, such as the last output of a server.
    """

    exit_code: ClassVar[int]

    def __init__(self, message: str, remedy: str = "", details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.details = details


class WebdynoError(Told, Exception):
    """Something went wrong that the user can act on."""

    exit_code = 2


class UsageError(WebdynoError):
    """The request cannot be carried out as written."""


class NotationError(UsageError):
    """A stack notation does not parse, or names an app, server or option that does not exist.

    Attributes:
        text: the notation as the user wrote it.
        position: index into `text` where the trouble starts.
    """

    def __init__(self, message: str, text: str, position: int, remedy: str = "") -> None:
        super().__init__(message, remedy, (text, " " * position + "^"))
        self.text = text
        self.position = position


class EnvironmentFailed(UsageError):
    """The packages of a stack cannot be resolved or installed."""


class AppFailed(UsageError):
    """The user's app does not import, or is neither a WSGI nor an ASGI app."""


class StoreError(UsageError):
    """A result file or database is not ours, has a newer schema, or is damaged."""


class MeasurementError(WebdynoError):
    """Nothing valid could be measured.

    Attributes:
        what, advice: the facts behind message and remedy, which a result keeps (`webdyno.texts.failure` gives them);
            None where there are none.
    """

    exit_code = 3
    what: object = None
    advice: object = None


class LaunchFailed(MeasurementError):
    """A server did not start, listens elsewhere, exited early, or hangs."""


class DependencyFailed(LaunchFailed):
    """What a workload needs beside the stacks did not start, ended, hangs, or does not do what it is there for."""


class ContractBroken(MeasurementError):
    """A service answers something else than the workload expects."""


class EngineFailed(MeasurementError):
    """The load generator died or broke its own protocol."""


class NoRoom(MeasurementError):
    """A disk has no room for what must be written."""


class Offline(MeasurementError):
    """Packages are missing and the network cannot be reached."""


class NotGiven(WebdynoError):
    """There is a result, but where it was to go takes nothing."""

    exit_code = 3


class Interrupted(Told):
    """Ctrl-C or SIGTERM ended the work early.

    No `Exception`: it is raised wherever a signal finds the program, also inside libraries. These take an exception for
    a fault of their own work, and wrap or swallow it.
    """

    exit_code = 130


def is_full(error: BaseException) -> bool:
    """Whether the system says that a disk, or the user's share of it, is used up."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
