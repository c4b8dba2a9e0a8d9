"""Units that have not sent their report: whom to call there, what was done, and the verbs.

Colleagues of a branch see each other's lines, so that nobody is called twice. The unit itself
never sees them: they leave no line in its history.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from members.access import Permission, Role
from members.actions import Refused
from members.deadlines import Deadline
from members.models import (
    Assignment,
    Quarter,
    QuarterlyReport,
    Reminder,
    ReminderKind,
    Unit,
    User,
)
from unionplan.lib import clock
from unionplan.lib.dates import in_text, moment
from unionplan.lib.numbers import UNKNOWN
from unionplan.lib.vietnamese import one_line

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

SHOWN = 20  # lines about one unit
log = logging.getLogger(__name__)


# --- who has not sent ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Contact:
    """Whom to call or write to at a unit: its chair, else the contact it gave."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Late:
    """What stands beside a unit in the list of those who have not sent."""

    contact: Contact
    before: QuarterlyReport | None  # its report of the quarter before
    reminder: Reminder | None  # the latest
    may_remind: bool
    is_awaited: bool  # its report can be sent today

    @property
    def before_words(self) -> str:
        """«04/7/2024», «12/7/2024, gửi muộn 7 ngày», «chưa gửi»"""
        report = self.before
        if report is None or report.is_suspended:
            return UNKNOWN
        if not report.is_sent or report.first_sent_on is None:
            return _("not sent")
        deadline = Deadline.of(report, today=report.first_sent_on)
        return ", ".join(filter(None, (in_text(report.first_sent_on), deadline.words)))

    @property
    def was_late_before(self) -> bool:
        report = self.before
        if report is None or report.is_suspended:
            return False
        return not report.is_sent or Deadline.of(report, today=report.quarter.due_on).is_late

    @property
    def reminder_words(self) -> str:
        return reminder_words(self.reminder) if self.reminder else ""

    @property
    def email(self) -> str:
        return self.contact.email if self.may_remind and self.is_awaited else ""


def with_sorting_columns(
    reports: QuarterlyReportQuerySet, quarter: Quarter, user: User
) -> QuarterlyReportQuerySet:
    """``sent_before_on`` and ``reminded_on``, which the list can be sorted by."""
    before = _before(quarter)
    sent = QuarterlyReport.objects.filter(unit=OuterRef("unit"), quarter=before)
    noted = Reminder.objects.visible_to(user).filter(unit=OuterRef("unit"), quarter=quarter)
    return reports.annotate(
        sent_before_on=Subquery(sent.values("first_sent_on")[:1]),
        reminded_on=Subquery(noted.order_by("-day").values("day")[:1]),
    )


def late_facts(
    reports: Sequence[QuarterlyReport], quarter: Quarter, *, user: User, on: date
) -> dict[int, Late]:
    """By id of the report, in a fixed number of statements; reports come with ``unit``. Of a unit
    that is out of sight today nothing is told but the name its report bears."""
    seen = [report for report in reports if user.may(Permission.VIEW, report.unit)]
    contacts = contacts_of([report.unit for report in seen], on=on)
    before = _reports_before(seen, quarter)
    noted = _latest([report.unit_id for report in seen], quarter, user)
    unknown = Late(Contact(), None, None, may_remind=False, is_awaited=False)
    found = {
        report.pk: Late(
            contact=contacts[report.unit_id],
            before=before.get(report.unit_id),
            reminder=noted.get(report.unit_id),
            may_remind=may_remind(user, report.unit),
            is_awaited=not report.is_sent and not report.is_suspended and report.is_open(on),
        )
        for report in seen
    }
    return {report.pk: found.get(report.pk, unknown) for report in reports}


def contacts_of(units: Iterable[Unit], *, on: date) -> dict[int, Contact]:
    """By id of the unit, in one statement."""
    units = list(units)
    held = Assignment.objects.on(on).filter(role=Role.CHAIR, user__is_active=True, unit__in=units)
    chairs = {role.unit_id: role.user for role in held.select_related("user").order_by("pk")}
    return {unit.pk: _contact(unit, chairs.get(unit.pk)) for unit in units}


def _contact(unit: Unit, chair: User | None) -> Contact:
    if chair is None:
        return Contact(unit.contact_name, unit.phone, unit.email)
    return Contact(str(chair), chair.phone or unit.phone, chair.email or unit.email)


