"""What a report starts from, and what stands in for it while it is outside the basis.

Both follow from the unit's earlier reports (SEMANTICS section 2): the *opening* is the closing of
the latest earlier report that is sent; the *carried stock* that of the latest earlier report that
is accepted. They are kept on the report, so the first report of a stretch says all that is to be
known of those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from members.models import Quarter, QuarterlyReport, Status


@dataclass(frozen=True)
class Carry:
    """What the reports so far leave to the next one."""

    workers: int | None = None
    members: int | None = None
    accepted_in: int | None = None  # id of the quarter
    closing: int | None = None
    sent_in: int | None = None  # id of the quarter
    is_new_unit: bool = False
    not_sent_since: date | None = None  # first day of a new unit's first quarter

    @classmethod
    def into(cls, report: QuarterlyReport) -> Carry:
        return cls(
            workers=report.carried_workers,
            members=report.carried_members,
            accepted_in=report.carried_from_id,
            closing=report.expected_opening,
            sent_in=report.opening_from_id,
            is_new_unit=report.is_new_unit,
            not_sent_since=report.covers_from if report.is_new_unit else None,
        )

    def beyond(self, report: QuarterlyReport) -> Carry:
        """What is left behind this report."""
        sent, accepted = report.is_sent, report.status == Status.ACCEPTED
        return Carry(
            workers=report.workers if accepted else self.workers,
            members=report.members if accepted else self.members,
            accepted_in=report.quarter_id if accepted else self.accepted_in,
            closing=report.members if sent else self.closing,
            sent_in=report.quarter_id if sent else self.sent_in,
            is_new_unit=report.is_new_unit and not sent,
            not_sent_since=report.covers_from if report.is_new_unit else None,
        )

    def apply_to(self, report: QuarterlyReport, quarters: Mapping[int, Quarter]) -> None:
        """Make the report start from here. An accepted report keeps the opening it states."""
        derived_before = report.opening_from_id is not None or report.is_new_unit
        report.carried_workers, report.carried_members = self.workers, self.members
        report.carried_from_id = self.accepted_in
        report.expected_opening, report.opening_from_id = self.closing, self.sent_in
        report.is_new_unit = self.is_new_unit
        if self.is_new_unit:
            report.expected_opening = 0
        if report.status == Status.ACCEPTED:
            return
        if report.expected_opening is not None:
            report.opening_members = report.expected_opening
        elif derived_before and report.is_editable:
            report.opening_members = None
        report.covers_from = self.starts_on(quarters[report.quarter_id], quarters)

    def starts_on(self, quarter: Quarter, quarters: Mapping[int, Quarter]) -> date:
        """The first day the flows cover: quarters never sent in between are included."""
        if self.sent_in is not None:
            return quarters[self.sent_in].cut_off_on + timedelta(days=1)
        return self.not_sent_since or quarter.starts_on


def carry_through(
    reports: Iterable[QuarterlyReport],
    quarters: Mapping[int, Quarter],
    carry: Carry | None = None,
) -> None:
    """Let one unit's reports, in order of time, follow from ``carry``; without it, from what the
    first of them already says of those before it."""
    for report in reports:
        if carry is not None:
            carry.apply_to(report, quarters)
        carry = (carry or Carry.into(report)).beyond(report)
