"""What every page shows around its content: the menu, the person, whom to call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from members.access import Permission
from members.models import Unit, User
from members.roles import guide_of, manages_quarters
from unionplan.lib import clock


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    is_current: bool = False


def site(request: HttpRequest) -> dict[str, object]:
    facts: dict[str, object] = {"demo": settings.DEMO}
    user = getattr(request, "user", None)
    if isinstance(user, User):
        facts["menu"] = SimpleLazyObject(partial(menu, user, request.path))
        facts["guide"] = SimpleLazyObject(partial(_guide, user))
    return facts


def menu(user: User, path: str) -> list[MenuItem]:
    """By role; a person with two roles sees both, each address and each word once."""
    items: list[MenuItem] = []
    for label, url in _entries(user):
        if not any(label == item.label or url == item.url for item in items):
            items.append(MenuItem(label, url))
    current = _current(items, path)
    return [replace(item, is_current=item == current) for item in items]


def _entries(user: User) -> Iterator[tuple[str, str]]:
    own = _first_unit(user, is_superior=False)
    branch = _first_unit(user, is_superior=True)
    if branch:
        yield _("Home"), reverse("home")
    elif own:
        yield _("The unit’s work"), reverse("home")
    yield _("Reports"), reverse("report-list")
    if own:
        yield _("Targets"), reverse("progress", args=[own.code])
    if branch:
        yield _("Progress"), reverse("progress", args=[branch.code])
        yield _("Units"), reverse("unit-list")
        yield _("Enterprises"), reverse("enterprise-list")
        yield _("Training"), reverse("training")
        yield _("Plans"), reverse("plan-list")
    elif own:
        yield _("Units"), own.get_absolute_url()
    if manages_quarters(user):
        yield _("Reporting periods"), reverse("quarter-list")
    if user.may_somewhere(Permission.ACCOUNTS):
        yield _("Accounts"), reverse("account-list")
    if user.may_somewhere(Permission.UNITS):  # an administrator
        yield _("Set-up"), reverse("setup")
        yield _("History"), reverse("history")


def _first_unit(user: User, *, is_superior: bool) -> Unit | None:
    for role in user.roles:
        if role.unit.is_superior == is_superior:
            return role.unit
    return _root_of(user) if user.is_superuser and is_superior else None


def _root_of(user: User) -> Unit | None:
    return Unit.objects.roots().by_name().first()


def _current(items: list[MenuItem], path: str) -> MenuItem | None:
    """The item of this page, or else the one of its section (the first word of the address)."""
    section = "/" + path.strip("/").split("/")[0] + "/"
    exact = [item for item in items if item.url != "/" and path.startswith(item.url)]
    near = [item for item in items if item.url == path or item.url.startswith(section)]
    return next(iter([*exact, *near]), None)


def _guide(user: User) -> User | None:
    """The reviewer in charge of this person's unit; upper-level unions need no guide."""
    own = _first_unit(user, is_superior=False)
    return guide_of(own, on=clock.today()) if own else None
