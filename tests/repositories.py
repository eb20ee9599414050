"""Small git repositories, made for one test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# Nothing of the user's own settings, so that a signature or a hook of theirs plays no part.
ENV = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **{f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


class Repository:
    """A repository in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments: str) -> str:
        """Run git there and return what it prints."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=ENV, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    def commit(self, tag: str, files: dict[str, str | bytes]) -> str:
        """Commit files under a tag; returns the hash."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", tag)
        self.git("tag", tag)
        return self.git("rev-parse", "HEAD").strip()

    def checkouts(self) -> list[str]:
        """The working trees that the repository knows of."""
        return [
            line for line in self.git("worktree", "list", "--porcelain").splitlines() if line.startswith("worktree")
        ]
