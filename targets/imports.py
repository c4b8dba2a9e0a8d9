"""Plans and targets from files: parse → check → show → apply, all rows or none.

What may stand in a plan is said by :mod:`targets.lines`, to which each row is put.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from members.access import Permission
from members.imports.units import no_such_unit, units_by_code
from members.models import SectorGroup, Unit, User
from targets.actions import HEAD, Done, create_plan, is_taken, put_in_force, set_targets
from targets.baselines import Done as BaselinesDone
from targets.baselines import Result, Rules, set_baselines
from targets.indicators import Catalogue, Indicator, known_among
from targets.lines import Book, Key, Line, plan_problems
from targets.models import Baseline, Plan, Target, Term
from targets.models.allocation import LARGEST
from targets.spans import term_named
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Choices, Column, Row, Sheet, read

PLAN_COLUMNS = [
    Column("plan", pgettext_lazy("column", "Plan code"), is_required=True),
    Column("term", pgettext_lazy("column", "Term")),
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True),
    Column("title", pgettext_lazy("column", "Title"), is_required=True),
    Column("number", pgettext_lazy("column", "Document number")),
    Column("issued_on", pgettext_lazy("column", "Issued on")),
    Column("starts_on", pgettext_lazy("column", "From day"), is_required=True),
    Column("ends_on", pgettext_lazy("column", "Until day"), is_required=True),
]
TARGET_COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True),
    Column("indicator", pgettext_lazy("column", "Indicator"), is_required=True),
    Column("sector_group", pgettext_lazy("column", "Sector group"), is_required=True),
    Column("minimum", pgettext_lazy("column", "Minimum"), is_required=True),
    Column("desired", pgettext_lazy("column", "Desired")),
    Column("due_on", pgettext_lazy("column", "Due on")),
    Column("recurring", pgettext_lazy("column", "Every year")),
    Column("parameter", pgettext_lazy("column", "Parameter")),
    Column("topics", pgettext_lazy("column", "Topics")),
    Column("owner", pgettext_lazy("column", "Who answers for it")),
    Column("rationale", pgettext_lazy("column", "Grounds")),
    Column("decision_no", pgettext_lazy("column", "Decision number")),
    Column("decision_on", pgettext_lazy("column", "Issued on")),
    Column("in_force_on", pgettext_lazy("column", "In force from")),
    Column("reason", pgettext_lazy("column", "Reason")),
]
BASELINE_COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True),
    Column("indicator", pgettext_lazy("column", "Indicator"), is_required=True),
    Column("sector_group", pgettext_lazy("column", "Sector group")),
    Column("up_to", pgettext_lazy("column", "Up to day"), is_required=True),
    Column("value", pgettext_lazy("column", "Result"), is_required=True),
    Column("document_no", pgettext_lazy("column", "Document number")),
]


# --- plans ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlansBroughtIn:
    added: list[Plan]
    unchanged: int

    def lines(self) -> Iterator[str]:
        for plan in self.added:
            yield f"+ {plan.code} {plan.title}"

    def summary(self) -> str:
        return _("Plans added and put in force: %(added)s. Unchanged: %(unchanged)s.") % {
            "added": whole_number(len(self.added)),
            "unchanged": whole_number(self.unchanged),
        }


@transaction.atomic
def bring_in_plans(content: bytes, *, by: User, dry_run: bool = False) -> PlansBroughtIn:
    """Make the plans of a file and put them in force; one that is there already is skipped."""
    sheet = read(content, PLAN_COLUMNS)
    units = units_by_code({row.text("unit") for row in sheet.rows})
    terms: dict[str, Term] = {}
    plans: dict[str, Plan] = {}
    for row in sheet.rows:
        plan = _plan(row, units, terms, by)
        if plan.code in plans:
            row.error("plan", _("this code stands in the file already."))
        plans[plan.code] = plan
    sheet.stop_if_wrong()
    new = [plan for plan in plans.values() if not plan.pk]
    for plan in new:
        if plan.term and not plan.term.pk:
            plan.term.save()
        plan.term = plan.term  # its id is known by now
        put_in_force(create_plan(plan, by=by), by=by)
    if dry_run:
        transaction.set_rollback(True)
    return PlansBroughtIn(new, len(plans) - len(new))


def _plan(row: Row, units: dict[str, Unit], terms: dict[str, Term], by: User) -> Plan:
    """The plan of a row: the stored one if it is the same, else a new one."""
    unit = units.get(row.text("unit", is_required=True))
    starts_on = row.date("starts_on", is_required=True)
    ends_on = row.date("ends_on", is_required=True)
    plan = Plan(
        code=row.code("plan", max_length=60),
        title=row.text("title", is_required=True, max_length=300),
        unit=unit,
        term=_term(row, terms),
        number=row.text("number", max_length=100),
        issued_on=row.date("issued_on"),
        starts_on=starts_on or date.min,  # an error by now
        ends_on=ends_on or date.min,
    )
    if row.text("unit") and not (unit and by.may(Permission.PLAN, unit)):
        row.error("unit", no_such_unit(row.text("unit")))
    stored = Plan.objects.filter(code=plan.code).select_related("unit", "term").first()
    if stored is not None and _is_same(stored, plan):
        return stored
    if is_taken(plan.code):
        row.error("plan", _("This plan code is already used."))
    elif starts_on and ends_on:
        for problem in plan_problems(plan):
            row.error(problem.field, problem.message)
    return plan


def _is_same(stored: Plan, plan: Plan) -> bool:
    return all(getattr(stored, name) == getattr(plan, name) for name in (*HEAD, "unit"))


def _term(row: Row, terms: dict[str, Term]) -> Term | None:
    """The term named, the same one for every row that names it; an unknown one is made."""
    text = row.text("term")
    if not text:
        return None
    try:
        term = term_named(text)
    except ValidationError as error:
        row.error("term", " ".join(error.messages))
        return None
    return terms.setdefault(term.code, term)


# --- targets -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TargetsBroughtIn:
    done: Done

    def lines(self) -> Iterator[str]:
        for sign, targets in (("+", self.done.created), ("~", self.done.changed)):
            for target in targets:
                yield f"{sign} {_subject(target)}"

    def summary(self) -> str:
        return _("Targets added: %(added)s, changed: %(changed)s, unchanged: %(unchanged)s.") % {
            "added": whole_number(len(self.done.created)),
            "changed": whole_number(len(self.done.changed)),
            "unchanged": whole_number(len(self.done.unchanged)),
        }


@transaction.atomic
def bring_in_targets(
    content: bytes, plan: Plan, *, by: User, dry_run: bool = False
) -> TargetsBroughtIn:
    """Set the targets of a plan; one that exists gets a revision where the value differs."""
    by.require(Permission.PLAN, plan.unit)
    sheet = read(content, TARGET_COLUMNS)
    lines = _lines(sheet, plan, by)
    sheet.stop_if_wrong()
    done = set_targets(plan, lines, by=by)
    if dry_run:
        transaction.set_rollback(True)
    return TargetsBroughtIn(done)


def _lines(sheet: Sheet, plan: Plan, by: User) -> Sequence[Line]:
    units = units_by_code({row.text("unit") for row in sheet.rows})
    book = Book(plan)
    indicators, groups = _choices(book.indicators), _groups()
    rows: list[Row] = []
    lines: list[Line] = []
    for row in sheet.rows:
        unit = _unit(row, units, by)
        line = _line(row, plan, unit, indicators, groups)
        if line is not None:
            rows.append(row)
            lines.append(_with_decision(line, book, plan))
    for place, problem in book.problems_of(lines):
        rows[place].error(problem.field, problem.message)
    _refuse_twice(rows, lines)
    return lines


def _choices(indicators: Catalogue) -> Choices[Indicator]:
    return Choices({str(n): i for i in indicators.values() for n in (i.code, i.label)})


def _groups() -> Choices[str]:
    return Choices({n: g.code for g in SectorGroup.objects.all() for n in (g.code, g.name)})


def _unit(row: Row, units: dict[str, Unit], by: User) -> Unit | None:
    """The unit of a row; one out of sight is one there is not."""
    code = row.text("unit", is_required=True)
    unit = units.get(code)
    if code and not (unit and by.may(Permission.VIEW, unit)):
        row.error("unit", no_such_unit(code))
    return unit


def _line(
    row: Row,
    plan: Plan,
    unit: Unit | None,
    indicators: Choices[Indicator],
    groups: Choices[str],
) -> Line | None:
    indicator = row.choice("indicator", indicators, is_required=True)
    group = row.choice("sector_group", groups) if row.text("sector_group") else SectorGroup.ALL
    row.text("minimum", is_required=True)
    minimum, desired = (_value(row, name, indicator) for name in ("minimum", "desired"))
    due_on, in_force_on = row.date("due_on"), row.date("in_force_on")
    recurring, parameter = row.choice("recurring", YES_OR_NO), row.whole_number("parameter")
    if unit is None or indicator is None or group is None or minimum is None:
        return None
    return Line(
        unit=unit,
        indicator=indicator.code,
        sector_group=group,
        minimum=minimum,
        desired=desired,
        due_on=due_on,
        is_recurring=recurring == "yes",
        parameter=parameter,
        topics=row.text("topics", max_length=400),
        owner=row.text("owner", max_length=200),
        rationale=row.text("rationale"),
        in_force_on=in_force_on or plan.starts_on,
        decision_no=row.text("decision_no", max_length=100),
        decision_on=row.date("decision_on"),
        reason=row.text("reason"),
    )


# As people write yes and no; an empty cell leaves it as the plan has it.
YES_OR_NO = Choices(
    {
        **dict.fromkeys(("yes", "true", "1", "x", "có", "hằng năm", "hàng năm"), "yes"),
        **dict.fromkeys(("no", "false", "0", "không"), "no"),
    }
)


def _value(row: Row, column: str, indicator: Indicator | None) -> Decimal | None:
    if indicator is None:
        return None
    if indicator.is_ratio:
        return row.decimal(column) if indicator.is_quotient else row.percentage(column)
    # a negative one is refused by a sentence of its own
    number = row.whole_number(column, allow_negative=True, largest=LARGEST)
    return None if number is None else Decimal(number)


def _with_decision(line: Line, book: Book, plan: Plan) -> Line:
    """A file may leave out by which decision and why; the history then says where it is from."""
    if not (plan.is_in_force and book.holds(line)):
        if line.decision_no or line.decision_on or not plan.number:
            return line
        return replace(line, decision_no=plan.number, decision_on=plan.issued_on)
    return replace(
        line,
        decision_no=line.decision_no or ("" if line.decision_on else _("not stated")),
        reason=line.reason or _("Brought in from a file."),
    )


def _refuse_twice(rows: Sequence[Row], lines: Sequence[Line]) -> None:
    first: dict[tuple[Key, date], int] = {}
    for row, line in zip(rows, lines, strict=True):
        number = first.setdefault((line.key, line.in_force_on), row.number)
        if number != row.number:
            row.error("", _("the same target stands in row %(row)s already.") % {"row": number})


def _subject(target: Target | Baseline) -> str:
    label = known_among([target.indicator])[target.indicator].label
    return f"{target.unit.code} · {label} · {target.sector_group}"


# --- results from before the product -------------------------------------------------------------


@dataclass(frozen=True)
class BaselinesBroughtIn:
    done: BaselinesDone

    def lines(self) -> Iterator[str]:
        for sign, rows in (("+", self.done.created), ("~", self.done.changed)):
            for row in rows:
                yield f"{sign} {_subject(row)}: {whole_number(row.value)}"

    def sentence(self) -> str:
        return self.summary()

    def summary(self) -> str:
        return _("Results added: %(added)s, changed: %(changed)s, unchanged: %(unchanged)s.") % {
            "added": whole_number(len(self.done.created)),
            "changed": whole_number(len(self.done.changed)),
            "unchanged": whole_number(len(self.done.unchanged)),
        }


@transaction.atomic
def bring_in_baselines(
    content: bytes, plan: Plan, *, by: User, dry_run: bool = False
) -> BaselinesBroughtIn:
    """Set the results from before the product; a different one replaces what is stored."""
    by.require(Permission.PLAN, plan.unit)
    sheet = read(content, BASELINE_COLUMNS)
    results = _results(sheet, plan, by)
    sheet.stop_if_wrong()
    done = set_baselines(plan, results, by=by)
    if dry_run:
        transaction.set_rollback(True)
    return BaselinesBroughtIn(done)


def _results(sheet: Sheet, plan: Plan, by: User) -> Sequence[Result]:
    units = units_by_code({row.text("unit") for row in sheet.rows})
    rules = Rules(plan)
    indicators, groups = _choices(rules.indicators), _groups()
    first: dict[tuple[int, str, str], int] = {}
    results: list[Result] = []
    for row in sheet.rows:
        result = _result(row, _unit(row, units, by), indicators, groups)
        if result is None:
            continue
        for problem in rules.problems(result):
            row.error(problem.field, problem.message)
        number = first.setdefault(result.key, row.number)
        if number != row.number:
            row.error("", _("the same result stands in row %(row)s already.") % {"row": number})
        results.append(result)
    return results


def _result(
    row: Row, unit: Unit | None, indicators: Choices[Indicator], groups: Choices[str]
) -> Result | None:
    indicator = row.choice("indicator", indicators, is_required=True)
    group = row.choice("sector_group", groups) if row.text("sector_group") else SectorGroup.ALL
    up_to = row.date("up_to", is_required=True)
    row.text("value", is_required=True)
    # where it cannot be, a negative one is refused by a sentence of its own
    value = row.whole_number("value", allow_negative=True, largest=LARGEST)
    document_no = row.text("document_no", max_length=100)
    if unit is None or indicator is None or group is None or up_to is None or value is None:
        return None
    return Result(unit, indicator.code, up_to, value, group, document_no)
