"""Accounts for hundreds of chairs: which units have none, and one-time links for all of them.

A unit stands in one of three states: «Chưa có», «Đã gửi đường dẫn», «Đã nhận». Its chair's account
is made from the contact of the unit and signs in by the telephone number. What is done is done in
bulk: the number of statements does not grow with the number of units, and no password is hashed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypedDict, cast

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import IntegrityError, models, transaction
from django.db.models import Case, Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from members.access import Permission, Role
from members.actions import Refused
from members.chairs import chairs_got_accounts
from members.links import MadeLink, new_link, replace_links
from members.models import (
    Assignment,
    HistoryEntry,
    HistoryKind,
    LinkPurpose,
    OneTimeLink,
    Suspension,
    Unit,
    User,
)
from members.models.history import entry
from members.models.units import UnitQuerySet
from members.roles import manageable, roles_to_give
from unionplan.lib.vietnamese import phone_number

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _State(TypedDict):
        chair_id: int | None
        account_state: str

    StatedUnit = WithAnnotations[Unit, _State]

BATCH = 1000


class AccountState(models.TextChoices):
    NONE = "none", gettext_lazy("No account yet")
    SENT = "sent", gettext_lazy("Link sent")
    TAKEN = "taken", gettext_lazy("Taken")


@dataclass(frozen=True)
class Invitation:
    """A unit whose chair may take the account by this link."""

    unit: Unit
    made: MadeLink

    @property
    def person(self) -> User:
        return self.made.link.user


@dataclass(frozen=True)
class LeftOut:
    """A unit for which no link could be made, and why; whose a number is, is not said."""

    unit: Unit
    reason: str | Promise


@dataclass(frozen=True)
class Invited:
    invitations: list[Invitation] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


# --- who has an account --------------------------------------------------------------------------


def units_to_invite(user: User, *, on: date) -> UnitQuerySet:
    """The units that report and whose accounts this person manages."""
    resting = Suspension.objects.on(on).filter(unit=OuterRef("pk"))
    units = Unit.objects.open_to(user, Permission.ACCOUNTS).reporting().living()
    return units.filter(~Exists(resting))


def with_account_state(units: UnitQuerySet, *, on: date) -> UnitQuerySet:
    """Adds ``account_state``, and of the chair ``chair_id``, ``chair_name`` and the day on which
    the last link expires, ``link_expires_on``."""
    chairs = Assignment.objects.filter(
        unit=OuterRef("pk"), role=Role.CHAIR, user__is_active=True
    ).not_ended(on)
    first = chairs.order_by("valid_from", "pk")
    links = OneTimeLink.objects.filter(user=OuterRef("chair_id")).order_by("-made_at", "-pk")
    unused = Q(chair_password="") | Q(chair_password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return units.annotate(
        chair_id=Subquery(first.values("user")[:1]),
        chair_name=Subquery(first.values("user__full_name")[:1]),
        chair_password=Subquery(first.values("user__password")[:1]),
        link_expires_on=Subquery(links.values("expires_on")[:1]),
        account_state=Case(
            When(chair_id=None, then=Value(AccountState.NONE)),
            When(~unused, then=Value(AccountState.TAKEN)),
            When(link_expires_on=None, then=Value(AccountState.NONE)),
            default=Value(AccountState.SENT),
            output_field=models.CharField(),
        ),
    )


def in_account_state(units: UnitQuerySet, state: str, *, on: date) -> UnitQuerySet:
    stated = with_account_state(units, on=on)
    return stated.filter(account_state=state)  # type: ignore[misc]


def account_counts(units: UnitQuerySet, *, on: date) -> dict[str, int]:
    """How many of these units stand in each state, in one statement."""
    stated = with_account_state(units, on=on).order_by()
    rows = stated.values("account_state").annotate(number=Count("pk"))  # type: ignore[misc]
    counted = {row["account_state"]: row["number"] for row in rows}
    return {state: counted.get(state, 0) for state in AccountState.values}


# --- links for all of them -----------------------------------------------------------------------


@transaction.atomic
def invite_chairs(units: UnitQuerySet, *, on: date, by: User) -> Invited:
    """Accounts, the role from this day, and a link, for each of these units that can get one;
    a chair who has an account and has not taken it gets another link."""
    known = _locked(units, on)
    fresh = [unit for unit in known if unit.chair_id is None]
    asked = [unit for unit in known if unit.chair_id is not None]
    left_out = _without_right(by, known)
    refused = {left.unit.pk for left in left_out}
    founded = _new_chairs([unit for unit in fresh if unit.pk not in refused], on, by)
    again = _same_chairs([unit for unit in asked if unit.pk not in refused], by)
    made = [*founded.invitations, *again.invitations]
    OneTimeLink.objects.bulk_create([one.made.link for one in made], batch_size=BATCH)
    verb = gettext_noop("made a one-time link")
    lines = [_line(verb, one.unit, one.person, by) for one in made]
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)
    return Invited(made, [*left_out, *founded.left_out, *again.left_out])


def _locked(units: UnitQuerySet, on: date) -> list[StatedUnit]:
    """The units with their state, which nobody changes meanwhile: people first, then units."""
    chosen = list(units.values_list("pk", flat=True))
    chairs = Assignment.objects.filter(unit__in=chosen, role=Role.CHAIR).not_ended(on)
    people = User.objects.filter(pk__in=chairs.values("user")).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk"))
    list(
        Unit.objects.filter(pk__in=chosen)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    known = with_account_state(Unit.objects.filter(pk__in=chosen), on=on)
    return cast("list[StatedUnit]", list(known.select_related("parent").by_name()))


def _without_right(by: User, units: Iterable[Unit]) -> list[LeftOut]:
    reason = _("You do not give the role of the chair here.")
    return [LeftOut(unit, reason) for unit in units if Role.CHAIR not in roles_to_give(by, unit)]


def _new_chairs(units: Sequence[Unit], on: date, by: User) -> Invited:
    """Accounts of people who had none. Either everything of a unit is made, or nothing."""
    held = Assignment.objects.filter(unit__in=units, role=Role.CHAIR).not_ended(on)
    closed = set(held.values_list("unit", flat=True))  # of accounts that are closed
    numbers = {unit.pk: phone_number(unit.phone) for unit in units}
    named_twice = {n for n, times in Counter(numbers.values()).items() if times > 1}
    in_use = _in_use(numbers.values())
    found = Invited()
    for unit in units:
        number = numbers[unit.pk]
        if unit.pk in closed:
            reason = _("The account of the chair is closed: open it again, or change the chair.")
        elif not unit.contact_name.strip():
            reason = _("The name of the chair is missing.")
        elif not number:
            reason = _("The telephone number is missing or wrong.")
        elif number in named_twice:
            reason = _("The telephone number stands at several units.")
        elif number in in_use:
            reason = _("The telephone number has an account already.")
        else:
            user = _account(unit, number)
            link = new_link(user, unit, LinkPurpose.INVITATION, by=by)
            found.invitations.append(Invitation(unit, link))
            continue
        found.left_out.append(LeftOut(unit, reason))
    _write([(one.unit, one.person) for one in found.invitations], on, by)
    return found


def _account(unit: Unit, number: str) -> User:
    user = User(
        username=number, phone=number, full_name=unit.contact_name.strip(), email=unit.email
    )
    user.set_unusable_password()
    return user


def _in_use(numbers: Collection[str]) -> set[str]:
    taken = User.objects.filter(Q(phone__in=numbers) | Q(username__in=numbers))
    return {text for pair in taken.values_list("phone", "username") for text in pair if text}


def _write(pairs: Sequence[tuple[Unit, User]], on: date, by: User) -> None:
    people = [user for _unit, user in pairs]
    _drop_shared_addresses(people)
    try:
        with transaction.atomic():
            User.objects.bulk_create(people, batch_size=BATCH)
    except IntegrityError:  # somebody made one of these accounts at the same moment
        raise Refused(_("Accounts were made here at the same moment. Please try again.")) from None
    roles = [
        Assignment(user=user, unit=unit, role=Role.CHAIR, valid_from=on) for unit, user in pairs
    ]
    Assignment.objects.bulk_create(roles, batch_size=BATCH)
    verb = gettext_noop("gave the role")
    changes: dict[str, list[object]] = {
        "role": [None, Role.CHAIR.value],
        "valid_from": [None, on.isoformat()],
    }
    lines = [_line(verb, unit, user, by, changes) for unit, user in pairs]
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)
    chairs_got_accounts(pairs)


def _drop_shared_addresses(people: Sequence[User]) -> None:
    """An e-mail address is of one account alone; the telephone number is enough to sign in."""
    addresses = Counter(user.email.lower() for user in people if user.email)
    users = User.objects.annotate(address=Lower("email")).filter(address__in=addresses)
    in_use = set(users.values_list("address", flat=True))
    for user in people:
        if addresses[user.email.lower()] > 1 or user.email.lower() in in_use:
            user.email = ""


def _same_chairs(units: Sequence[StatedUnit], by: User) -> Invited:
    """Another link for chairs whose account was made and never taken."""
    people = User.objects.in_bulk([unit.chair_id for unit in units if unit.chair_id])
    managed = manageable(by, people.values())
    found = Invited()
    for unit in units:
        user = people[unit.chair_id or 0]
        if unit.account_state == AccountState.TAKEN:
            reason = _("The chair has taken the account.")
        elif user.pk not in managed:
            reason = _("Only an administrator gives this person a link.")
        else:
            link = new_link(user, unit, LinkPurpose.INVITATION, by=by)
            found.invitations.append(Invitation(unit, link))
            continue
        found.left_out.append(LeftOut(unit, reason))
    replace_links(one.person.pk for one in found.invitations)
    return found


def _line(
    verb: str, unit: Unit, user: User, by: User, changes: dict[str, list[object]] | None = None
) -> HistoryEntry:
    return entry(HistoryKind.ROLE, verb, by=by, unit=unit, subject=str(user), changes=changes)
