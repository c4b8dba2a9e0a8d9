"""The quarters of a plan, seen from one of them."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from members.models import Quarter
from members.models.quarters import quarters_of_span
from targets.models import Plan
from targets.progress import Span


class Timeline:
    """Quarters that exist and those still to come, up to the last due day; three statements."""

    def __init__(self, plan: Plan, asked: Quarter, *, last_due_on: date | None = None) -> None:
        self.plan, self.asked = plan, asked
        self.existing = list(Quarter.objects.by_time())
        last_day = max(plan.ends_on, last_due_on or plan.ends_on)
        self.quarters = quarters_of_span(plan.starts_on, last_day)

    @cached_property
    def base(self) -> Quarter | None:
        """The last quarter before the plan."""
        starts_on = self.plan.starts_on
        before = [quarter for quarter in self.existing if quarter.cut_off_on < starts_on]
        return before[-1] if before else None

    @cached_property
    def first(self) -> Quarter | None:
        """The first quarter of the plan that was ever opened."""
        return next((quarter for quarter in self.quarters if quarter.pk), None)

    @cached_property
    def so_far(self) -> list[Quarter]:
        """The plan's quarters that exist, up to the one asked."""
        asked = self.asked.cut_off_on
        return [q for q in self.quarters if q.pk and q.cut_off_on <= asked]

    def shown(self, due_on: date | None = None) -> Quarter | None:
        """Where a line is read: at the quarter asked; asked later, at the last of its span."""
        if self.asked.cut_off_on < self.plan.starts_on:
            return self.asked
        last_day = due_on or self.plan.ends_on
        return next((q for q in reversed(self.so_far) if q.cut_off_on <= last_day), None)

    def span(self, due_on: date | None = None) -> Span:
        cut_offs = (quarter.cut_off_on for quarter in self.quarters)
        return Span.of(self.plan.starts_on, self.plan.ends_on, cut_offs, due_on=due_on)

    def counted(self, span: Span) -> int:
        """Quarters of a span so far since the product is used; before it nothing was counted."""
        if self.first is None:
            return 0
        first, asked = self.first.cut_off_on, self.asked.cut_off_on
        return sum(first <= cut_off <= asked for cut_off in span.cut_offs)

    def not_counted(self, span: Span) -> int:
        """Quarters of a span that were over before the product was used."""
        if self.first is None:
            return span.quarters
        return sum(cut_off < self.first.cut_off_on for cut_off in span.cut_offs)

    def label(self, quarter: Quarter) -> str:
        return quarter.short_name if self.plan.is_of_one_year else str(quarter)
