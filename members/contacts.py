"""Whom to call at a unit."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_noop

from members.models import HistoryKind, Unit, User
from members.models.history import changes_between, record

CONTACT = ("contact_name", "phone", "email")


def contact_of_next(unit: Unit, name: str, phone: str, *, before: User | None) -> dict[str, str]:
    """The new chair is called at the unit; letters no longer go to the old one."""
    contact = {"contact_name": name, "phone": phone}
    if before is not None and before.email and before.email.lower() == unit.email.lower():
        contact["email"] = ""
    return contact


@transaction.atomic
def change_contact(unit: Unit, contact: Mapping[str, str], *, by: User) -> Unit:
    """Write the contact of a unit; what stays the same leaves no line of history."""
    unit = Unit.objects.get(pk=unit.pk)
    changes = changes_between({name: getattr(unit, name) for name in CONTACT}, dict(contact))
    if changes:
        for name in changes:
            setattr(unit, name, contact[name])
        unit.save(update_fields=[*changes])
        record(
            HistoryKind.UNIT,
            gettext_noop("changed the contact"),
            by=by,
            unit=unit,
            subject=unit.name,
            changes=changes,
        )
    return unit
