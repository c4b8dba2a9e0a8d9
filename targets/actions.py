"""What people do with plans and targets: the only code that changes them.

Every verb is atomic, names who acts and writes its line of history. The plan's row is the lock:
whoever changes a plan or its targets takes it first, so two people cannot add the same line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, SectorGroup, Unit, User
from members.models.history import changes_between, entry, record
from targets.indicators import INHERITED, Indicator, known_among
from targets.lines import Book, Line, Problem, plan_problems
from targets.models import Plan, Target, TargetRevision, Term
from targets.models.targets import TargetQuerySet
from targets.shipped import ShippedPlan
from targets.spans import term_named, years_later
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number

HEAD = ("title", "term", "number", "issued_on", "starts_on", "ends_on")
VALUE = ("minimum", "desired", "decision_no", "decision_on", "in_force_on")
DEFINED = ("due_on", "is_recurring", "parameter", "topics")
TOLD = ("owner", "rationale")
ADDRESSES = ("new", "indicators")  # of pages below /plans/

# --- plans ---------------------------------------------------------------------------------------


@transaction.atomic
def create_plan(plan: Plan, *, by: User) -> Plan:
    """Save a new plan, as a draft."""
    if is_taken(plan.code):
        raise Refused(_("This plan code is already used."))
    _refuse(plan_problems(plan))
    plan.status = Plan.Status.DRAFT
    _keep_term(plan)
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError:  # somebody was faster with the same code
        raise Refused(_("This plan code is already used.")) from None
    _record_plan(
        plan, gettext_noop("made the plan"), by=by, changes=changes_between({}, _head(plan))
    )
    return plan


@transaction.atomic
def edit_plan(plan: Plan, fields: Mapping[str, Any], *, by: User) -> Plan:
    """Change the head of a plan; its code and its owner stay."""
    locked = lock_plan(plan)
    _refuse_ended(locked)
    before = _head(locked)
    for name in HEAD:
        if name in fields:
            setattr(locked, name, fields[name])
    _refuse(plan_problems(locked))
    if changes := changes_between(before, _head(locked)):
        _keep_term(locked)
        locked.save(update_fields=HEAD)
        _record_plan(locked, gettext_noop("changed the plan"), by=by, changes=changes)
    return locked


@transaction.atomic
def copy_plan(
    plan: Plan,
    *,
    code: str,
    starts_on: date,
    ends_on: date,
    title: str = "",
    number: str = "",
    issued_on: date | None = None,
    term: Term | None = None,
    by: User,
) -> Plan:
    """A draft for another span; its targets start with the latest values of this plan.

    Numbers of units below are left out, for they are registered and allocated anew; the sector
    rules among them stay. Due days move by whole years; a milestone that then lies outside the new
    span is left out too.
    """
    copy = Plan(
        code=code,
        title=title or plan.title,
        unit=plan.unit,
        term=term,
        number=number,
        issued_on=issued_on,
        starts_on=starts_on,
        ends_on=ends_on,
        risk_share=plan.risk_share,
        risk_points=plan.risk_points,
    )
    create_plan(copy, by=by)
    years = starts_on.year - plan.starts_on.year
    set_targets(copy, _lines_for(copy, plan, years=years), by=by)
    return copy


@transaction.atomic
def create_from_shipped(shipped: ShippedPlan, plan: Plan, *, by: User) -> Plan:
    """Save a new plan with the lines of a shipped one, all of them for its owner."""
    create_plan(plan, by=by)
    lines = [
        Line(
            unit=plan.unit,
            indicator=line.indicator,
            sector_group=line.sector_group,
            minimum=line.minimum,
            desired=line.desired,
            due_on=line.due_on,
            is_recurring=line.recurring,
            parameter=line.parameter,
            topics=line.topics,
            rationale=line.rationale,
            in_force_on=plan.starts_on,
            decision_no=plan.number,
            decision_on=plan.issued_on if plan.number else None,
        )
        for line in shipped.lines
    ]
    set_targets(plan, lines, by=by)
    return plan


@transaction.atomic
def load_plan(shipped: ShippedPlan, unit: Unit, *, code: str, by: User) -> Plan:
    """A shipped plan becomes the unit's own, in force at once."""
    plan = Plan(
        code=code,
        title=shipped.title,
        unit=unit,
        term=term_named(shipped.term) if shipped.term else None,
        starts_on=shipped.starts_on,
        ends_on=shipped.ends_on,
    )
    return put_in_force(create_from_shipped(shipped, plan, by=by), by=by)


@transaction.atomic
def put_in_force(plan: Plan, *, by: User) -> Plan:
    locked = lock_plan(plan)
    if not locked.is_draft:
        raise Refused(_("The plan is no longer a draft."))
    _refuse(plan_problems(locked))
    locked.status = Plan.Status.IN_FORCE
    locked.save(update_fields=["status"])
    _record_plan(locked, gettext_noop("put the plan in force"), by=by)
    _tell_the_units(locked, by=by)
    return locked


