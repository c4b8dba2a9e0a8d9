"""«Tiến độ» of one unit: its lines, the units directly below it, and where each number is from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from members.models import (
    Basis,
    Placement,
    Quarter,
    QuarterlyReport,
    SignOff,
    Structure,
    Unit,
)
from members.models.totals import STATUSES_OF_BASIS
from members.signing_off import latest_of
from members.signing_off import sentence as sign_off_sentence
from targets.indicators import SHIPPED, WORKLOAD, ReadFrom
from targets.measures import Coverage
from targets.models import Plan
from targets.progress import Kind, Status, value
from targets.reading import Reader
from targets.results import Line, Question
from unionplan.lib.numbers import whole_number

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
class Learnt:
    """Of a unit in a plan of training: its lines, and how many units its officers look after."""

    lines: tuple[Line | None, ...]  # None where a line does not concern the unit's sector
    units: int | None  # that report, of a branch
    full_time: int | None

    @property
    def values(self) -> list[Fraction | None]:
        return [line.progress.actual if line else None for line in self.lines]

    @property
    def workload(self) -> Fraction | None:
        if not self.units or not self.full_time:
            return None
        return Fraction(self.units, self.full_time)

    @property
    def untrained(self) -> int:
        """By all lines together: what most needs a hand."""
        shares = [line.progress for line in self.lines if line and line.indicator.has_topics]
        return sum((share.denominator or 0) - (share.numerator or 0) for share in shares)


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
    learnt: Learnt | None = None  # of a plan that is about training

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
    def is_about_training(self) -> bool:
        return is_about_training(self.lines)

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
        if self.is_about_training:
            return _(
                "Figures from the list of officers and the courses held by the cut-off, as units "
                "and unions keep them; no quarterly report is needed for them"
            )
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


def dashboard(question: Question, unit: Unit) -> Dashboard:
    children = children_of(unit, question)
    reader = Reader(question, [unit, *children], trend_of=unit)
    return _board(reader, unit, children)


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
    reader = Reader(question, [unit, *children])
    board = _board(reader, unit, children)
    fitting = [line for line in board.lines if line.key[:2] == (indicator, group)]
    of_day = [
        line for line in fitting if (line.due_on.isoformat() if line.due_on else "") == due_on
    ]
    chosen = next(iter([*of_day, *fitting, *board.lines]), None)
    below: list[Line] = []
    if chosen is not None:
        concerned = (child for child in children if reader.concerns(chosen.key, child))
        below = [reader.line(child, chosen.key) for child in concerned]
    return Source(board, chosen, tuple(below))


def _board(reader: Reader, unit: Unit, children: Sequence[Unit]) -> Dashboard:
    question, own = reader.question, tuple(reader.lines_of(unit))
    headline = headline_of(own, question.quarter)
    columns = _columns_of(own, question.quarter)
    total, shown = _branch_row(reader, unit, headline, columns), reader.timeline.whole.shown()
    superiors = [child for child in children if child.is_superior]
    signed = latest_of(superiors, shown) if superiors and shown else {}
    return Dashboard(
        question=question,
        unit=unit,
        quarter=shown or question.quarter,
        lines=own,
        rows=tuple(
            _branch_row(reader, child, headline, columns, sign_off=signed.get(child.pk))
            for child in children
        ),
        total=total,
        coverage=total.coverage,
        carried_from=_carried_from(question, unit, shown, reader.timeline.existing),
    )


def told_lines(found: Iterable[Line], unit: Unit) -> list[Line]:
    """What a page shows: of a unit that reports no line that says nothing of it."""
    return [
        line
        for line in found
        if unit.is_superior or line.target is not None or line.progress.actual is not None
    ]


def _branch_row(
    reader: Reader,
    unit: Unit,
    headline: Line | None,
    columns: Sequence[Line] | None,
    *,
    sign_off: SignOff | None = None,
) -> BranchRow:
    whole, everything = reader.timeline.whole, reader.targets.all_sectors
    sums = reader.sums(unit, everything, whole.shown(), whole)
    with_workers = everything - SHIPPED["density"].without_sectors
    of_density = reader.sums(unit, with_workers, whole.shown(), whole)
    line = None
    if headline is not None and reader.concerns(headline.key, unit):
        line = headline if unit == headline.unit else reader.line(unit, headline.key)
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
        learnt=None if columns is None else _learnt(reader, unit, columns),
    )


def _learnt(reader: Reader, unit: Unit, columns: Sequence[Line]) -> Learnt:
    pieces = reader.workload(unit).pieces
    return Learnt(
        lines=tuple(
            column
            if unit == column.unit
            else reader.line(unit, column.key)
            if reader.concerns(column.key, unit)
            else None
            for column in columns
        ),
        units=pieces.get("units"),
        full_time=pieces.get("full_time"),
    )


def _columns_of(own: Sequence[Line], quarter: Quarter) -> list[Line] | None:
    """What the branch table of a plan of training shows: its lines, of several due days the next;
    the workload has columns of its own. ``None`` of another plan."""
    if not is_about_training(own):
        return None
    found: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in own:
        found[line.key[0], line.key[1]].append(line)
    shown = (headline_of(same, quarter) for same in found.values())
    return [line for line in shown if line and line.indicator.code != WORKLOAD]


def is_about_training(own: Iterable[Line]) -> bool:
    """A plan whose figures come from no report, but from officers and courses."""
    read_from = {line.indicator.read_from for line in own}
    return ReadFrom.TRAINING in read_from and ReadFrom.REPORTS not in read_from


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


def headline_of(own: Sequence[Line], quarter: Quarter) -> Line | None:
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
