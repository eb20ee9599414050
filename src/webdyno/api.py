"""The Python interface: the questions, with their options named as Python writes them."""

from __future__ import annotations

from .questions.compare import compare as _compare
from .questions.doctor import doctor as _doctor
from .questions.explain import explain as _explain
from .questions.gate import gate as _gate
from .questions.init import InitResult
from .questions.init import init as _init
from .questions.load.ask import LoadInterrupted
from .questions.load.ask import load as _load
from .questions.naming import in_python
from .report.result import ComparisonResult, DoctorResult, GateResult, LoadResult, Result

__all__ = [
    "ComparisonResult",
    "DoctorResult",
    "GateResult",
    "InitResult",
    "LoadInterrupted",
    "LoadResult",
    "Result",
    "compare",
    "doctor",
    "explain",
    "gate",
    "init",
    "load",
]

compare = in_python(_compare)
explain = in_python(_explain)
gate = in_python(_gate)
load = in_python(_load)
doctor = in_python(_doctor)
init = in_python(_init)