def _tell_the_units(plan: Plan, *, by: User) -> None:
    """What was drafted for units below is in their own history from now on."""
    below = list(plan.targets.exclude(unit=plan.unit).with_values().order_by("pk"))
    indicators = known_among({target.indicator for target in below})
    lines = []
    for target in below:
        target.plan = plan
        known, value = indicators[target.indicator], _value(target.revisions.all()[0])
        changes = changes_between(dict.fromkeys(VALUE), _in_history(known, value))
        lines.append(
            entry(
                HistoryKind.TARGET,
                gettext_noop("set the target"),
                by=by,
                unit=target.unit,
                subject=target_subject(target, indicators),
                changes=changes,
            )
        )
    HistoryEntry.objects.bulk_create(lines)


@transaction.atomic
def end_plan(plan: Plan, *, by: User, on: date, reason: str) -> Plan:
    """The plan holds until that day; its figures stay readable."""
    locked = lock_plan(plan)
    if not locked.is_in_force:
        raise Refused(_("The plan is not in force."))
    if on < locked.starts_on:
        raise Refused(_("A plan must end after it starts."))
    if not reason.strip():
        raise Refused(_("Say why the plan ends."))
    if asking := locked.rounds.running().select_related("unit").first():
        sentence = _("%(unit)s still asks its units to register for this plan; end that first.")
        raise Refused(sentence % {"unit": asking.unit})
    locked.status = Plan.Status.ENDED
    locked.ended_on = on
    locked.save(update_fields=["status", "ended_on"])
    changes = changes_between({}, {"ended_on": on})
    _record_plan(locked, gettext_noop("ended the plan"), by=by, changes=changes, reason=reason)
    return locked


# --- targets -------------------------------------------------------------------------------------


@dataclass
class Done:
    """What setting targets did, line by line."""

    created: list[Target] = field(default_factory=list)
    changed: list[Target] = field(default_factory=list)
    unchanged: list[Target] = field(default_factory=list)
    revisions: list[TargetRevision] = field(default_factory=list)
    corrected: list[TargetRevision] = field(default_factory=list)
    history: list[HistoryEntry] = field(default_factory=list)


def set_target(plan: Plan, line: Line, *, by: User) -> Done:
    """Create the line, or give it another value; the same value writes nothing."""
    return set_targets(plan, [line], by=by)


@transaction.atomic
def set_targets(plan: Plan, lines: Iterable[Line], *, by: User) -> Done:
    """All the lines or none, in a fixed number of statements.

    In a draft a value of the same day is corrected; once the plan is in force every change is a
    revision of its own.
    """
    lines = list(lines)
    plan = lock_plan(plan)
    book = Book(plan)
    _refuse(problem for _place, problem in book.problems_of(lines))
    done = Done()
    for line in lines:
        _set(book.settled(line), book, done, by=by)
    Target.objects.bulk_create(done.created)
    Target.objects.bulk_update([t for t in done.changed if t.pk], TOLD)
    TargetRevision.objects.bulk_create(done.revisions)
    TargetRevision.objects.bulk_update(done.corrected, VALUE)
    HistoryEntry.objects.bulk_create(done.history)
    return done


def _set(line: Line, book: Book, done: Done, *, by: User) -> None:
    target, indicator = book.targets.get(line.key), book.indicators[line.indicator]
    known = book.in_force(line)
    if target and book.is_same(line):
        done.unchanged.append(target)
        return
    before = _value(known) | {name: getattr(target, name, "") for name in TOLD}
    if target is None:
        target = _new_target(line, book)
        done.created.append(target)
        verb = gettext_noop("set the target")
    else:
        done.changed.append(target)
        verb = gettext_noop("changed the target")
        for name, text in line.told.items():
            setattr(target, name, text)
    if book.has_value(line):
        pass  # only what is told beside the value changes
    elif book.plan.is_draft and known and known.in_force_on == line.in_force_on:
        for name, value in line.value.items():
            setattr(known, name, value)
        if known.pk:
            done.corrected.append(known)
    else:
        revision = TargetRevision(
            target=target, **line.value, reason=line.reason, by=by, at=clock.now()
        )
        done.revisions.append(revision)
        book.keep(line, target, revision)
    done.history.append(
        entry(
            HistoryKind.TARGET,
            verb,
            by=by,
            unit=_told_at(book.plan, line.unit),
            subject=target_subject(target, book.indicators),
            changes=changes_between(
                _in_history(indicator, before),
                _in_history(indicator, {**line.value, **line.told}),
            ),
            reason=line.reason,
        )
    )


def _told_at(plan: Plan, unit: Unit) -> Unit:
    """Where the history tells of a target: while its plan is a draft, out of sight of the unit."""
    return plan.unit if plan.is_draft else unit


def _new_target(line: Line, book: Book) -> Target:
    return Target(
        plan=book.plan,
        unit=line.unit,
        indicator=line.indicator,
        sector_group=book.groups[line.sector_group],
        **{name: getattr(line, name) for name in (*DEFINED, *TOLD)},
    )


