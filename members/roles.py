"""Accounts and the roles people hold: who may manage whom, and the verbs that change it.

An account is seen by whoever manages accounts where its holder has, or had, a role. It is
*managed* (closed, given a link to sign in) only by somebody who could give every role it holds:
otherwise a reviewer could sign in as the administrator. Nobody makes or learns the password of
another: an account begins without one, and its holder sets it (:mod:`members.links`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import GIVES, REPORTING_ROLES, Permission, Role
from members.actions import Refused
from members.chairs import chair_changed, chairs_got_accounts
from members.models import Assignment, Charge, HistoryKind, OneTimeLink, QuarterlyReport, Unit, User
from members.models.history import record
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.paths import ids_on
from unionplan.lib.vietnamese import given_name_key, search_text


@dataclass(frozen=True)
class Person:
    full_name: str
    phone: str = ""
    email: str = ""


class Holder(NamedTuple):
    """One line of the list of accounts."""

    user_id: int
    full_name: str
    username: str
    phone: str | None
    email: str
    is_active: bool
    unit_code: str
    unit_name: str
    unit_search: str
    role: str
    valid_from: date
    valid_to: date | None

    @property
    def person(self) -> str:
        return self.full_name or self.username

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)


def holders(held: QuerySet[Assignment], words: Sequence[str]) -> list[Holder]:
    """Roles with their holders by given name, where every word is found in person or unit.

    Read in one statement and sorted here: no database knows what a given name is, and the whole
    country has some 15.000 accounts.
    """
    rows = held.values_list(
        "user_id",
        "user__full_name",
        "user__username",
        "user__phone",
        "user__email",
        "user__is_active",
        "unit__code",
        "unit__name",
        "unit__search_text",
        "role",
        "valid_from",
        "valid_to",
    )
    found = [holder for holder in map(Holder._make, rows.order_by("pk")) if _matches(holder, words)]
    return sorted(found, key=lambda holder: (_given_name_key(holder.person), holder.user_id))


def _matches(holder: Holder, words: Sequence[str]) -> bool:
    if not words:
        return True
    facts = (holder.full_name, holder.username, holder.phone or "", holder.email)
    text = f"{search_text(' '.join(facts))} {holder.unit_search}"
    return all(word in text for word in words)


_given_name_key = lru_cache(maxsize=20_000)(given_name_key)


def guide_of(unit: Unit, *, on: date) -> User | None:
    """Whom the unit calls: of the nearest superior that has reviewers, the one in charge of it,
    else the first."""
    reviewers = Assignment.objects.on(on).filter(
        role=Role.REVIEWER,
        user__is_active=True,
        unit__in=Unit.objects.ancestors_of(unit),
    )
    in_charge = Exists(Charge.objects.filter(unit=unit, user=OuterRef("user")))
    nearest = reviewers.select_related("user").order_by(
        Length("unit__path").desc(), in_charge.desc(), "user", "pk"
    )
    found = nearest.first()
    return found.user if found else None


def guides_of(units: Iterable[Unit], *, on: date) -> dict[int, User]:
    """The same for many units, by their ids, in two statements; without a guide there is none."""
    units = list(units)
    above = {pk for unit in units for pk in ids_on(unit.path)[:-1]}
    reviewers: dict[int, list[User]] = defaultdict(list)
    held = Assignment.objects.on(on).filter(
        role=Role.REVIEWER, user__is_active=True, unit__in=above
    )
    for role in held.select_related("user").order_by("user", "pk"):
        reviewers[role.unit_id].append(role.user)
    people = {user.pk for users in reviewers.values() for user in users}
    charges = set(Charge.objects.filter(user__in=people).values_list("unit", "user"))
    found = {}
    for unit in units:
        nearest = next((pk for pk in reversed(ids_on(unit.path)[:-1]) if reviewers.get(pk)), None)
        if nearest is not None:
            in_charge = (user for user in reviewers[nearest] if (unit.pk, user.pk) in charges)
            found[unit.pk] = next(in_charge, reviewers[nearest][0])
    return found


def manages_quarters(user: User) -> bool:
    """Quarters are of the whole tree, so it takes the permission at its root."""
    return user.may_at_root(Permission.QUARTERS)


def may_permit_late(user: User, report: QuarterlyReport) -> bool:
    """Whether there is a late report to permit, and it is this person's to permit it."""
    could_be_late = report.is_editable and not report.quarter.is_open
    return could_be_late and user.may(Permission.QUARTERS, report.unit)


