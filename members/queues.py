"""What a reviewer has before them: who is where, what agrees, and what wants their eyes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext as _

from members.checks import Figures, Finding, Situation, arithmetic, check, concerns
from members.models import QuarterlyReport, Status
from members.models.reports import TYPED
from members.situations import figures_of, situation_of, situations_of

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

# The order of the boxes: what waits for a reviewer first.
BOXES = (Status.SUBMITTED, Status.RETURNED, Status.ACCEPTED, Status.DRAFT, Status.DUE)
ALWAYS_COMPARED = ("workers", "members", "admitted", "left_job")


@dataclass(frozen=True)
class Item:
    """A report in the queue, and why it wants a close look (nothing: figures agree)."""

    report: QuarterlyReport
    situation: Situation
    concerns: list[str]

    @property
    def workers_before(self) -> int | None:
        return self.situation.previous.workers if self.situation.previous else None

    @property
    def people(self) -> int:
        """How many people the oddity is about: the change × the weight of the unit."""
        report, before = self.report, self.situation.previous or Figures()
        members, workers = report.members or 0, report.workers or 0
        return max(
            abs(workers - (before.workers or 0)),
            abs(members - (before.members or 0)),
            members - workers,
            abs(report.adjustment or 0),
        )


@dataclass(frozen=True)
class Queue:
    clean: list[Item]  # by name
    careful: list[Item]  # by what most needs eyes

    def after(self, report: QuarterlyReport, was: Sequence[int] = ()) -> QuarterlyReport | None:
        """The report to look at next: the one behind this, else the first. ``was`` is the careful
        group as it stood before this report left it."""
        left = {item.report.pk: item.report for item in self.careful if item.report != report}
        order = list(was) or [item.report.pk for item in self.careful]
        place = order.index(report.pk) if report.pk in order else -1
        following = [pk for pk in (*order[place + 1 :], *order[: place + 1]) if pk in left]
        return left[following[0]] if following else next(iter(left.values()), None)


@dataclass(frozen=True)
class Sums:
    """What a bulk acceptance adds up to."""

    reports: int
    workers: int
    members: int
    admitted: int
    left: int


@dataclass(frozen=True)
class Correction:
    """An accepted report whose opening is no longer the closing before it (đính chính)."""

    report: QuarterlyReport
    expected: int
    stated: int

    @property
    def difference(self) -> int:
        return self.expected - self.stated


@dataclass(frozen=True)
class Compared:
    """One figure beside that of the last report sent."""

    name: str
    label: str
    before: int | None
    now: int | None

    @property
    def change(self) -> int | None:
        return None if self.before is None or self.now is None else self.now - self.before

    @property
    def percent(self) -> Fraction | None:
        """Of stocks alone: a flow of 4 after one of 2 has not doubled anything."""
        if self.name not in ("workers", "members") or not self.before or not self.change:
            return None
        return Fraction(self.change * 100, self.before)


def counts_of(reports: QuarterlyReportQuerySet) -> dict[str, int]:
    """Reports by status; every status is there, so the boxes add up."""
    found = dict(reports.order_by().values_list("status").annotate(Count("pk")))
    return {status: found.get(status, 0) for status in BOXES}


def items_of(reports: QuarterlyReportQuerySet | Sequence[QuarterlyReport]) -> list[Item]:
    """Reports, read with ``unit`` and ``quarter``, with what is odd about each."""
    rows = list(reports)
    situations = situations_of(rows)
    return [
        Item(report, situations[report.pk], concerns(figures_of(report), situations[report.pk]))
        for report in rows
    ]


def queue_of(reports: QuarterlyReportQuerySet) -> Queue:
    """The reports waiting among these, in a fixed number of statements."""
    waiting = reports.waiting().select_related("unit", "quarter").by_name()
    items = items_of(waiting)
    careful = [item for item in items if item.concerns]
    return Queue(
        clean=[item for item in items if not item.concerns],
        careful=sorted(careful, key=lambda item: (item.report.is_balanced, -item.people)),
    )


def sums_of(reports: Sequence[QuarterlyReport]) -> Sums:
    return Sums(
        reports=len(reports),
        workers=sum(report.workers or 0 for report in reports),
        members=sum(report.members or 0 for report in reports),
        admitted=sum(report.admitted or 0 for report in reports),
        left=sum(report.left for report in reports),
    )


def corrections_in(reports: QuarterlyReportQuerySet) -> list[Correction]:
    found = reports.with_corrections().select_related("unit", "quarter").by_name()
    return [
        Correction(report, report.expected_opening or 0, report.opening_members or 0)
        for report in found
    ]


# --- one report ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """One report as its reviewer reads it."""

    situation: Situation
    findings: list[Finding]
    concerns: list[str]
    rows: list[Compared]
    correction: Correction | None
    reason: str  # to return it with, where we know it already

    @classmethod
    def of(cls, report: QuarterlyReport) -> Checked:
        situation, figures = situation_of(report), figures_of(report)
        findings = check(figures, situation)
        short = {finding.short for finding in findings}
        is_corrected = (
            report.status == Status.ACCEPTED
            and report.expected_opening is not None
            and report.expected_opening != report.opening_members
        )
        return cls(
            situation=situation,
            findings=[found for found in findings if found.code != "opening_differs"],
            concerns=[words for words in concerns(figures, situation) if words not in short],
            rows=_compared(report, situation.previous or Figures()),
            correction=Correction(report, report.expected_opening or 0, report.opening_members or 0)
            if is_corrected
            else None,
            reason=_known_reason(report, figures, situation),
        )

    @property
    def density_before(self) -> Fraction | None:
        before = self.situation.previous
        return _density(before.members, before.workers) if before else None

    @property
    def density(self) -> Fraction | None:
        now = {row.name: row.now for row in self.rows}
        return _density(now["members"], now["workers"])


def _density(members: int | None, workers: int | None) -> Fraction | None:
    return None if members is None or not workers else Fraction(members * 100, workers)


def _compared(report: QuarterlyReport, before: Figures) -> list[Compared]:
    labels = {"workers": _("Workers"), "members": _("Members")}
    rows = [
        Compared(
            name, labels.get(name) or label_of(name), getattr(before, name), getattr(report, name)
        )
        for name in (*TYPED, "event_in", "event_out")
    ]
    return [row for row in rows if row.name in ALWAYS_COMPARED or row.before or row.now]


def label_of(name: str) -> str:
    """What a figure is called where it stands alone."""
    if name == "women_workers":
        return _("Women workers")
    if name == "women_members":
        return _("Women members")
    return str(getattr(QuarterlyReport._meta.get_field(name), "verbose_name", name))


def _known_reason(report: QuarterlyReport, figures: Figures, situation: Situation) -> str:
    """Where the opening followed an earlier report and closing no longer agrees."""
    if report.status != Status.SUBMITTED or report.is_balanced or report.opening_from is None:
        return ""
    return _(
        "The opening followed the report of %(quarter)s: %(arithmetic)s, but the report says"
        " %(members)s. Please mend the changes or the number at the end."
    ) % {
        "quarter": situation.previous_quarter,
        "arithmetic": arithmetic(figures, situation),
        "members": report.members,
    }
