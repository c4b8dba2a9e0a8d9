"""Officers by name: who serves where and as what, over time, and the verbs that change it.

A *change* holds from a day on and leaves the past alone; a *correction* says what was always so.
A unit has one chair on any day, and an officer serves at one unit at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import Permission
from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Unit, User
from members.models.history import Changes, changes_between, entry
from members.models.units import UnitQuerySet
from training.accounts import is_called, unlisted_chairs
from training.models import Officer, Position, Tenure
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.vietnamese import one_line

BATCH = 1000
# What a tenure says besides whose it is and when it holds.
STATED = (
    "unit",
    "position",
    "elected_on",
    "first_elected_on",
    "is_full_time",
    "education",
    "political_theory",
    "duties",
    "is_in_planning",
)

Chairs = Mapping[int, list[Tenure]]  # by unit


@dataclass(frozen=True)
class Service:
    """What is said of somebody's service at a unit."""

    unit: Unit
    position: Position
    elected_on: date
    first_elected_on: date | None = None
    is_full_time: bool = False
    education: str = ""
    political_theory: str = ""
    duties: str = ""
    is_in_planning: bool = False
    left_on: date | None = None

    @classmethod
    def of(cls, tenure: Tenure) -> Service:
        return cls(**{name: getattr(tenure, name) for name in STATED}, left_on=tenure.valid_to)

    @property
    def stated(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in STATED}

    @property
    def is_chair(self) -> bool:
        return self.position.pk == Position.CHAIR


@dataclass(frozen=True)
class Newcomer:
    name: str
    service: Service
    gender: str = ""


class Refusal(NamedTuple):
    """What is wrong with a service, and with which fact of it."""

    field: str
    words: str


