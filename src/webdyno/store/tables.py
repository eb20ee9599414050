"""The tables of a store: the very document that `--json` writes, in pieces, one row per run and one per trial."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table, Text, UniqueConstraint

# Version of these tables; the documents inside carry their own number.
SCHEMA = 1

metadata = MetaData()

# The prefix keeps us apart from others in a shared PostgreSQL database, and tells our SQLite files from foreign ones.
schema = Table(
    "webdyno_schema",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
)

# `state` is the truth; the one inside `document`, which is the run without its trials, is as old as its last update.
runs = Table(
    "webdyno_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("started", Text, nullable=False, index=True),
    Column("measured_s", Float, nullable=False),
    Column("stacks", Text, nullable=False),
    Column("document", Text, nullable=False),
)

trials = Table(
    "webdyno_trials",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run_id", Text, ForeignKey(runs.c.id, ondelete="CASCADE"), nullable=False),
    Column("block", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("phase", Text, nullable=False),
    Column("started", Text, nullable=False),
    Column("document", Text, nullable=False),
    # Makes saving a trial once more, after an error of unknown outcome, harmless.
    UniqueConstraint("run_id", "block", "position", "phase", "started"),
)