def may_remind(user: User, unit: Unit) -> bool:
    """Whoever looks after the unit from above, and not its own people."""
    is_own = any(role.unit_id == unit.pk for role in user.roles)
    return user.may(Permission.REMIND, unit) and not is_own


def _before(quarter: Quarter) -> Quarter | None:
    return Quarter.objects.before(quarter).latest_one()


def _reports_before(
    reports: Sequence[QuarterlyReport], quarter: Quarter
) -> dict[int, QuarterlyReport]:
    units = [report.unit_id for report in reports]
    found = QuarterlyReport.objects.filter(quarter=_before(quarter), unit__in=units)
    return {report.unit_id: report for report in found.select_related("quarter")}


def _latest(units: Sequence[int], quarter: Quarter, user: User) -> dict[int, Reminder]:
    noted = Reminder.objects.visible_to(user).filter(quarter=quarter, unit__in=units)
    return {reminder.unit_id: reminder for reminder in reversed(noted.latest_first())}


# --- what people read ----------------------------------------------------------------------------


def reminder_words(reminder: Reminder) -> str:
    """«Gọi điện 07/10, đồng chí Hoà: Kế toán nghỉ, hẹn gửi 07/10»"""
    words = {
        "how": reminder.get_kind_display(),
        "day": in_text(reminder.day, with_year=False),
        "person": str(reminder.by).split()[-1],
    }
    done = _("%(how)s %(day)s, comrade %(person)s") % words
    return f"{done}: {reminder.note}" if reminder.note else done


def reminders_of(unit: Unit, user: User, quarter: Quarter | None = None) -> QuerySet[Reminder]:
    """What was done about a unit's reports, the latest first; nothing for the unit itself."""
    noted = Reminder.objects.visible_to(user).filter(unit=unit)
    noted = noted.filter(quarter=quarter) if quarter else noted
    return noted.latest_first()


def reminder_lines(unit: Unit, user: User, quarter: Quarter | None = None) -> list[str]:
    return [reminder_words(reminder) for reminder in reminders_of(unit, user, quarter)[:SHOWN]]


def noted_today(unit: Unit, quarter: Quarter, user: User, *, on: date) -> Reminder | None:
    """What a colleague did about this unit today: nobody calls twice."""
    return reminders_of(unit, user, quarter).filter(day=on).exclude(by=user).first()


@dataclass(frozen=True)
class Appeal:
    """The text for the group of the units that have not sent, in parts: head, a name, foot."""

    head: str
    foot: str

    @classmethod
    def of(cls, quarter: Quarter, address: str) -> Appeal:
        head = _(
            "To the grassroots unions: by %(moment)s the following units have not sent the report"
            " of %(quarter)s (due %(day)s):"
        )
        words = {
            "moment": moment(clock.now()),
            "quarter": quarter,
            "day": in_text(quarter.due_on, with_year=False),
        }
        return cls(head % words, _("Please send at %(address)s") % {"address": address})

    def text(self, names: Iterable[str]) -> str:
        lines = [f"{number}. {name}" for number, name in enumerate(names, start=1)]
        return "\n".join([self.head, *lines, self.foot])


# --- the verbs -----------------------------------------------------------------------------------


@transaction.atomic
def note_reminder(
    report: QuarterlyReport, *, kind: str, day: date, note: str = "", by: User
) -> Reminder:
    """Write down that somebody called, wrote to or visited the unit."""
    if day > clock.today():
        raise Refused(_("This day is still to come."))
    opened_on = timezone.localdate(report.quarter.opened_at)
    if day < opened_on:
        raise Refused(
            _("%(quarter)s was opened on %(day)s; nobody was reminded of it before.")
            % {"quarter": report.quarter, "day": in_text(opened_on)}
        )
    if report.is_suspended:
        raise Refused(_("The unit is suspended and owes no report."))
    return Reminder.objects.create(
        unit=report.unit,
        quarter=report.quarter,
        kind=kind,
        day=day,
        note=one_line(note),
        by=by,
        at=clock.now(),
    )


@dataclass(frozen=True)
class Letters:
    """What became of the letters to many units."""

    sent: int
    failed: list[str]  # names of units
    before: int  # had one today already


