"""What is counted: one entry an indicator, in the order in which plans show them.

A new indicator is one entry, with one function from the sums of reports to part and whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from members.models.units import OCCUPATIONAL_SECTOR
from targets.measures import Figures, Sums
from targets.progress import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


MEMBERS = _("%(count)s members")


@dataclass(frozen=True)
class Indicator:
    code: str
    label: StrOrPromise
    short_label: StrOrPromise
    kind: Kind
    counted_in: StrOrPromise  # unit of measure
    method: StrOrPromise  # «Cách tính», one sentence
    figures: Callable[[Sums], Figures]
    result: StrOrPromise = MEMBERS  # a value of it within a sentence
    may_fall: bool = False  # a flow that can be negative
    lower_is_better: bool = False
    # A sector rule holds for every unit below the one it was given to, until one has its own.
    is_inherited: bool = False
    without_sectors: frozenset[str] = frozenset()

    @property
    def is_ratio(self) -> bool:
        return self.kind == Kind.RATIO

    @property
    def is_flow(self) -> bool:
        return self.kind == Kind.FLOW


_ALL = (
    Indicator(
        code="members",
        label=_("Union members"),
        short_label=_("Union members"),
        kind=Kind.STOCK,
        counted_in=_("members"),
        method=_("Members of all units at the cut-off of the quarter."),
        figures=lambda sums: Figures(sums.stock("members")),
    ),
    Indicator(
        code="net-increase",
        label=_("Net increase of members"),
        short_label=_("Net increase"),
        kind=Kind.FLOW,
        counted_in=_("members"),
        method=_(
            "Admitted + transferred in − transferred out − left, since the start of the plan; "
            "adjustments are no growth."
        ),
        figures=lambda sums: Figures(sums.net_increase),
        result=_("net increase of %(count)s members"),
        may_fall=True,
    ),
    Indicator(
        code="net-increase-without-reorganisation",
        label=_("Net increase of members without reorganisation"),
        short_label=_("Net increase without reorganisation"),
        kind=Kind.FLOW,
        counted_in=_("members"),
        method=_(
            "Admitted + transferred in − transferred out − left, since the start of the plan, "
            "without those who left by reorganisation."
        ),
        figures=lambda sums: Figures(sums.net_increase_without_reorganisation),
        result=_("net increase of %(count)s members without reorganisation"),
        may_fall=True,
    ),
    Indicator(
        code="admissions",
        label=_("Admissions of new members"),
        short_label=_("Newly admitted"),
        kind=Kind.FLOW,
        counted_in=_("members"),
        method=_("Members admitted since the start of the plan."),
        figures=lambda sums: Figures(sums.flow("admitted")),
        result=_("%(count)s members admitted"),
    ),
    Indicator(
        code="density",
        label=_("Union density"),
        short_label=_("Union density"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Sum of members ÷ sum of workers of the units that state both, at the cut-off of the "
            "quarter; without occupational unions."
        ),
        figures=lambda sums: Figures(sums.stock("density_members"), sums.stock("density_workers")),
        is_inherited=True,
        without_sectors=frozenset({OCCUPATIONAL_SECTOR}),
    ),
)
INDICATORS = {indicator.code: indicator for indicator in _ALL}
POSITIONS = {code: position for position, code in enumerate(INDICATORS)}