class UnfitService(Refused):
    """Refused for one fact of the service, beside which a form says so."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.field = refusal.field


# --- the verbs -----------------------------------------------------------------------------------


@transaction.atomic
def add_officers(newcomers: Sequence[Newcomer], *, by: User) -> list[Tenure]:
    """People who were not in the list yet; in a fixed number of statements."""
    for newcomer in newcomers:
        by.require(Permission.OFFICERS, newcomer.service.unit)
    chairs = locked_chairs(newcomer.service.unit.pk for newcomer in newcomers)
    tenures = [_add(newcomer, chairs) for newcomer in newcomers]
    _join_accounts(tenures)
    Officer.objects.bulk_create([tenure.officer for tenure in tenures], batch_size=BATCH)
    Tenure.objects.bulk_create(tenures, batch_size=BATCH)
    verb = gettext_noop("added the officer")
    lines = [line(tenure, verb, changes_between({}, told(tenure)), by=by) for tenure in tenures]
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)
    return tenures


def _add(newcomer: Newcomer, chairs: Chairs) -> Tenure:
    officer = Officer(name=one_line(newcomer.name), gender=newcomer.gender)
    officer.name_changed()
    service = newcomer.service
    begins_on = begins(service, chairs)
    _refuse(refusal_of(service, begins_on, chairs))
    tenure = new_tenure(officer, service, begins_on)
    if service.is_chair:
        chairs[service.unit.pk].append(tenure)
    return tenure


def _join_accounts(tenures: Sequence[Tenure]) -> None:
    """A chair who signs in already is the officer of that name."""
    serving = [held for held in tenures if held.is_chair and held.valid_to is None]
    chairs = unlisted_chairs(held.unit_id for held in serving)
    for held in serving:
        user = chairs.get(held.unit_id)
        if user is not None and is_called(user, held.officer.name):
            held.officer.account = user


@transaction.atomic
def correct(tenure: Tenure, service: Service, *, name: str, gender: str, by: User) -> Tenure:
    """What was always so and written wrongly: the figures of past quarters follow, and so do the
    stretches before it at the unit that say the same wrong thing."""
    chairs = others(locked_chairs([tenure.unit_id]), tenure.officer_id)
    held = _locked(tenure, by=by)
    before = told(held)
    _correct_person(held.officer, one_line(name), gender, by=by)
    held = _correct_stretches(held, replace(service, unit=held.unit), chairs)
    if changes := changes_between(before, told(held)):
        line(held, gettext_noop("corrected the officer"), changes, by=by).save()
    return held


def _correct_person(officer: Officer, name: str, gender: str, *, by: User) -> None:
    """By those who keep the list where the person serves last."""
    if (name, gender) == (officer.name, officer.gender):
        return
    last = officer.tenures.select_related("unit").order_by("-valid_from")[0]
    by.require(Permission.OFFICERS, last.unit)
    officer.name, officer.gender = name, gender
    officer.name_changed()
    officer.save(update_fields=["name", "gender", "search_text", "sort_key"])


def _correct_stretches(held: Tenure, service: Service, chairs: Chairs) -> Tenure:
    """The latest first: where one begins on another day, the one before it ends that day."""
    mine = list(held.officer.tenures.select_related("unit", "position").by_time())
    wrong = Service.of(held).stated
    right = {name: value for name, value in service.stated.items() if value != wrong[name]}
    stretches = _one_service(mine, held)
    ends_on = service.left_on
    for stretch in reversed(stretches):
        said = Service.of(stretch).stated
        same = {name for name in right if said[name] == wrong[name]}
        if "elected_on" in same and ends_on is not None and right["elected_on"] >= ends_on:
            same -= {"elected_on", "first_elected_on"}  # elected again since
        stated = said | {name: right[name] for name in same}
        corrected = Service(**stated, left_on=ends_on)
        begins_on = stretch.valid_from
        if stretch is stretches[0] and begins_on in (stretch.elected_on, stretch.first_elected_on):
            begins_on = begins(corrected, chairs)  # it began with the office
        elif begins_on == stretch.elected_on:
            begins_on = corrected.elected_on
        _refuse(refusal_of(corrected, begins_on, chairs))
        for column, value in stated.items():
            setattr(stretch, column, value)
        stretch.valid_from, stretch.valid_to = begins_on, ends_on
        ends_on = begins_on
    first, last = stretches[0], stretches[-1]
    elsewhere = [other for other in mine if other not in stretches]
    if any(_overlap(other, first.valid_from, last.valid_to) for other in elsewhere):
        raise Refused(one_at_a_time())
    for stretch in stretches:
        stretch.save()
    return last


def _one_service(mine: Sequence[Tenure], held: Tenure) -> list[Tenure]:
    """The stretches at its unit that lead to this one without a gap."""
    found: list[Tenure] = []
    for stretch in mine:
        follows = found and found[-1].valid_to == stretch.valid_from
        if not follows or stretch.unit_id != found[-1].unit_id:
            found = []
        found.append(stretch)
        if stretch.pk == held.pk:
            break
    return found


@transaction.atomic
def change(tenure: Tenure, service: Service, *, since: date, by: User) -> Tenure:
    """What is so from a day on: another position, a degree, another unit. The past stays."""
    chairs = others(locked_chairs([tenure.unit_id, service.unit.pk]), tenure.officer_id)
    held = _locked(tenure, by=by)
    by.require(Permission.OFFICERS, service.unit)
    _refuse(_refusal_of_change(held, service, since))
    before, has_moved = told(held), service.unit != held.unit
    service = since_first_time(held.officer, _as_new_in_office(held, service))
    _refuse(refusal_of(service, since, chairs))
    ends_on = service.left_on if has_moved else held.valid_to
    rest = held.officer.tenures.exclude(pk=held.pk)
    if any(_overlap(other, since, ends_on) for other in rest):  # perhaps out of sight
        raise Refused(one_at_a_time())
    held.valid_to = since
    held.save(update_fields=["valid_to"])
    changed = new_tenure(held.officer, replace(service, left_on=ends_on), since)
    changed.save()
    if has_moved:  # either unit reads of its own service, and nothing of the other's
        gone = changes_between(before, told(held))
        line(held, gettext_noop("handed the officer over"), gone, by=by).save()
        changes = changes_between({}, told(changed))
        line(changed, gettext_noop("took the officer over"), changes, by=by).save()
    else:
        changes = changes_between(before, told(changed)) | {"valid_from": [None, str(since)]}
        line(changed, gettext_noop("changed the officer"), changes, by=by).save()
    return changed


def _refusal_of_change(held: Tenure, service: Service, since: date) -> Refusal | None:
    if held.valid_to is not None and held.valid_to <= since:
        words = _("%(person)s left before that day.")
        return Refusal("since", words % {"person": held.officer})
    if since <= held.valid_from:
        words = _("The change begins on %(day)s or earlier, with the service itself: correct it.")
        return Refusal("since", words % {"day": in_text(held.valid_from)})
    if since > clock.today():
        return Refusal("since", _("The day of the change lies in the future."))
    if service.stated == Service.of(held).stated:
        return Refusal("mode", _("Nothing of the service is different from before."))
    return None


def _as_new_in_office(held: Tenure, service: Service) -> Service:
    """Whoever becomes chair was first elected to another office, if that is what is known."""
    is_other = service.is_chair and not held.is_chair
    if is_other and service.first_elected_on == held.first_elected_on:
        return replace(service, first_elected_on=None)
    return service


@transaction.atomic
def leave(tenure: Tenure, *, on: date, by: User) -> Tenure:
    """``on`` is the first day on which the officer serves no longer."""
    held = _locked(tenure, by=by)
    if on <= held.valid_from:
        words = _("%(person)s serves since %(day)s: the day must be later.")
        facts = {"person": held.officer, "day": in_text(held.valid_from)}
        raise UnfitService(Refusal("on", words % facts))
    later = Tenure.objects.filter(officer=held.officer, valid_from__gt=held.valid_from)
    if later.filter(valid_from__lt=on).exists():
        raise Refused(one_at_a_time())
    before = told(held)
    held.valid_to = on
    held.save(update_fields=["valid_to"])
    changes = changes_between(before, told(held))
    line(held, gettext_noop("ended the service of the officer"), changes, by=by).save()
    return held


@transaction.atomic
def come_back(officer: Officer, service: Service, *, by: User) -> Tenure:
    """Somebody who had left serves again, here or elsewhere; what they learnt still counts."""
    by.require(Permission.OFFICERS, service.unit)
    chairs = others(locked_chairs([service.unit.pk]), officer.pk)
    known = Officer.objects.select_for_update(of=("self",), no_key=True).get(pk=officer.pk)
    service = since_first_time(known, service)
    begins_on = service.elected_on
    _refuse(refusal_of(service, begins_on, chairs))
    _refuse_two_at_once(known, begins_on, service.left_on)
    tenure = new_tenure(known, service, begins_on)
    tenure.save()
    verb = gettext_noop("took the officer in again")
    line(tenure, verb, changes_between({}, told(tenure)), by=by).save()
    return tenure


# --- the rules -----------------------------------------------------------------------------------


def begins(service: Service, chairs: Chairs) -> date:
    """Whoever is elected again has served since the first time; unless another held the office
    in between, or the first time was somewhere else."""
    first = service.first_elected_on
    if first is None:
        return service.elected_on
    between = (
        held
        for held in chairs.get(service.unit.pk, ())
        if service.is_chair
        and held.valid_to is not None
        and first < held.valid_to <= service.elected_on
    )
    return service.elected_on if any(between) else first


def refusal_of(service: Service, begins_on: date, chairs: Chairs) -> Refusal | None:
    """What forbids it; ``chairs`` are those of other people."""
    unit, first, left_on = service.unit, service.first_elected_on, service.left_on
    if service.elected_on > clock.today():
        return Refusal("elected_on", _("The day of election lies in the future."))
    if first is not None and first > service.elected_on:
        return Refusal("first_elected_on", _("The first election lies after the last one."))
    if left_on is not None and left_on <= begins_on:
        return Refusal("left_on", _("The day of leaving lies before the service."))
    if unit.ended_on is not None and begins_on >= unit.ended_on:
        words = _("%(unit)s ended on %(day)s.") % {"unit": unit, "day": in_text(unit.ended_on)}
        return Refusal("unit", words)
    other = _chair_at_once(service, begins_on, chairs)
    if other is not None:
        words = _("%(unit)s has another chair at that time: %(person)s, since %(day)s.") % {
            "unit": unit,
            "person": other.officer,
            "day": in_text(other.valid_from),
        }
        return Refusal("position", words)
    return None


def _chair_at_once(service: Service, begins_on: date, chairs: Chairs) -> Tenure | None:
    if not service.is_chair:
        return None
    held = chairs.get(service.unit.pk, [])
    at_once = (chair for chair in held if _overlap(chair, begins_on, service.left_on))
    return next(at_once, None)


def _overlap(tenure: Tenure, begins_on: date, ends_on: date | None) -> bool:
    return (tenure.valid_to is None or tenure.valid_to > begins_on) and (
        ends_on is None or tenure.valid_from < ends_on
    )


def _refuse(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise UnfitService(refusal)


def _refuse_two_at_once(officer: Officer, begins_on: date, ends_on: date | None) -> None:
    if any(_overlap(held, begins_on, ends_on) for held in officer.tenures.all()):
        raise Refused(one_at_a_time())


def one_at_a_time() -> str:
    return _("An officer serves in one place at a time; end the other service first.")


def since_first_time(officer: Officer, service: Service) -> Service:
    """A chair who was one before is not newly elected, wherever it was."""
    if not service.is_chair or service.first_elected_on is not None:
        return service
    before = [held.newly_elected_on for held in officer.tenures.chairs()]
    first = min(before, default=service.elected_on)
    return replace(service, first_elected_on=first) if first < service.elected_on else service


def without_chair(units: UnitQuerySet, on: date) -> UnitQuerySet:
    """Units that report and have no chair among the officers."""
    chairs = Tenure.objects.chairs().at(on).filter(unit=OuterRef("pk"))
    return units.reporting().living().filter(~Exists(chairs))


# --- the parts -----------------------------------------------------------------------------------


def locked_chairs(units: Iterable[int]) -> Chairs:
    """Every chair these units ever had; two who write of one unit wait for each other."""
    ids = sorted(set(units))
    for start in range(0, len(ids), BATCH):
        some = Unit.objects.filter(pk__in=ids[start : start + BATCH]).order_by("pk")
        list(some.select_for_update(no_key=True).values_list("pk"))
    found: dict[int, list[Tenure]] = defaultdict(list)
    for start in range(0, len(ids), BATCH):
        chairs = Tenure.objects.chairs().filter(unit__in=ids[start : start + BATCH])
        for held in chairs.select_related("officer", "unit", "position").by_time():
            found[held.unit_id].append(held)
    return found


def others(chairs: Chairs, officer: int) -> Chairs:
    """The chairs that somebody meets as those of other people."""
    found: dict[int, list[Tenure]] = defaultdict(list)
    for unit, held in chairs.items():
        found[unit] = [tenure for tenure in held if tenure.officer_id != officer]
    return found


def _locked(tenure: Tenure, *, by: User) -> Tenure:
    rows = Tenure.objects.select_related("officer", "unit", "position")
    locked = rows.select_for_update(of=("self", "officer"), no_key=True)
    held = locked.filter(pk=tenure.pk).first()
    if held is None:
        raise Refused(_("The officer is not in the list any more."))
    by.require(Permission.OFFICERS, held.unit)
    return held


def new_tenure(officer: Officer, service: Service, begins_on: date) -> Tenure:
    return Tenure(officer=officer, **service.stated, valid_from=begins_on, valid_to=service.left_on)


def told(tenure: Tenure) -> dict[str, Any]:
    """What the history keeps of it, in the words of the day."""
    facts = {name: getattr(tenure, name) for name in STATED}
    return {
        "name": tenure.officer.name,
        "gender": tenure.officer.gender,
        **{name: str(v) if isinstance(v, date) else v for name, v in facts.items()},
        "unit": tenure.unit.name,
        "position": tenure.position.name,
        "valid_to": str(tenure.valid_to) if tenure.valid_to else None,
    }


def line(tenure: Tenure, verb: str, changes: Changes, *, by: User) -> HistoryEntry:
    return entry(
        HistoryKind.OFFICER,
        verb,
        by=by,
        unit=tenure.unit,
        subject=tenure.officer.name,
        changes=changes,
    )
