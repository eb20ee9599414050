"""What ran beside the stacks, as a fact to be told."""

from __future__ import annotations

from ...model.dependency_record import DependencyRecord
from ...model.fact import Fact, fact


def beside(record: DependencyRecord) -> Fact:
    """Which dependency it was, how it was set, and where it ran."""
    name, version, address, where = record.name, record.version, record.address, _where(record)
    if not record.settings:
        return fact("how.beside", name=name, version=version, address=address, where=where)
    settings = tuple(f"{key} {value}" for key, value in record.settings.items())
    return fact("how.beside.set", name=name, version=version, settings=settings, address=address, where=where)


def _where(record: DependencyRecord) -> Fact:
    if not record.cpus:
        return fact("how.beside.anywhere")
    cpus = ",".join(map(str, record.cpus))
    return fact("how.beside.apart" if record.apart else "how.beside.with-load", cpus=cpus)
