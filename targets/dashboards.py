"""How far units are against a plan, as dataclasses: what pages show and exports write.

Everything is read first, in as many statements for one unit as for three hundred, then thought
about. The rules are those of SEMANTICS section 5, «Which rows» and «Inheritance».
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import (
    Basis,
    Placement,
    Quarter,
    QuarterlyReport,
    SectorGroup,
    SignOff,
    Structure,
    Unit,
)
from members.models.totals import STATUSES_OF_BASIS
from members.signing_off import latest_of
from members.signing_off import sentence as sign_off_sentence
from targets import sources
from targets.assigned import Assigned, AssignedTargets, Definition, Key
from targets.baselines import Baselines, Before, starts_late
from targets.indicators import SHIPPED, Indicator, ReadFrom
from targets.measures import (
    NOTHING,
    SUMMED_FLOWS,
    Asked,
    Coverage,
    Figures,
    Measures,
    Sums,
    measure,
)
from targets.models import Plan
from targets.progress import Kind, Progress, Span, Status, Tolerance, value
from targets.timelines import Stretch, Timeline
from unionplan.lib.numbers import whole_number

Sectors = frozenset[str]

URGENCY = (
    Status.MISSED,
    Status.BEHIND,
    Status.AT_RISK,
    Status.ON_TRACK,
    Status.MET,
    Status.NOT_DUE,
    Status.NO_DATA,
    None,
)


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

    @property
    def key(self) -> Key:
        return Key(self.indicator.code, self.group.code, self.due_on)

    @property
    def label(self) -> str:
        """«Thực tăng đoàn viên», «Tỷ lệ đoàn viên, doanh nghiệp nhà nước»."""
        if self.group.code == SectorGroup.ALL:
            return str(self.indicator.label)
        names = {"indicator": self.indicator.label, "group": _within_a_sentence(str(self.group))}
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


@dataclass(frozen=True)
class BranchRow:
    """A child in the table «Theo đơn vị», or with the unit itself its total.

    The target columns are those of the dashboard's headline; «không giao» is ``line.target`` None.
    """

    unit: Unit
    workers: int | None
    members: int | None
    density: Fraction | None
    admitted: int | None
    left: int | None
    net_increase: int | None
    line: Line | None  # None where the headline does not concern the unit's sector
    coverage: Coverage
    sign_off: SignOff | None = None  # of a superior child: the standing one, or one returned

    @property
    def minimum(self) -> Decimal | None:
        return self.line.target.minimum if self.line and self.line.target else None

    @property
    def attained_percent(self) -> Fraction | None:
        """Of counts alone; a ratio shows its shortfall in points."""
        if self.line is None or self.line.indicator.is_ratio:
            return None
        return self.line.progress.attained_percent

    @property
    def gap_people(self) -> int | None:
        return self.line.progress.gap_people if self.line else None

    @property
    def before(self) -> int | None:
        """Of the headline: what was reached before the product was used."""
        return self.line.before_value if self.line else None

    @property
    def status(self) -> Status | None:
        return self.line.progress.status if self.line else None

    @property
    def has_signed_off(self) -> bool:
        return self.sign_off is not None and self.sign_off.is_standing

    @property
    def signed_at(self) -> datetime | None:
        return self.sign_off.at if self.sign_off and self.has_signed_off else None

    @property
    def urgency(self) -> int:
        """For sorting by status: what most needs a hand comes first."""
        return URGENCY.index(self.status)


@dataclass(frozen=True)
class CarriedFrom:
    quarter: Quarter
    reports: int


@dataclass(frozen=True)
class Dashboard:
    """«Tiến độ» of one unit; a grassroots unit has no rows and no total."""

    question: Question
    unit: Unit
    quarter: Quarter  # whose cut-off the figures are from: the last of the plan, asked later
    lines: tuple[Line, ...]
    rows: tuple[BranchRow, ...]
    total: BranchRow
    coverage: Coverage
    carried_from: tuple[CarriedFrom, ...]  # latest first

    @property
    def plan(self) -> Plan:
        return self.question.plan

    @property
    def headline(self) -> Line | None:
        """The line that the branch table is about."""
        return self.total.line

    @property
    def sector_lines(self) -> list[Line]:
        """Sectors against their thresholds."""
        return [line for line in self.lines if line.indicator.is_inherited]

    @property
    def sign_off_sentence(self) -> str:
        """«Chốt số liệu: 21/24 công đoàn cấp trên · CĐCS trực thuộc đã duyệt: 14/16», of a unit
        with superiors below."""
        superiors = [row for row in self.rows if row.unit.is_superior]
        if not superiors:
            return ""
        direct = [row.coverage for row in self.rows if not row.unit.is_superior]
        return sign_off_sentence(
            sum(row.has_signed_off for row in superiors),
            len(superiors),
            sum(coverage.accepted for coverage in direct),
            sum(coverage.due for coverage in direct),
        )

    @property
    def starts_late(self) -> bool:
        """The plan began before anything was counted here."""
        return any(line.before or line.counts_from for line in self.lines)

    @property
    def coverage_sentence(self) -> str:
        """«Số liệu tổng hợp từ báo cáo đã duyệt của 1.236/1.280 đơn vị; …», under every total."""
        counted = self.coverage.accepted
        sentence = _("Figures summed from accepted reports of %(counted)s/%(due)s units")
        if self.question.basis == Basis.SUBMITTED:
            counted += self.coverage.submitted
            sentence = _("Figures summed from sent reports of %(counted)s/%(due)s units")
        summed = {"counted": whole_number(counted), "due": whole_number(self.coverage.due)}
        parts = [sentence % summed]
        for carried in self.carried_from:
            names = {"count": whole_number(carried.reports), "quarter": carried.quarter}
            parts.append(_("%(count)s units stand with %(quarter)s for now") % names)
        if self.coverage.missing:
            missing = {"count": whole_number(self.coverage.missing)}
            parts.append(_("%(count)s units have no figures yet") % missing)
        if self.coverage.suspended:
            suspended = {"count": whole_number(self.coverage.suspended)}
            parts.append(_("%(count)s units are suspended and owe no report") % suspended)
        return "; ".join(parts)


# --- questions -----------------------------------------------------------------------------------


def lines(question: Question, units: Sequence[Unit]) -> list[Line]:
    """The plan's lines for each of the units, in their order."""
    read = _Sources(question, units)
    return [line for unit in units for line in read.lines_of(unit)]


