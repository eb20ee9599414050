"""The virtual environment of each stack: made once by uv, then found in milliseconds."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from ..cache import cache_folder
from ..errors import EnvironmentFailed, NoRoom, is_full
from ..model.fact import Fact, fact
from ..private_files import make_folder, open_private
from .lock import LOCK, canonical, locked_pins, pinned
from .uv_tool import call_uv

Progress = Callable[[Fact], None]

_MARKER = "webdyno.json"
_FORMAT = 1


class Interpreter(NamedTuple):
    """A Python.

    Attributes:
        path: its program.
        version: such as `3.11.7`.
    """

    path: Path
    version: str

    @property
    def has_lock(self) -> bool:
        """Whether the lock file was made for this Python."""
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:2]) >= (3, 11)


class Environment(NamedTuple):
    """A complete virtual environment.

    Attributes:
        python: its interpreter's program.
        version: its Python's version.
        packages: exact versions by normalised name.
        locked: True where every package came from the hash-checked lock file.
    """

    python: Path
    version: str
    packages: dict[str, str]
    locked: bool


def this_interpreter() -> Interpreter:
    """The Python that runs webdyno."""
    return Interpreter(Path(sys.executable), ".".join(map(str, sys.version_info[:3])))


def environment(
    requirements: Sequence[str],
    interpreter: Interpreter,
    progress: Progress,
    *,
    behind: Sequence[str] = (),
    lock: Path = LOCK,
) -> Environment:
    """The environment that holds these packages, made if it is not there yet.

    Without versions of their own, all packages are those of the lock file, checked by hash; with one, all are
    resolved anew, since the others' locked versions may not fit it.

    Args:
        requirements: packages, with extras and `==VERSION` where wanted; at least one.
        interpreter: the Python that it is made from.
        progress: told what is being done where it takes time.
        behind: folders of packages that are visible where the environment itself has none of that name.
        lock: the lock file.

    Raises:
        EnvironmentFailed: the packages do not fit each other, or cannot be written.
        NoRoom: the disk is full.
        Offline: they are not here yet and cannot be reached.
    """
    wanted = sorted(set(requirements))
    exact = pinned(wanted, locked_pins(lock)) if interpreter.has_lock else None
    hashes = hashlib.sha256(lock.read_bytes()).hexdigest() if exact is not None else None
    identity = [_FORMAT, interpreter.version, str(interpreter.path.resolve()), wanted, hashes, list(behind)]
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:12]
    folder = cache_folder() / "envs" / f"{_readable(wanted)}-py{interpreter.version}-{key}"
    if ready := _read(folder):
        return ready
    try:
        make_folder(folder.parent)
        with _alone(folder.with_name(folder.name + ".lock"), progress) as descriptor:
            if ready := _read(folder):
                return ready
            progress(fact("setting-up.installing", packages=" ".join(wanted), version=interpreter.version))
            _make(folder, wanted, exact, interpreter, lock, behind, descriptor)
    except OSError as error:
        raise _unwritable(error, folder) from error
    made = _read(folder)
    assert made is not None, "a complete environment can be read"
    return made


def _make(
    folder: Path,
    wanted: Sequence[str],
    exact: list[str] | None,
    interpreter: Interpreter,
    lock: Path,
    behind: Sequence[str],
    descriptor: int,
) -> None:
    """Make it from nothing; the marker that is written last says that it is whole."""

    def uv(*arguments: str) -> None:
        # uv inherits the lock, so that it is held as long as uv writes, even if we are killed.
        call_uv(arguments, env=os.environ, what=" ".join(wanted), keep_open=(descriptor,))

    shutil.rmtree(folder, ignore_errors=True)
    uv("venv", "--python", str(interpreter.path), "--no-project", str(folder))
    listed = folder / "requirements.txt"
    listed.write_text("".join(f"{line}\n" for line in (wanted if exact is None else exact)))
    checked = () if exact is None else ("--require-hashes", "--constraint", str(lock))
    # Copied, since files linked to uv's cache would change there too when somebody edits them here. Compiled now, so
    # that no server does it while it is measured.
    how = ("--link-mode", "copy", "--compile-bytecode", "--python", str(folder / "bin" / "python"))
    uv("pip", "install", *how, "--requirement", str(listed), *checked)
    site = next(folder.glob("lib/python*/site-packages"))
    packages = {canonical(found.name): found.version for found in distributions(path=[str(site)])}
    if behind:
        # `addsitedir` also reads the .pth files of those folders: apps installed as editable have one.
        lines = [f"import site; site.addsitedir({path!a})" for path in behind]
        (site / "webdyno_behind.pth").write_text("".join(f"{line}\n" for line in lines))
    record = {"python": interpreter.version, "packages": packages, "locked": exact is not None}
    half = folder / (_MARKER + ".half")
    half.write_text(json.dumps(record))
    half.replace(folder / _MARKER)


def _read(folder: Path) -> Environment | None:
    """The environment, or None where it is missing, half-made, or its interpreter is gone."""
    python = folder / "bin" / "python"
    try:
        record = json.loads((folder / _MARKER).read_text())
        return Environment(python, record["python"], record["packages"], record["locked"]) if python.exists() else None
    except (OSError, ValueError, KeyError):
        return None


@contextlib.contextmanager
def _alone(path: Path, progress: Progress) -> Iterator[int]:
    """Hold a lock file against other processes; gives its descriptor."""
    with os.fdopen(open_private(path, os.O_RDWR), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(fact("setting-up.waiting", environment=path.stem))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _readable(requirements: Sequence[str]) -> str:
    return "-".join(canonical(requirement) for requirement in requirements)[:60]


def _unwritable(error: OSError, folder: Path) -> EnvironmentFailed | NoRoom:
    reason = "the disk is full" if is_full(error) else error.strerror or str(error)
    return (NoRoom if is_full(error) else EnvironmentFailed)(
        f"the environment {folder} cannot be written: {reason}", "set WEBDYNO_CACHE to a folder with space and access"
    )
