"""From a question to the lines of units: everything is read first, in as many statements for one
unit as for three hundred, then thought about. The rules are those of SEMANTICS section 5.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cached_property

from django.utils.translation import gettext as _

from members.models import Quarter, QuarterlyReport, SectorGroup, Structure, Unit
from targets import sources
from targets.assigned import Assigned, AssignedTargets, Key
from targets.baselines import Baselines, Before, starts_late
from targets.indicators import SHIPPED, WORKLOAD, Indicator, ReadFrom
from targets.measures import NOTHING, Asked, Figures, Measures, Sums, measure
from targets.progress import Progress, Span, Tolerance, value
from targets.results import Line, Point, Question
from targets.timelines import Stretch, Timeline
from targets.topics import Topics

Sectors = frozenset[str]


def lines(
    question: Question, units: Sequence[Unit], *, only: Collection[str] | None = None
) -> list[Line]:
    """The plan's lines for each of the units, in their order; ``only`` of these indicators."""
    reader = Reader(question, units, only=only)
    return [line for unit in units for line in reader.lines_of(unit)]


class Reader:
    """All that is needed for these units, read in a fixed number of statements."""

    def __init__(
        self,
        question: Question,
        units: Sequence[Unit],
        *,
        trend_of: Unit | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        self.question = question
        self.stamped = _stamps(question, units)
        self.targets = AssignedTargets(
            question.plan,
            units,
            as_of=question.plan_as_of,
            paths={unit: path for unit, (_sector, path) in self.stamped.items()},
            only=only,
        )
        self.timeline = Timeline(
            question.plan, question.quarter, last_due_on=self.targets.last_due_on
        )
        whole = self.timeline.whole
        self.baselines = Baselines(question.plan, units, first=whole.first)
        self.measures = self._measure(units, self._cut_offs)
        self.trend_of = trend_of
        at = self._cut_offs
        if trend_of is not None:
            self.trend = self._measure([trend_of], self._trend_cut_offs)
            at = at | self._trend_cut_offs
        self._topics = Topics()
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
            parameters=frozenset(
                known.parameter
                for key, known in self.targets.definitions.items()
                if self.targets.indicator(key).has_parameter
            ),
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
        sector, _path = self.stamped.get(unit.pk, (unit.sector_id, unit.path))
        return sector in self.targets.sectors(unit, key)

    def line(self, unit: Unit, key: Key) -> Line:
        indicator, sectors = self.targets.indicator(key), self.targets.sectors(unit, key)
        stretch = self.stretch(key)
        quarter = stretch.shown(key.due_on)
        sums, coverage = NOTHING, None
        if indicator.is_read_from_reports:
            sums = self.sums(unit, sectors, quarter, stretch)
            of_group = self.targets.group_sectors(key)
            coverage = self.sums(unit, of_group, quarter, stretch).coverage
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
            topics=tuple(self._topics.names(self.targets.definitions[key].topics)),
            trend=self._trend(unit, key, progress, before) if unit == self.trend_of else (),
        )

    def sums(
        self,
        unit: Unit,
        sectors: Sectors,
        quarter: Quarter | None,
        stretch: Stretch,
        *,
        measures: Measures | None = None,
    ) -> Sums:
        """What the reports say at a cut-off, flows since the start of the stretch."""
        return (measures or self.measures).of(unit, sectors, quarter, since=stretch.starts_on)

    def _figures(
        self, unit: Unit, key: Key, quarter: Quarter | None, *, measures: Measures | None = None
    ) -> Figures:
        """Part and whole of a line at a cut-off, wherever its indicator reads them."""
        indicator, sectors = self.targets.indicator(key), self.targets.sectors(unit, key)
        stretch = self.stretch(key)
        if indicator.figures is not None:
            sums = self.sums(unit, sectors, quarter, stretch, measures=measures)
            return indicator.figures(sums)
        if quarter is None:
            return Figures(None)
        return self.read[indicator.read_from].figures(self.wanted(unit, key, quarter))

    def wanted(self, unit: Unit, key: Key, quarter: Quarter) -> sources.Wanted:
        """A line at a cut-off, as its source is asked for it."""
        return sources.Wanted(
            self.targets.indicator(key),
            unit,
            self.targets.sectors(unit, key),
            quarter,
            since=self._counted_since(unit, key),
            parameter=self.targets.definitions[key].parameter,
            topics=self._topics.codes(self.targets.definitions[key].topics),
            is_of_all=key.group == SectorGroup.ALL,
        )

    @property
    def training(self) -> sources.TrainingSource | None:
        """The officers, where a line of the plan counts them."""
        found = self.read.get(ReadFrom.TRAINING)
        return found if isinstance(found, sources.TrainingSource) else None

    def workload(self, unit: Unit) -> Figures:
        """Of the units, and of the full-time officers who look after them; whether the plan has a
        line of it or not."""
        quarter = self.timeline.whole.shown()
        if self.training is None or quarter is None:
            return Figures(None)
        wanted = sources.Wanted(
            SHIPPED[WORKLOAD],
            unit,
            self.targets.all_sectors,
            quarter,
            since=self.question.plan.starts_on,
        )
        return self.training.figures(wanted)

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
        if first is None or not indicator.is_flow or indicator.is_known_however_old:
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
            is_quotient=indicator.is_quotient,
            is_money=indicator.is_money,
            is_share=indicator.is_share,
            before=before.value if before else 0,
            quarters_before=stretch.not_counted(span) if before else 0,
        )

    @staticmethod
    def _counted(indicator: Indicator, stretch: Stretch, span: Span, figures: Figures) -> int:
        if figures.numerator is None:
            return 0
        if indicator.is_known_however_old:
            return span.passed(stretch.seen_on)
        return stretch.counted(span)

    def _start(self, unit: Unit, key: Key) -> Fraction | None:
        """What counts from the start of the plan starts at nothing; the rest at the last cut-off
        before."""
        indicator = self.targets.indicator(key)
        if indicator.starts_at_nothing:
            return Fraction(0)
        stretch = self.stretch(key)
        figures = self._figures(unit, key, stretch.base)
        start = _value(indicator, figures)
        if start is None and indicator.code == "members":
            opening = self._opening(unit, self.targets.sectors(unit, key), stretch)
            return None if opening is None else Fraction(opening)
        return start

    def _opening(self, unit: Unit, sectors: Sectors, stretch: Stretch) -> int | None:
        """Members before the plan, or those with whom its first quarter opened."""
        before = self.sums(unit, sectors, stretch.base, stretch).stock("members")
        if before is not None:
            return before
        first = self.sums(unit, sectors, stretch.first, stretch)
        return first.stock("opening_members")

    def _opening_name(self, unit: Unit, sectors: Sectors, stretch: Stretch) -> str:
        """A term that began before the product is told of from its first quarter on."""
        first = stretch.first
        if stretch.is_of_one_year:
            return _("Start of the year")
        is_late = first is not None and starts_late(stretch, first)
        base = self.sums(unit, sectors, stretch.base, stretch)
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
        with_before = replace(figures, numerator=_added(figures.numerator, before))
        return _value(self.targets.indicator(key), with_before)


def _stamps(question: Question, units: Sequence[Unit]) -> dict[int, tuple[str, str]]:
    """Sector and path of reporting units as of the quarter asked; none are needed of today's."""
    if question.structure == Structure.CURRENT:
        return {}
    ids = [unit.pk for unit in units]
    reports = QuarterlyReport.objects.of(question.quarter).filter(unit__in=ids)
    rows = reports.values_list("unit_id", "sector_id", "path")
    return {unit: (sector, path) for unit, sector, path in rows}


def _value(indicator: Indicator, figures: Figures) -> Fraction | None:
    return value(
        indicator.kind,
        figures.numerator,
        figures.denominator,
        is_quotient=indicator.is_quotient,
    )


def _added(numerator: int | None, before: Before | None) -> int | None:
    """A flow with what was reached before the product, which is known though nobody reported."""
    return numerator if before is None else (numerator or 0) + before.value
