"""Sentences about one report, for the pages that show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.access import Role
from members.deadlines import days_left
from members.models import Assignment, QuarterlyReport, Status, Suspension, Unit, User
from members.queues import label_of
from members.roles import guide_of
from unionplan.lib import clock
from unionplan.lib.dates import in_text, moment
from unionplan.lib.numbers import UNKNOWN


@dataclass(frozen=True)
class ReturnedLine:
    field_id: str
    label: str
    words: str


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
        "guide": guide_words(report, labels_number=False),
    }


def sent_words(report: QuarterlyReport) -> str:
    return _("The report was sent at %(time)s; it is not sent twice.") % {
        "time": time_words(report.submitted_at)
    }


def sent_again_words(report: QuarterlyReport) -> str:
    """«Đã gửi lại, lần 2, lúc 14:20.», and with its day where that is another one."""
    at = report.submitted_at
    is_first_day = at is not None and timezone.localdate(at) == report.first_sent_on
    time = time_words(at) if is_first_day or at is None else moment(at)
    words = _("Sent again, for the %(times)s. time, at %(time)s.")
    return words % {"times": report.times_sent, "time": time}


def guide_words(report: QuarterlyReport, *, labels_number: bool = True) -> str:
    """Whom to call: «đồng chí Lê Văn Hoà, ĐT 0900 000 001»."""
    guide = guide_of(report.unit, on=clock.today())
    if guide is None:
        return _("the superior union")
    if not guide.phone:
        return _("comrade %(person)s") % {"person": guide}
    phone = f"{guide.phone[:4]} {guide.phone[4:7]} {guide.phone[7:]}"
    words = _("comrade %(person)s, tel. %(phone)s")
    if not labels_number:
        words = _("comrade %(person)s, %(phone)s")
    return words % {"person": guide, "phone": phone}


def owes_none_words(report: QuarterlyReport) -> str:
    return _("The unit is suspended and owes no report.") if report.is_suspended else ""


def permit_words(report: QuarterlyReport) -> str:
    """«Được gửi muộn đến ngày 20/10/2024.», while that is what keeps the report open."""
    if report.quarter.is_open or not report.is_open(clock.today()) or report.late_until is None:
        return ""
    return _("May be sent late, until %(day)s.") % {"day": in_text(report.late_until)}


def on_behalf_words(report: QuarterlyReport, received_on: date | None = None) -> str:
    """«Nhập thay CĐCS … theo bản giấy nhận ngày 05/10/2024»"""
    received_on = received_on or report.received_on
    if received_on is None:
        return _("Entered on behalf of %(unit)s from a paper form") % {"unit": report.name}
    return _("Entered on behalf of %(unit)s from a paper form received on %(day)s") % {
        "unit": report.name,
        "day": in_text(received_on),
    }


def chair_sends_words(unit: Unit) -> str:
    """To a second person who types and does not send."""
    chair = chair_of(unit)
    if chair is None:
        return _("The chair sends the report. Save the draft when the figures are complete.")
    words = _(
        "Comrade %(chair)s, the chair, sends the report. Save the draft when the figures are"
        " complete, then tell the chair."
    )
    return words % {"chair": chair}


def chair_of(unit: Unit) -> User | None:
    held = Assignment.objects.on(clock.today()).filter(unit=unit, role=Role.CHAIR)
    found = held.select_related("user").order_by("pk").first()
    return found.user if found else None


def time_words(at: datetime | None) -> str:
    """«14:05», with the day where that is not today."""
    if at is None:
        return UNKNOWN
    if timezone.localdate(at) != clock.today():
        return moment(at)
    return date_format(timezone.localtime(at), "TIME_FORMAT")


def returned_words(report: QuarterlyReport) -> str:
    """«đồng chí Lê Văn Hoà, 08:40 ngày 05/10: …», of another year with it"""
    at = report.checked_at
    is_this_year = at is not None and timezone.localdate(at).year == clock.today().year
    return _("comrade %(person)s, %(moment)s: %(reason)s") % {
        "person": report.checked_by,
        "moment": moment(at, with_year=not is_this_year) if at else UNKNOWN,
        "reason": report.return_reason,
    }


def returned_lines(report: QuarterlyReport) -> list[ReturnedLine]:
    """Why a report came back, on each figure that was ticked; one line without a figure if none."""
    if report.status != Status.RETURNED:
        return []
    words = returned_words(report)
    lines = [ReturnedLine(f"id_{n}", label_of(n), words) for n in report.returned_figures]
    return lines or [ReturnedLine("", "", words)]


def due_words(days: int) -> str:
    """«còn 1 ngày đến hạn»; from the due day on in the words of a deadline."""
    if days <= 0:
        return days_left(days)
    return ngettext("%(days)s day until due", "%(days)s days until due", days) % {"days": days}


def suspended_words(suspension: Suspension) -> str:
    """«Tạm ngừng từ ngày 01/8/2024», and until when where that is known."""
    if suspension.ends_on is None:
        words = _("Suspended from %(first)s")
    else:
        words = _("Suspended from %(first)s, reports again from %(last)s")
    last = in_text(suspension.ends_on) if suspension.ends_on else ""
    return words % {"first": in_text(suspension.starts_on), "last": last}


def late_words(report: QuarterlyReport) -> str:
    """Until when this one unit may still send, though the quarter is closed."""
    if report.quarter.is_open or report.late_until is None or report.is_sent:
        return ""
    return _("By a permit of its own the unit may send this report until the end of %(day)s.") % {
        "day": in_text(report.late_until)
    }
