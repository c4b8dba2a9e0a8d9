"""What is counted: one entry an indicator, in the order in which plans show them.

A new indicator is one entry: with one function from the sums of reports to part and whole, or with
the name of the source that counts it (:mod:`targets.sources`). What no code counts is typed by
hand; such an indicator is an entry like any other, made from the database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from members.models import Unit
from members.models.units import OCCUPATIONAL_SECTOR
from targets.measures import Figures, Sums
from targets.models import ManualIndicator
from targets.progress import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class ReadFrom(StrEnum):
    """Where the figures of an indicator are read."""

    REPORTS = "reports"
    UNITS = "units"
    ENTERPRISES = "enterprises"
    RATINGS = "ratings"
    TRAINING = "training"
    MANUAL = "manual"


# A number in the indicator's unit of measure, within a sentence.
MEMBERS = _("%(count)s members")
PERSONS = _("%(count)s persons")
UNITS = _("%(count)s units")
UPPER_UNITS = _("%(count)s upper-level unions")
ENTERPRISES = _("%(count)s enterprises")
OFFICERS = _("%(count)s officers")
CLASSES = _("%(count)s classes")
TURNS = _("%(count)s turns")
UNITS_PER_OFFICER = _("%(count)s grassroots unions per full-time officer")


@dataclass(frozen=True)
class Indicator:
    code: str
    label: StrOrPromise
    short_label: StrOrPromise
    kind: Kind
    counted_in: StrOrPromise  # unit of measure
    method: StrOrPromise  # «Cách tính», one sentence
    figures: Callable[[Sums], Figures] | None = None  # of those read from reports
    read_from: ReadFrom = ReadFrom.REPORTS
    amount: StrOrPromise = MEMBERS  # «5 đoàn viên»: what a count counts, or a ratio's part
    parts: StrOrPromise = PERSONS  # «195/238 người»: part and whole of a ratio
    result: StrOrPromise = ""  # a value of it within a sentence, where ``amount`` says too little
    may_fall: bool = False  # a flow that can be negative
    lower_is_better: bool = False
    is_money: bool = False
    is_yearly: bool = False  # one figure a year, that of its fourth quarter
    is_quotient: bool = False  # a ratio that is no percentage, such as units per officer
    # A sector rule holds for every unit below the one it was given to, until one has its own.
    is_inherited: bool = False
    has_parameter: bool = False
    has_topics: bool = False
    of_superiors: bool = False  # counts superior units, which have no sector
    without_sectors: frozenset[str] = frozenset()

    @property
    def is_ratio(self) -> bool:
        return self.kind == Kind.RATIO

    @property
    def is_flow(self) -> bool:
        return self.kind == Kind.FLOW

    @property
    def is_percentage(self) -> bool:
        return self.is_ratio and not self.is_quotient

    @property
    def starts_at_nothing(self) -> bool:
        """Counted from the start of the plan on: flows, and who is trained since then."""
        return self.is_flow or self.has_topics

    @property
    def is_share(self) -> bool:
        """Counted out of what there is, one by one, and so never more than all of it; of sums
        that units report or type, more members than workers are possible."""
        counted = (ReadFrom.ENTERPRISES, ReadFrom.RATINGS, ReadFrom.TRAINING)
        return self.is_percentage and self.read_from in counted

    @property
    def is_known_however_old(self) -> bool:
        """Counted by days that are written down, also of before the product was used."""
        return self.read_from in (ReadFrom.UNITS, ReadFrom.TRAINING)

    @property
    def is_read_from_reports(self) -> bool:
        return self.read_from == ReadFrom.REPORTS


_SHIPPED = (
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
    Indicator(
        code="units-founded",
        label=_("Grassroots unions founded"),
        short_label=_("Unions founded"),
        kind=Kind.FLOW,
        counted_in=_("units"),
        method=_(
            "Grassroots and occupational unions whose day of founding lies since the start of the "
            "plan, by the list of units; a union that splits off counts, one that moves does not."
        ),
        read_from=ReadFrom.UNITS,
        amount=UNITS,
    ),
    Indicator(
        code="units-net",
        label=_("Net increase of grassroots unions"),
        short_label=_("Net increase of unions"),
        kind=Kind.FLOW,
        counted_in=_("units"),
        method=_(
            "Grassroots and occupational unions founded − those wound up or merged away, since the "
            "start of the plan, by the days in the list of units."
        ),
        read_from=ReadFrom.UNITS,
        amount=UNITS,
        may_fall=True,
    ),
    Indicator(
        code="enterprise-coverage",
        label=_("Enterprises with a union"),
        short_label=_("Enterprises with a union"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Enterprises with a living union ÷ enterprises that operate, are eligible and have at "
            "least as many workers as the plan names; a union of an enterprise that is not in the "
            "register counts as one enterprise with a union. Workers, eligibility and operation "
            "are those of the register today; days of founding those of the cut-off."
        ),
        read_from=ReadFrom.ENTERPRISES,
        amount=ENTERPRISES,
        parts=ENTERPRISES,
        has_parameter=True,
    ),
    Indicator(
        code="units-rated-well",
        label=_("Grassroots unions rated well"),
        short_label=_("Unions rated well"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Grassroots and occupational unions with a decided level that counts as reached ÷ "
            "eligible unions there were at the end of the year, rated or not. From the first to "
            "the third quarter the ratings of the year before are read."
        ),
        read_from=ReadFrom.RATINGS,
        amount=UNITS,
        parts=UNITS,
    ),
    Indicator(
        code="superiors-rated-well",
        label=_("Upper-level unions rated well"),
        short_label=_("Upper-level unions rated well"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Upper-level unions with a decided level that counts as reached ÷ eligible ones there "
            "were at the end of the year, rated or not. From the first to the third quarter the "
            "ratings of the year before are read."
        ),
        read_from=ReadFrom.RATINGS,
        amount=UPPER_UNITS,
        parts=UPPER_UNITS,
        of_superiors=True,
    ),
    Indicator(
        code="full-time-trained",
        label=_("Full-time officers trained"),
        short_label=_("Full-time officers trained"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Full-time officers trained ÷ all full-time officers in the list of officers who serve "
            "at the cut-off, of superior unions and of units that report. Trained is who completed "
            "a class of each topic named (none named: of any topic) that began between the start "
            "of the plan and the cut-off, wherever they served then. A person trained several "
            "times is one person; contests do not count."
        ),
        read_from=ReadFrom.TRAINING,
        amount=OFFICERS,
        parts=OFFICERS,
        has_topics=True,
    ),
    Indicator(
        code="new-chairs-trained",
        label=_("Newly elected chairs trained"),
        short_label=_("New chairs trained"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Newly elected chairs trained ÷ all newly elected chairs who serve at the cut-off. "
            "Newly elected is the chair of a grassroots or occupational union whose first election "
            "lies since the start of the plan; whoever is elected again is not, nor whoever was a "
            "chair elsewhere before. Trained is who completed a class of each topic named (none "
            "named: of any topic) that began between the start of the plan and the cut-off; "
            "contests do not count."
        ),
        read_from=ReadFrom.TRAINING,
        amount=OFFICERS,
        parts=OFFICERS,
        has_topics=True,
    ),
    Indicator(
        code="officers-trained",
        label=_("Officers trained"),
        short_label=_("Officers trained"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Officers trained ÷ all officers from deputy team leader up: those in the list who "
            "serve at the cut-off, and beside them those not listed by name, of whom each unit "
            "states how many there are and how many are trained; its last statement up to the "
            "cut-off counts. Of those listed, trained is who completed a class of each topic named "
            "(none named: of any topic) that began between the start of the plan and the cut-off; "
            "contests do not count."
        ),
        read_from=ReadFrom.TRAINING,
        amount=OFFICERS,
        parts=OFFICERS,
        has_topics=True,
    ),
    Indicator(
        code="full-time-degree",
        label=_("Full-time officers with a university degree"),
        short_label=_("Full-time officers with a degree"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Full-time officers with a university degree or a postgraduate one ÷ all full-time "
            "officers in the list who serve at the cut-off, by what was true then. Whose education "
            "is not stated counts among all and not among those with a degree; how many these are "
            "stands beside it."
        ),
        read_from=ReadFrom.TRAINING,
        amount=OFFICERS,
        parts=OFFICERS,
    ),
    Indicator(
        code="full-time-postgraduate",
        label=_("Full-time officers with a postgraduate degree"),
        short_label=_("Full-time officers, postgraduate"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Full-time officers with a postgraduate degree ÷ all full-time officers in the list "
            "who serve at the cut-off, by what was true then. Whose education is not stated counts "
            "among all and not among those with a degree; how many these are stands beside it."
        ),
        read_from=ReadFrom.TRAINING,
        amount=OFFICERS,
        parts=OFFICERS,
    ),
    Indicator(
        code="leaders-political-theory",
        label=_("Leaders with intermediate political theory or above"),
        short_label=_("Leaders with political theory"),
        kind=Kind.RATIO,
        counted_in=_("percent"),
        method=_(
            "Leaders with political theory of the intermediate or the advanced level ÷ all leaders "
            "in the list who serve at the cut-off. Leaders are the officers of superior unions, "
            "full-time or not, whose position leads a union or a committee: chair, vice-chair, "
            "head and deputy head. Whose political theory is not stated counts among all leaders "
            "alone; how many these are stands beside it."
        ),
        read_from=ReadFrom.TRAINING,
        amount=OFFICERS,
        parts=OFFICERS,
    ),
    Indicator(
        code="training-classes",
        label=_("Training classes held"),
        short_label=_("Classes held"),
        kind=Kind.FLOW,
        counted_in=_("classes"),
        method=_(
            "Classes held whose first day lies between the start of the plan and the cut-off, each "
            "once, at the union in whose calendar it stands, and so at all above it. Contests are "
            "no classes, nor is what is only planned."
        ),
        read_from=ReadFrom.TRAINING,
        amount=CLASSES,
    ),
    Indicator(
        code="training-turns",
        label=_("Turns of training"),
        short_label=_("Turns of training"),
        kind=Kind.FLOW,
        counted_in=_("turns"),
        method=_(
            "Completed attendances of classes whose first day lies between the start of the plan "
            "and the cut-off, each at the unit where the person served that day, and beside them "
            "the turns of people not listed by name, at the union that held the class. Whoever "
            "completed two classes is two turns; contests do not count."
        ),
        read_from=ReadFrom.TRAINING,
        amount=TURNS,
    ),
    Indicator(
        code="units-per-full-time-officer",
        label=_("Grassroots unions per full-time officer"),
        short_label=_("Mean workload"),
        kind=Kind.RATIO,
        counted_in=_("units"),
        method=_(
            "Grassroots and occupational unions there are at the cut-off ÷ full-time officers of "
            "the whole branch who serve that day, a number and no percentage. The target is a "
            "ceiling: the fewer unions one officer looks after, the better. A single unit has none."
        ),
        read_from=ReadFrom.TRAINING,
        amount=UNITS_PER_OFFICER,
        lower_is_better=True,
        is_quotient=True,
    ),
)
WORKLOAD = "units-per-full-time-officer"
SHIPPED = {indicator.code: indicator for indicator in _SHIPPED}
INHERITED = [code for code, indicator in SHIPPED.items() if indicator.is_inherited]

Catalogue = dict[str, Indicator]  # by code, in the order in which plans show them


def catalogue(unit: Unit | None = None) -> Catalogue:
    """All there are, those typed by hand after the shipped ones by name; of a unit, those that
    its plans may use. One statement."""
    manual = ManualIndicator.objects.by_name()
    if unit is not None:
        manual = manual.binding(unit)
    return SHIPPED | {known.code: _typed_by_hand(known) for known in manual}


def known_among(codes: Collection[str]) -> Catalogue:
    """These indicators and all the shipped ones; one statement where any of them is not."""
    if SHIPPED.keys() >= set(codes):
        return SHIPPED
    manual = ManualIndicator.objects.filter(code__in=codes).by_name()
    return SHIPPED | {known.code: _typed_by_hand(known) for known in manual}


def _typed_by_hand(known: ManualIndicator) -> Indicator:
    return Indicator(
        code=known.code,
        label=str(known),
        short_label=str(known),
        kind=Kind(known.kind),
        counted_in=_("percent") if known.is_ratio else known.counted_in,
        method=known.method or _("Typed by the units and accepted by their superiors."),
        read_from=ReadFrom.MANUAL,
        amount=f"%(count)s {known.counted_in.replace('%', '%%')}",
        parts=f"%(count)s {known.counted_in.replace('%', '%%')}",
        lower_is_better=known.lower_is_better,
        is_money=known.is_money,
        is_yearly=known.is_yearly,
        may_fall=False,
    )
