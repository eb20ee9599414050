"""A view that is drawn over itself, for figures that change while somebody looks at them."""

from __future__ import annotations

from rich.console import Console, RenderableType

from .output import rendered

_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_ERASE_BELOW = "\x1b[J"


def can_redraw(console: Console) -> bool:
    """Whether what a console writes can be drawn over later.

    `FORCE_COLOR`, which rich takes for a terminal, asks for colours in a file as well; that would keep every frame.
    """
    # A dumb terminal cannot move its cursor.
    return console.file.isatty() and console.is_terminal and not console.is_dumb_terminal


class InPlace:
    """Draws one frame over the last one, each in one piece and without erasing anything first, so that none flickers.

    Lines must be as wide as the terminal, or rests of longer ones would stay.

    Args:
        console: a terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._height = 0

    def draw(self, frame: RenderableType, above: RenderableType | None = None) -> None:
        """Draw a frame; what stands `above` it stays when the next one is drawn.

        Raises:
            OSError: the terminal is gone.
        """
        # What stays may be shorter than what it is written over.
        kept = "" if above is None else _ERASE_BELOW + self._rendered(above)
        text = self._rendered(frame)
        self._write(_HIDE_CURSOR + self._to_top() + kept + text + _ERASE_BELOW)
        self._height = text.count("\n")

    def erase(self) -> None:
        """Leave nothing of it.

        Raises:
            OSError: the terminal is gone.
        """
        self._write(self._to_top() + _ERASE_BELOW + _SHOW_CURSOR)
        self._height = 0

    def _rendered(self, what: RenderableType) -> str:
        """In characters that the terminal has: Python writes others as escapes, which make a line too long."""
        text, encoding = rendered(self._console, what), self._console.encoding
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            return text.replace("\u2026", ".").encode(encoding, "replace").decode(encoding)
        return text

    def _to_top(self) -> str:
        return f"\r\x1b[{self._height}A" if self._height else "\r"

    def _write(self, text: str) -> None:
        self._console.file.write(text)
        self._console.file.flush()