def roles_to_give(user: User, unit: Unit) -> set[Role]:
    """The roles this person may give, and end, at this unit; some fit only some units."""
    given: set[Role] = set(Role) if user.is_superuser else set()
    for held in user.roles:
        if unit.path.startswith(held.unit.path):
            given |= GIVES.get(held.role, frozenset())
    unfit = REPORTING_ROLES if unit.is_superior else {Role.REVIEWER, Role.ADMINISTRATOR}
    return given - unfit


def accounts_open_to(user: User) -> QuerySet[User]:
    """People with a role, past or present, where this person manages accounts, and those who were
    sent a link there and have no role yet; of an own unit, the second persons who type."""
    managed = Unit.objects.open_to(user, Permission.ACCOUNTS)
    staffed = Unit.objects.open_to(user, Permission.STAFF)
    held = Assignment.objects.filter(user=OuterRef("pk"))
    linked = OneTimeLink.objects.filter(user=OuterRef("pk"), unit__in=managed)
    return User.objects.filter(
        Exists(held.filter(unit__in=managed))
        | Exists(held.filter(unit__in=staffed, role=Role.TYPIST))
        | Q(Exists(linked)) & ~Q(Exists(held))
    )


def may_manage(user: User, account: User) -> bool:
    """Whether this person could have given every role the account still holds."""
    return account.pk in manageable(user, [account])


def manageable(user: User, accounts: Iterable[User]) -> set[int]:
    """The ids of those accounts that :func:`may_manage` holds for, in one statement."""
    asked = {account.pk: account for account in accounts if account != user}
    if user.is_superuser or not asked:
        return set(asked)
    held = Assignment.objects.filter(user__in=asked).not_ended(clock.today())
    above = {
        role.user_id
        for role in held.select_related("unit")
        if role.role not in roles_to_give(user, role.unit)
    }
    return {pk for pk, account in asked.items() if pk not in above and not account.is_superuser}


@transaction.atomic
def new_account(person: Person) -> User:
    """An account without a password and without a role. People sign in by the number or address
    given here."""
    username = person.phone or person.email.lower()
    if not username:
        raise Refused(_("Give a telephone number or an e-mail address to sign in with."))
    user = User(
        username=username,
        full_name=person.full_name,
        phone=person.phone or None,
        email=person.email,
    )
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # whose it is, is not for everybody to know
        raise Refused(
            _("This telephone number or e-mail address already has an account.")
        ) from None
    return user


def account_of(person: Person, *, by: User) -> User:
    """The account with this telephone number where whoever asks sees it, or else a new one."""
    found = accounts_open_to(by).filter(phone=person.phone).first() if person.phone else None
    if found is not None and not found.is_active:
        raise Refused(_("The account of %(person)s is closed.") % {"person": found})
    return found or new_account(person)


@transaction.atomic
def create_account(
    person: Person, *, unit: Unit, role: str, valid_from: date, by: User
) -> Assignment:
    """An account with its first role."""
    return give_role(new_account(person), unit=unit, role=role, valid_from=valid_from, by=by)


