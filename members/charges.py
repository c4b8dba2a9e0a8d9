"""Who looks after which unit (phụ trách).

A unit has at most one officer in charge and, besides, one member of the steering committee: putting
another of the same kind in charge replaces the first. A charge counts as long as the person holds a
role at a superior of the unit; nothing is deleted when the role ends, it merely counts no more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import StrIndex
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import Permission, Role
from members.actions import Refused
from members.models import Assignment, Charge, HistoryEntry, HistoryKind, Unit, User
from members.models.accounts import AssignmentQuerySet
from members.models.history import entry
from members.models.units import UnitQuerySet
from unionplan.lib import clock
from unionplan.lib.paths import ids_on
from unionplan.lib.vietnamese import given_name_key

OFFICERS = frozenset({Role.REVIEWER, Role.ADMINISTRATOR})  # all others look on
IN_CHARGE = OFFICERS | {Role.VIEWER}
AT_ONCE = 1000


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be put in charge of units below the places where they hold a role."""

    user: User
    places: list[Assignment] = field(default_factory=list)
    units: int = 0  # looked after already

    @property
    def words(self) -> str:
        """«Lê Văn Hoà · Cán bộ kiểm tra · Công đoàn Tổng công ty Trường Sơn (134)»"""
        held = self.places[0]
        return f"{self.user} · {held.get_role_display()} · {held.unit} ({self.units})"


def candidates(giver: User, *, on: date) -> list[Candidate]:
    """By given name, whoever holds such a role within the branch of the giver."""
    open_units = Unit.objects.open_to(giver, Permission.ACCOUNTS)
    held = _held(on).filter(unit__in=open_units.superiors())
    places: dict[User, list[Assignment]] = defaultdict(list)
    for role in held.select_related("user", "unit").order_by("unit__path", "role", "pk"):
        places[role.user].append(role)
    charges = Charge.objects.filter(user__in=places, unit__in=open_units, unit__ended_on=None)
    counted = Counter(charges.values_list("user_id", flat=True))
    found = [Candidate(user, held, counted[user.pk]) for user, held in places.items()]
    return sorted(found, key=lambda c: (given_name_key(str(c.user)), c.user.pk))


def people_in_charge(units: Iterable[Unit], *, on: date) -> dict[int, list[User]]:
    """By id of the unit, officers first; only charges that count, in two statements."""
    charges = list(
        Charge.objects.filter(unit__in=list(units)).select_related("unit", "user").order_by("pk")
    )
    kinds = _Kinds.of({charge.user_id for charge in charges}, on=on)
    found: dict[int, list[tuple[bool, User]]] = defaultdict(list)
    for charge in charges:
        if kind := kinds.over(charge.user_id, charge.unit):
            found[charge.unit_id].append((kind != OFFICER, charge.user))
    return {
        unit: [user for _looks_on, user in sorted(people, key=lambda pair: pair[0])]
        for unit, people in found.items()
    }


def without_anybody(units: UnitQuerySet, *, on: date) -> UnitQuerySet:
    """Units of which nobody with a role above them is in charge."""
    above = (
        _held(on)
        .filter(user=OuterRef("user"))
        .annotate(place=StrIndex(OuterRef("unit__path"), F("unit__path")))
        .filter(place=1)  # the path of a superior begins that of the unit
        .exclude(unit=OuterRef("unit"))
    )
    return units.exclude(Exists(Charge.objects.filter(Exists(above), unit=OuterRef("pk"))))


def _held(on: date) -> AssignmentQuerySet:
    """The roles by which people may look after units."""
    return Assignment.objects.on(on).filter(role__in=IN_CHARGE, user__is_active=True)


def looked_after_by(units: UnitQuerySet, user: User) -> UnitQuerySet:
    return units.filter(Exists(Charge.objects.filter(unit=OuterRef("pk"), user=user)))


# --- the verbs -----------------------------------------------------------------------------------