def dashboard(question: Question, unit: Unit) -> Dashboard:
    children = children_of(unit, question)
    read = _Sources(question, [unit, *children], trend_of=unit)
    return _board(read, unit, children)


@dataclass(frozen=True)
class Source:
    """«Nguồn và cách tính»: one line of a unit, and the same line of each unit directly below."""

    board: Dashboard
    chosen: Line | None  # None of a plan without targets
    below: tuple[Line, ...]


def source_of(
    question: Question, unit: Unit, *, indicator: str = "", group: str = "", due_on: str = ""
) -> Source:
    """The line of that indicator, group and due day, else the first of the plan."""
    children = children_of(unit, question)
    read = _Sources(question, [unit, *children])
    board = _board(read, unit, children)
    fitting = [line for line in board.lines if line.key[:2] == (indicator, group)]
    of_day = [
        line for line in fitting if (line.due_on.isoformat() if line.due_on else "") == due_on
    ]
    chosen = next(iter([*of_day, *fitting, *board.lines]), None)
    below: list[Line] = []
    if chosen is not None:
        concerned = (child for child in children if read.concerns(chosen.key, child))
        below = [read.line(child, chosen.key) for child in concerned]
    return Source(board, chosen, tuple(below))


def _board(read: _Sources, unit: Unit, children: Sequence[Unit]) -> Dashboard:
    question, own = read.question, tuple(read.lines_of(unit))
    headline = _headline(own, question.quarter)
    total, shown = read.branch_row(unit, headline), read.timeline.whole.shown()
    superiors = [child for child in children if child.is_superior]
    signed = latest_of(superiors, shown) if superiors and shown else {}
    return Dashboard(
        question=question,
        unit=unit,
        quarter=shown or question.quarter,
        lines=own,
        rows=tuple(
            read.branch_row(child, headline, sign_off=signed.get(child.pk)) for child in children
        ),
        total=total,
        coverage=total.coverage,
        carried_from=_carried_from(question, unit, shown, read.timeline.existing),
    )


