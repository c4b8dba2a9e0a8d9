"""What the checks of a report need to know of it, read in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import islice

from members.access import REPORTING_ROLES
from members.checks import Figures, Situation
from members.models import Assignment, Attachment, Quarter, QuarterlyReport

AT_ONCE = 5000  # units in one statement; SQLite takes some 32.000 parameters
NAMES = [field.name for field in fields(Figures)]


def figures_of(report: QuarterlyReport) -> Figures:
    return Figures(**{name: getattr(report, name) for name in NAMES})


def situation_of(report: QuarterlyReport) -> Situation:
    return situations_of([report])[report.pk]


def situations_of(reports: Iterable[QuarterlyReport]) -> dict[int, Situation]:
    """By id of the report, in a fixed number of statements. Reports come with ``unit`` and
    ``quarter``."""
    everything = iter(reports)
    quarters = list(Quarter.objects.by_time())
    found: dict[int, Situation] = {}
    while some := list(islice(everything, AT_ONCE)):
        found |= _situations(some, quarters)
    return found


def _situations(
    reports: Sequence[QuarterlyReport], quarters: Sequence[Quarter]
) -> dict[int, Situation]:
    by_id = {quarter.pk: quarter for quarter in quarters}
    previous = previous_of(reports)
    waiting = _waiting(reports)
    chairs = _chairs(reports)
    with_files = _with_attachment(reports)
    situations = {}
    for report in reports:
        before = previous.get(report.pk)
        skipped = _skipped(report, quarters)
        earlier = [by_id[pk] for pk in waiting.get(report.unit_id, ())]
        earlier = [q for q in earlier if q.cut_off_on < report.quarter.cut_off_on]
        situations[report.pk] = Situation(
            previous=figures_of(before) if before else None,
            previous_quarter=quarter_beside(by_id[before.quarter_id], report) if before else "",
            is_first=before is None,
            is_new_unit=report.is_new_unit,
            opening_is_typed=report.expected_opening is None,
            is_occupational=report.unit.is_occupational,
            has_attachment=report.pk in with_files,
            is_on_behalf=report.is_sent
            and (
                report.received_on is not None
                or (report.submitted_by_id, report.unit_id) not in chairs
            ),
            skipped_quarter=", ".join(quarter_beside(q, report) for q in skipped),
            waiting_quarter=", ".join(quarter_beside(q, report) for q in earlier),
        )
    return situations


def previous_of(reports: Sequence[QuarterlyReport]) -> dict[int, QuarterlyReport]:
    """The last report of the unit that was sent before each of these."""
    earlier = QuarterlyReport.objects.filter(
        unit__in={report.unit_id for report in reports},
        quarter__in={report.opening_from_id for report in reports} - {None},
    )
    by_place: dict[tuple[int, int | None], QuarterlyReport] = {
        (report.unit_id, report.quarter_id): report for report in earlier
    }
    return {
        report.pk: by_place[report.unit_id, report.opening_from_id]
        for report in reports
        if (report.unit_id, report.opening_from_id) in by_place
    }


def quarter_beside(quarter: Quarter, report: QuarterlyReport) -> str:
    """«Quý II», and with its year where that is another one."""
    same_year = quarter.year == report.quarter.year
    return quarter.short_name if same_year else str(quarter)


def _skipped(report: QuarterlyReport, quarters: Iterable[Quarter]) -> list[Quarter]:
    """The quarters whose changes this report tells too, for they were never sent."""
    starts_on = report.quarter.starts_on
    return [q for q in quarters if report.covers_from <= q.cut_off_on < starts_on]


def _waiting(reports: Iterable[QuarterlyReport]) -> dict[int, list[int]]:
    units = {report.unit_id for report in reports}
    found: dict[int, list[int]] = {}
    waiting = QuarterlyReport.objects.waiting().filter(unit__in=units).by_time()
    for unit, quarter in waiting.values_list("unit_id", "quarter_id"):
        found.setdefault(unit, []).append(quarter)
    return found


def _chairs(reports: Iterable[QuarterlyReport]) -> set[tuple[int | None, int]]:
    """Who sends or sent for which unit as its own: that was not on behalf."""
    units = {report.unit_id for report in reports}
    held = Assignment.objects.filter(role__in=REPORTING_ROLES, unit__in=units)
    return set(held.values_list("user_id", "unit_id"))


def _with_attachment(reports: Iterable[QuarterlyReport]) -> set[int]:
    files = Attachment.objects.filter(report__in=[report.pk for report in reports])
    return set(files.values_list("report_id", flat=True))
