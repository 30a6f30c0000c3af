"""One answer of one check, on one short line."""

from math import isfinite

from hotfix.policy.rules import Unit
from hotfix.record.escape import for_terminal
from hotfix.record.parts import Sample

_LONGEST = 200


def sample(name: str, unit: Unit | None, outcome: str, said: str, value: float | None = None) -> Sample:
    """The answer as the record keeps it; a value that JSON cannot hold (NaN, infinity) is left out."""
    line = for_terminal(" ".join(said.split()))[:_LONGEST]
    return Sample(
        check=name,
        unit=unit.name if unit else "",
        outcome=outcome,
        said=line,
        value=value if value is not None and isfinite(value) else None,
    )