def told_lines(found: Iterable[Line], unit: Unit) -> list[Line]:
    """What a page shows: of a unit that reports no line that says nothing of it."""
    return [
        line
        for line in found
        if unit.is_superior or line.target is not None or line.progress.actual is not None
    ]


def children_of(unit: Unit, question: Question) -> list[Unit]:
    """The units directly below: at the quarter's cut-off, or today; in order of their names.

    A unit that ended in the quarter still belongs to it (SEMANTICS section 1).
    """
    if unit.is_reporting:
        return []
    if question.structure == Structure.CURRENT:
        return list(unit.children.by_name())
    quarter = question.quarter
    places = Placement.objects.at(quarter.cut_off_on).filter(
        Q(valid_to=None) | Q(valid_to__gte=quarter.starts_on), parent=unit
    )
    return list(Unit.objects.filter(pk__in=places.values("unit")).by_name())


def _headline(own: Sequence[Line], quarter: Quarter) -> Line | None:
    """The first line of the plan; of several due dates the next one counts."""
    if not own:
        return None
    first = [line for line in own if line.key[:2] == own[0].key[:2]]
    ahead = [line for line in first if line.progress.span.ends_on >= quarter.cut_off_on]
    return min(ahead, key=lambda line: line.progress.span.ends_on, default=first[-1])


def _carried_from(
    question: Question, unit: Unit, shown: Quarter | None, quarters: Iterable[Quarter]
) -> tuple[CarriedFrom, ...]:
    """Which quarters stand in for the reports outside the basis."""
    if shown is None:
        return ()
    inside = STATUSES_OF_BASIS[Basis(question.basis)]
    path = "path" if question.structure == Structure.REPORTED else "unit__path"
    outside = (
        QuarterlyReport.objects.of(shown)
        .owed()
        .filter(**{f"{path}__subtree": unit.path}, carried_from__isnull=False)
        .exclude(status__in=inside)
    )
    counted = outside.order_by().values_list("carried_from").annotate(reports=Count("pk"))
    known = {quarter.pk: quarter for quarter in quarters}
    found = [CarriedFrom(known[pk], reports) for pk, reports in counted]
    return tuple(sorted(found, key=lambda carried: carried.quarter.cut_off_on, reverse=True))


# --- what the answers are made from --------------------------------------------------------------


