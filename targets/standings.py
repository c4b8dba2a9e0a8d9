"""«Thi đua»: units side by side on one line of a plan, and the table as it is made public.

Ranked are the units directly below a superior union, or all units of its branch that bear a tag
(cụm thi đua), by the unrounded value: counts by what they attained of their own target, ratios by
the value itself. The same value has the same rank (1, 2, 2, 4). Units too small to compare, without
a target or without figures are listed below, without a rank.

For the quarter alone a flow is what the quarter added, held against the pace (the target ÷ the
quarters of its span). It is the difference of two cut-offs, so it holds for whatever a flow is read
from. Stocks and ratios are values of a day: for them the quarter alone is no other question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from members.actions import Refused
from members.models import Basis, HistoryKind, Quarter, Sector, Structure, Tag, Unit, User
from members.models.history import record
from targets.dashboards import children_of, headline_of
from targets.exports import plain
from targets.measures import Asked, Coverage, measure
from targets.models import Plan, Standing
from targets.progress import Progress
from targets.reading import lines
from targets.results import Line, Question
from targets.wording import target_text, value_text
from unionplan.lib import clock
from unionplan.lib.numbers import UNKNOWN, percent_text, points, whole_number
from unionplan.lib.spreadsheets import Value

SMALLEST = 20  # workers: a union with fewer is not compared with the others
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Row:
    """A line of the table in plain texts and numbers: what is shown is what is frozen.

    ``…_value`` are the same figures for a file, exact, as text; ``attained`` of a ratio is what is
    missing to its target.
    """

    rank: int | None
    code: str
    name: str
    superior: str
    workers: int | None
    target: str
    result: str
    attained: str
    target_value: str | None
    result_value: str | None
    attained_value: str | None
    words: str  # «31/20 CĐCS, đạt 155%»
    reports: str
    note: str
    is_ratio: bool
    is_over: bool


@dataclass(frozen=True)
class Ranking:
    """The table of today; ``question`` is of the quarter that is shown."""

    question: Question
    unit: Unit
    tag: Tag | None
    is_of_year: bool
    smallest: int
    choices: tuple[Line, ...]  # what may be ranked: the lines of the plan
    chosen: Line | None  # None of a plan without targets
    units: tuple[Unit, ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return title_of(self.question.quarter, is_of_year=self.is_of_year)

    @property
    def ranked(self) -> int:
        return ranked_in(self.rows)

    @cached_property
    def over(self) -> tuple[Row, ...]:
        """«Vượt chỉ tiêu»: more than the whole target of a count, a ratio that is met."""
        return tuple(row for row in self.rows if row.is_over)

    @property
    def is_of_a_day(self) -> bool:
        """A value at the cut-off, for which the quarter alone is no other question."""
        return self.chosen is not None and not self.chosen.indicator.is_flow

    @property
    def what(self) -> str:
        """What is ranked and how it was read, as it stands over a published table."""
        said = [self.chosen.label if self.chosen else ""]
        if self.question.basis != Basis.ACCEPTED:
            said.append(str(Basis(self.question.basis).label))
        if self.question.structure != Structure.REPORTED:
            said.append(str(Structure(self.question.structure).label))
        return " · ".join(said)[:300]


def title_of(quarter: Quarter, *, is_of_year: bool) -> str:
    """«Bảng xếp hạng thi đua Quý III/2024», «… luỹ kế đến Quý III/2024»."""
    if is_of_year:
        return _("Emulation ranking up to %(quarter)s") % {"quarter": quarter}
    return _("Emulation ranking of %(quarter)s") % {"quarter": quarter}


def ranked_in(rows: Iterable[Row]) -> int:
    return sum(row.rank is not None for row in rows)


def attained_heading(rows: Iterable[Row]) -> str:
    """Of counts the percentage, of ratios what is missing."""
    return _("Missing") if any(row.is_ratio for row in rows) else _("Reached (%)")


def line_code(line: Line) -> str:
    """A line of a plan in an address."""
    return ".".join(str(part) for part in line.key if part is not None)


def tags_below(unit: Unit) -> Any:
    """What units of the branch are tagged with."""
    below = Unit.objects.within(unit, include_self=False)
    borne = Unit.tags.through.objects.filter(unit__in=below)
    return Tag.objects.filter(pk__in=borne.values("tag")).order_by("name")


# --- the table of today --------------------------------------------------------------------------


def ranking(
    question: Question,
    unit: Unit,
    *,
    line: str = "",
    tag: Tag | None = None,
    is_of_year: bool = True,
    smallest: int = SMALLEST,
) -> Ranking:
    """By that line of the plan, else by its headline; ``chosen`` is None where there is no such."""
    question = _within_plan(question)
    units = _units(question, unit, tag)
    by_unit = _lines_by_unit(question, [unit, *units])
    own = by_unit.get(unit.pk, [])
    chosen = _chosen(own, line, question.quarter)
    entries: list[_Entry] = []
    if chosen is not None:
        entries = list(_entries(question, units, by_unit, chosen, is_of_year=is_of_year))
    superiors = {one.pk: str(one.parent if tag else unit) for one in units}
    return Ranking(
        question=question,
        unit=unit,
        tag=tag,
        is_of_year=is_of_year,
        smallest=smallest,
        choices=tuple(own),
        chosen=chosen,
        units=tuple(entry.unit for entry in entries),
        rows=tuple(_rows(entries, smallest, superiors)),
    )


def _within_plan(question: Question) -> Question:
    """Asked later than the plan runs, its last quarter is shown."""
    plan = question.plan
    last_day = min(plan.last_day, question.quarter.cut_off_on)
    last = Quarter.objects.of_span(plan.starts_on, last_day).latest_one()
    return replace(question, quarter=last or question.quarter)


def _units(question: Question, unit: Unit, tag: Tag | None) -> list[Unit]:
    """Tags have no history: those of today, of the branch of today."""
    if tag is None:
        return children_of(unit, question)
    below = Unit.objects.within(unit, include_self=False).active(question.quarter.cut_off_on)
    return list(below.filter(tags=tag).select_related("parent").by_name())


def _lines_by_unit(question: Question, units: Sequence[Unit]) -> dict[int, list[Line]]:
    found = lines(question, units)
    return {pk: list(group) for pk, group in groupby(found, key=lambda line: line.unit.pk)}


def _chosen(own: Sequence[Line], asked: str, quarter: Quarter) -> Line | None:
    if not asked:
        return headline_of(own, quarter)
    return next((line for line in own if line_code(line) == asked), None)


@dataclass(frozen=True)
class _Entry:
    """One unit with its line; ``quarters`` by which its target is divided, if by any."""

    unit: Unit
    line: Line
    workers: int | None
    progress: Progress
    result: Fraction | None
    quarters: int = 1

    @property
    def target(self) -> Fraction | None:
        minimum = self.line.progress.target
        return None if minimum is None else Fraction(minimum) / self.quarters

    @property
    def strength(self) -> Fraction | None:
        """What is compared, unrounded: the more the better. Where less is better nothing at all is
        the best, though it is no percentage."""
        if not self.line.indicator.is_ratio:
            return self.progress.attained_percent if self._share is None else -self._share
        if self.result is None or self.target is None:
            return None
        return -self.result if self.progress.lower_is_better else self.result

    @property
    def is_over(self) -> bool:
        if self.line.indicator.is_ratio:
            return self.progress.shortfall == 0
        if self._share is not None:
            return self._share < 1
        return (self.progress.attained_percent or 0) > 100

    @property
    def _share(self) -> Fraction | None:
        """Of a count of which less is better: the value as a share of its target."""
        actual, target = self.progress.actual, self.progress.target
        if not self.progress.lower_is_better or actual is None or not target:
            return None
        return actual / Fraction(target)

    def refusal(self, smallest: int) -> str:
        """Why it has no rank."""
        if self.workers is not None and self.workers < smallest:
            words = _("Under %(count)s workers, not ranked")
            return words % {"count": whole_number(smallest)}
        if self.target is None:
            return _("not assigned")
        if self.result is None:
            return _("No figures yet")
        if self.strength is None:
            return _("Has no percentage, not ranked")
        return ""


def _entries(
    question: Question,
    units: Sequence[Unit],
    by_unit: dict[int, list[Line]],
    chosen: Line,
    *,
    is_of_year: bool,
) -> Iterator[_Entry]:
    """Of the units that the line concerns."""
    workers = _workers(question, units)
    now = _of_line(by_unit, chosen)
    is_alone = not is_of_year and chosen.indicator.is_flow
    earlier = _a_quarter_before(question, units, chosen) if is_alone else {}
    for unit in units:
        if (line := now.get(unit.pk)) is None:
            continue
        if is_alone:
            added = _added(line, earlier.get(unit.pk), question)
            yield _of_quarter(unit, line, workers.get(unit.pk), added)
        else:
            progress = line.progress
            yield _Entry(unit, line, workers.get(unit.pk), progress, progress.actual)


def _of_line(by_unit: dict[int, list[Line]], chosen: Line) -> dict[int, Line]:
    return {pk: line for pk, found in by_unit.items() for line in found if line.key == chosen.key}


def _a_quarter_before(question: Question, units: Sequence[Unit], chosen: Line) -> dict[int, Line]:
    before = Quarter.objects.before(question.quarter).latest_one()
    if before is None or before.cut_off_on < chosen.progress.span.starts_on:
        return {}
    return _of_line(_lines_by_unit(replace(question, quarter=before), units), chosen)


def _added(now: Line, before: Line | None, question: Question) -> int | None:
    """What the quarter alone added to a flow. A unit whose report of the quarter does not count
    adds 0 to sums, but by itself has no figures of the quarter to be ranked by."""
    total = now.figures.numerator
    if total is None or question.quarter.cut_off_on not in now.progress.span.cut_offs:
        return None
    if now.unit.is_reporting and now.coverage and not _counted(now.coverage, question.basis):
        return None
    return total - ((before.figures.numerator if before else None) or 0)


def _counted(coverage: Coverage, basis: str) -> int:
    return coverage.accepted + (coverage.submitted if basis == Basis.SUBMITTED else 0)


def _of_quarter(unit: Unit, line: Line, workers: int | None, added: int | None) -> _Entry:
    """A quarter's result × the quarters, against the whole target: the same share as the result
    against the pace, and exact."""
    quarters = max(1, line.progress.span.quarters)
    whole = None if added is None else added * quarters
    progress = replace(line.progress, numerator=whole, before=0)
    result = None if added is None else Fraction(added)
    return _Entry(unit, line, workers, progress, result, quarters)


def _workers(question: Question, units: Sequence[Unit]) -> dict[int, int | None]:
    """Of the whole unit, whatever sectors the line speaks of. Three statements."""
    quarter = question.quarter
    sectors = frozenset(Sector.objects.values_list("code", flat=True))
    asked = Asked(
        units=units,
        quarters=[quarter],
        at=[quarter],
        since=quarter.starts_on,
        basis=question.basis,
        structure=question.structure,
    )
    read, since = measure(asked), quarter.starts_on
    return {
        unit.pk: read.of(unit, sectors, quarter, since=since).stock("workers") for unit in units
    }


def _rows(entries: Iterable[_Entry], smallest: int, superiors: Mapping[int, str]) -> Iterator[Row]:
    """The ranked ones, the best first, then the others by name."""
    refusals = [(entry, entry.refusal(smallest)) for entry in entries]
    ranked = [entry for entry, refusal in refusals if not refusal]
    ranked.sort(key=_strength, reverse=True)
    above = 0
    for _same, group in groupby(ranked, key=_strength):
        equals = list(group)
        for entry in equals:
            yield _row(entry, above + 1, _fall(entry), superiors[entry.unit.pk])
        above += len(equals)
    for entry, refusal in refusals:
        if refusal:
            yield _row(entry, None, refusal, superiors[entry.unit.pk])


def _strength(entry: _Entry) -> Fraction:
    return entry.strength or Fraction(0)


# --- in words ------------------------------------------------------------------------------------


def _row(entry: _Entry, rank: int | None, note: str, superior: str) -> Row:
    is_ratio, coverage = entry.line.indicator.is_ratio, entry.line.coverage
    attained, target = _attained(entry), _target_text(entry)
    return Row(
        rank=rank,
        code=entry.unit.code,
        name=str(entry.unit),
        superior=superior,
        workers=entry.workers,
        target=target,
        result=value_text(entry.line, entry.result),
        attained=_attained_text(entry, attained),
        target_value=_exact(entry.target),
        result_value=_exact(entry.result),
        attained_value=_exact(attained),
        words=_words(entry),
        reports=f"{whole_number(coverage.accepted)}/{whole_number(coverage.due)}"
        if coverage
        else "",
        note="" if note == target else note,  # «không giao» once
        is_ratio=is_ratio,
        is_over=entry.is_over,
    )


def _attained(entry: _Entry) -> Fraction | None:
    """Percent of a count, a decrease being 0 of it; what is missing of a ratio."""
    if entry.line.indicator.is_ratio:
        return entry.progress.shortfall
    percent = entry.progress.attained_percent
    return None if percent is None else max(percent, Fraction(0))


def _attained_text(entry: _Entry, attained: Fraction | None) -> str:
    if not entry.line.indicator.is_ratio:
        return percent_text(attained).removesuffix("%")
    if attained == 0:
        return whole_number(0)
    if attained is None:
        return UNKNOWN
    if entry.line.indicator.is_quotient:
        return _("%(amount)s above the ceiling") % {"amount": points(attained)}
    return _("%(points)s percentage points") % {"points": points(attained)}


def _target_text(entry: _Entry) -> str:
    """«20», «95%»; the pace of a quarter is seldom whole: «7,5»."""
    if entry.target is None or entry.quarters == 1:
        return target_text(entry.line)
    exact = Decimal(entry.target.numerator) / entry.target.denominator
    return whole_number(exact.quantize(HUNDREDTH, ROUND_HALF_UP))


def _words(entry: _Entry) -> str:
    """«31/20 CĐCS, đạt 155%», «96,20%, mức giao 95%»."""
    if entry.result is None or entry.target is None:
        return ""
    result, target = value_text(entry.line, entry.result), _target_text(entry)
    if entry.line.indicator.is_ratio:
        return f"{result}, " + _("target %(minimum)s") % {"minimum": target}
    amount = str(entry.line.indicator.amount) % {"count": f"{result}/{target}"}
    if (percent := _attained(entry)) is None:
        return amount
    return f"{amount}, " + _("%(percent)s reached") % {"percent": _short_percent(percent)}


def _short_percent(percent: Fraction) -> str:
    """«155%», «173,8%»: as results are announced, without zeros behind the comma."""
    return percent_text(percent).removesuffix("%").rstrip("0").rstrip(",.") + "%"


def _fall(entry: _Entry) -> str:
    """«thực giảm 120», of a ranked unit that lost more than it won."""
    if entry.line.indicator.is_ratio or entry.result is None or entry.result >= 0:
        return ""
    return _("a decrease of %(count)s") % {"count": whole_number(-int(entry.result))}


def _exact(number: Fraction | None) -> str | None:
    return None if number is None else str(plain(number))


# --- files ---------------------------------------------------------------------------------------

Table = tuple[list[str], list[list[Value]]]


def table_of(rows: Sequence[Row]) -> Table:
    """The whole table, numbers as numbers."""
    header = [
        _("Rank"),
        _("Code"),
        _("Unit"),
        _("Superior union"),
        _("Workers"),
        _("Target"),
        _("Actual"),
        attained_heading(rows),
        _("Reports"),
        _("Note"),
    ]
    return header, [
        [
            row.rank,
            row.code,
            row.name,
            row.superior,
            row.workers,
            _number(row.target_value, row.target),
            _number(row.result_value, row.result),
            _number(row.attained_value, row.attained),
            row.reports,
            row.note,
        ]
        for row in rows
    ]


def commendations_of(rows: Sequence[Row]) -> Table:
    """«Danh sách đề nghị khen thưởng»."""
    header = [
        _("Rank"),
        _("Unit"),
        _("Target"),
        _("Actual"),
        _("Result"),
        _("Superior union"),
        _("Note"),
    ]
    return header, [
        [
            row.rank,
            row.name,
            _number(row.target_value, row.target),
            _number(row.result_value, row.result),
            row.words,
            row.superior,
            row.note,
        ]
        for row in rows
        if row.is_over
    ]


def _number(value: str | None, text: str) -> Value:
    if value is None:
        return "" if text == UNKNOWN else text
    return Decimal(value)


# --- what is made public -------------------------------------------------------------------------


@transaction.atomic
def publish(asked: Question, unit: Unit, *, by: User, **how: Any) -> Standing:
    """Freeze the table of :func:`ranking`; those listed in it see it from now on.

    It is written in the language of the product and not of whoever presses the button.
    """
    with override(settings.LANGUAGE_CODE):
        found = ranking(asked, unit, **how)
        what, subject = found.what, _subject(found)
    _refuse(found)
    standing = Standing.objects.create(
        unit=unit,
        plan=found.question.plan,
        quarter=found.question.quarter,
        is_of_year=found.is_of_year,
        tag=found.tag,
        line=what,
        rows=[asdict(row) for row in found.rows],
        by=by,
        at=clock.now(),
    )
    standing.units.add(*found.units)
    record(
        HistoryKind.PLAN,
        gettext_noop("published the ranking"),
        by=by,
        unit=unit,
        subject=subject,
        quarter=found.question.quarter,
    )
    return standing


def _subject(found: Ranking) -> str:
    """Starts with the code of the plan, by which a plan finds its history."""
    said = [found.question.plan.code, str(found.unit), found.title, found.what]
    return " · ".join([*said, *([str(found.tag)] if found.tag else [])])


def _refuse(found: Ranking) -> None:
    if found.question.plan.is_draft:
        raise Refused(_("The plan is a draft: what it assigns is not public yet."))
    if found.chosen is None:
        raise Refused(_("The plan has no such line."))
    if not found.ranked:
        raise Refused(_("No unit has a rank, so there is nothing to publish."))


def rows_of(standing: Standing) -> list[Row]:
    """As they were frozen."""
    return [Row(**row) for row in standing.rows]


@dataclass(frozen=True)
class Place:
    """Where a unit stands in a published table."""

    standing: Standing
    rank: int | None
    ranked: int

    @property
    def title(self) -> str:
        return title_of(self.standing.quarter, is_of_year=self.standing.is_of_year)

    @property
    def words(self) -> str:
        """«Bảng xếp hạng thi đua Quý III/2024: hạng 3/24»."""
        names = {
            "title": self.title,
            "rank": whole_number(self.rank),
            "ranked": whole_number(self.ranked),
        }
        if self.rank is None:
            return _("%(title)s: not ranked") % names
        return _("%(title)s: rank %(rank)s/%(ranked)s") % names

    @property
    def line(self) -> str:
        """What was ranked, and among whom."""
        return " · ".join(filter(None, [self.standing.line, str(self.standing.tag or "")]))


def place_in(standing: Standing, code: str) -> Place | None:
    rows = rows_of(standing)
    found = next((row for row in rows if row.code == code), None)
    return Place(standing, found.rank, ranked_in(rows)) if found else None


PLACES_SHOWN = 3
LOOKED_THROUGH = 50


def places_of(unit: Unit, plan: Plan, *, seen_by: User) -> list[Place]:
    """The latest published tables of a plan in which the unit stands; what was published again,
    or for an earlier quarter, is found below «Thi đua». Two statements."""
    published = Standing.objects.visible_to(seen_by).filter(units=unit, plan=plan).newest_first()
    names = ("pk", "unit", "tag", "line", "is_of_year")
    latest: dict[tuple[Any, ...], int] = {}
    for pk, *what in published.values_list(*names)[:LOOKED_THROUGH]:
        latest.setdefault(tuple(what), pk)
    shown = Standing.objects.filter(pk__in=list(latest.values())[:PLACES_SHOWN]).newest_first()
    found = shown.select_related("quarter", "tag", "unit")
    return [place for standing in found if (place := place_in(standing, unit.code))]
