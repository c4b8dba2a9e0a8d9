"""Đăng ký chỉ tiêu: a unit asks those directly below what they can promise, until a day.

Children see the round though its plan may still be a draft: what they are shown of that is the name
of each line, and never a number. Rounds do nothing by themselves; what is registered stands beside
the draft of the allocation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import Permission
from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Unit, User
from members.models.history import changes_between, entry, record
from targets.actions import lock_plan, plan_subject, target_subject
from targets.allocating import can_be_split
from targets.indicators import Indicator, known_among
from targets.lines import unit_problems
from targets.models import Plan, Registration, RegistrationRound, Target
from targets.models.allocation import LARGEST
from targets.potential import Potential, Potentials, Sectors
from targets.spans import span_name
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number

Stated = dict[str, Any]  # number and sentence


@dataclass(frozen=True)
class Promise:
    """What a unit says of one line; blank takes back what it said."""

    target: Target
    number: int | None
    sentence: str = ""
    seen: str | None = None  # the number that stood on the page; none: nobody looked

    @property
    def stated(self) -> Stated:
        if self.number is None:
            return {"number": None, "sentence": None}
        return {"number": self.number, "sentence": self.sentence}


@dataclass(frozen=True)
class AskedLine:
    """A line of the superior's as the unit below is asked for it."""

    target: Target
    indicator: Indicator
    potential: Potential
    registration: Registration | None

    @property
    def registered(self) -> int | None:
        return self.registration.number if self.registration else None


@dataclass(frozen=True)
class Asked:
    """What a unit is asked to register, and what it has said."""

    round: RegistrationRound
    unit: Unit
    lines: list[AskedLine]
    result_name: str


@dataclass(frozen=True)
class Invitation:
    """An open round, for the first page of a unit that is asked."""

    round: RegistrationRound
    unit: Unit
    has_registered: bool

    @property
    def words(self) -> str:
        """«Đăng ký chỉ tiêu năm 2025 · hạn 20/11/2024»."""
        day = in_text(self.round.closes_on)
        facts = {"span": span_name(self.round.plan), "day": day}
        return _("Register the targets for %(span)s · until %(day)s") % facts

    @property
    def url(self) -> str:
        return reverse("registration", args=[self.round.plan.code, self.unit.code])


# --- read ----------------------------------------------------------------------------------------


def open_rounds(plan: Plan) -> QuerySet[RegistrationRound]:
    """Those that wait to be ended; until then the plan cannot be."""
    return plan.rounds.running().select_related("unit").order_by("unit__path")


def latest_round(plan: Plan, unit: Unit) -> RegistrationRound | None:
    rounds = RegistrationRound.objects.filter(plan=plan, unit=unit)
    return rounds.select_related("plan", "unit").order_by("-opened_at", "-pk").first()


def invitations(units: Collection[Unit], *, on: date) -> list[Invitation]:
    """The open rounds in which these units are asked; two statements."""
    parents = {unit.parent_id for unit in units}
    rounds = RegistrationRound.objects.running().filter(unit__in=parents, closes_on__gte=on)
    found = list(rounds.select_related("plan", "unit").order_by("closes_on", "pk"))
    said = Registration.objects.filter(round__in=found, unit__in=units)
    registered = set(said.values_list("round_id", "unit_id"))
    return [
        Invitation(asking, unit, (asking.pk, unit.pk) in registered)
        for unit in units
        for asking in found
        if asking.unit_id == unit.parent_id
    ]


def lines_of(plan: Plan, unit: Unit) -> list[tuple[Target, Indicator]]:
    """What can be registered: the numbers that this unit is assigned in the plan."""
    targets = list(plan.targets.filter(unit=unit).with_values().by_unit())
    for target in targets:
        target.plan = plan
    known = known_among({target.indicator for target in targets})
    return [
        (target, indicator)
        for code, indicator in known.items()  # in the order in which plans show them
        for target in targets
        if target.indicator == code and can_be_split(target, indicator)
    ]


