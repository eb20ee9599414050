from collections.abc import Iterator
from pathlib import Path

import pytest
import vl_convert

from webdyno.report import chart_library as module
from webdyno.report.chart_library import chart_library


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    chart_library.cache_clear()
    yield
    chart_library.cache_clear()


def test_what_was_bundled_once_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path / "new"))
    made = chart_library()
    assert "window.vegaEmbed=" in made
    chart_library.cache_clear()
    monkeypatch.setattr(vl_convert, "javascript_bundle", None)
    assert chart_library() == made


def test_another_version_of_the_libraries_is_bundled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path))
    for version in ("1.0", "2.0"):
        chart_library.cache_clear()
        monkeypatch.setattr(module, "version", lambda package, version=version: version)
        monkeypatch.setattr(vl_convert, "javascript_bundle", lambda snippet, version=version: f"library {version}")
        assert chart_library() == f"library {version}"


def test_it_is_there_where_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WEBDYNO_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda snippet: "library")
    assert chart_library() == "library"
