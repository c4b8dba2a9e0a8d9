"""The only writer of :class:`QuarterTotal`.

A total is never corrected by a difference; it is summed again from the reports and the totals one
level below, one ``INSERT … SELECT … GROUP BY`` a level, under the lock of the root.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet

from members.carry import Carry, carry_through
from members.models import Quarter, QuarterlyReport, QuarterTotal, Structure, Unit
from members.models.totals import SUMMED
from unionplan.lib.paths import ids_on

Chain = tuple[int, ...]  # ids of superiors, root first
KEY = ("owner", "sector", "status")
COLUMNS = [f"total_{name}" for name in (*KEY, *SUMMED)]

# The superior's own superior: today's, or the one it had at the cut-off (else its first).
PARENT_NOW = "SELECT u.parent_id FROM members_unit u WHERE u.id = total_owner"
PARENT_THEN = """
    SELECT p.parent_id FROM members_placement p WHERE p.unit_id = total_owner
    ORDER BY CASE WHEN p.valid_from <= %s THEN 0 ELSE 1 END,
             CASE WHEN p.valid_from <= %s THEN p.valid_from END DESC, p.valid_from
    LIMIT 1"""


def chain_of(report: QuarterlyReport, structure: str) -> Chain:
    """The superiors of a report, stamped or today's (``report.unit`` should be at hand)."""
    path = report.unit.path if structure == Structure.CURRENT else report.path
    return tuple(ids_on(path)[:-1])


def resum(quarter: Quarter, structure: str, chains: Iterable[Chain]) -> None:
    """Sum again every superior on these chains, from the bottom up."""
    levels: dict[int, set[int]] = defaultdict(set)
    for chain in chains:
        for depth, unit in enumerate(chain):
            levels[depth].add(unit)
    for depth in sorted(levels, reverse=True):
        _resum_level(quarter, structure, sorted(levels[depth]))


def _resum_level(quarter: Quarter, structure: str, units: list[int]) -> None:
    QuarterTotal.objects.filter(quarter=quarter, structure=structure, unit__in=units).delete()
    statement, params = _statement(quarter.pk, structure)
    day = connection.ops.adapt_datefield_value(quarter.cut_off_on)
    days = [day, day] if structure == Structure.REPORTED else []
    places = ", ".join(["%s"] * len(units))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(units=places), [*days, *params, *units])


@lru_cache(maxsize=100)
def _statement(quarter: int, structure: str) -> tuple[str, list[Any]]:
    """The statement that sums reports and lower totals into their owners; compiling its many
    columns costs more than running it, so it is kept. The owners are chosen outside the parts:
    both databases carry that condition into them, onto their indexes."""
    lower = QuarterTotal.objects.filter(quarter=quarter, structure=structure).order_by()
    parts = (
        QuarterlyReport.objects.filter(quarter=quarter).as_totals(structure),
        lower.values(
            total_owner=F("parent_id"),
            total_sector=F("sector_id"),
            total_status=F("status"),
            **{f"total_{name}": F(name) for name in SUMMED},
        ),
    )
    sql, params = zip(
        *(part.values_list(*COLUMNS).query.sql_with_params() for part in parts), strict=True
    )
    parent = PARENT_THEN if structure == Structure.REPORTED else PARENT_NOW
    sums = ", ".join(f"SUM(total_{name})" for name in SUMMED)
    statement = (  # every name in it is one of ours
        f"INSERT INTO members_quartertotal "  # noqa: S608
        f"(structure, quarter_id, parent_id, unit_id, sector_id, status, {', '.join(SUMMED)}) "
        f"SELECT '{structure}', {quarter:d}, ({parent}), "
        f"total_owner, total_sector, total_status, {sums} "
        f"FROM ({sql[0]} UNION ALL {sql[1]}) AS parts WHERE total_owner IN ({{units}}) "
        f"GROUP BY total_owner, total_sector, total_status"
    )
    return statement, [*params[0], *params[1]]


def resum_quarter(quarter: Quarter) -> None:
    """Make all totals of a quarter again."""
    QuarterTotal.objects.filter(quarter=quarter).delete()
    reports = QuarterlyReport.objects.of(quarter).order_by()
    for structure, path in ((Structure.REPORTED, "path"), (Structure.CURRENT, "unit__path")):
        paths = reports.values_list(path, flat=True).iterator()
        resum(quarter, structure, {tuple(ids_on(path)[:-1]) for path in paths})


