"""The catalogue: built-ins and other packages' entries through one loader."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.other_package import install
from webdyno.errors import UsageError
from webdyno.model.notation import parse_notation
from webdyno.stacks.catalogue import app_names, find_app, find_server, server_names
from webdyno.stacks.listing import list_apps, list_servers, list_stacks
from webdyno.stacks.lock import canonical, locked_pins
from webdyno.stacks.resolve import resolve

PLUGIN = """
from webdyno.stacks.entries import App, Mode, Server
from pathlib import Path

APP = App("shop", "wsgi", Path("/srv/shop"), "shop:app", "shop", "a shop")
SERVER = Server("turtle", "turtle", "slow", (Mode("wsgi", ("turtle",), ()),), lambda s: ("-m", "turtle", s.target))
WRONG = 3
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that adds entries to the catalogue."""
    names = (
        "[webdyno.apps]\nshop = webdyno_turtle:APP\nflask = webdyno_turtle:APP\nwrong = webdyno_turtle:WRONG\n"
        "[webdyno.servers]\nturtle = webdyno_turtle:SERVER\nmissing = webdyno_turtle:NOTHING\n"
    )
    install(tmp_path, "webdyno-turtle", PLUGIN, names)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "webdyno_turtle", raising=False)


@pytest.mark.parametrize("name", app_names())
def test_each_app_is_found_under_its_own_name_and_its_module_exists(name: str) -> None:
    app = find_app(name)
    assert app is not None and app.name == name
    assert (app.folder / (app.target.partition(":")[0] + ".py")).is_file()


def test_no_service_folder_shadows_a_package_that_is_locked() -> None:
    modules = [path for name in app_names() if (app := find_app(name)) for path in app.folder.iterdir()]
    assert not {canonical(path.stem) for path in modules} & set(locked_pins())


def test_every_package_of_the_catalogue_is_locked() -> None:
    modes = [mode for name in server_names() if (server := find_server(name)) for mode in server.modes]
    packages = {canonical(package) for mode in modes for package in mode.packages}
    packages |= {app.package for name in app_names() if (app := find_app(name)) and app.package}
    assert packages <= set(locked_pins())


def test_an_installed_package_adds_an_app_and_a_server(plugin: None) -> None:
    assert "shop" in app_names() and "turtle" in server_names()
    resolved = resolve(parse_notation("shop@turtle"))
    assert resolved.arguments("shop:app") == ("-m", "turtle", "shop:app")


def test_an_installed_package_cannot_take_over_a_built_in_name(plugin: None) -> None:
    app = find_app("flask")
    assert app is not None and app.name == "flask"
    assert app_names().count("flask") == 1


def test_a_broken_entry_names_its_package_and_the_remedy(plugin: None) -> None:
    with pytest.raises(UsageError, match=r"'missing' .* of the package webdyno-turtle .* AttributeError") as caught:
        find_server("missing")
    assert "uninstall" in caught.value.remedy
    with pytest.raises(UsageError, match="it is a int, not a webdyno App"):
        find_app("wrong")


def test_an_unknown_name_is_not_found() -> None:
    assert find_app("flsk") is None and find_server("gunicrn") is None


def test_rows_show_versions_and_options() -> None:
    apps = {row.name: row for row in list_apps()}
    assert apps["bare-wsgi"].version is None
    assert apps["flask"].interface == "wsgi" and apps["flask"].version == locked_pins()["flask"][0].version
    servers = {row.name: row for row in list_servers()}
    assert servers["granian"].interfaces == ("asgi", "wsgi")
    options = {option.name: option for option in servers["gunicorn"].options}
    assert options["worker_class"].values == "sync, gthread, uvicorn, asgi, aiohttp"
    assert options["threads"].only == ("worker_class=gthread",) and options["threads"].default == "1"
    assert options["workers"].only == ()


def test_listed_stacks_are_the_distinct_pairs_that_resolve() -> None:
    stacks = list_stacks()
    assert len(set(stacks)) == len(stacks) > 50
    for text in stacks:
        resolve(parse_notation(text))
    assert {"flask@gunicorn", "flask@gunicorn?worker_class=uvicorn&wrap=asgiref", "fastapi@granian"} <= set(stacks)
