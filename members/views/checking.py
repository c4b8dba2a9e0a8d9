"""Reports as those above the unit see them: lists, one report to check, many accepted at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from members import actions
from members.access import REPORTING_ROLES, Permission
from members.actions import Changed, Refused
from members.deadlines import Deadline
from members.forms.reports import BulkForm, DecisionForm, QueueFilter, ReportForm, ReturnForm
from members.history import lines
from members.http import Request
from members.models import HistoryEntry, Quarter, QuarterlyReport, Status, User
from members.models.reports import superiors_checked_by
from members.queues import (
    BOXES,
    Checked,
    Queue,
    corrections_in,
    counts_of,
    items_of,
    queue_of,
    sums_of,
)
from members.wording import closed_words, due_words, returned_words
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

HISTORY_SHOWN = 50
SHOWN = 100  # rows of a page
QUARTERS_SHOWN = 8


@dataclass(frozen=True)
class Link:
    """A box or an option of a switch."""

    url: str
    label: str
    is_current: bool
    number: int = 0


@require_safe
def report_list(request: Request) -> HttpResponse:
    """My reports for a chair, my queue for a reviewer, the branch for whoever reads it."""
    user = request.user
    has_branch = user.is_superuser or any(role.unit.is_superior for role in user.roles)
    facts: dict[str, Any] = {"own": _own(user)}
    if has_branch:
        facts |= _branch(request)
    return render(request, "members/report_list.html", facts | {"has_branch": has_branch})


def _own(user: User) -> list[tuple[QuarterlyReport, Deadline]]:
    """The reports this person sends, the latest first."""
    units = [role.unit_id for role in user.roles if role.role in REPORTING_ROLES]
    if not units:
        return []
    reports = QuarterlyReport.objects.filter(unit__in=units).select_related("unit", "quarter")
    today = clock.today()
    newest = reports.order_by("-quarter__cut_off_on", "unit__sort_key", "unit_id")
    return [(report, Deadline.of(report, today=today)) for report in newest]


def _branch(request: Request) -> dict[str, Any]:
    user, form = request.user, QueueFilter(request.GET)
    quarter = form.chosen_quarter()
    if quarter is None:
        return {"quarter": None}
    seen = QuarterlyReport.objects.visible_to(user).of(quarter).owed()
    mine = QuarterlyReport.objects.to_check_by(user, clock.today()).of(quarter).owed()
    all_counts, my_counts = counts_of(seen), counts_of(mine)
    is_mine = bool(sum(my_counts.values())) and form.cleaned_data.get("scope") != "all"
    counts = my_counts if is_mine else all_counts
    reports, status = mine if is_mine else seen, form.status_or_waiting
    facts = {
        "today": clock.today(),
        "quarter": quarter,
        "quarters": _quarters(quarter, is_mine=is_mine),
        "units": sum(counts.values()),
        "due_words": due_words((quarter.due_on - clock.today()).days) if quarter.is_open else "",
        "boxes": _boxes(counts, quarter, status, is_mine=is_mine),
        "scopes": _scopes(quarter, status, all_counts, my_counts, is_mine=is_mine),
        "status": status,
        "status_label": Status(status).label,
        "is_mine": is_mine,
        "corrections": corrections_in(reports),
    }
    if status == Status.SUBMITTED and is_mine:
        queue = queue_of(reports)
        return facts | {
            "queue": queue,
            "careful": _page(request, queue.careful, "page"),
            "clean": _page(request, queue.clean, "clean"),
            "waiting": len(queue.clean) + len(queue.careful),
        }
    rows = reports.filter(status=status).select_related("unit", "quarter").by_name()
    page = _page(request, rows, "page")
    listed = [_without_contact_of_strangers(report, user) for report in page]
    items = items_of(listed) if status == Status.SUBMITTED else []
    return facts | {"page": page, "items": items, "reports": listed, "waiting": counts[status]}


def _without_contact_of_strangers(report: QuarterlyReport, user: User) -> QuarterlyReport:
    """A unit that moved away leaves its report here; whom to call there is no longer ours."""
    if not user.may(Permission.VIEW, report.unit):
        report.unit.contact_name = report.unit.phone = ""
    return report


def _page(request: Request, rows: Any, name: str) -> Page[Any]:
    return Paginator(rows, SHOWN).get_page(request.GET.get(name))


def _address(quarter: Quarter, *, is_mine: bool, status: str = "") -> str:
    query = {"quarter": quarter.code, "status": status, "scope": "" if is_mine else "all"}
    return "?" + urlencode({name: value for name, value in query.items() if value})


def _boxes(counts: dict[str, int], quarter: Quarter, status: str, *, is_mine: bool) -> list[Link]:
    labels = {Status.SUBMITTED: _("Waiting for a check"), Status.RETURNED: _("Returned")}
    return [
        Link(
            url=_address(quarter, is_mine=is_mine, status=box),
            label=labels.get(box) or str(box.label),
            is_current=box == status,
            number=counts[box],
        )
        for box in BOXES
    ]


def _scopes(
    quarter: Quarter,
    status: str,
    all_counts: dict[str, int],
    my_counts: dict[str, int],
    *,
    is_mine: bool,
) -> list[Link]:
    """«Tôi kiểm tra (16)» | «Tất cả (1.280)», where the two differ."""
    mine, everything = sum(my_counts.values()), sum(all_counts.values())
    if not mine or mine == everything:
        return []
    words = (_("Checked by me (%(count)s)"), mine, True), (_("All (%(count)s)"), everything, False)
    return [
        Link(
            url=_address(quarter, is_mine=of_mine, status=status),
            label=label % {"count": whole_number(count)},
            is_current=of_mine == is_mine,
        )
        for label, count, of_mine in words
    ]


def _quarters(chosen: Quarter, *, is_mine: bool) -> list[Link]:
    latest = Quarter.objects.order_by("-cut_off_on")[:QUARTERS_SHOWN]
    return [
        Link(_address(quarter, is_mine=is_mine), str(quarter), quarter == chosen)
        for quarter in latest
    ]


@require_POST
def report_accept(request: Request) -> HttpResponse:
    """Many reports at once: first the question with their sums, then the deed."""
    mine = QuarterlyReport.objects.to_check_by(request.user, clock.today())
    if not superiors_checked_by(request.user, clock.today()):
        raise PermissionDenied
    form = BulkForm(request.POST)
    form.is_valid()
    if (quarter := form.cleaned_data.get("quarter")) is None:
        raise Http404
    if form.errors:
        messages.error(request, _("This list cannot be read."))
        return redirect(_list_of(quarter))
    if seen := form.cleaned_data["seen"]:
        return _accept_all(request, mine.of(quarter), quarter, seen)
    ticked = set(request.POST.getlist("reports"))
    left_out = {pk for pk, v in form.cleaned_data["offered"].items() if f"{pk}:{v}" not in ticked}
    clean = [item.report for item in queue_of(mine.of(quarter)).clean]
    chosen = [report for report in clean if report.pk not in left_out]
    if not chosen:
        messages.warning(request, _("No report is ticked."))
        return redirect(_list_of(quarter))
    facts = {
        "quarter": quarter,
        "sums": sums_of(chosen),
        "seen": " ".join(f"{report.pk}:{report.version}" for report in chosen),
        "back": _list_of(quarter),
    }
    return render(request, "members/report_accept.html", facts)


def _accept_all(
    request: Request, mine: QuarterlyReportQuerySet, quarter: Quarter, seen: dict[int, int]
) -> HttpResponse:
    reports = list(mine.filter(pk__in=seen))
    for report in reports:
        report.version = seen[report.pk]
    try:
        done = actions.accept(reports, by=request.user, skip_changed=True)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_list_of(quarter))
    words = ngettext(
        "%(count)s report is accepted.", "%(count)s reports are accepted.", len(done)
    ) % {"count": whole_number(len(done))}
    careful = len(queue_of(mine).careful)
    messages.success(request, f"{words} {_left_words(careful)}".strip())
    if skipped := len(seen) - len(done):
        messages.warning(
            request,
            ngettext(
                "%(count)s report was changed meanwhile and is not accepted.",
                "%(count)s reports were changed meanwhile and are not accepted.",
                skipped,
            )
            % {"count": whole_number(skipped)},
        )
    return redirect(_list_of(quarter))


def _list_of(quarter: Quarter) -> str:
    return reverse("report-list") + _address(quarter, is_mine=True)


# --- one report ----------------------------------------------------------------------------------


def read(request: Request, report: QuarterlyReport, form: ReturnForm | None = None) -> HttpResponse:
    user = request.user
    checked_report = Checked.of(report)
    is_open = report.is_open(clock.today())
    may_decide = report.is_sent and is_open and _decides(user, report)
    queue = _queue(user, report) if may_decide else Queue([], [])
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
        "unit_in_sight": user.may(Permission.VIEW, report.unit),
        "may_withdraw": may_withdraw,
        "attach": ReportForm(report=report, situation=checked_report.situation),
        "returned_words": returned_words(report),
        "is_open": is_open,
        "closed": "" if is_open or not may_enter else closed_words(report),
        "queue": queue,
        "next": queue.after(report),
        "form": form or ReturnForm(reason=checked_report.reason),
        "entered_by_me": report.submitted_by_id == user.pk and not may_enter,
    }
    return render(request, "members/report_detail.html", facts)


def accept(request: Request, report: QuarterlyReport) -> HttpResponse:
    _require_decision(request.user, report)
    form = DecisionForm(request.POST)
    if form.is_valid() and form.cleaned_data["version"] is not None:
        report.version = form.cleaned_data["version"]
    before = _queue(request.user, report)
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
    before = _queue(request.user, report)
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
    queue = _queue(request.user, report)
    messages.success(request, f"{done} {_left_words(len(queue.careful))}".strip())
    following = queue.after(report, [item.report.pk for item in before.careful])
    return redirect(following or _list_of(report.quarter))


def _left_words(careful: int) -> str:
    if not careful:
        return ""
    words = ngettext(
        "%(count)s report still wants a close look.",
        "%(count)s reports still want a close look.",
        careful,
    )
    return words % {"count": whole_number(careful)}


def _queue(user: User, report: QuarterlyReport) -> Queue:
    mine = QuarterlyReport.objects.to_check_by(user, clock.today())
    return queue_of(mine.of(report.quarter))


def _decides(user: User, report: QuarterlyReport) -> bool:
    mine = QuarterlyReport.objects.to_check_by(user, clock.today())
    return mine.filter(pk=report.pk).exists()


def _require_decision(user: User, report: QuarterlyReport) -> None:
    if not _decides(user, report):
        raise PermissionDenied


def history_of(report: QuarterlyReport, user: User) -> QuerySet[HistoryEntry]:
    entries = HistoryEntry.objects.visible_to(user).filter(unit=report.unit, quarter=report.quarter)
    return entries.select_related("by").newest_first()
