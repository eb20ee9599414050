"""Environments: made once by uv, checked by hash, safe against interruption and company."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from webdyno.errors import EnvironmentFailed, Offline
from webdyno.stacks import environments
from webdyno.stacks.environments import Environment, Interpreter, environment, this_interpreter
from webdyno.stacks.lock import LOCK, canonical, locked_pins
from webdyno.stacks.uv_tool import call_uv

MAKE = "\n".join(
    [
        "from webdyno.stacks.environments import environment, this_interpreter",
        "print(environment(['waitress'], this_interpreter(), lambda what: print(what.key)).python)",
    ]
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own for each test, in which environments are made as for users."""
    monkeypatch.setattr(environments, "call_uv", call_uv)
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def make(*requirements: str, lock: Path = LOCK) -> Environment:
    return environment(requirements, this_interpreter(), lambda text: None, lock=lock)


def test_all_of_it_is_compiled_before_any_server_runs() -> None:
    packages = next(make("waitress").python.parent.parent.glob("lib/python*/site-packages"))
    sources = {path.stem for path in packages.rglob("waitress/*.py")}
    assert sources
    assert {path.name.split(".")[0] for path in packages.rglob("waitress/__pycache__/*.pyc")} == sources


def imports(python: Path, module: str) -> bool:
    return subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0


def tampered(lock: Path, package: str, folder: Path) -> Path:
    """A copy of the lock in which the hashes of one package are others."""
    blocks = lock.read_text().split("\n")
    inside = False
    for at, line in enumerate(blocks):
        if not line.startswith((" ", "#")):
            inside = canonical(line) == package
        elif inside and "--hash=sha256:" in line:
            start = line.index("sha256:") + 7
            blocks[at] = line[:start] + ("0" if line[start] != "0" else "1") + line[start + 1 :]
    path = folder / "tampered.txt"
    path.write_text("\n".join(blocks))
    assert path.read_text() != lock.read_text()
    return path


def test_a_locked_environment_holds_the_locked_versions_and_is_found_again_without_uv(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = make("flask", "waitress")
    pins = locked_pins()
    assert made.locked and made.version == this_interpreter().version
    assert {"flask", "waitress", "werkzeug", "jinja2"} <= set(made.packages)
    for name, version in made.packages.items():
        assert version in {pin.version for pin in pins[name]}
    assert imports(made.python, "flask, waitress") and not imports(made.python, "gunicorn")

    def no_uv(*args: object, **kwargs: object) -> None:
        raise AssertionError("uv was called for an environment that is there")

    monkeypatch.setattr(environments, "call_uv", no_uv)
    assert make("waitress", "flask") == made


@pytest.mark.parametrize("package", ["flask", "werkzeug"])
def test_a_package_that_is_not_the_locked_one_is_refused_even_as_a_dependency(tmp_path: Path, package: str) -> None:
    lock = tampered(LOCK, package, tmp_path)
    with pytest.raises(EnvironmentFailed, match=f"the package {package}==.* is not the one that webdyno's lock file"):
        make("flask", lock=lock)
    with pytest.raises(EnvironmentFailed):
        make("flask", lock=lock)


def test_a_pinned_version_sets_the_lock_aside_and_is_recorded() -> None:
    made = make("waitress==2.1.2")
    assert not made.locked
    assert made.packages == {"waitress": "2.1.2"}


def test_a_version_that_does_not_exist_is_named_with_the_way_to_see_those_that_do() -> None:
    with pytest.raises(EnvironmentFailed, match=r"waitress==99\.9 does not exist") as caught:
        make("flask", "waitress==99.9")
    assert "pip index versions waitress" in caught.value.remedy


def test_versions_that_do_not_fit_each_other_are_named() -> None:
    with pytest.raises(EnvironmentFailed, match=r"no set of versions fits flask==3\.1\.0 werkzeug==2\.0\.0") as caught:
        make("flask==3.1.0", "werkzeug==2.0.0")
    assert len(caught.value.details) <= 6


def test_without_network_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(Offline, match="waitress are not here yet and cannot be reached") as caught:
        make("waitress")
    assert caught.value.exit_code == 3 and "network" in caught.value.remedy


def test_settings_of_uv_that_would_change_the_packages_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2001-01-01T00:00:00Z")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PYTHONPLATLIBDIR", "nowhere")
    monkeypatch.setenv("PIP_INDEX_URL", "file:///nowhere")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "uv.toml").write_text('exclude-newer = "2001-01-01T00:00:00Z"\n')
    assert make("waitress").locked


def test_a_half_made_environment_is_made_anew() -> None:
    made = make("waitress")
    folder = made.python.parent.parent
    (folder / "webdyno.json").unlink()
    (next(folder.glob("lib/*/site-packages/waitress")) / "__init__.py").write_text("raise SystemExit(1)")
    assert make("waitress") == made
    assert imports(made.python, "waitress")


def test_a_damaged_marker_or_a_lost_interpreter_makes_it_anew() -> None:
    made = make("waitress")
    (made.python.parent.parent / "webdyno.json").write_text("{")
    assert make("waitress") == made
    made.python.unlink()
    assert make("waitress") == made
    assert imports(made.python, "waitress")


def test_killed_while_installing_the_next_run_completes_it(cache: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", MAKE], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "installing" in process.stdout.readline() or process.wait() == 0
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert imports(make("waitress").python, "waitress")


def test_two_runs_at_once_make_it_once() -> None:
    runs = [subprocess.Popen([sys.executable, "-c", MAKE], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [run.communicate()[0].splitlines() for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len({lines[-1] for lines in outputs}) == 1
    assert sum(line == "setting-up.installing" for lines in outputs for line in lines) == 1


def test_each_interpreter_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = make("waitress")
    monkeypatch.setattr(environments, "call_uv", lambda *args, **kwargs: pytest.skip("asked for another one"))
    with pytest.raises(pytest.skip.Exception):
        environment(["waitress"], Interpreter(Path(sys.executable), "3.99.0"), lambda text: None)
    assert ours.python.exists()


def test_the_lock_is_not_used_for_a_python_older_than_it() -> None:
    assert not Interpreter(Path("python3.9"), "3.9.18").has_lock
    assert Interpreter(Path("python3.11"), "3.11.0rc1").has_lock


def test_a_cache_that_cannot_be_written_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path / "file"))
    with pytest.raises(EnvironmentFailed, match="cannot be written") as caught:
        make("waitress")
    assert "WEBDYNO_CACHE" in caught.value.remedy
