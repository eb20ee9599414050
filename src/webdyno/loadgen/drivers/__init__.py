"""The load tools, a file each; `table` finds them by name."""
