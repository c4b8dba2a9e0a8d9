"""The quarters of a plan, or of one year of it, seen from one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from members.models import Quarter
from members.models.quarters import quarters_of_span
from targets.models import Plan
from targets.progress import Span


@dataclass(frozen=True)
class Stretch:
    """The time over which a line runs: the whole plan, or of what recurs every year one year."""

    starts_on: date
    ends_on: date
    read_until: date  # a plan that ended early is read no further
    asked: Quarter
    existing: tuple[Quarter, ...]  # all that were ever opened
    quarters: tuple[Quarter, ...]  # those within, opened or still to come

    @cached_property
    def base(self) -> Quarter | None:
        """The last quarter before."""
        before = [quarter for quarter in self.existing if quarter.cut_off_on < self.starts_on]
        return before[-1] if before else None

    @cached_property
    def first(self) -> Quarter | None:
        """The first quarter within that was ever opened."""
        return next((quarter for quarter in self.quarters if quarter.pk), None)

    @cached_property
    def so_far(self) -> list[Quarter]:
        """The quarters within that exist, up to the one asked."""
        asked = self.asked.cut_off_on
        return [q for q in self.quarters if q.pk and q.cut_off_on <= asked]

    def shown(self, due_on: date | None = None) -> Quarter | None:
        """Where a line is read: at the quarter asked; asked later, at the last of its span."""
        if self.asked.cut_off_on < self.starts_on:
            return self.asked
        last_day = min(self.read_until, due_on or self.ends_on)
        return next((q for q in reversed(self.so_far) if q.cut_off_on <= last_day), None)

    def span(self, due_on: date | None = None) -> Span:
        cut_offs = (quarter.cut_off_on for quarter in self.quarters)
        return Span.of(self.starts_on, self.ends_on, cut_offs, due_on=due_on)

    @property
    def seen_on(self) -> date:
        """The day from which a line is judged. One that ended early was not missed by that: it is
        judged as it stood then."""
        asked = self.asked.cut_off_on
        return min(asked, self.read_until) if self.read_until < self.ends_on else asked

    def counted(self, span: Span) -> int:
        """Quarters of a span so far since the product is used; before it nothing was counted."""
        if self.first is None:
            return 0
        first = self.first.cut_off_on
        return sum(first <= cut_off <= self.seen_on for cut_off in span.cut_offs)

    def not_counted(self, span: Span) -> int:
        """Quarters of a span that were over before the product was used."""
        if self.first is None:
            return span.quarters
        return sum(cut_off < self.first.cut_off_on for cut_off in span.cut_offs)

    @property
    def is_of_one_year(self) -> bool:
        return (self.ends_on - self.starts_on).days <= 366

    def label(self, quarter: Quarter) -> str:
        return quarter.short_name if self.is_of_one_year else str(quarter)


class Timeline:
    """A plan's quarters, those that exist and those still to come, up to the last due day; three
    statements."""

    def __init__(self, plan: Plan, asked: Quarter, *, last_due_on: date | None = None) -> None:
        self.plan, self.asked = plan, asked
        self.existing = tuple(Quarter.objects.by_time())
        last_day = max(plan.ends_on, last_due_on or plan.ends_on)
        self.quarters = tuple(quarters_of_span(plan.starts_on, last_day))

    @cached_property
    def whole(self) -> Stretch:
        plan = self.plan
        return Stretch(
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            read_until=plan.last_day,
            asked=self.asked,
            existing=self.existing,
            quarters=self.quarters,
        )

    @cached_property
    def year(self) -> Stretch:
        """The year of the quarter asked; asked before the plan its first, later its last."""
        plan, year = self.plan, self._year
        quarters = tuple(q for q in self.quarters if q.year == year)
        if not quarters:
            return self.whole
        return Stretch(
            starts_on=max(plan.starts_on, quarters[0].starts_on),
            ends_on=min(plan.ends_on, max(quarters[-1].cut_off_on, quarters[0].starts_on)),
            read_until=plan.last_day,
            asked=self.asked,
            existing=self.existing,
            quarters=quarters,
        )

    @property
    def _year(self) -> int:
        last_day = min(self.asked.cut_off_on, self.plan.last_day)
        so_far = [q.year for q in self.quarters if q.cut_off_on <= last_day]
        ahead = [q.year for q in self.quarters] or [self.asked.year]
        return so_far[-1] if so_far else ahead[0]

    def stretch(self, *, is_recurring: bool) -> Stretch:
        return self.year if is_recurring else self.whole
