"""Sentences about one report, for the pages that show it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.deadlines import days_left
from members.models import QuarterlyReport
from members.roles import guide_of
from unionplan.lib import clock
from unionplan.lib.dates import in_text, moment
from unionplan.lib.numbers import UNKNOWN


def closed_words(report: QuarterlyReport) -> str:
    closed_at = report.quarter.closed_at
    day = in_text(timezone.localdate(closed_at)) if closed_at else UNKNOWN
    words = _(
        "The reporting period %(quarter)s was closed on %(day)s. To send late or to correct, call"
        " %(guide)s."
    )
    return words % {"quarter": report.quarter, "day": day, "guide": guide_words(report)}


def accepted_words(report: QuarterlyReport) -> str:
    return _("The report was accepted at %(time)s. To change it, call %(guide)s.") % {
        "time": time_words(report.checked_at),
        "guide": guide_words(report),
    }


def sent_words(report: QuarterlyReport) -> str:
    return _("The report was sent at %(time)s; it is not sent twice.") % {
        "time": time_words(report.submitted_at)
    }


def guide_words(report: QuarterlyReport) -> str:
    """Whom to call: «đồng chí Lê Văn Hoà, ĐT 0900 000 001»."""
    guide = guide_of(report.unit, on=clock.today())
    if guide is None:
        return _("the superior union")
    if not guide.phone:
        return _("comrade %(person)s") % {"person": guide}
    phone = f"{guide.phone[:4]} {guide.phone[4:7]} {guide.phone[7:]}"
    return _("comrade %(person)s, tel. %(phone)s") % {"person": guide, "phone": phone}


def time_words(at: datetime | None) -> str:
    """«14:05», with the day where that is not today."""
    if at is None:
        return UNKNOWN
    if timezone.localdate(at) != clock.today():
        return moment(at)
    return date_format(timezone.localtime(at), "TIME_FORMAT")


def returned_words(report: QuarterlyReport) -> str:
    """«đồng chí Lê Văn Hoà, 08:40 ngày 05/10/2024: …»"""
    return _("comrade %(person)s, %(moment)s: %(reason)s") % {
        "person": report.checked_by,
        "moment": moment(report.checked_at) if report.checked_at else UNKNOWN,
        "reason": report.return_reason,
    }


def due_words(days: int) -> str:
    """«còn 1 ngày đến hạn»; from the due day on in the words of a deadline."""
    if days <= 0:
        return days_left(days)
    return ngettext("%(days)s day until due", "%(days)s days until due", days) % {"days": days}
