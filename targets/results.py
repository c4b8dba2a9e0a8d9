"""What is asked of a plan, and a line of the answer: the dataclass behind every page and export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Basis, Quarter, SectorGroup, Structure, Unit
from targets.assigned import Assigned, Definition, Key
from targets.baselines import Before
from targets.indicators import Indicator
from targets.measures import SUMMED_FLOWS, Coverage, Figures, Sums
from targets.models import Plan
from targets.progress import Progress
from targets.timelines import Stretch
from unionplan.lib.numbers import whole_number
from unionplan.lib.vietnamese import within_a_sentence


@dataclass(frozen=True)
class Question:
    """Which plan, at which cut-off, read in which way, and the plan as it stood on which day."""

    plan: Plan
    quarter: Quarter
    plan_as_of: date
    basis: str = Basis.ACCEPTED
    structure: str = Structure.REPORTED


@dataclass(frozen=True)
class Point:
    """One quarter of a trend; what lies ahead has a path and no actual value."""

    label: str
    cut_off_on: date
    actual: Fraction | None
    expected: Fraction | None


@dataclass(frozen=True)
class Pieces:
    """What the figures are made of, from the start of the plan to the cut-off («Nguồn»).

    opening + net increase + adjustment + brought_in = closing, where ``brought_in`` is what no flow
    explains: units that reported for the first time, or that moved into or out of the branch.
    """

    opening: int | None
    admitted: int | None
    transferred_in: int | None
    transferred_out: int | None
    left_job: int | None
    left_retired: int | None
    left_other: int | None
    left_reorganised: int | None
    event_in: int | None
    event_out: int | None
    adjustment: int | None
    left: int | None
    net_increase: int | None
    closing: int | None
    workers: int | None
    density_members: int | None
    density_workers: int | None

    @property
    def brought_in(self) -> int | None:
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - (self.net_increase or 0) - (self.adjustment or 0)

    @property
    def transfer_balance(self) -> int | None:
        """Transfers inside a branch cancel; what remains crossed its border or is not matched."""
        if self.transferred_in is None or self.transferred_out is None:
            return None
        return self.transferred_in - self.transferred_out


@dataclass(frozen=True)
class Line:
    """One unit, one line of the plan: a row of the ``progress`` command and of the pages."""

    unit: Unit
    indicator: Indicator
    group: SectorGroup
    due_on: date | None
    target: Assigned | None
    progress: Progress
    coverage: Coverage | None  # of what is read from reports
    sums: Sums
    opening: int | None  # members before the plan
    figures: Figures  # as they were read, without what was before the product
    definition: Definition
    stretch: Stretch
    before: Before | None = None  # of a flow: from before the product was used, in its numerator
    counts_from: Quarter | None = None  # a flow that lacks what was before this quarter
    opening_name: str = ""  # «Đầu năm», «Đầu Quý III/2024»: when ``opening`` was
    trend: tuple[Point, ...] = ()  # empty unless asked for
    topics: tuple[str, ...] = ()  # of training, by name

    @property
    def key(self) -> Key:
        return Key(self.indicator.code, self.group.code, self.due_on)

    @property
    def label(self) -> str:
        """«Thực tăng đoàn viên», «Tỷ lệ đoàn viên, doanh nghiệp nhà nước»."""
        if self.group.code == SectorGroup.ALL:
            return str(self.indicator.label)
        names = {"indicator": self.indicator.label, "group": within_a_sentence(str(self.group))}
        return _("%(indicator)s, %(group)s") % names

    @property
    def pieces(self) -> Pieces:
        """What the figures are made of, for «Nguồn và cách tính»."""
        return Pieces(
            opening=self.opening,
            left=self.sums.left,
            net_increase=self.sums.net_increase,
            closing=self.sums.stock("members"),
            workers=self.sums.stock("workers"),
            density_members=self.sums.stock("density_members"),
            density_workers=self.sums.stock("density_workers"),
            **{name: self.sums.flow(name) for name in SUMMED_FLOWS},
        )

    @property
    def before_value(self) -> int | None:
        return self.before.value if self.before else None

    @property
    def forecast_method(self) -> str:
        """How «ước cả năm» came about, or why there is none."""
        if self.progress.forecast is None:
            return _("Not enough history: a forecast needs two quarters.")
        if not self.indicator.is_flow:
            return _("Straight line from the start of the plan")
        counted = self.progress.quarters_counted
        mean = ngettext(
            "Mean of %(count)s quarter × %(quarters)s",
            "Mean of %(count)s quarters × %(quarters)s",
            counted,
        ) % {"count": counted, "quarters": self.progress.quarters_of_forecast}
        if self.before is None:
            return mean
        parts = {"before": whole_number(self.before.value), "mean": mean}
        return _("%(before)s from before the product + %(mean)s") % parts
