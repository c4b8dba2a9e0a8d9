"""One report as those above the unit see it: read, accepted or returned, and then the next."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from members import actions, further
from members.access import Permission
from members.actions import Changed, Refused
from members.deadlines import Deadline
from members.entering import forbidden_words, may_enter_on_behalf
from members.forms.reports import DecisionForm, ReportForm, ReturnForm
from members.history import lines
from members.http import Request
from members.models import HistoryEntry, QuarterlyReport, Status, User
from members.queues import Checked, Queue, queue_of
from members.reminders import may_remind, reminder_lines
from members.roles import may_permit_late
from members.scopes import to_check
from members.signing_off import Mark, mark_of
from members.views.queue import left_words, list_of, scope_asked, scope_query
from members.wording import (
    closed_words,
    late_words,
    on_behalf_words,
    owes_none_words,
    returned_words,
)
from unionplan.lib import clock
from unionplan.lib.dates import in_text

HISTORY_SHOWN = 50


def read(request: Request, report: QuarterlyReport, form: ReturnForm | None = None) -> HttpResponse:
    user = request.user
    checked_report = Checked.of(report)
    is_open = report.is_open(clock.today())
    may_decide = report.is_sent and is_open and _decides(user, report)
    scope = scope_asked(request)
    queue = _queue(user, report, scope) if may_decide else Queue([], [])
    may_enter = user.may(Permission.ENTER, report.unit)
    may_withdraw = (
        user.may(Permission.SEND, report.unit) and report.status == Status.SUBMITTED and is_open
    )
    facts = {
        "today": clock.today(),
        "report": report,
        "quarter": report.quarter,
        "checked": checked_report,
        "cut_off": in_text(report.quarter.cut_off_on),
        "deadline": Deadline.of(report, today=clock.today()),
        "attachments": report.attachments.order_by("pk"),
        "lines": lines(history_of(report, user)[:HISTORY_SHOWN]),
        "may_decide": may_decide,
        "unit_in_sight": (in_sight := user.may(Permission.VIEW, report.unit)),
        "further": further.told(report) if in_sight else [],
        "mark": mark_of(report) if in_sight else Mark(),
        "may_withdraw": may_withdraw,
        "attach": ReportForm(report=report, situation=checked_report.situation),
        "returned_words": returned_words(report),
        "is_open": is_open,
        "closed": "" if is_open or not may_enter else closed_words(report),
        "permitted": late_words(report),
        "may_permit_late": may_permit_late(user, report),
        "queue": queue,
        "scope_query": scope_query(scope),
        "sees_reminders": may_remind(user, report.unit),
        "reminders": reminder_lines(report.unit, user, report.quarter),
        "next": queue.after(report),
        "form": form or ReturnForm(reason=checked_report.reason),
        **_entering(user, report, is_open=is_open),
    }
    return render(request, "members/report_detail.html", facts)


def _entering(user: User, report: QuarterlyReport, *, is_open: bool) -> dict[str, Any]:
    """What was entered on behalf of the unit, by whom, and who else may still enter."""
    may_enter = user.may(Permission.ENTER, report.unit)
    is_waiting = report.status == Status.SUBMITTED
    is_mine = is_waiting and report.submitted_by_id == user.pk
    from_paper = report.received_on is not None
    return {
        "banner": on_behalf_words(report) if from_paper else "",
        "owes_none": owes_none_words(report),
        "entered_by_me": is_mine and (from_paper or not may_enter),
        "own_forbidden": forbidden_words(report, user) if is_waiting else "",
        "may_attach": is_waiting and is_open and may_enter,
        "may_enter_on_behalf": may_enter_on_behalf(user, report),
        "may_withdraw_on_behalf": is_waiting
        and is_open
        and from_paper
        and not may_enter
        and user.may(Permission.ENTER_ON_BEHALF, report.unit),
    }


def accept(request: Request, report: QuarterlyReport) -> HttpResponse:
    _require_decision(request.user, report)
    form = DecisionForm(request.POST)
    if form.is_valid() and form.cleaned_data["version"] is not None:
        report.version = form.cleaned_data["version"]
    before = _queue(request.user, report, scope_asked(request))
    try:
        actions.accept([report], by=request.user)
    except Refused as refused:
        return _refused(request, report, refused)
    return _next(request, report, before, _("Accepted."))


def return_(request: Request, report: QuarterlyReport) -> HttpResponse:
    _require_decision(request.user, report)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return read(request, report, form)
    before = _queue(request.user, report, scope_asked(request))
    was_accepted = report.status == Status.ACCEPTED
    try:
        actions.return_report(
            report,
            by=request.user,
            reason=form.words,
            figures=form.cleaned_data["figures"],
            version=form.cleaned_data["version"],
        )
    except Refused as refused:
        return _refused(request, report, refused)
    if was_accepted:
        messages.success(request, _("The report is open again; the unit can mend it."))
        return redirect(report)
    return _next(request, report, before, _("Returned."))


def _refused(request: Request, report: QuarterlyReport, refused: Refused) -> HttpResponse:
    words = str(refused)
    if isinstance(refused, Changed):
        words = _("The report was changed while this page was open. Check it again.")
    messages.error(request, words)
    return redirect(report)


def _next(request: Request, report: QuarterlyReport, before: Queue, done: str) -> HttpResponse:
    """Open the next report that wants a close look, or go back to the list."""
    scope = scope_asked(request)
    queue = _queue(request.user, report, scope)
    messages.success(request, f"{done} {left_words(len(queue.careful))}".strip())
    following = queue.after(report, [item.report.pk for item in before.careful])
    if following is None:
        return redirect(list_of(report.quarter, scope))
    return redirect(following.get_absolute_url() + scope_query(scope))


def _queue(user: User, report: QuarterlyReport, scope: str) -> Queue:
    """What waits beside this report: as on the list it was opened from."""
    return queue_of(to_check(user, report.quarter, on=clock.today(), scope=scope))


def _decides(user: User, report: QuarterlyReport) -> bool:
    mine = QuarterlyReport.objects.to_check_by(user, clock.today())
    return mine.filter(pk=report.pk).exists()


def _require_decision(user: User, report: QuarterlyReport) -> None:
    if not _decides(user, report):
        raise PermissionDenied


def history_of(report: QuarterlyReport, user: User) -> QuerySet[HistoryEntry]:
    entries = HistoryEntry.objects.visible_to(user).filter(unit=report.unit, quarter=report.quarter)
    return entries.select_related("by").newest_first()
