"""Lines of progress as rows for machines: CSV, JSON and Excel, all from the same dataclass."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from targets.results import Line
from unionplan.lib.spreadsheets import csv_text, xlsx_file

Cell = str | int | Decimal | None

FIELDS = (
    "unit",
    "indicator",
    "sector_group",
    "kind",
    "due_on",
    "numerator",
    "denominator",
    "actual",
    "minimum",
    "desired",
    "attained_percent",
    "expected_by_now",
    "status",
    "gap_people",
    "forecast",
    "reports_due",
    "reports_submitted",
    "reports_accepted",
    "reports_carried",
)
PLACES = Decimal("1e-12")


def row(line: Line) -> dict[str, Cell]:
    """The fields of the ``progress`` command, unrounded."""
    progress, target, coverage = line.progress, line.target, line.coverage
    return {
        "unit": line.unit.code,
        "indicator": line.indicator.code,
        "sector_group": line.group.code,
        "kind": line.indicator.kind.value,
        "due_on": line.due_on.isoformat() if line.due_on else None,
        "numerator": progress.numerator,
        "denominator": progress.denominator,
        "actual": plain(progress.actual),
        "minimum": plain(target.minimum if target else None),
        "desired": plain(target.desired if target else None),
        "attained_percent": plain(progress.attained_percent),
        "expected_by_now": plain(progress.expected_by_now),
        "status": progress.status.value if progress.status else None,
        "gap_people": progress.gap_people,
        "forecast": plain(progress.forecast),
        "reports_due": coverage.due if coverage else None,
        "reports_submitted": coverage.submitted if coverage else None,
        "reports_accepted": coverage.accepted if coverage else None,
        "reports_carried": coverage.carried if coverage else None,
    }


def plain(number: Fraction | Decimal | None) -> int | Decimal | None:
    """A number that prints without exponent or trailing zeros; an endless one is cut off, so that
    it never becomes the threshold it has not reached."""
    if number is None:
        return None
    exact = Fraction(number)
    if exact.denominator == 1:
        return exact.numerator
    with localcontext(prec=50, rounding=ROUND_FLOOR):
        cut = (Decimal(exact.numerator) / exact.denominator).quantize(PLACES)
    return Decimal(f"{cut:f}".rstrip("0").rstrip("."))


def as_csv(lines: Iterable[Line]) -> str:
    return csv_text(FIELDS, [list(row(line).values()) for line in lines])


def as_xlsx(lines: Iterable[Line], *, title: str = "") -> bytes:
    return xlsx_file(FIELDS, [list(row(line).values()) for line in lines], title=title)


def as_json(lines: Iterable[Line]) -> str:
    """A list of objects; a Decimal is written as the number it is, digit by digit."""
    objects = (
        ", ".join(f"{json.dumps(name)}: {_json(cell)}" for name, cell in row(line).items())
        for line in lines
    )
    return "[" + ",\n ".join(f"{{{pairs}}}" for pairs in objects) + "]\n"


def _json(cell: Cell) -> str:
    return f"{cell:f}" if isinstance(cell, Decimal) else json.dumps(cell, ensure_ascii=False)
