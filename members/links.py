"""One-time links: how a person takes an account, or sets a new password, without anybody else ever
knowing it.

A link goes out by Zalo, which opens it for a preview: looking at it uses nothing up, only the new
password does. Of the token only the SHA-256 is kept, so neither the database nor a backup opens an
account. A link works for a week and dies earlier with the role in whose name it was made, with a
closed account, with a refused hand-over, and with a later link for the same person.

One order of locks: the person, the link, the hand-over, the unit (:mod:`members.roles`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_variables

from members.access import Role
from members.actions import Refused
from members.contacts import change_contact, contact_of_next
from members.models import (
    Assignment,
    HandOver,
    HistoryKind,
    LinkPurpose,
    OneTimeLink,
    Unit,
    User,
)
from members.models.history import record
from members.roles import record_everywhere, replace_chair
from unionplan.lib import clock

WORKS_FOR = timedelta(days=7)
PAUSE = timedelta(minutes=10)  # between two letters to one person


class Standing(Enum):
    """What a link is good for today."""

    WORKS = "works"
    USED = "used"
    OVER = "over"


@dataclass(frozen=True)
class MadeLink:
    """A link with its token, which is known now and never again."""

    link: OneTimeLink
    token: str


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_link(user: User, unit: Unit | None, purpose: str, *, by: User | None) -> MadeLink:
    """A link that is not yet written: bulk verbs write theirs in one statement."""
    token = secrets.token_urlsafe(32)
    link = OneTimeLink(
        user=user,
        unit=unit,
        purpose=purpose,
        token_hash=hash_of(token),
        made_by=by,
        made_at=clock.now(),
        expires_on=clock.today() + WORKS_FOR,
    )
    return MadeLink(link, token)


@transaction.atomic
def make_link(
    user: User, unit: Unit, purpose: str, *, by: User, hand_over_id: int | None = None
) -> MadeLink:
    """A link for this person; those made for them before stop working."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    replace_links([user.pk])
    made = new_link(user, unit, purpose, by=by)
    made.link.hand_over_id = hand_over_id
    made.link.save()
    record(
        HistoryKind.ROLE,
        gettext_noop("made a one-time link"),
        by=by,
        unit=unit,
        subject=str(user),
    )
    return made


@transaction.atomic
def make_link_for_forgotten(email: str) -> MadeLink | None:
    """A link for whoever reads the letters of this address: it takes no officer, so it replaces
    none of theirs. None where there is no such account, or a letter has just gone out."""
    people = User.objects.select_for_update(no_key=True).filter(is_active=True)
    user = people.filter(email__iexact=email).exclude(email="").first()
    if user is None:
        return None
    earlier = OneTimeLink.objects.filter(user=user, unit=None)
    if earlier.filter(made_at__gt=clock.now() - PAUSE).exists():
        return None
    _unused(earlier).update(replaced_at=clock.now())
    made = new_link(user, None, LinkPurpose.PASSWORD, by=None)
    made.link.save()
    return made


def replace_links(users: Iterable[int]) -> None:
    """The links made for these people so far stop working."""
    _unused(OneTimeLink.objects.filter(user__in=users)).update(replaced_at=clock.now())


def spend_links(user: User) -> None:
    """A password was set: links that only do this stop working; an office is still to be taken."""
    links = _unused(OneTimeLink.objects.filter(user=user))
    links.exclude(purpose=LinkPurpose.HAND_OVER).update(replaced_at=clock.now())


def find_link(token: str) -> OneTimeLink | None:
    links = OneTimeLink.objects.select_related("user", "unit__parent", "hand_over")
    return links.filter(token_hash=hash_of(token)).first()


def standing(link: OneTimeLink, *, on: date) -> Standing:
    if link.used_at is not None:
        return Standing.USED
    is_over = (
        link.replaced_at is not None
        or on >= link.expires_on
        or not link.user.is_active
        or _has_lost_its_ground(link, on)
    )
    return Standing.OVER if is_over else Standing.WORKS


@sensitive_variables("token", "password")
@transaction.atomic
def use_link(token: str, password: str) -> User:
    """Set the password of whoever holds the link, and hand the office over where it is for that."""
    known = find_link(token)
    if known is None:
        raise Refused(_("The link has expired."))
    user = User.objects.select_for_update(no_key=True).get(pk=known.user_id)
    links = OneTimeLink.objects.select_for_update(of=("self",))
    link = links.select_related("user", "unit").get(pk=known.pk)
    if link.hand_over_id is not None:  # nobody refuses it meanwhile
        link.hand_over = HandOver.objects.select_for_update().get(pk=link.hand_over_id)
    if standing(link, on=clock.today()) != Standing.WORKS:  # somebody was quicker
        raise Refused(_("The link has expired."))
    link.used_at = clock.now()
    link.save(update_fields=["used_at"])
    user.set_password(password)
    user.save(update_fields=["password"])
    spend_links(user)
    _record_use(link, user)
    if link.purpose == LinkPurpose.HAND_OVER:
        _take_over(link, user)
    return user


def _take_over(link: OneTimeLink, successor: User) -> None:
    """The old chair's role ends and the successor's begins, on the day that was asked for or, if
    that is past, today."""
    if link.hand_over is None or link.unit is None:
        return  # the database refuses such a link
    starts_on = max(clock.today(), link.hand_over.valid_from)
    ended = replace_chair(successor, unit=link.unit, valid_from=starts_on, by=successor)
    before = ended.user if ended else None
    name, phone = successor.full_name, successor.phone or ""
    contact = contact_of_next(link.unit, name, phone, before=before)
    change_contact(link.unit, contact, by=successor)


def _record_use(link: OneTimeLink, user: User) -> None:
    if link.unit is None:
        record_everywhere(gettext_noop("set a new password"), user, by=user)
        return
    set_password, took = gettext_noop("set a new password"), gettext_noop("took the account")
    verb = set_password if link.purpose == LinkPurpose.PASSWORD else took
    record(HistoryKind.ROLE, verb, by=user, unit=link.unit, subject=str(user))


def _has_lost_its_ground(link: OneTimeLink, on: date) -> bool:
    """Whether that in whose name the link was made holds no more."""
    if link.unit is None:
        return False  # asked for by e-mail, in the person's own name
    held = Assignment.objects.filter(unit=link.unit)
    if link.hand_over is None:
        return not held.filter(user=link.user).not_ended(on).exists()
    if link.hand_over.is_refused:
        return True
    starts_on = max(on, link.hand_over.valid_from)
    chairs = held.filter(role=Role.CHAIR).not_ended(starts_on)
    return chairs.exclude(user=link.hand_over.asked_by_id).exists()


def _unused(links: QuerySet[OneTimeLink]) -> QuerySet[OneTimeLink]:
    return links.filter(used_at=None, replaced_at=None)