@transaction.atomic
def put_in_charge(units: Iterable[Unit], user: User, *, by: User) -> int:
    """Give units to a person; says of how many they were not in charge before."""
    found = _locked(units)
    charges = _by_unit(found)
    everybody = {charge.user_id for some in charges.values() for charge in some} | {user.pk}
    kinds = _Kinds.of(everybody, on=clock.today())
    made, ended, lines = [], [], []
    for unit in found:
        by.require(Permission.ACCOUNTS, unit)
        kind, standing = kinds.over(user.pk, unit), charges[unit.pk]
        if kind is None:
            raise Refused(
                _("%(person)s holds no role at a superior union of %(unit)s.")
                % {"person": user, "unit": unit}
            )
        if user.pk in {charge.user_id for charge in standing}:
            continue
        replaced = [c for c in standing if kinds.over(c.user_id, unit) in (kind, None)]
        ended += replaced
        made.append(Charge(unit=unit, user=user))
        before = ", ".join(str(charge.user) for charge in replaced) or None
        lines.append(_line(gettext_noop("put in charge of the unit"), unit, user, before, by))
    _delete(ended)
    Charge.objects.bulk_create(made, batch_size=AT_ONCE)
    HistoryEntry.objects.bulk_create(lines, batch_size=AT_ONCE)
    return len(made)


@transaction.atomic
def end_charges(units: Iterable[Unit], *, by: User, user: User | None = None) -> int:
    """Take units from a person, or from everybody whom the acting user could put in charge; a
    member of a committee further up stays. Says how many units have lost somebody."""
    mine = {candidate.user.pk for candidate in candidates(by, on=clock.today())}
    found = _locked(units)
    charges = _by_unit(found)
    everybody = {charge.user_id for some in charges.values() for charge in some}
    kinds = _Kinds.of(everybody, on=clock.today())
    ended, lines, touched = [], [], set()
    for unit in found:
        by.require(Permission.ACCOUNTS, unit)
        for charge in charges[unit.pk]:
            is_dead = kinds.over(charge.user_id, unit) is None
            if not (is_dead or charge.user_id in mine) or (user and charge.user != user):
                continue
            ended.append(charge)
            touched.add(unit.pk)
            verb = gettext_noop("no longer in charge of the unit")
            lines.append(_line(verb, unit, charge.user, str(charge.user), by, is_end=True))
    _delete(ended)
    HistoryEntry.objects.bulk_create(lines, batch_size=AT_ONCE)
    return len(touched)


def _locked(units: Iterable[Unit]) -> list[Unit]:
    """Two who give the same units away at once wait for each other."""
    ids = [unit.pk for unit in units]
    return list(Unit.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True))


def _by_unit(units: Sequence[Unit]) -> dict[int, list[Charge]]:
    found: dict[int, list[Charge]] = defaultdict(list)
    for charge in Charge.objects.filter(unit__in=units).select_related("user").order_by("pk"):
        found[charge.unit_id].append(charge)
    return found


def _delete(charges: Sequence[Charge]) -> None:
    if charges:
        Charge.objects.filter(pk__in=[charge.pk for charge in charges]).delete()


def _line(
    verb: str, unit: Unit, user: User, before: str | None, by: User, *, is_end: bool = False
) -> HistoryEntry:
    return entry(
        HistoryKind.ROLE,
        verb,
        by=by,
        unit=unit,
        subject=str(user),
        changes={"in_charge": [before, None if is_end else str(user)]},
    )


# --- kinds ---------------------------------------------------------------------------------------

OFFICER, ONLOOKER = "officer", "onlooker"


@dataclass(frozen=True)
class _Kinds:
    """What each person is to a unit, by the roles they hold at its superiors."""

    held: Mapping[int, Mapping[int, set[str]]]  # person → superior unit → roles

    @classmethod
    def of(cls, users: Iterable[int], *, on: date) -> _Kinds:
        held: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        roles = _held(on).filter(user__in=list(users))
        for user, unit, role in roles.values_list("user_id", "unit_id", "role"):
            held[user][unit].add(role)
        return cls(held)

    def over(self, user: int, unit: Unit) -> str | None:
        places = self.held.get(user, {})
        roles = {role for pk in ids_on(unit.path)[:-1] for role in places.get(pk, ())}
        if roles & OFFICERS:
            return OFFICER
        return ONLOOKER if roles else None