def asked_of(asking: RegistrationRound, unit: Unit) -> Asked:
    """In a fixed number of statements."""
    sectors = Sectors()
    lines = [
        (target, known)
        for target, known in lines_of(asking.plan, asking.unit)
        if sectors.concern(target, known, unit)
    ]
    potentials = Potentials(asking.plan, lines, [unit], sectors)
    said = {r.target_id: r for r in asking.registrations.filter(unit=unit).select_related("by")}
    return Asked(
        asking,
        unit,
        [AskedLine(t, i, potentials.of(t, i, unit), said.get(t.pk)) for t, i in lines],
        potentials.result_name,
    )


def may_register(user: User, unit: Unit) -> bool:
    """Of a unit that reports whoever sends its reports, of a superior whoever allocates there."""
    return user.may(Permission.SEND if unit.is_reporting else Permission.ALLOCATE, unit)


# --- the round -----------------------------------------------------------------------------------


@transaction.atomic
def open_round(plan: Plan, unit: Unit, *, closes_on: date, by: User, on: date) -> RegistrationRound:
    """«Mở đợt đăng ký chỉ tiêu, hạn …»."""
    plan = lock_plan(plan)
    for problem in unit_problems(plan, unit):
        raise Refused(problem.message)
    _refuse_day(plan, closes_on, on)
    if running := plan.rounds.running().filter(unit=unit).first():
        sentence = _("A registration is open already, until %(day)s.")
        raise Refused(sentence % {"day": in_text(running.closes_on)})
    if not lines_of(plan, unit):
        sentence = _("The plan holds no number for %(unit)s yet, so there is nothing to register.")
        raise Refused(sentence % {"unit": unit})
    asking = RegistrationRound.objects.create(
        plan=plan, unit=unit, closes_on=closes_on, opened_by=by, opened_at=clock.now()
    )
    _record(asking, gettext_noop("opened the registration of targets"), None, closes_on, by=by)
    return asking


@transaction.atomic
def prolong_round(
    asking: RegistrationRound, *, closes_on: date, by: User, on: date
) -> RegistrationRound:
    """Another last day; one that is over may be opened up again as long as it is not ended."""
    asking = _locked(asking)
    _refuse_ended(asking)
    _refuse_day(asking.plan, closes_on, on)
    if (before := asking.closes_on) != closes_on:
        asking.closes_on = closes_on
        asking.save(update_fields=["closes_on"])
        verb = gettext_noop("changed the last day of the registration")
        _record(asking, verb, before, closes_on, by=by)
    return asking


@transaction.atomic
def end_round(asking: RegistrationRound, *, by: User) -> RegistrationRound:
    """Nobody registers any more; what was registered stays."""
    asking = _locked(asking)
    _refuse_ended(asking)
    asking.ended_by, asking.ended_at = by, clock.now()
    asking.save(update_fields=["ended_by", "ended_at"])
    day = asking.closes_on
    _record(asking, gettext_noop("ended the registration of targets"), day, day, by=by)
    return asking


# --- registering ---------------------------------------------------------------------------------


def register(
    asking: RegistrationRound,
    target: Target,
    unit: Unit,
    number: int | None,
    sentence: str = "",
    *,
    by: User,
    on: date,
) -> None:
    """One number and one sentence for one line."""
    register_all(asking, unit, [Promise(target, number, sentence)], by=by, on=on)


