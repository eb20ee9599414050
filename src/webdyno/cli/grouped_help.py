"""Help of a command with many options: in groups, as plain text."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

OTHERS = "Options"


class GroupedCommand(TyperCommand):
    """Lists its options under the names that `rich_help_panel` gives them, in the order of their first one."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            panel = "Arguments" if param.param_type_name == "argument" else getattr(param, "rich_help_panel", None)
            groups.setdefault(panel or OTHERS, []).append(record)
        for name, records in groups.items():
            with formatter.section(name):
                formatter.write_dl(records)
