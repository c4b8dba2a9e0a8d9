"""An office changes hands: a new chair named from above, or by the chair who leaves; and the second
person of a unit, who types.

The unit's history stays with the unit; each person has an account of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import Permission, Role
from members.actions import Refused
from members.contacts import change_contact, contact_of_next
from members.links import MadeLink, make_link
from members.models import (
    Assignment,
    HandOver,
    HistoryKind,
    LinkPurpose,
    Unit,
    User,
)
from members.models.history import record
from members.roles import (
    Person,
    account_of,
    give_role,
    manageable,
    may_manage,
    replace_chair,
    roles_to_give,
)
from unionplan.lib import clock


@dataclass(frozen=True)
class ChairChanged:
    chair: User
    before: User | None
    made: MadeLink | None  # none for an account that signs in as before


@transaction.atomic
def change_chair(unit: Unit, person: Person, *, valid_from: date, by: User) -> ChairChanged:
    """Another chair from a day on: the role of the old one ends, the unit calls the new one."""
    user = account_of(person, by=by)
    is_managed = may_manage(by, user)
    if is_managed:
        _forget_password_of_typist(user)
    ended = replace_chair(user, unit=unit, valid_from=valid_from, by=by)
    before = ended.user if ended else None
    contact = contact_of_next(unit, person.full_name, person.phone, before=before)
    change_contact(unit, contact, by=by)
    _settle(HandOver.objects.filter(unit=unit, settled_at=None), by=by)
    made = make_link(user, unit, LinkPurpose.INVITATION, by=by) if is_managed else None
    return ChairChanged(user, before, made)


def _forget_password_of_typist(user: User) -> None:
    """A chair named this person, got the link and may know the password; as a chair they set
    another by the link from above."""
    held = Assignment.objects.filter(user=user)
    if held.exists() and not held.exclude(role=Role.TYPIST).exists():
        user.set_unusable_password()
        user.save(update_fields=["password"])


@transaction.atomic
def add_typist(unit: Unit, person: Person, *, may_send: bool, by: User) -> MadeLink | None:
    """A second person who types the unit's report; no link for an account that signs in as
    before."""
    user = account_of(person, by=by)
    is_managed = may_manage(by, user)
    give_role(
        user,
        unit=unit,
        role=Role.TYPIST,
        valid_from=clock.today(),
        by=by,
        may_send=may_send,
    )
    return make_link(user, unit, LinkPurpose.INVITATION, by=by) if is_managed else None


# --- who is who at a unit ------------------------------------------------------------------------


@dataclass(frozen=True)
class Holding:
    """A role at a unit, and what whoever looks at it may do about it."""

    held: Assignment
    may_link: bool
    may_end: bool


@dataclass(frozen=True)
class Office:
    holdings: list[Holding]
    hand_over: HandOver | None
    may_change_chair: bool
    may_hand_over: bool
    may_add_typist: bool


def office_of(unit: Unit, people: Iterable[Assignment], *, user: User) -> Office:
    """The people of a unit as this person sees and may change them."""
    given = roles_to_give(user, unit) if unit.ended_on is None else set()
    people = list(people)
    linked = {held.user for held in people if _is_linked(held, user)}
    managed = manageable(user, linked)
    is_chair = any(r.role == Role.CHAIR and r.unit_id == unit.pk for r in user.roles)
    may_change_chair = Role.CHAIR in given  # and so the unit is one that reports
    return Office(
        holdings=[
            Holding(
                held,
                may_link=held.user_id in managed and _is_linked(held, user),
                may_end=held.valid_to is None and held.user != user and held.role in given,
            )
            for held in people
        ],
        hand_over=current_hand_over(unit) if is_chair or may_change_chair else None,
        may_change_chair=may_change_chair,
        may_hand_over=is_chair,
        may_add_typist=Role.TYPIST in given,
    )


def _is_linked(held: Assignment, user: User) -> bool:
    """Whether this person gives out links for such a role, as long as it holds."""
    if not held.user.is_active or (held.valid_to and held.valid_to <= clock.today()):
        return False
    is_staff = held.role == Role.TYPIST and user.may(Permission.STAFF, held.unit)
    return is_staff or user.may(Permission.ACCOUNTS, held.unit)


# --- asked for by the chair ----------------------------------------------------------------------


@transaction.atomic
def ask_hand_over(unit: Unit, person: Person, *, valid_from: date, by: User) -> HandOver:
    """The chair names the successor; the superior union decides."""
    held = Assignment.objects.on(clock.today()).filter(user=by, unit=unit, role=Role.CHAIR)
    if not held.exists():
        raise Refused(_("Only the chair hands the office over."))
    if person.phone == by.phone:
        raise Refused(_("This is your own telephone number; give that of the new chair."))
    try:
        with transaction.atomic():
            asked = HandOver.objects.create(
                unit=unit,
                full_name=person.full_name,
                phone=person.phone,
                valid_from=valid_from,
                asked_by=by,
                asked_at=clock.now(),
            )
    except IntegrityError:
        raise Refused(_("A hand-over has been asked for already.")) from None
    _record(gettext_noop("asked for a hand-over"), asked, by=by)
    return asked


@transaction.atomic
def confirm_hand_over(hand_over: HandOver, *, by: User) -> MadeLink:
    """Make the successor's account, without a role, and the link by which the office is taken.
    Asked again, it makes another link for the same person."""
    earlier = User.objects.filter(links__hand_over=hand_over.pk).first()
    if earlier is not None:  # before the hand-over, as whoever uses a link does
        User.objects.select_for_update(no_key=True).get(pk=earlier.pk)
    locked = _undecided(hand_over)
    user = earlier or account_of(Person(locked.full_name, locked.phone), by=by)
    if not may_manage(by, user):  # they may have been given more since the first link
        raise Refused(
            _("Only somebody who may give all roles of %(person)s does this.") % {"person": user}
        )
    if locked.settled_at is None:
        locked.settled_by, locked.settled_at = by, clock.now()
        locked.save(update_fields=["settled_by", "settled_at"])
        _record(gettext_noop("confirmed the hand-over"), locked, by=by)
    return make_link(user, locked.unit, LinkPurpose.HAND_OVER, by=by, hand_over_id=locked.pk)


@transaction.atomic
def refuse_hand_over(hand_over: HandOver, *, by: User) -> None:
    """The chair stays, and a link that was made for the successor stops working."""
    locked = _undecided(hand_over)
    _settle(HandOver.objects.filter(pk=locked.pk), by=by)
    if locked.asked_by == by:
        _record(gettext_noop("took the request for a hand-over back"), locked, by=by)
    else:
        _record(gettext_noop("refused the hand-over"), locked, by=by)


def current_hand_over(unit: Unit) -> HandOver | None:
    """The last one asked for, as long as nobody has refused or taken it."""
    latest = HandOver.objects.filter(unit=unit).select_related("asked_by", "unit")
    found = latest.order_by("-asked_at", "-pk").first()
    if found is None or found.is_refused or _is_taken(found) or not _is_of_chair(found):
        return None
    return found


def open_hand_overs(user: User) -> QuerySet[HandOver]:
    """Those this person may settle."""
    units = Unit.objects.open_to(user, Permission.ACCOUNTS)
    asked = HandOver.objects.filter(unit__in=units, settled_at=None)
    return asked.select_related("unit", "asked_by").order_by("asked_at", "pk")


def _undecided(hand_over: HandOver) -> HandOver:
    held = HandOver.objects.select_for_update(of=("self",)).select_related("unit", "asked_by")
    locked = held.get(pk=hand_over.pk)
    if locked.is_refused:
        raise Refused(_("This hand-over was refused."))
    if _is_taken(locked):
        raise Refused(_("The new chair has taken the account already."))
    return locked


def _is_taken(hand_over: HandOver) -> bool:
    return hand_over.links.exclude(used_at=None).exists()


def _is_of_chair(hand_over: HandOver) -> bool:
    """Whether whoever asked still holds the office."""
    held = Assignment.objects.filter(unit=hand_over.unit, role=Role.CHAIR)
    return held.not_ended(clock.today()).filter(user=hand_over.asked_by_id).exists()


def _settle(asked: QuerySet[HandOver], *, by: User) -> None:
    asked.update(is_refused=True, settled_by=by, settled_at=clock.now())


def _record(verb: str, hand_over: HandOver, *, by: User) -> None:
    changes: dict[str, list[object]] = {"valid_from": [None, hand_over.valid_from.isoformat()]}
    record(
        HistoryKind.ROLE,
        verb,
        by=by,
        unit=hand_over.unit,
        subject=hand_over.full_name,
        changes=changes,
    )
