"""Whose account is whose: chairs who sign in, and officers in the list."""

from __future__ import annotations

from collections.abc import Iterable

from members.access import Role
from members.models import Assignment, User
from training.models import Officer
from unionplan.lib import clock
from unionplan.lib.vietnamese import same_name


def is_called(user: User, name: str) -> bool:
    return same_name(name) == same_name(user.full_name)


def with_officer(users: Iterable[int]) -> set[int]:
    """Ids of those accounts that are an officer's; one statement."""
    found = Officer.objects.filter(account__in=list(users))
    return {account for account in found.values_list("account_id", flat=True) if account}


def unlisted_chairs(units: Iterable[int]) -> dict[int, User]:
    """By unit: the chair by account whom no officer is known to be; two statements."""
    held = Assignment.objects.on(clock.today()).filter(unit__in=list(units), role=Role.CHAIR)
    chairs = {role.unit_id: role.user for role in held.select_related("user")}
    listed = with_officer(user.pk for user in chairs.values())
    return {unit: user for unit, user in chairs.items() if user.pk not in listed}