class _Sources:
    """All that is needed for these units, read in a fixed number of statements."""

    def __init__(
        self, question: Question, units: Sequence[Unit], *, trend_of: Unit | None = None
    ) -> None:
        self.question = question
        self.targets = AssignedTargets(question.plan, units, as_of=question.plan_as_of)
        self.timeline = Timeline(
            question.plan, question.quarter, last_due_on=self.targets.last_due_on
        )
        whole = self.timeline.whole
        self.baselines = Baselines(question.plan, units, first=whole.first)
        self.stamped = _stamped_sectors(question, units)
        self.measures = self._measure(units, self._cut_offs)
        self.trend_of = trend_of
        at = self._cut_offs
        if trend_of is not None:
            self.trend = self._measure([trend_of], self._trend_cut_offs)
            at = at | self._trend_cut_offs
        self.read = sources.read(self._asked(units, at), self._indicators)

    @property
    def _indicators(self) -> list[Indicator]:
        return list(
            {key.indicator: self.targets.indicator(key) for key in self.targets.keys}.values()
        )

    @property
    def _stretches(self) -> list[Stretch]:
        recurring = {known.is_recurring for known in self.targets.definitions.values()}
        return [self.timeline.whole, *([self.timeline.year] if True in recurring else [])]

    @cached_property
    def _cut_offs(self) -> set[Quarter]:
        """Where figures are read: before the plan, at its first quarter, and where it stands."""
        read: list[Quarter | None] = []
        for stretch in self._stretches:
            read += [stretch.base, stretch.first, stretch.shown()]
        read += [self.stretch(key).shown(key.due_on) for key in self.targets.keys]
        return {quarter for quarter in read if quarter is not None}

    @cached_property
    def _trend_cut_offs(self) -> set[Quarter]:
        """Every quarter so far, and the one before a year whose flows begin anew."""
        bases = {stretch.base for stretch in self._stretches[1:] if stretch.base is not None}
        return {*self.timeline.whole.so_far, *bases}

    def _measure(self, units: Sequence[Unit], at: Collection[Quarter]) -> Measures:
        question = self.question
        return measure(
            Asked(
                units=units,
                quarters=self.timeline.existing,
                at=at,
                since=question.plan.starts_on,
                basis=question.basis,
                structure=question.structure,
            )
        )

    def _asked(self, units: Sequence[Unit], at: Collection[Quarter]) -> sources.Asked:
        question = self.question
        return sources.Asked(
            units=units,
            at=at,
            since=question.plan.starts_on,
            basis=question.basis,
            structure=question.structure,
            parameters=frozenset(known.parameter for known in self.targets.definitions.values()),
        )

    def stretch(self, key: Key) -> Stretch:
        recurs = self.targets.definitions[key].is_recurring
        return self.timeline.stretch(is_recurring=recurs)

    def lines_of(self, unit: Unit) -> Iterator[Line]:
        return (self.line(unit, key) for key in self.targets.keys if self.concerns(key, unit))

    def concerns(self, key: Key, unit: Unit) -> bool:
        """A grassroots unit gets only lines whose group holds its sector."""
        if unit.is_superior:
            return True
        return self.stamped.get(unit.pk, unit.sector_id) in self.targets.sectors(unit, key)

    def line(self, unit: Unit, key: Key) -> Line:
        indicator, sectors = self.targets.indicator(key), self.targets.sectors(unit, key)
        stretch = self.stretch(key)
        quarter = stretch.shown(key.due_on)
        sums, coverage = NOTHING, None
        if indicator.is_read_from_reports:
            sums = self._sums(self.measures, unit, sectors, quarter, stretch)
            of_group = self.targets.group_sectors(key)
            coverage = self._sums(self.measures, unit, of_group, quarter, stretch).coverage
        target, before = self.targets.of(unit, key), self._before(unit, key)
        figures = self._figures(unit, key, quarter)
        progress = self._progress(unit, key, figures, target, before)
        return Line(
            unit=unit,
            indicator=indicator,
            group=self.targets.groups[key.group],
            due_on=key.due_on,
            target=target,
            progress=progress,
            coverage=coverage,
            sums=sums,
            opening=self._opening(unit, sectors, stretch),
            figures=figures,
            definition=self.targets.definitions[key],
            stretch=stretch,
            before=before,
            opening_name=self._opening_name(unit, sectors, stretch),
            counts_from=self._counts_from(unit, indicator, stretch) if before is None else None,
            trend=self._trend(unit, key, progress, before) if unit == self.trend_of else (),
        )

    @staticmethod
    def _sums(
        measures: Measures, unit: Unit, sectors: Sectors, quarter: Quarter | None, stretch: Stretch
    ) -> Sums:
        return measures.of(unit, sectors, quarter, since=stretch.starts_on)

    def _figures(
        self, unit: Unit, key: Key, quarter: Quarter | None, *, measures: Measures | None = None
    ) -> Figures:
        """Part and whole of a line at a cut-off, wherever its indicator reads them."""
        indicator, sectors = self.targets.indicator(key), self.targets.sectors(unit, key)
        stretch = self.stretch(key)
        if indicator.figures is not None:
            sums = self._sums(measures or self.measures, unit, sectors, quarter, stretch)
            return indicator.figures(sums)
        if quarter is None:
            return Figures(None)
        return self.read[indicator.read_from].figures(
            indicator,
            unit,
            sectors,
            quarter,
            since=self._counted_since(unit, key),
            parameter=self.targets.definitions[key].parameter,
        )

    def _counted_since(self, unit: Unit, key: Key) -> date:
        """A result from before the product stands for all that was before its first quarter."""
        stretch = self.stretch(key)
        if stretch.first is not None and self._before(unit, key) is not None:
            return max(stretch.starts_on, stretch.first.starts_on)
        return stretch.starts_on

    def _before(self, unit: Unit, key: Key) -> Before | None:
        """What is added to a flow from before the product was used."""
        if not self.targets.indicator(key).is_flow:
            return None
        stretch = self.stretch(key)
        last_day = min(self.question.quarter.cut_off_on, key.due_on or stretch.ends_on)
        return self.baselines.of(
            unit, key.indicator, key.group, since=stretch.starts_on, until=last_day
        )

    def _counts_from(self, unit: Unit, indicator: Indicator, stretch: Stretch) -> Quarter | None:
        """The quarter from which alone a flow counts; a unit founded later lacks nothing, and the
        days of founding are known however old."""
        first = stretch.first
        known_however_old = indicator.read_from in (ReadFrom.UNITS, ReadFrom.NONE)
        if first is None or not indicator.is_flow or known_however_old:
            return None
        if not starts_late(stretch, first):
            return None
        if unit.founded_on and unit.founded_on >= first.starts_on:
            return None
        return first if self.question.quarter.cut_off_on >= first.cut_off_on else None

    def _progress(
        self,
        unit: Unit,
        key: Key,
        figures: Figures,
        target: Assigned | None,
        before: Before | None,
    ) -> Progress:
        indicator, plan, stretch = (
            self.targets.indicator(key),
            self.question.plan,
            self.stretch(key),
        )
        span = stretch.span(key.due_on)
        return Progress(
            kind=indicator.kind,
            span=span,
            on=stretch.seen_on,
            numerator=_added(figures.numerator, before),
            denominator=figures.denominator,
            target=target.minimum if target else None,
            start=self._start(unit, key),
            quarters_counted=self._counted(indicator, stretch, span, figures),
            tolerance=Tolerance(plan.risk_share, plan.risk_points),
            lower_is_better=indicator.lower_is_better,
            is_money=indicator.is_money,
            before=before.value if before else 0,
            quarters_before=stretch.not_counted(span) if before else 0,
        )

    @staticmethod
    def _counted(indicator: Indicator, stretch: Stretch, span: Span, figures: Figures) -> int:
        if figures.numerator is None:
            return 0
        if indicator.read_from == ReadFrom.UNITS:  # days are known however old
            return span.passed(stretch.seen_on)
        return stretch.counted(span)

    def _start(self, unit: Unit, key: Key) -> Fraction | None:
        """Flows start at nothing; the rest at the last cut-off before the plan."""
        indicator = self.targets.indicator(key)
        if indicator.is_flow:
            return Fraction(0)
        stretch = self.stretch(key)
        figures = self._figures(unit, key, stretch.base)
        start = value(indicator.kind, figures.numerator, figures.denominator)
        if start is None and indicator.code == "members":
            opening = self._opening(unit, self.targets.sectors(unit, key), stretch)
            return None if opening is None else Fraction(opening)
        return start

    def _opening(self, unit: Unit, sectors: Sectors, stretch: Stretch) -> int | None:
        """Members before the plan, or those with whom its first quarter opened."""
        before = self._sums(self.measures, unit, sectors, stretch.base, stretch).stock("members")
        if before is not None:
            return before
        first = self._sums(self.measures, unit, sectors, stretch.first, stretch)
        return first.stock("opening_members")

    def _opening_name(self, unit: Unit, sectors: Sectors, stretch: Stretch) -> str:
        """A term that began before the product is told of from its first quarter on."""
        first = stretch.first
        if stretch.is_of_one_year:
            return _("Start of the year")
        is_late = first is not None and starts_late(stretch, first)
        base = self._sums(self.measures, unit, sectors, stretch.base, stretch)
        if is_late and base.stock("members") is None:
            return _("Start of %(quarter)s") % {"quarter": first}
        return _("Start of the plan")

    def _trend(
        self, unit: Unit, key: Key, progress: Progress, before: Before | None
    ) -> tuple[Point, ...]:
        """From the start of the plan over all the quarters of the line; what was reached before
        the product is the level from which its first quarter goes on."""
        stretch, known_from = self.stretch(key), progress.quarters_before if before else None
        start = Point(
            label=_("Start of the year") if stretch.is_of_one_year else _("Start of the plan"),
            cut_off_on=stretch.starts_on,
            actual=Fraction(progress.before) if known_from == 0 else progress.start,
            expected=progress.expected_after(0),
        )
        quarters = stretch.quarters[: progress.span.quarters]
        return (
            start,
            *(
                Point(
                    label=stretch.label(quarter),
                    cut_off_on=quarter.cut_off_on,
                    actual=Fraction(progress.before)
                    if number == known_from
                    else self._in_trend(unit, key, quarter, before),
                    expected=progress.expected_after(number),
                )
                for number, quarter in enumerate(quarters, start=1)
            ),
        )

    def _in_trend(
        self, unit: Unit, key: Key, quarter: Quarter, before: Before | None
    ) -> Fraction | None:
        stretch = self.stretch(key)
        if quarter not in stretch.so_far or quarter.cut_off_on > stretch.read_until:
            return None
        figures = self._figures(unit, key, quarter, measures=self.trend)
        kind = self.targets.indicator(key).kind
        return value(kind, _added(figures.numerator, before), figures.denominator)

    def branch_row(
        self, unit: Unit, headline: Line | None, *, sign_off: SignOff | None = None
    ) -> BranchRow:
        whole, everything = self.timeline.whole, self.targets.all_sectors
        sums = self._sums(self.measures, unit, everything, whole.shown(), whole)
        with_workers = everything - SHIPPED["density"].without_sectors
        of_density = self._sums(self.measures, unit, with_workers, whole.shown(), whole)
        line = None
        if headline is not None and self.concerns(headline.key, unit):
            line = headline if unit == headline.unit else self.line(unit, headline.key)
        return BranchRow(
            unit=unit,
            workers=sums.stock("workers"),
            members=sums.stock("members"),
            density=value(
                Kind.RATIO, of_density.stock("density_members"), of_density.stock("density_workers")
            ),
            admitted=sums.flow("admitted"),
            left=sums.left,
            net_increase=sums.net_increase,
            line=line,
            coverage=sums.coverage,
            sign_off=sign_off,
        )


def _stamped_sectors(question: Question, units: Sequence[Unit]) -> dict[int, str]:
    """Sectors of the reporting units as of the quarter asked; none are needed of today's."""
    if question.structure == Structure.CURRENT:
        return {}
    ids = [unit.pk for unit in units]
    reports = QuarterlyReport.objects.of(question.quarter).filter(unit__in=ids)
    return dict(reports.values_list("unit_id", "sector_id"))


def _added(numerator: int | None, before: Before | None) -> int | None:
    """A flow with what was reached before the product, which is known though nobody reported."""
    return numerator if before is None else (numerator or 0) + before.value


def _within_a_sentence(name: str) -> str:
    """«Doanh nghiệp nhà nước» without its capital; «FDI» keeps its own."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
