"""The reporting periods as their page shows them, and the calendar that proposes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Sum
from django.utils.translation import gettext_noop

from members.access import Role
from members.history import Line
from members.history import lines as written
from members.models import (
    Assignment,
    Calendar,
    HistoryEntry,
    HistoryKind,
    Quarter,
    QuarterlyReport,
    QuarterTotal,
    Status,
    Structure,
    Suspension,
    TotalStatus,
    Unit,
    User,
)
from members.models.history import changes_between, record
from members.models.quarters import Dates
from members.models.reports import NOT_SENT

CALENDAR = ("kind", "own_cut_offs", "due_days", "upper_due_days", "federation_due_days")


@dataclass(frozen=True)
class QuarterLine:
    quarter: Quarter
    reports: int
    submitted: int
    accepted: int
    history: list[Line]

    @property
    def outstanding(self) -> int:
        return self.reports - self.submitted - self.accepted


@dataclass(frozen=True)
class Preview:
    """Who would have to report if a quarter with this cut-off were opened."""

    reporting: int
    suspended: int
    without_account: int


@dataclass(frozen=True)
class Closing:
    """What is open in a quarter that somebody wants to close."""

    waiting: int
    outstanding: int
    carried_from: Quarter | None


def lines() -> list[QuarterLine]:
    """Every quarter, the newest first, with its counts and history: three statements in all."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    roots = QuarterTotal.objects.in_structure(Structure.REPORTED).filter(parent=None)
    for quarter, status, reports in roots.values_list("quarter", "status").annotate(Sum("reports")):
        counts[quarter][status] = reports
    history: dict[int, list[HistoryEntry]] = defaultdict(list)
    changes = HistoryEntry.objects.filter(kind=HistoryKind.QUARTER).exclude(quarter=None)
    for change in changes.select_related("by").newest_first():
        history[change.quarter_id or 0].append(change)
    return [
        QuarterLine(
            quarter,
            reports=sum(counts[quarter.pk].values()),
            submitted=counts[quarter.pk].get(TotalStatus.SUBMITTED, 0),
            accepted=counts[quarter.pk].get(TotalStatus.ACCEPTED, 0),
            history=written(history[quarter.pk]),
        )
        for quarter in Quarter.objects.order_by("-cut_off_on")
    ]


def next_dates(on: date) -> Dates:
    """The quarter after the last one, or, for the very first, the last to have ended by then."""
    calendar, last = Calendar.current(), Quarter.objects.latest_one()
    if last is None:
        numbers = [(y, n) for y in (on.year - 1, on.year) for n in (1, 2, 3, 4)]
        ended = [dates for dates in (calendar.dates(*n) for n in numbers) if dates.cut_off_on < on]
        return ended[-1]
    year, number = (last.year + 1, 1) if last.number == 4 else (last.year, last.number + 1)
    proposed = calendar.dates(year, number)
    return replace(proposed, starts_on=last.cut_off_on + timedelta(days=1))


def dates_of_year(year: int) -> list[Quarter]:
    """The four quarters of a year as the saved calendar proposes them; none is stored."""
    calendar = Calendar.current()
    return [Quarter(**vars(calendar.dates(year, number))) for number in (1, 2, 3, 4)]


def preview(cut_off_on: date, *, on: date) -> Preview:
    units = Unit.objects.reporting().active(cut_off_on)
    chairs = Assignment.objects.on(on).filter(
        unit=OuterRef("pk"), role=Role.CHAIR, user__is_active=True
    )
    suspended = Suspension.objects.on(cut_off_on).filter(unit=OuterRef("pk"))
    owing = units.filter(~Exists(suspended))
    return Preview(
        reporting=owing.count(),
        suspended=units.filter(Exists(suspended)).count(),
        without_account=owing.filter(~Exists(chairs)).count(),
    )


def closing(quarter: Quarter) -> Closing:
    reports = QuarterlyReport.objects.of(quarter).owed()
    return Closing(
        waiting=reports.filter(status=Status.SUBMITTED).count(),
        outstanding=reports.filter(status__in=NOT_SENT).count(),
        carried_from=Quarter.objects.before(quarter).latest_one(),
    )


@transaction.atomic
def change_calendar(facts: Mapping[str, Any], *, by: User) -> Calendar:
    """Other dates for the quarters to come; those that exist keep theirs."""
    calendar = Calendar.current()
    before = {name: getattr(calendar, name) for name in CALENDAR}
    changes = changes_between(before, {name: facts[name] for name in CALENDAR})
    for name in CALENDAR:
        setattr(calendar, name, facts[name])
    calendar.save()
    root = Unit.objects.roots().order_by("pk").first()
    if changes and root is not None:
        record(
            HistoryKind.QUARTER,
            gettext_noop("changed the calendar"),
            by=by,
            unit=root,
            subject=str(calendar),
            changes=changes,
        )
    return calendar
