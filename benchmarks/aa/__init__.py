"""Do verdicts hold, and how soon are they there? The same stack against itself, and pairs whose difference is known.

Each design is tried, quiet and beside a burner that comes and goes on the server's core. A few comparisons by default;
`--long` makes as many as the goals speak of, which takes hours: `--into FILE` keeps each as it ends, so that the same
command goes on where it was stopped, and `--budget SECONDS` ends it in time.
"""

from .command import main

__all__ = ["main"]
