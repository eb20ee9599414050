"""The tables of a store: the very documents that `--json` writes.

A comparison is in pieces, one row for itself and one for each trial; what else is kept is one row.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, Table, Text, UniqueConstraint

# Version of these tables; the documents inside carry their own number. Version 1 held comparisons only.
SCHEMA = 2

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

# `number` is the schema of the document. That of a gate has the identifiers of its runs, which are kept as comparisons.
documents = Table(
    "webdyno_documents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Text, nullable=False, index=True),
    Column("measured_s", Float, nullable=False),
    Column("subjects", Text, nullable=False),
    Column("document", Text, nullable=False),
)
