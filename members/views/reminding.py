"""Units that have not sent: the list with telephone numbers, what is copied or written to them,
and what was done about them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from members.access import Permission
from members.actions import Refused
from members.entering import may_enter_on_behalf
from members.forms.reminding import ReminderForm, TickedForm
from members.http import Request
from members.models import Quarter, QuarterlyReport
from members.reminders import (
    Appeal,
    Letters,
    late_facts,
    may_remind,
    note_reminder,
    noted_today,
    remind_by_email,
    reminder_lines,
    reminder_words,
    with_sorting_columns,
)
from members.roles import may_permit_late
from members.scopes import NOT_SENT, UNSENT, Scope, chosen, scopes_of
from members.tables import LateTable
from unionplan.lib import clock
from unionplan.lib.numbers import whole_number
from unionplan.lib.tables import sort_and_page

SHOWN = 500  # rows of a page: one text for Zalo names the units of a branch


def late_list(request: Request, quarter: Quarter, scope: Scope) -> dict[str, Any]:
    """What ``members/_late_list.html`` shows, here and on the first page of those who look on."""
    user, today = request.user, clock.today()
    reports = scope.reports.filter(status__in=UNSENT).select_related("unit", "quarter").by_name()
    table = LateTable(with_sorting_columns(reports, quarter, user))
    sort_and_page(table, request, rows=SHOWN)
    shown = [row.record for row in table.page.object_list]
    facts = late_facts(shown, quarter, user=user, on=today)
    for report in shown:
        report.late = facts[report.pk]
        report.may_permit_late = may_permit_late(user, report)
        report.may_enter_on_behalf = may_enter_on_behalf(user, report)
    with_email = sum(bool(late.email) for late in facts.values())
    return {
        "late_table": table,
        "late_quarter": quarter,
        "late_scope": scope.name,
        "may_enter_many": quarter.is_open and any(r.may_enter_on_behalf for r in shown),
        "may_copy": any(late.may_remind and late.is_awaited for late in facts.values()),
        "with_email": with_email,
        "sends_email": settings.EMAIL_CONFIGURED,
        "appeal": Appeal.of(quarter, request.build_absolute_uri("/")),
    }


def late_address(quarter: Quarter, scope: str = "") -> str:
    query = {"quarter": quarter.code, "status": NOT_SENT, "scope": scope}
    return f"{reverse('report-list')}?{urlencode({k: v for k, v in query.items() if v})}"


@require_POST
def report_remind(request: Request) -> HttpResponse:
    """The ticked units: their names in a text to copy, or a letter to each that has an address."""
    if not request.user.may_somewhere(Permission.REMIND):
        raise PermissionDenied
    form = TickedForm(request.POST)
    if not form.is_valid():
        raise Http404
    quarter: Quarter = form.cleaned_data["quarter"]
    scope = chosen(scopes_of(request.user, quarter, on=clock.today()), form.cleaned_data["scope"])
    back = late_address(quarter, form.cleaned_data["scope"])
    reports = [
        report
        for report in scope.reports.filter(status__in=UNSENT, unit__in=form.units)
        .select_related("unit", "quarter")
        .by_name()
        if may_remind(request.user, report.unit)
    ]
    if not reports:
        messages.warning(request, _("No unit is ticked."))
        return redirect(back)
    if form.cleaned_data["action"] == "copy":
        return _copy_page(request, reports, quarter, back)
    _write_to(request, reports, quarter)
    return redirect(back)


def _copy_page(
    request: Request, reports: list[QuarterlyReport], quarter: Quarter, back: str
) -> HttpResponse:
    """For whoever has no JavaScript, or a browser that forbids the clipboard."""
    appeal = Appeal.of(quarter, request.build_absolute_uri("/"))
    facts = {
        "quarter": quarter,
        "text": appeal.text(report.name for report in reports),
        "rows": min(len(reports) + 3, 30),
        "done": copied_words(len(reports)),
        "count": len(reports),
        "back": back,
    }
    return render(request, "members/report_remind.html", facts)


def copied_words(count: int) -> str:
    words = ngettext(
        "The list of %(count)s unit is copied.", "The list of %(count)s units is copied.", count
    )
    return words % {"count": whole_number(count)}


def _write_to(request: Request, reports: list[QuarterlyReport], quarter: Quarter) -> None:
    if not settings.EMAIL_CONFIGURED:
        messages.error(request, _("No server of letters is set up, so no e-mail was sent."))
        return
    address = {
        report.pk: request.build_absolute_uri(report.get_absolute_url()) for report in reports
    }
    _say(request, remind_by_email(reports, quarter, address=address, by=request.user))


def _say(request: Request, letters: Letters) -> None:
    if letters.sent:
        words = ngettext(
            "A reminder was sent by e-mail to %(count)s unit.",
            "Reminders were sent by e-mail to %(count)s units.",
            letters.sent,
        )
        messages.success(request, words % {"count": whole_number(letters.sent)})
    if letters.before:
        words = ngettext(
            "%(count)s unit had an e-mail today already.",
            "%(count)s units had an e-mail today already.",
            letters.before,
        )
        messages.warning(request, words % {"count": whole_number(letters.before)})
    if letters.failed:
        words = ngettext(
            "%(count)s e-mail could not be sent: %(units)s.",
            "%(count)s e-mails could not be sent: %(units)s.",
            len(letters.failed),
        )
        count = whole_number(len(letters.failed))
        messages.error(request, words % {"count": count, "units": ", ".join(letters.failed)})
    if not (letters.sent or letters.before or letters.failed):
        messages.warning(request, _("None of the ticked units has an e-mail address."))


def reminder_new(request: Request, code: str, quarter: str) -> HttpResponse:
    """«Ghi nhận đôn đốc»; what a colleague noted today is said before anything is noted again."""
    visible = QuarterlyReport.objects.visible_to(request.user)
    report = get_object_or_404(
        visible.select_related("unit", "quarter"), unit__code=code, quarter__code=quarter
    )
    if not may_remind(request.user, report.unit):
        raise PermissionDenied
    today = clock.today()
    noted = noted_today(report.unit, report.quarter, request.user, on=today)
    form = ReminderForm(request.POST or None, today=today, seen=noted.pk if noted else None)
    if request.method == "POST" and form.is_valid() and form.was_read:
        facts = {name: form.cleaned_data[name] for name in ("kind", "day", "note")}
        try:
            note_reminder(report, by=request.user, **facts)
        except Refused as refused:
            form.add_error("day", str(refused))
        else:
            messages.success(request, _("The reminder is noted."))
            return redirect(late_address(report.quarter))
    facts = {
        "report": report,
        "form": form,
        "noted": reminder_words(noted) if noted else "",
        "lines": reminder_lines(report.unit, request.user, report.quarter),
        "back": late_address(report.quarter),
    }
    return render(request, "members/reminder_new.html", facts)
