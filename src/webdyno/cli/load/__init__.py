"""`webdyno load`: the command, its live view and its plot."""
