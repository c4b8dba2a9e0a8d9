"""From reports to sums, in bulk: as many statements for one unit as for three hundred.

Superior units are read from the stored totals, grassroots and occupational units from their
reports in the same columns. Quarters between two cut-offs that are asked for are summed by the
database, so cost follows what is shown and not the length of the plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import chain
from typing import Any

from django.db import connection

from members.models import Basis, Quarter, QuarterlyReport, Structure, Unit
from members.models.reports import DECREASES, FLOWS, INCREASES
from members.models.totals import STATUSES_OF_BASIS, SUMMED

Row = Mapping[str, Any]

# Stock falls back on what is carried; flows outside the basis count 0, where anything is carried.
STOCKS = ("workers", "members", "density_workers", "density_members")
SUMMED_FLOWS = (*FLOWS, "adjustment")
REORGANISATION = ("left_reorganised", "event_in", "event_out")
LEFT = tuple(name for name in DECREASES if name.startswith("left_"))


@dataclass(frozen=True)
class Asked:
    """What to read: flows since a day, and stock, at each of the cut-offs of these quarters."""

    units: Sequence[Unit]
    quarters: Collection[Quarter]  # all there are; those since ``since`` are summed
    at: Collection[Quarter]
    since: date
    basis: str = Basis.ACCEPTED
    structure: str = Structure.REPORTED


@dataclass(frozen=True)
class Figures:
    """Part and whole; a count has no whole. ``pieces`` is what they are made of, by name."""

    numerator: int | None
    denominator: int | None = None
    pieces: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Coverage:
    """How many reports stand behind a figure."""

    due: int = 0
    accepted: int = 0
    submitted: int = 0  # waiting for a decision
    carried: int = 0  # outside the basis, with the last accepted stock in their place
    missing: int = 0  # outside the basis, with nothing to carry
    suspended: int = 0  # owe no report; their last accepted stock stays


@dataclass(frozen=True)
class Sums:
    """What the reports of a unit or of its branch say together, in some sectors, at one cut-off.

    ``None`` where no report states the figure and nothing is carried.
    """

    at_cut_off: Sequence[Row]
    since_start: Sequence[Row]

    def stock(self, name: str) -> int | None:
        return total(row[name] for row in self.at_cut_off)

    def flow(self, name: str) -> int | None:
        return total(row[name] for row in self.since_start)

    def _balance(self, without: Collection[str] = ()) -> int | None:
        won = [self.flow(name) for name in INCREASES if name not in without]
        lost = [self.flow(name) for name in DECREASES if name not in without]
        if all(figure is None for figure in won + lost):
            return None
        return (total(won) or 0) - (total(lost) or 0)

    @property
    def net_increase(self) -> int | None:
        """Thực tăng: members won less members lost; an adjustment is no growth."""
        return self._balance()

    @property
    def net_increase_without_reorganisation(self) -> int | None:
        return self._balance(without=REORGANISATION)

    @property
    def left(self) -> int | None:
        return total(self.flow(name) for name in LEFT)

    @property
    def coverage(self) -> Coverage:
        names = ("due", "accepted", "submitted", "outside", "carried", "suspended")
        due, accepted, submitted, outside, carried, suspended = (
            self.stock(name) or 0 for name in names
        )
        return Coverage(due, accepted, submitted, carried, outside - carried, suspended)


NOTHING = Sums([], [])


class Measures:
    """What was read; a sum over sectors is made when it is asked for."""

    def __init__(self, asked: Asked, rows: Iterable[Row]) -> None:
        self._quarters = sorted(asked.at, key=lambda quarter: quarter.cut_off_on)
        self._rows: dict[tuple[int, int], list[Row]] = defaultdict(list)
        for row in rows:
            self._rows[row["unit"], row["cut_off"]].append(row)

    def of(
        self, unit: Unit, sectors: Collection[str], quarter: Quarter | None, *, since: date
    ) -> Sums:
        """The figures at the cut-off of one of the quarters asked for; flows since a day that is
        not before the one asked for, and before which one of those quarters ends if it is later."""
        if quarter is None:
            return NOTHING
        so_far = [
            row
            for earlier in self._quarters
            if since <= earlier.cut_off_on <= quarter.cut_off_on
            for row in self._within(unit, sectors, earlier)
        ]
        return Sums(self._within(unit, sectors, quarter), so_far)

    def _within(self, unit: Unit, sectors: Collection[str], quarter: Quarter) -> list[Row]:
        return [
            row for row in self._rows.get((unit.pk, quarter.pk), ()) if row["sector"] in sectors
        ]


def measure(asked: Asked) -> Measures:
    """Two statements, whatever the number and kind of the units."""
    if not asked.units or not asked.at:
        return Measures(asked, [])
    rows = [*_summed(asked, TOTALS, [asked.structure]), *_summed(asked, *_reports(asked.structure))]
    return Measures(asked, rows)


def total(figures: Iterable[int | None]) -> int | None:
    """Blank is not zero: nothing stated is not known."""
    stated = [figure for figure in figures if figure is not None]
    return sum(stated) if stated else None


# Written as SQL: put together by the ORM, these sums take longer to say than to add up.

COLUMNS = ("sector", "status", *SUMMED)
TOTALS = (
    f"SELECT unit_id, quarter_id, sector_id AS total_sector, status AS total_status, "  # noqa: S608
    f"{', '.join(f'{name} AS total_{name}' for name in SUMMED)} "
    f"FROM members_quartertotal WHERE structure = %s"
)


@cache
def _reports(structure: str) -> tuple[str, Sequence[Any]]:
    """Reports in the same columns, each of its own unit and no longer of its superior."""
    names = ("unit_id", "quarter_id", *(f"total_{name}" for name in COLUMNS))
    rows = QuarterlyReport.objects.as_totals(structure).values_list(*names)
    return rows.query.sql_with_params()


@cache
def _sums(basis: str) -> dict[str, str]:
    """What each figure is the sum of, quarter by quarter of a span that ends with a cut-off."""
    statuses = ", ".join(f"'{status.value}'" for status in STATUSES_OF_BASIS[Basis(basis)])
    inside = f"total_status IN ({statuses})"
    at_end = "quarter_id = cut_off"
    sums = {
        "due": f"WHEN {at_end} THEN total_reports",
        "accepted": f"WHEN {at_end} AND total_status = 'accepted' THEN total_reports",
        "submitted": f"WHEN {at_end} AND total_status = 'submitted' THEN total_reports",
        "suspended": f"WHEN {at_end} THEN total_suspended",
        "outside": f"WHEN {at_end} AND NOT {inside} THEN total_reports",
        "carried": f"WHEN {at_end} AND NOT {inside} THEN total_carried",
        "opening_members": f"WHEN {at_end} AND {inside} THEN total_opening_members",
    }
    for name in STOCKS:
        sums[name] = (
            f"WHEN {at_end} AND {inside} THEN total_{name} WHEN {at_end} THEN total_carried_{name}"
        )
    for name in SUMMED_FLOWS:
        sums[name] = (
            f"WHEN {inside} THEN total_{name} WHEN total_carried > 0 OR total_suspended > 0 THEN 0"
        )
    return {name: f"CAST(SUM(CASE {cases} END) AS bigint)" for name, cases in sums.items()}


def _summed(asked: Asked, source: str, params: Sequence[Any]) -> Iterator[Row]:
    """Sums by unit, sector and the cut-off up to which a quarter counts."""
    sums, spans = _sums(asked.basis), _spans(asked)
    units = [unit.pk for unit in asked.units]
    statement = (  # every name in it is one of ours
        f"WITH spans(span_quarter, cut_off) AS (VALUES {', '.join(['(%s, %s)'] * len(spans))}) "  # noqa: S608
        f"SELECT unit_id, cut_off, total_sector, {', '.join(sums.values())} "
        f"FROM ({source}) AS stated JOIN spans ON span_quarter = quarter_id "
        f"WHERE unit_id IN ({', '.join(['%s'] * len(units))}) "
        f"GROUP BY unit_id, cut_off, total_sector"
    )
    names = ("unit", "cut_off", "sector", *sums)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*chain(*spans), *params, *units])
        yield from (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _spans(asked: Asked) -> list[tuple[int, int]]:
    """Each quarter to be summed, with the quarter asked for up to whose cut-off it counts."""
    ends = sorted(asked.at, key=lambda quarter: quarter.cut_off_on)
    spans = [(end.pk, end.pk) for end in ends]
    for quarter in asked.quarters:
        end = next((end for end in ends if end.cut_off_on >= quarter.cut_off_on), None)
        if end is not None and end != quarter and quarter.cut_off_on >= asked.since:
            spans.append((quarter.pk, end.pk))
    return spans
