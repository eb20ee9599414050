"""Notes have a fact behind their text, but for those that an older webdyno wrote."""

from __future__ import annotations

import json

from tests.factories import Truth, make_run
from webdyno.model.fact import fact
from webdyno.model.note import Note
from webdyno.model.run import StackRecord
from webdyno.texts.catalogue import as_note, fact_of


def test_the_notes_of_a_stack_read_back_and_are_text_only_in_older_documents() -> None:
    (record,) = make_run((Truth("flask@waitress", 3000, 300, notes=(fact("server.waitress-thread"), "slow")),)).stacks
    document = json.loads(record.model_dump_json())
    assert StackRecord.model_validate(document) == record
    document["notes"] = [note["text"] for note in document["notes"]]
    assert StackRecord.model_validate(document).notes == tuple(Note(text=note.text) for note in record.notes)


def test_a_fact_that_is_not_known_here_is_none() -> None:
    known = fact("variable.of-python", name="PYTHONMALLOC")
    assert fact_of(as_note(known)) == known
    assert fact_of(Note(text="said", what=fact("variable.of-python"))) is None
    assert fact_of(Note(text="said", what=fact("said.by-a-newer-one"))) is None
    assert fact_of(Note(text="said")) is None
