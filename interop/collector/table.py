"""The table of the parity checks: processors that the stock Collector and Firn must carry out alike, and on which input.

A case is one pipeline. Statements stand as a user writes them; the golden output beside each is what the stock Collector made of it.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    processors: dict
    input: str = "mixed"
    merged: bool = False  # points that became one series are added up before the comparison
    meant: str = ""  # why Firn's output is another, which it must be then
    refusable: bool = False  # has what Firn may refuse by name (functions beyond its list), never misread


CASES = []


def case(name, processors, input="mixed", merged=False, meant="", refusable=False):
    assert all(each.name != name for each in CASES), name
    CASES.append(Case(name, processors, input, merged, meant, refusable))


def transform(
    name,
    context,
    *statements,
    input="mixed",
    merged=False,
    error_mode="ignore",
    conditions=(),
    meant="",
    refusable=False,
):
    """One group of statements in the form with a context."""
    group = {"context": context, "statements": list(statements)}
    if conditions:
        group["conditions"] = list(conditions)
    case(name, {"transform": {"error_mode": error_mode, "metric_statements": [group]}}, input, merged, meant, refusable)


def flat(name, *statements, error_mode="ignore"):
    """Statements in the form whose paths name their context."""
    case(name, {"transform": {"error_mode": error_mode, "metric_statements": list(statements)}})
