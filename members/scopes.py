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
    is_default: bool = False

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
    own, decided, all_ = counts_of(mine), counts_of(checked), counts_of(everything)
    numbers = {MINE: sum(own.values()), CHECKED: sum(decided.values()), ALL: sum(all_.values())}
    offered = {name: number not in (0, numbers[ALL]) for name, number in numbers.items()}
    checks = numbers[CHECKED] > 0
    scopes = []
    if offered[MINE]:
        waiting = in_charge(checked, user).waiting().count()
        has_queue = checks and own[Status.SUBMITTED] == waiting
        scopes.append(Scope(MINE, mine, own, has_queue, is_default=not checks))
    if offered[CHECKED]:
        scopes.append(Scope(CHECKED, checked, decided, has_queue=True, is_default=True))
    has_queue = checks and all_[Status.SUBMITTED] == decided[Status.SUBMITTED]
    return [*scopes, Scope(ALL, everything, all_, has_queue)]


def chosen(scopes: Sequence[Scope], name: str) -> Scope:
    """The one asked for, else the one to begin with."""
    by_name = {scope.name: scope for scope in scopes}
    return by_name.get(name) or next((s for s in scopes if s.is_default), scopes[-1])


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
