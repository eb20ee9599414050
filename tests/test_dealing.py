"""That tests which share what they start run in one process, also with the next pytest and pytest-xdist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from .dealing import WholeFiles

ROOT = Path(__file__).parent.parent
FEW = ("tests/test_units.py", "tests/model/test_fault.py")


def test_a_file_is_dealt_to_one_process_whole() -> None:
    command = [sys.executable, "-m", "pytest", "-v", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider", *FEW]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    ran = set(re.findall(r"^\[(gw\d)\] .* PASSED (\S+?)::", done.stdout, re.M))
    assert sorted(file for _, file in ran) == sorted(FEW)
    assert len({process for process, _ in ran}) == 2


@pytest.mark.parametrize(
    ("test", "scope"),
    [
        ("tests/services/contract/test_parts.py::test_it[flask?wrap=a2wsgi-cors]", "flask"),
        ("tests/services/test_contract.py::test_it[flask]", "flask"),
        ("tests/services/contract/test_parts.py::test_it[django-wsgi-cors]", "django"),
        ("tests/services/contract/test_parts.py::test_it[other]", "tests/services/contract/test_parts.py"),
        ("tests/cli/test_compare.py::test_it[flask]", "tests/cli/test_compare.py"),
    ],
)
def test_the_contract_is_dealt_out_by_framework_and_all_else_by_file(test: str, scope: str) -> None:
    assert WholeFiles._split_scope(WholeFiles.__new__(WholeFiles), test) == scope
