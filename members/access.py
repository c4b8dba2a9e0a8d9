"""Who may do what: every role with its permissions, on one page.

A role is given at a unit and reaches its branch. ``Unit.objects.open_to(user, permission)`` is the
only code that turns roles into units. Out of sight is 404; in sight and not allowed is 403.
"""

from __future__ import annotations

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(Enum):
    VIEW = "view"  # read everything of the branch
    ENTER = "enter"  # type and send the unit's own report
    ENTER_ON_BEHALF = "enter_on_behalf"  # bring in reports for units below
    CHECK = "check"  # accept and return reports, where no nearer reviewer does
    ACCOUNTS = "accounts"  # give and end roles
    PLAN = "plan"  # make plans and set targets
    QUARTERS = "quarters"  # open, close and reopen quarters (at the root of the tree)
    UNITS = "units"  # bring in units


class Role(models.TextChoices):
    CHAIR = "chair", _("Reporting unit")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Leader, observer")
    ADMINISTRATOR = "administrator", _("Administrator")


PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.CHAIR: frozenset({Permission.VIEW, Permission.ENTER}),
    Role.REVIEWER: frozenset(
        {Permission.VIEW, Permission.CHECK, Permission.ENTER_ON_BEHALF, Permission.ACCOUNTS}
    ),
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.VIEW,
            Permission.ENTER_ON_BEHALF,
            Permission.ACCOUNTS,
            Permission.PLAN,
            Permission.QUARTERS,
            Permission.UNITS,
        }
    ),
}

# Who may give which role, within the branch of their own. Only an administrator makes another.
GIVES: dict[str, frozenset[Role]] = {
    Role.REVIEWER: frozenset({Role.CHAIR, Role.REVIEWER, Role.VIEWER}),
    Role.ADMINISTRATOR: frozenset(Role),
}