def remind_by_email(
    reports: Iterable[QuarterlyReport],
    quarter: Quarter,
    *,
    address: Mapping[int, str],
    by: User,
) -> Letters:
    """One letter to each unit that has not sent and has an address, at most one a day.

    Reminders are written first, under a lock on the quarter, and taken back where the letter
    failed: two who press the button at once must not both write, and no transaction stays open
    while a server of letters is slow. ``address`` is where each report is sent, by its id.
    """
    today = clock.today()
    with transaction.atomic():
        rows = list(reports)
        facts = late_facts(rows, quarter, user=by, on=today)
        wanted = [report for report in rows if facts[report.pk].email]
        claimed = _claim(wanted, quarter, on=today, by=by)
    letters = {
        reminder: _letter(report, facts[report.pk].contact, address[report.pk], by)
        for report, reminder in claimed
    }
    failed = [reminder for reminder, is_sent in _sent(letters) if not is_sent]
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in failed]).delete()
    return Letters(
        sent=len(letters) - len(failed),
        failed=[reminder.unit.name for reminder in failed],
        before=len(wanted) - len(claimed),
    )


def _claim(
    reports: Sequence[QuarterlyReport], quarter: Quarter, *, on: date, by: User
) -> list[tuple[QuarterlyReport, Reminder]]:
    """A reminder for each unit that got no letter today."""
    Quarter.objects.select_for_update(no_key=True).get(pk=quarter.pk)
    units = [report.unit_id for report in reports]
    written = Reminder.objects.filter(
        quarter=quarter, unit__in=units, kind=ReminderKind.EMAIL, day=on
    )
    had_one = set(written.values_list("unit_id", flat=True))
    now = clock.now()
    claimed = [
        (
            report,
            Reminder(
                unit=report.unit, quarter=quarter, kind=ReminderKind.EMAIL, day=on, by=by, at=now
            ),
        )
        for report in reports
        if report.unit_id not in had_one
    ]
    Reminder.objects.bulk_create(reminder for _report, reminder in claimed)
    return claimed


def _letter(report: QuarterlyReport, contact: Contact, address: str, by: User) -> EmailMessage:
    """In the language of the units, whatever the officer reads."""
    with translation.override(settings.LANGUAGE_CODE):
        words = {
            "person": contact.name or report.unit.name,
            "unit": report.unit.name,
            "moment": moment(clock.now()),
            "quarter": report.quarter,
            "day": in_text(report.quarter.due_on),
            "address": address,
            "guide": _to_call(by),
        }
        subject = _("Reminder: report of %(quarter)s, %(unit)s") % words
        body = _(
            "To comrade %(person)s,\n\nBy %(moment)s %(unit)s has not sent its report of"
            " %(quarter)s (due %(day)s).\nPlease send it at %(address)s\n\nFor guidance, call"
            " %(guide)s."
        )
        return EmailMessage(subject, body % words, to=[contact.email])


def _to_call(by: User) -> str:
    if not by.phone:
        return _("comrade %(person)s") % {"person": by}
    phone = f"{by.phone[:4]} {by.phone[4:7]} {by.phone[7:]}"
    return _("comrade %(person)s, tel. %(phone)s") % {"person": by, "phone": phone}


def _sent(letters: Mapping[Reminder, EmailMessage]) -> Iterator[tuple[Reminder, bool]]:
    """Each letter over one connection, and whether it left; a server that cannot be reached is
    not asked again for every letter."""
    connection = get_connection()
    is_reached = bool(letters) and _opens(connection)
    for reminder, letter in letters.items():
        is_sent = is_reached and _leaves(letter, connection)
        if is_reached and not is_sent:  # the refusal of one may have cost the connection
            connection.close()
            is_reached = _opens(connection)
        yield reminder, is_sent
    connection.close()


def _opens(connection: BaseEmailBackend) -> bool:
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        log.warning("The server of letters cannot be reached: %s", type(error).__name__)
        return False
    return True


def _leaves(letter: EmailMessage, connection: BaseEmailBackend) -> bool:
    try:
        return bool(connection.send_messages([letter]))
    except (SMTPException, OSError, ValueError) as error:
        log.warning("A reminder could not be sent: %s", type(error).__name__)
        return False
