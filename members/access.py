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
    ENTER = "enter"  # type and save the unit's own report
    SEND = "send"  # send it, and take it back
    STAFF = "staff"  # name a second person who types, ask for a hand-over
    ENTER_ON_BEHALF = "enter_on_behalf"  # type and send reports for units below
    CHECK = "check"  # accept and return reports and sign off, where no nearer reviewer does
    REMIND = "remind"  # remind units, and note that it was done
    ACCOUNTS = "accounts"  # give and end roles, links to sign in, units to be in charge of
    PLAN = "plan"  # make plans and set targets
    ALLOCATE = "allocate"  # split a target over the units below, ask them for a number first
    QUARTERS = "quarters"  # open, close and reopen quarters (at the root); permit a late report
    UNITS = "units"  # bring in units, suspend and resume them
    ENTERPRISES = "enterprises"  # keep the register of enterprises, found unions there
    PROPOSE = "propose"  # propose an enterprise to the superior union
    OFFICERS = "officers"  # keep the list of officers, state training needs, send to courses
    TRAINING = "training"  # plan and hold courses, say who completed them


class Role(models.TextChoices):
    CHAIR = "chair", _("Reporting unit")
    TYPIST = "typist", _("Second person who types")
    REVIEWER = "reviewer", _("Reviewer")
    VIEWER = "viewer", _("Leader, observer")
    ADMINISTRATOR = "administrator", _("Administrator")


PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.CHAIR: frozenset(
        {
            Permission.VIEW,
            Permission.ENTER,
            Permission.SEND,
            Permission.STAFF,
            Permission.PROPOSE,
            Permission.OFFICERS,
        }
    ),
    Role.TYPIST: frozenset({Permission.VIEW, Permission.ENTER}),
    Role.REVIEWER: frozenset(
        {
            Permission.VIEW,
            Permission.CHECK,
            Permission.REMIND,
            Permission.ENTER_ON_BEHALF,
            Permission.ACCOUNTS,
            Permission.ALLOCATE,
            Permission.ENTERPRISES,
            Permission.OFFICERS,
            Permission.TRAINING,
        }
    ),
    Role.VIEWER: frozenset({Permission.VIEW, Permission.REMIND}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.VIEW,
            Permission.REMIND,
            Permission.ENTER_ON_BEHALF,
            Permission.ACCOUNTS,
            Permission.PLAN,
            Permission.ALLOCATE,
            Permission.QUARTERS,
            Permission.UNITS,
            Permission.ENTERPRISES,
            Permission.OFFICERS,
            Permission.TRAINING,
        }
    ),
}

# The roles of a unit that reports; all others are held at its superiors.
REPORTING_ROLES = frozenset({Role.CHAIR, Role.TYPIST})

# Who may give which role, within the branch of their own. Only an administrator makes another.
GIVES: dict[str, frozenset[Role]] = {
    Role.CHAIR: frozenset({Role.TYPIST}),
    Role.REVIEWER: frozenset({Role.CHAIR, Role.TYPIST, Role.REVIEWER, Role.VIEWER}),
    Role.ADMINISTRATOR: frozenset(Role),
}