@transaction.atomic
def give_role(
    user: User, *, unit: Unit, role: str, valid_from: date, by: User, may_send: bool = False
) -> Assignment:
    """A role from a day on. A unit has one chair on any day; a typist may be allowed to send."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if Assignment.objects.filter(user=user, unit=unit, role=role).not_ended(valid_from).exists():
        raise Refused(_("%(person)s holds this role already.") % {"person": user})
    if role == Role.CHAIR:
        _refuse_second_chair(unit, valid_from)
    _end_links_of_lesser(user, unit, role)
    given = Assignment.objects.create(
        user=user, unit=unit, role=role, valid_from=valid_from, may_send=may_send
    )
    _record(
        gettext_noop("gave the role"),
        given,
        by=by,
        changes={"role": [None, given.role], "valid_from": [None, valid_from.isoformat()]},
    )
    if role == Role.CHAIR:
        chairs_got_accounts([(unit, user)])
    return given


def _end_links_of_lesser(user: User, unit: Unit, role: str) -> None:
    """A link to sign in as this person, made by somebody who could not give them this role, would
    let its maker take it."""
    links = OneTimeLink.objects.filter(user=user, used_at=None, replaced_at=None)
    lesser = [
        link.pk
        for link in links.select_related("made_by")
        if link.made_by and role not in roles_to_give(link.made_by, unit)
    ]
    links.filter(pk__in=lesser).update(replaced_at=clock.now())


def _refuse_second_chair(unit: Unit, valid_from: date) -> None:
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two at once: one waits
    chairs = Assignment.objects.filter(unit=unit, role=Role.CHAIR).not_ended(valid_from)
    other = chairs.select_related("user").first()
    if other is not None:
        raise Refused(
            _("%(unit)s has a chair already: %(person)s. Use “Change of chair”.")
            % {"unit": unit, "person": other.user}
        )


@transaction.atomic
def end_role(assignment: Assignment, *, on: date, by: User) -> Assignment:
    """End a role: ``on`` is the first day on which it no longer holds."""
    held = Assignment.objects.select_for_update(of=("self",)).select_related("user", "unit")
    held_now = held.get(pk=assignment.pk)
    if held_now.user == by:
        raise Refused(_("Nobody ends a role of their own; ask a colleague."))
    if held_now.valid_to is not None:
        raise Refused(_("This role has its last day already."))
    if on < held_now.valid_from:
        raise Refused(_("The role begins later than that day."))
    return _end(held_now, on=on, by=by)


@transaction.atomic
def set_active(user: User, *, is_active: bool, by: User) -> None:
    """Close an account, or open it again; its roles and its history stay."""
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    if not is_active:  # nor do its links work once it is open again
        links = OneTimeLink.objects.filter(user=user, used_at=None, replaced_at=None)
        links.update(replaced_at=clock.now())
    opened, closed = gettext_noop("opened the account again"), gettext_noop("closed the account")
    verb = opened if is_active else closed
    record_everywhere(verb, user, by=by)


@transaction.atomic
def replace_chair(user: User, *, unit: Unit, valid_from: date, by: User) -> Assignment | None:
    """This person is the chair from a day on, and whoever was ends that day; returns the role
    that ended, if there was one. The locks are those of :func:`give_role`, in its order."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    chairs = Assignment.objects.select_for_update(of=("self",)).filter(unit=unit, role=Role.CHAIR)
    held = chairs.not_ended(valid_from).select_related("user", "unit").order_by("valid_from", "pk")
    ended = None
    for old in held:
        if old.user == user:
            raise Refused(_("%(person)s holds this role already.") % {"person": user})
        if old.valid_from > valid_from:
            facts = {"unit": unit, "person": old.user, "day": in_text(old.valid_from)}
            raise Refused(_("%(unit)s has another chair from %(day)s: %(person)s.") % facts)
        ended = _end(old, on=valid_from, by=by)
    give_role(user, unit=unit, role=Role.CHAIR, valid_from=valid_from, by=by)
    chair_changed(unit, user, on=valid_from, by=by)
    return ended


def _end(held: Assignment, *, on: date, by: User) -> Assignment:
    before = held.valid_to
    held.valid_to = on
    held.save(update_fields=["valid_to"])
    changes: dict[str, list[object]] = {
        "role": [held.role, held.role],
        "valid_to": [before.isoformat() if before else None, on.isoformat()],
    }
    _record(gettext_noop("ended the role"), held, by=by, changes=changes)
    return held


def record_everywhere(verb: str, user: User, *, by: User) -> None:
    """Once at each unit the person has to do with."""
    units = {held.unit_id: held for held in user.assignments.select_related("user", "unit")}
    for held in units.values():
        _record(verb, held, by=by)


def _record(
    verb: str, held: Assignment, *, by: User, changes: dict[str, list[object]] | None = None
) -> None:
    record(
        HistoryKind.ROLE, verb, by=by, unit=held.unit, subject=str(held.user), changes=changes or {}
    )
