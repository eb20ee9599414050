"""uv, as a program: how it is called, and what its complaints mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import uv

from ..errors import EnvironmentFailed, NoRoom, Offline, WebdynoError
from ..model.secret_rules import mask_text
from ..processes.run_to_end import run

# Of the user's settings, those that say how packages are reached; any other would change which ones are taken.
_KEPT = re.compile(
    r"UV_((DEFAULT_|EXTRA_)?INDEX|FIND_LINKS|HTTP_|REQUEST_TIMEOUT|NATIVE_TLS|SYSTEM_CERTS|OFFLINE|CACHE_DIR"
    r"|(ALLOW_)?INSECURE_HOST|KEYRING|CONCURRENT|CONFIG_FILE)"
)
_DROPPED = re.compile(r"UV_|VIRTUAL_ENV|CONDA_PREFIX|PYTHON|__PYVENV_LAUNCHER__")

# uv looks for a project's settings in its working folder and all above.
_NO_PROJECT = Path("/")
_NO_NETWORK = re.compile(
    r"dns error|failed to lookup address|error sending request|error trying to connect|tcp connect error"
    r"|connection refused|network is unreachable|network connectivity is disabled|client error \(connect\)"
    r"|operation timed out",
    re.I,
)
_NO_VERSION = re.compile(r"no solution found|no version of|requires-python|unsatisfiable", re.I)


def call_uv(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    what: str,
    keep_open: tuple[int, ...] = (),
    cwd: Path = _NO_PROJECT,
) -> None:
    """Run uv.

    Args:
        arguments: subcommand and options.
        env: our own environment, of which uv gets the part that does not change its results.
        what: what is being installed, for the error.
        keep_open: descriptors that uv inherits.
        cwd: its working folder, to which paths are relative and whose project's settings hold; by default no project's.

    Raises:
        EnvironmentFailed: uv is missing, or says that the packages do not fit, or cannot write.
        NoRoom: the disk is full.
        Offline: the packages cannot be reached.
    """
    try:
        command = [uv.find_uv_bin(), *arguments, "--quiet", "--no-progress", "--color", "never"]
        outcome = run(command, env=_environment(env), cwd=cwd, keep_open=keep_open)
    except FileNotFoundError as error:
        raise EnvironmentFailed(f"uv cannot be found: {error}", "install webdyno's own dependency again: uv") from error
    if outcome.code != 0:
        raise explain(outcome.output, what)


def explain(output: str, what: str) -> WebdynoError:
    """What uv's complaint means for the user."""
    details = _last_lines(output)
    if "No space left on device" in output or "os error 28" in output:
        remedy = "free some space, or set WEBDYNO_CACHE to a folder on a larger disk"
        return NoRoom(f"the disk is full while installing {what}", remedy)
    if "Hash mismatch" in output or "Hash-checking is required" in output:
        package = re.search(r"(?:Hash mismatch for|provided for:) `([^`]+)`", output)
        message = f"the package {package[1] if package else ''} is not the one that webdyno's lock file names"
        return EnvironmentFailed(message, "do not use it; check the package index you have set", details)
    if _NO_NETWORK.search(output):
        remedy = "connect to the network and try again; once installed, a stack needs no network"
        return Offline(f"the packages for {what} are not here yet and cannot be reached", remedy, details[-1:])
    if _NO_VERSION.search(output):
        pinned = [part for part in what.split() if "==" in part]
        named = next((part for part in pinned if re.search(rf"no version of {re.escape(part)}", output, re.I)), None)
        if named:
            requirement, _, version = named.partition("==")
            name = requirement.partition("[")[0]
            message = f"{name}=={version} does not exist, or not for this Python"
            remedy = f"see the versions with: python -m pip index versions {name}; or leave out the == part"
            return EnvironmentFailed(message, remedy)
        return EnvironmentFailed(f"no set of versions fits {what}", "pin other versions, or none", details)
    return EnvironmentFailed(f"{what} cannot be installed", "what uv said is shown above", details)


def _last_lines(output: str, count: int = 6) -> tuple[str, ...]:
    lines = [" ".join(line.split()) for line in mask_text(output).splitlines()]
    return tuple([line[:300] for line in lines if line][-count:])


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in ours.items() if _KEPT.match(name) or not _DROPPED.match(name)}
    return kept | {"UV_PYTHON_DOWNLOADS": "never"}
