"""How a report stands against its due day, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Kind, Quarter, QuarterlyReport, Unit


@dataclass(frozen=True)
class Deadline:
    due_on: date
    is_late: bool
    words: str  # «còn 1 ngày», «quá hạn 3 ngày», «gửi muộn 2 ngày», or nothing to say

    @classmethod
    def of(cls, report: QuarterlyReport, *, today: date) -> Deadline:
        """A report that is sent was late or not; one that is not has days left or is overdue."""
        due_on = report.quarter.due_on
        if report.is_suspended:
            return cls(due_on, is_late=False, words="")  # owes nothing
        if report.is_sent and report.submitted_at is not None:
            # The first time counts, and of a paper form the day it was received.
            sent_on = report.first_sent_on or timezone.localdate(report.submitted_at)
            days = (sent_on - due_on).days
            return cls(due_on, days > 0, _sent_late(days) if days > 0 else "")
        days = (due_on - today).days
        return cls(due_on, days < 0, days_left(days))


def days_left(days: int) -> str:
    """«còn 1 ngày», «đến hạn hôm nay», «quá hạn 3 ngày»."""
    if days == 0:
        return _("due today")
    if days > 0:
        return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
    return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}


def sign_off_due_on(unit: Unit, quarter: Quarter) -> date:
    """Until when a superior unit signs its quarter off, by its level."""
    return quarter.upper_due_on if unit.kind == Kind.UPPER else quarter.federation_due_on


def days_late(days: int) -> str:
    """«muộn 2 ngày», of what was done after its due day; nothing to say of what was not late."""
    if days <= 0:
        return ""
    return ngettext("%(days)s day late", "%(days)s days late", days) % {"days": days}


def _sent_late(days: int) -> str:
    return ngettext("sent %(days)s day late", "sent %(days)s days late", days) % {"days": days}
