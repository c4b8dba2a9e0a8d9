"""Whose reports a page is about: the units in one's charge, those one checks, or all one sees.

The same choice narrows the boxes, the queue, the bulk and the list of those who have not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from members.access import Permission
from members.models import Quarter, QuarterlyReport, Status, Unit, User
from members.queues import counts_of
from unionplan.lib.numbers import whole_number

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

MINE, CHECKED, ALL = SCOPES = ("mine", "checked", "all")
NOT_SENT = "not-sent"  # the status that a list is asked for, of all these together:
UNSENT = (Status.DUE, Status.DRAFT)  # «chưa gửi»; a returned report was sent


@dataclass(frozen=True)
class Scope:
    """The reports of one quarter that a person chose to look at, and how many stand where."""

    name: str
    reports: QuarterlyReportQuerySet
    counts: dict[str, int]
    has_queue: bool  # all that waits here waits for this person; else the list is only read

    @property
    def units(self) -> int:
        return sum(self.counts.values())

    @property
    def unsent(self) -> int:
        return sum(self.counts[status] for status in UNSENT)

    @property
    def label(self) -> str:
        words = {
            MINE: _("Units in my charge (%(count)s)"),
            CHECKED: _("Checked by me (%(count)s)"),
            ALL: _("All (%(count)s)"),
        }
        return words[self.name] % {"count": whole_number(self.units)}


def scopes_of(user: User, quarter: Quarter, *, on: date) -> list[Scope]:
    """What this person may choose from. What would show the same as «all» is not offered."""
    owed = QuarterlyReport.objects.of(quarter).owed()
    mine, checked = in_charge(owed, user), to_check(user, quarter, on=on)
    everything = owed.visible_to(user)
    counts = {
        MINE: counts_of(mine),
        CHECKED: counts_of(checked),
        ALL: counts_of(everything),
    }
    decided = counts[CHECKED][Status.SUBMITTED] if sum(counts[CHECKED].values()) else None
    scopes = [
        Scope(CHECKED, checked, counts[CHECKED], has_queue=True),
        Scope(ALL, everything, counts[ALL], counts[ALL][Status.SUBMITTED] == decided),
    ]
    if sum(counts[MINE].values()):
        waiting = in_charge(checked, user).waiting().count()
        is_queue = decided is not None and counts[MINE][Status.SUBMITTED] == waiting
        scopes = [Scope(MINE, mine, counts[MINE], is_queue), *scopes]
    all_units = scopes[-1].units
    return [scope for scope in scopes[:-1] if scope.units not in (0, all_units)] + scopes[-1:]


def chosen(scopes: Sequence[Scope], name: str) -> Scope:
    """The one asked for. A reviewer's page opens with all that the office decides, for colleagues
    share it; anybody else's with the units in their charge."""
    whole = (scope for scope in scopes if scope.has_queue and scope.name != MINE)
    opened = next(whole, scopes[0])
    return next((scope for scope in scopes if scope.name == name), opened)


def to_check(
    user: User, quarter: Quarter, *, on: date, scope: str = ALL
) -> QuarterlyReportQuerySet:
    """The reports of a quarter that this person decides, narrowed as the page they come from."""
    reports = QuarterlyReport.objects.to_check_by(user, on).of(quarter).owed()
    return in_charge(reports, user) if scope == MINE else reports


def in_charge(reports: QuarterlyReportQuerySet, user: User) -> QuarterlyReportQuerySet:
    """Of the units this person looks after and still sees: a charge ends with the role."""
    seen = Unit.objects.open_to(user, Permission.VIEW)
    return reports.in_charge_of(user).filter(unit__in=seen)