def rebuild(quarters: Iterable[Quarter] | None = None) -> None:
    """Let carried stock follow the reports, and make every total again, a quarter at a time."""
    _carry_again()
    for quarter in Quarter.objects.by_time() if quarters is None else quarters:
        with transaction.atomic():
            Unit.lock_roots()
            resum_quarter(quarter)


@transaction.atomic
def _carry_again() -> None:
    """Of units where it went astray; only their reports are locked."""
    units = {report.unit_id for report, _stored, _due in _astray(QuarterlyReport.objects.all())}
    reports = QuarterlyReport.objects.filter(unit__in=units).select_for_update(of=("self",))
    QuarterlyReport.objects.bulk_update(
        [report for report, _stored, _due in _astray(reports)],
        [name.removesuffix("_id") for name in CARRIED_FIELDS],
        batch_size=500,
    )


def differences(quarters: Iterable[Quarter] | None = None) -> Iterator[str]:
    """Where stored sums or carried stock are not what the reports say; nothing when all is well.

    Goes another way than the writer: every report is added to each of its superiors in Python.
    """
    for quarter in Quarter.objects.by_time() if quarters is None else quarters:
        for structure in Structure.values:
            expected, stored = _summed(quarter, structure), _stored(quarter, structure)
            for key in sorted(expected.keys() | stored.keys(), key=str):
                if expected.get(key) != stored.get(key):
                    found, due = stored.get(key), expected.get(key)
                    yield f"{quarter.code} {structure} {key}: {found} ≠ {due}"
    yield from _uncarried()


def _summed(quarter: Quarter, structure: str) -> dict[Any, list[int | None]]:
    path = "unit__path" if structure == Structure.CURRENT else "path"
    rows = QuarterlyReport.objects.of(quarter).as_totals(structure).values_list(*COLUMNS, path)
    sums: dict[Any, list[int | None]] = {}
    for _, sector, status, *figures, path in rows.iterator():
        for owner in ids_on(path)[:-1]:
            row = sums.setdefault((owner, sector, status), [None] * len(figures))
            for i, figure in enumerate(figures):
                if figure is not None:
                    row[i] = (row[i] or 0) + figure
    return sums


def _stored(quarter: Quarter, structure: str) -> dict[Any, list[int | None]]:
    totals = QuarterTotal.objects.filter(quarter=quarter, structure=structure)
    rows = totals.values_list("unit_id", "sector_id", "status", *SUMMED)
    return {(unit, sector, status): figures for unit, sector, status, *figures in rows}


CARRIED_FIELDS = (
    "carried_workers",
    "carried_members",
    "carried_from_id",
    "expected_opening",
    "opening_from_id",
    "opening_members",
)


Astray = tuple[QuarterlyReport, list[Any], list[Any]]


def _uncarried() -> Iterator[str]:
    for report, stored, due in _astray(QuarterlyReport.objects.select_related("quarter")):
        yield f"{report.quarter.code} {report.name}: {stored} ≠ {due}"


def _astray(reports: QuerySet[QuarterlyReport]) -> Iterator[Astray]:
    """Reports that do not start from what the earlier ones leave to them, unit by unit: as it
    should be, with what was stored and what is due."""
    quarters = {quarter.pk: quarter for quarter in Quarter.objects.all()}
    in_order = reports.order_by("unit_id", "quarter__cut_off_on").iterator()
    for _unit, stretch in groupby(in_order, key=attrgetter("unit_id")):
        yield from _follow(list(stretch), quarters)


def _follow(stretch: list[QuarterlyReport], quarters: dict[int, Quarter]) -> Iterator[Astray]:
    before = [[getattr(report, name) for name in CARRIED_FIELDS] for report in stretch]
    first = stretch[0]
    is_new = first.is_new_unit
    start = Carry(is_new_unit=is_new, not_sent_since=first.covers_from if is_new else None)
    carry_through(stretch, quarters, start)
    for report, stored in zip(stretch, before, strict=True):
        due = [getattr(report, name) for name in CARRIED_FIELDS]
        if stored != due:
            yield report, stored, due
