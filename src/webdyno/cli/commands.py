"""The commands by name: webdyno's own, and those of other packages in the entry-point group `webdyno.commands`."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

_GROUP = "webdyno.commands"


class Commands(TyperGroup):
    """Lists and runs commands of other packages as well; one is imported when it is run, so the help imports none."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; one of webdyno's own cannot be taken over.

        Raises:
            UsageError: another package's command cannot be loaded.
        """
        return super().get_command(ctx, cmd_name) or _of_another_package(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what there is: of other packages the name and where it comes from."""
        super().format_commands(ctx, formatter)
        from importlib.metadata import entry_points

        others = {entry.name: entry for entry in entry_points(group=_GROUP) if entry.name not in self.commands}
        if others:
            from ..units import printable

            with formatter.section("Commands of other packages"):
                formatter.write_dl(
                    [
                        (printable(name), printable(f"from {entry.dist.name}" if entry.dist else entry.value))
                        for name, entry in sorted(others.items())
                    ]
                )


def _of_another_package(name: str) -> Any:
    from types import FunctionType

    from ..errors import UsageError
    from ..plugins import find
    from .grouped_help import GroupedCommand

    function = find(name, {}, _GROUP, FunctionType)
    if function is None:
        return None
    app = typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command(name, cls=GroupedCommand)(function)
    try:
        return typer.main.get_command(app)
    except Exception as error:
        message = f"the command {name} of another package has parameters that no command can have: {error}"
        raise UsageError(message, "repair or uninstall the package that adds it") from error