@transaction.atomic
def register_all(
    asking: RegistrationRound, unit: Unit, promises: Iterable[Promise], *, by: User, on: date
) -> None:
    """Every line or none; what is said again is replaced, the same again writes nothing."""
    asking = _locked(asking)
    _refuse_late(asking, on)
    if unit.parent_id != asking.unit_id or unit.ended_on is not None:
        words = {"unit": unit, "superior": asking.unit}
        raise Refused(_("%(unit)s is not directly below %(superior)s.") % words)
    lines = {target.pk: (target, known) for target, known in lines_of(asking.plan, asking.unit)}
    sectors, history = Sectors(), []
    said = {r.target_id: r for r in asking.registrations.filter(unit=unit)}
    for promise in promises:
        target, known = lines.get(promise.target.pk, (None, None))
        if target is None or known is None or not sectors.concern(target, known, unit):
            raise Refused(_("This target is not among those to be registered."))
        if promise.number is not None and not 0 <= promise.number <= LARGEST:
            raise Refused(_("Enter a number from 0 on."))
        stored = said.get(target.pk)
        before = {name: getattr(stored, name, None) for name in ("number", "sentence")}
        after = promise.stated
        if before == after:
            continue
        _refuse_unseen(promise, stored)
        _keep(asking, unit, target, stored, promise, by=by)
        history.append(_line_of_history(unit, target, known, before, after, by=by))
    HistoryEntry.objects.bulk_create(history)


def _refuse_unseen(promise: Promise, stored: Registration | None) -> None:
    """Another tab, or somebody else of the unit, was faster."""
    now = "" if stored is None else str(stored.number)
    if promise.seen is not None and promise.seen != now:
        number = whole_number(stored.number if stored else None)
        sentence = _(
            "The registered number was changed to %(number)s after this page was opened. Check it "
            "and register again."
        )
        raise Refused(sentence % {"number": number})


def _keep(
    asking: RegistrationRound,
    unit: Unit,
    target: Target,
    stored: Registration | None,
    promise: Promise,
    *,
    by: User,
) -> None:
    if promise.number is None:
        if stored is not None:
            stored.delete()
        return
    kept = stored or Registration(round=asking, target=target, unit=unit)
    kept.number, kept.sentence = promise.number, promise.sentence
    kept.by, kept.at = by, clock.now()
    kept.save()


def _line_of_history(
    unit: Unit,
    target: Target,
    known: Indicator,
    before: Stated,
    after: Stated,
    *,
    by: User,
) -> HistoryEntry:
    verb = gettext_noop("registered for the target")
    if after["number"] is None:
        verb = gettext_noop("took back the registration for the target")
    return entry(
        HistoryKind.TARGET,
        verb,
        by=by,
        unit=unit,
        subject=target_subject(target, {known.code: known}),
        changes=changes_between(before, after),
    )


# --- what the verbs share ------------------------------------------------------------------------


def _locked(asking: RegistrationRound) -> RegistrationRound:
    rounds = RegistrationRound.objects.select_related("plan__unit", "plan__term", "unit")
    return rounds.select_for_update(of=("self",), no_key=True).get(pk=asking.pk)


def _refuse_day(plan: Plan, closes_on: date, on: date) -> None:
    if plan.has_ended or plan.last_day < on:
        raise Refused(_("The plan has ended; nothing in it changes any more."))
    if closes_on < on:
        raise Refused(_("The last day to register lies in the past."))
    if closes_on > plan.ends_on:
        sentence = _("The last day to register lies after the plan ends on %(ends_on)s.")
        raise Refused(sentence % {"ends_on": in_text(plan.ends_on)})


def _refuse_ended(asking: RegistrationRound) -> None:
    if asking.ended_at is not None:
        raise Refused(_("The registration has been ended."))


def _refuse_late(asking: RegistrationRound, on: date) -> None:
    _refuse_ended(asking)
    if not asking.is_open(on):
        sentence = _("The registration was open until %(day)s. To register later, call %(unit)s.")
        raise Refused(sentence % {"day": in_text(asking.closes_on), "unit": asking.unit})


def _record(
    asking: RegistrationRound, verb: str, before: date | None, after: date, *, by: User
) -> None:
    changes = changes_between({"closes_on": before}, {"closes_on": after})
    subject = plan_subject(asking.plan)
    record(HistoryKind.PLAN, verb, by=by, unit=asking.unit, subject=subject, changes=changes)
