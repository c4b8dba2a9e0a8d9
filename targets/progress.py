"""How far we are: the arithmetic of targets (SEMANTICS section 5).

Pure: numbers in, numbers out, exact to the end; only pages round. A *line* has a target ``T``, an
actual value ``A`` and a start ``S``, from which a straight path leads to ``T`` over the quarter
cut-offs of its span. Where a lower value is better, every comparison is mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import ceil

Number = int | Decimal | Fraction

# Without a path (no start, or a start beyond the target) nothing says how far «at risk» reaches.
RISK_WITHOUT_PATH = Fraction(2, 100)
QUARTERS_FOR_A_FORECAST = 2
WHOLE = Fraction(100)  # percent


class Kind(StrEnum):
    STOCK = "stock"  # the last value
    FLOW = "flow"  # the sum over the span
    RATIO = "ratio"  # part and whole, in percent


class Status(StrEnum):
    MET = "met"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BEHIND = "behind"
    MISSED = "missed"
    NOT_DUE = "not_due"
    NO_DATA = "no_data"


@dataclass(frozen=True)
class Span:
    """The time a target is given: quarters belong to it by their cut-off."""

    starts_on: date
    ends_on: date
    cut_offs: tuple[date, ...]

    @classmethod
    def of(
        cls, starts_on: date, ends_on: date, cut_offs: Iterable[date], *, due_on: date | None = None
    ) -> Span:
        """Ends on the due day, or with the last quarter of the plan."""
        last_day = due_on or ends_on
        within = tuple(sorted(day for day in cut_offs if starts_on <= day <= last_day))
        return cls(starts_on, due_on or (within[-1] if within else ends_on), within)

    @property
    def quarters(self) -> int:
        return len(self.cut_offs)

    def passed(self, on: date) -> int:
        """How many of the quarters have ended by that day."""
        return sum(cut_off <= on for cut_off in self.cut_offs)

    def is_over(self, on: date) -> bool:
        return on >= self.ends_on


@dataclass(frozen=True)
class Tolerance:
    """From which shortfall on a line is «behind» and no longer «at risk»; a plan may say."""

    share: Decimal = Decimal(10)  # counts: percent of the way from start to target
    points: Decimal = Decimal(1)  # ratios: percentage points


@dataclass(frozen=True)
class Progress:
    """One line of a plan at one cut-off; ``None`` is «not known» and never 0."""

    kind: Kind
    span: Span
    on: date
    numerator: int | None
    denominator: int | None = None
    target: Decimal | None = None
    start: Fraction | None = None
    quarters_counted: int = 0  # quarters of the span so far in which anything was counted
    tolerance: Tolerance = Tolerance()
    lower_is_better: bool = False
    is_quotient: bool = False  # a ratio that is no percentage, such as units per officer
    is_money: bool = False  # counts no people, who could be missing
    is_share: bool = False  # whose part is counted out of its whole, so that it ends at 100 %
    # Of a flow that began before anything was counted: what it had reached by then, which is part
    # of the numerator, and how many quarters of the span lie before.
    before: int = 0
    quarters_before: int = 0

    @cached_property
    def actual(self) -> Fraction | None:
        """The value reached, unrounded; a ratio in percent."""
        return value(self.kind, self.numerator, self.denominator, is_quotient=self.is_quotient)

    @property
    def has_begun(self) -> bool:
        return self.on >= self.span.starts_on

    @property
    def quarters_passed(self) -> int:
        return self.span.passed(self.on)

    @property
    def quarters_left(self) -> int:
        return self.span.quarters - self.quarters_passed

    @property
    def has_path(self) -> bool:
        return (
            self.target is not None
            and self.start is not None
            and not self._reaches(self.start, Fraction(self.target))
        )

    def expected_after(self, quarters: int) -> Fraction | None:
        """The value of the path after so many quarters: S + (T − S)·k/n."""
        if self.target is None:
            return None
        target = Fraction(self.target)
        if self.start is None or not self.has_path or not self.span.quarters:
            return target
        return self.start + (target - self.start) * quarters / self.span.quarters

    @property
    def expected_by_now(self) -> Fraction | None:
        return self.expected_after(self.quarters_passed)

    @cached_property
    def status(self) -> Status | None:
        if self.target is None or self.expected_by_now is None:
            return None
        if self.actual is None and (self.has_begun or self.kind != Kind.FLOW):
            return Status.NO_DATA
        if self.actual is None or not self.has_begun:
            return Status.NOT_DUE  # a flow that has not begun is not due, and not unknown
        if self._reaches(self.actual, Fraction(self.target)):
            return Status.MET
        if self.span.is_over(self.on):
            return Status.MISSED
        if self._reaches(self.actual, self.expected_by_now):
            return Status.ON_TRACK
        margin = -self._risk_margin if self.lower_is_better else self._risk_margin
        if self._reaches(self.actual, self.expected_by_now - margin):
            return Status.AT_RISK
        return Status.BEHIND

    @property
    def attained_percent(self) -> Fraction | None:
        if self.actual is None or self.target is None or self.target <= 0:
            return None
        if not self.lower_is_better:
            return self.actual / Fraction(self.target) * 100
        return Fraction(self.target) / self.actual * 100 if self.actual > 0 else None

    @property
    def shortfall(self) -> Fraction | None:
        """How far the value is from the target: people of a count, percentage points of a ratio."""
        if self.actual is None or self.target is None:
            return None
        missing = Fraction(self.target) - self.actual
        return max(Fraction(0), -missing if self.lower_is_better else missing)

    @property
    def gap_people(self) -> int | None:
        """The least number of people with whom the target would be met."""
        if self.actual is None or self.target is None or self.lower_is_better or self.is_money:
            return None
        if self.kind != Kind.RATIO or self.denominator is None:
            return ceil(self.shortfall or 0)
        needed = ceil(Fraction(self.target) * self.denominator / 100)
        return max(0, needed - (self.numerator or 0))

    @property
    def forecast(self) -> Fraction | None:
        """The value at the end if things go on as they have; ``None`` without enough history.

        Flows: the mean of the quarters so far × all quarters. Ratios and stocks: the straight
        line from the start. What was reached before anything was counted is known as one sum and
        not by quarters, so it stands as it is: added to the mean of the counted quarters × all
        quarters from the first counted one on.
        """
        pace = self.pace_achieved
        if pace is None or self._quarters_of_pace < QUARTERS_FOR_A_FORECAST:
            return None
        start = Fraction(0) if self.start is None else self.start
        ahead = start + self.before + pace * self.quarters_of_forecast
        return min(ahead, WHOLE) if self.is_share else ahead

    @property
    def quarters_of_forecast(self) -> int:
        """The quarters that go on at the pace so far."""
        return self.span.quarters - self.quarters_before

    @property
    def pace_achieved(self) -> Fraction | None:
        """Won per quarter so far."""
        start = Fraction(0) if self.kind == Kind.FLOW else self.start
        if self.actual is None or start is None or not self._quarters_of_pace:
            return None
        return (self.actual - start - self.before) / self._quarters_of_pace

    @property
    def pace_needed(self) -> Fraction | None:
        """To be won in each remaining quarter; ``None`` where none remains."""
        if self.shortfall is None or self.quarters_left <= 0:
            return None
        return self.shortfall / self.quarters_left

    @property
    def _quarters_of_pace(self) -> int:
        return self.quarters_counted if self.kind == Kind.FLOW else self.quarters_passed

    @property
    def _risk_margin(self) -> Fraction:
        if self.kind == Kind.RATIO and not self.is_quotient:
            return Fraction(self.tolerance.points)
        target = Fraction(self.target or 0)
        if self.start is None or self.expected_by_now == target:
            return abs(target) * RISK_WITHOUT_PATH
        return abs(target - self.start) * Fraction(self.tolerance.share) / 100

    def _reaches(self, value: Fraction, level: Fraction) -> bool:
        return value <= level if self.lower_is_better else value >= level


def value(
    kind: Kind, numerator: int | None, denominator: int | None, *, is_quotient: bool = False
) -> Fraction | None:
    """A count as it stands, a ratio of sums in percent, a quotient as it is; nothing over nothing
    is not known."""
    if numerator is None:
        return None
    if kind != Kind.RATIO:
        return Fraction(numerator)
    times = 1 if is_quotient else 100
    return Fraction(numerator * times, denominator) if denominator else None
