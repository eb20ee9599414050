"""Writes the documents of the present schemas: `python -m tests.store.write_fixture`.

Only until that schema is released. From then on its file is history: it stays as it is and must stay readable.
"""

import json
from pathlib import Path

from tests.factories import DEFAULT_TRUTHS, make_run
from tests.store.samples import doctor_run, gate_run
from webdyno.model.load import Window
from webdyno.model.run import SCHEMA

FOLDER = Path(__file__).parent / "fixtures"


def main() -> None:
    truths = (DEFAULT_TRUTHS[2], DEFAULT_TRUTHS[5])
    run = make_run(truths, blocks=1, rate=200.0, window=Window(warmup_s=0.1, duration_s=0.3))
    document = run.model_dump(mode="json", by_alias=True) | {"analysis": {"sentences": ["Reports may say more later."]}}
    (FOLDER / f"schema-{SCHEMA}.json").write_text(json.dumps(document, indent=1) + "\n")
    for kept in (gate_run(blocks=1), doctor_run(blocks=1)):
        text = kept.model_dump_json(by_alias=True, indent=1)
        (FOLDER / f"{kept.document}-{kept.schema_number}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