@transaction.atomic
def remove_target(target: Target, *, by: User, reason: str = "") -> None:
    """Take a line out of a draft; from a plan in force nothing disappears."""
    plan = lock_plan(target.plan)
    if not plan.is_draft:
        raise Refused(_("The plan is in force: its targets are revised, not removed."))
    last = target.revisions.order_by("-in_force_on", "-pk").first()
    indicators = known_among([target.indicator])
    before = _in_history(indicators[target.indicator], _value(last))
    record(
        HistoryKind.TARGET,
        gettext_noop("removed the target"),
        by=by,
        unit=_told_at(plan, target.unit),
        subject=target_subject(target, indicators),
        changes=changes_between(before, dict.fromkeys(VALUE)),
        reason=reason,
    )
    target.delete()


# --- what the verbs share ------------------------------------------------------------------------


def is_taken(code: str) -> bool:
    """By another plan, whatever its capitals, or by an address such as /plans/new/."""
    return code.lower() in ADDRESSES or Plan.objects.filter(code__iexact=code).exists()


def plan_subject(plan: Plan) -> str:
    return f"{plan.code} · {plan.title}"


def target_subject(target: Target, indicators: Mapping[str, Indicator]) -> str:
    label = str(indicators[target.indicator].label)
    subject = line_subject(target.plan, target.unit, label, target.sector_group)
    return f"{subject} · {in_text(target.due_on)}" if target.due_on else subject


def line_subject(plan: Plan, unit: Unit, label: str, group: SectorGroup) -> str:
    """Starts with the code of the plan, by which a plan finds its history."""
    return " · ".join([plan.code, str(unit), label, str(group)])


def history_of(plan: Plan) -> Q:
    """The lines of history about a plan and its targets: its code opens their subjects."""
    kinds = (HistoryKind.PLAN, HistoryKind.TARGET)
    return Q(kind__in=kinds, subject__startswith=f"{plan.code} · ")


def history_of_owner(plan: Plan) -> Q:
    """The same without the targets of other units, of which a draft has hundreds."""
    own = Q(kind=HistoryKind.PLAN) | Q(subject__startswith=f"{plan.code} · {plan.unit} · ")
    return history_of(plan) & Q(unit=plan.unit) & own


def _head(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) or None for name in HEAD}


def _in_history(indicator: Indicator, value: Mapping[str, Any]) -> dict[str, Any]:
    """A value as history tells it: 5493 people, «95,5%»."""
    numbers = {name: value.get(name) for name in ("minimum", "desired")}
    told = {
        name: _written(indicator, number) for name, number in numbers.items() if number is not None
    }
    return {**dict.fromkeys(VALUE), **value, **numbers, **told}


def _written(indicator: Indicator, number: Any) -> int | str:
    if not indicator.is_ratio:
        return int(number)
    return whole_number(number) + ("%" if indicator.is_percentage else "")


def _value(revision: TargetRevision | None) -> dict[str, Any]:
    return {name: getattr(revision, name) if revision else None for name in VALUE}


def lock_plan(plan: Plan) -> Plan:
    """The plan as it stands now, ours until the transaction ends."""
    plans = Plan.objects.select_related("unit", "term")
    return plans.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)


def _keep_term(plan: Plan) -> None:
    """A term that a plan names for the first time is kept with it."""
    if plan.term and not plan.term.pk:
        span = {"starts_on": plan.term.starts_on, "ends_on": plan.term.ends_on}
        plan.term = Term.objects.get_or_create(code=plan.term.code, defaults=span)[0]


def _refuse(problems: Iterable[Problem]) -> None:
    for problem in problems:
        raise Refused(problem.message)


def _refuse_ended(plan: Plan) -> None:
    if plan.has_ended:
        raise Refused(_("The plan has ended; nothing in it changes any more."))


def _record_plan(plan: Plan, verb: str, *, by: User, **facts: Any) -> None:
    record(HistoryKind.PLAN, verb, by=by, unit=plan.unit, subject=plan_subject(plan), **facts)


def to_copy(plan: Plan) -> TargetQuerySet:
    """The plan's own targets, and the sector rules of units below."""
    return plan.targets.filter(Q(unit=plan.unit) | Q(indicator__in=INHERITED))


def _lines_for(copy: Plan, plan: Plan, *, years: int) -> Iterator[Line]:
    for target in to_copy(plan).with_values().order_by("pk"):
        latest = target.revisions.all()[0]
        due_on = years_later(target.due_on, years) if target.due_on else None
        if due_on and not copy.starts_on <= due_on <= copy.ends_on:
            continue
        yield Line(
            unit=target.unit,
            indicator=target.indicator,
            sector_group=target.sector_group.code,
            due_on=due_on,
            is_recurring=target.is_recurring,
            parameter=target.parameter,
            topics=target.topics,
            owner=target.owner,
            rationale=target.rationale,
            minimum=latest.minimum,
            desired=latest.desired,
            in_force_on=copy.starts_on,
            decision_no=copy.number,
            decision_on=copy.issued_on if copy.number else None,
        )
