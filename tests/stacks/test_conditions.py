import os
from itertools import pairwise
from pathlib import Path

from tests.factories import Truth, record
from webdyno.model.run import StackRecord
from webdyno.stacks.conditions import conditions


def app_in(folder: Path) -> StackRecord:
    (folder / "bin").mkdir()
    (folder / "bin" / "python").write_text("")
    (folder / "lib" / "python3.11" / "site-packages" / "flask-3.0.dist-info").mkdir(parents=True)
    app = folder / "app"
    app.mkdir()
    (app / "shop.py").write_text("app = 1")
    made = record(Truth("flask@gunicorn", 1, 1))
    return made.model_copy(update={"argv": (str(folder / "bin" / "python"), "-m", "gunicorn"), "cwd": str(app)})


def test_what_stays_as_it_is_looks_the_same(tmp_path: Path) -> None:
    stack = app_in(tmp_path)
    before = conditions(stack)
    assert before.keys() == {"its files", "its packages", "its interpreter"}
    for hidden in (".git", "__pycache__", ".venv"):
        (tmp_path / "app" / hidden).mkdir()
        (tmp_path / "app" / hidden / "x.py").write_text("x")
    (tmp_path / "app" / "env").mkdir()
    (tmp_path / "app" / "env" / "pyvenv.cfg").write_text("")
    (tmp_path / "app" / "env" / "x.py").write_text("x")
    (tmp_path / "app" / "shop.db").write_text("written while it runs")
    (tmp_path / "app" / "shop.py").write_text("app = 1")
    os.utime(tmp_path / "app" / "shop.py", (1, 1))
    assert conditions(stack) == before


def test_a_changed_file_package_or_interpreter_shows_as_what_it_is(tmp_path: Path) -> None:
    stack = app_in(tmp_path)
    seen = [conditions(stack)]
    (tmp_path / "app" / "models.py").write_text("x = 1")
    seen.append(conditions(stack))
    (tmp_path / "app" / "models.py").write_text("x = 2")
    os.utime(tmp_path / "app" / "models.py", (1, 1))
    seen.append(conditions(stack))
    (tmp_path / "lib" / "python3.11" / "site-packages" / "flask-3.1.dist-info").mkdir()
    seen.append(conditions(stack))
    (tmp_path / "bin" / "python").write_text("another")
    seen.append(conditions(stack))
    changed = [{what for what in later if later[what] != earlier[what]} for earlier, later in pairwise(seen)]
    assert changed == [{"its files"}, {"its files"}, {"its packages"}, {"its interpreter"}]


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    stack = app_in(tmp_path)
    gone = stack.model_copy(update={"argv": (str(tmp_path / "no" / "bin" / "python"),), "cwd": str(tmp_path / "none")})
    assert conditions(gone) == {}


def test_of_an_app_that_is_imported_from_other_folders_only_those_count(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    stack = app_in(tmp_path)
    stack = stack.model_copy(
        update={"cwd": str(tmp_path), "env": {"WEBDYNO_APP_DIRS": f"{tmp_path}/app:{tmp_path}/lib"}}
    )
    before = conditions(stack)
    (tmp_path / "notes.py").write_text("")
    assert conditions(stack) == before
    (tmp_path / "lib" / "prices.py").write_text("")
    assert conditions(stack)["its files"] != before["its files"]
