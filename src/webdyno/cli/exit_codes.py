"""Exit codes of commands that were used rightly and not interrupted before they had measured anything."""

EXIT_INVALID = 3
EXIT_INTERRUPTED = 130
