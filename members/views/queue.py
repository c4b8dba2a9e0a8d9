"""Reports as those above the units see them: boxes, the queue, many accepted at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from members import actions
from members.access import REPORTING_ROLES, Permission
from members.actions import Refused
from members.deadlines import Deadline
from members.forms.reports import BulkForm, QueueFilter
from members.http import Request
from members.models import Quarter, QuarterlyReport, Status, User
from members.models.reports import superiors_checked_by
from members.queues import BOXES, corrections_in, items_of, queue_of, sums_of
from members.scopes import NOT_SENT, Scope, chosen, scopes_of, to_check
from members.views.exceptions import list_links
from members.views.reminding import late_list
from members.wording import due_words
from unionplan.lib import clock
from unionplan.lib.numbers import whole_number

SHOWN = 100  # rows of a page
QUARTERS_SHOWN = 8
SCOPE = "scope"  # where the session keeps it


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
    has_branch = user.has_branch
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
    scopes = scopes_of(user, quarter, on=clock.today())
    scope, status = chosen(scopes, scope_wanted(request)), form.status_or_waiting
    asked = scope.name if len(scopes) > 1 else ""
    facts = {
        "today": clock.today(),
        "quarter": quarter,
        "quarters": _quarters(quarter, asked),
        "units": scope.units,
        "due_words": due_words((quarter.due_on - clock.today()).days) if quarter.is_open else "",
        "boxes": boxes_of(scope, quarter, asked, status=status),
        "unsent": unsent_link(scope, quarter, asked, status=status),
        "scopes": scope_links(scopes, scope, quarter, status=status),
        "scope": asked,
        "scope_query": scope_query(asked),
        "status": status,
        "corrections": corrections_in(scope.reports),
        "exceptions": list_links(user, quarter),
    }
    if status == NOT_SENT:
        return facts | late_list(request, quarter, scope)
    facts |= {"status_label": Status(status).label, "waiting": scope.counts[status]}
    if status == Status.SUBMITTED and scope.has_queue:
        queue = queue_of(scope.reports)
        return facts | {
            "queue": queue,
            "careful": _page(request, queue.careful, "page"),
            "clean": _page(request, queue.clean, "clean"),
        }
    rows = scope.reports.filter(status=status).select_related("unit", "quarter").by_name()
    page = _page(request, rows, "page")
    listed = [_without_contact_of_strangers(report, user) for report in page]
    items = items_of(listed) if status == Status.SUBMITTED else []
    return facts | {"page": page, "items": items, "reports": listed}


def _without_contact_of_strangers(report: QuarterlyReport, user: User) -> QuarterlyReport:
    """A unit that moved away leaves its report here; whom to call there is no longer ours."""
    if not user.may(Permission.VIEW, report.unit):
        report.unit.contact_name = report.unit.phone = ""
    return report


def _page(request: Request, rows: Any, name: str) -> Page[Any]:
    return Paginator(rows, SHOWN).get_page(request.GET.get(name))


# --- addresses -----------------------------------------------------------------------------------


def scope_wanted(request: Request) -> str:
    """The one asked for, which is remembered until the person signs out, else the last one."""
    asked = QueueFilter(request.GET).asked_scope
    if asked and request.session.get(SCOPE) != asked:
        request.session[SCOPE] = asked
    return asked or request.session.get(SCOPE, "")


def scope_asked(request: Request) -> str:
    """Of the list that a report was opened from."""
    return QueueFilter(request.GET).asked_scope


def scope_query(scope: str) -> str:
    return f"?{urlencode({'scope': scope})}" if scope else ""


def list_of(quarter: Quarter, scope: str = "", *, status: str = "") -> str:
    query = {"quarter": quarter.code, "status": status, "scope": scope}
    known = {name: value for name, value in query.items() if value}
    return f"{reverse('report-list')}?{urlencode(known)}"


def boxes_of(scope: Scope, quarter: Quarter, asked: str, *, status: str = "") -> list[Link]:
    """The five boxes; each is a list."""
    labels = {Status.SUBMITTED: _("Waiting for a check"), Status.RETURNED: _("Returned")}
    return [
        Link(
            url=list_of(quarter, asked, status=box),
            label=labels.get(box) or str(box.label),
            is_current=box == status,
            number=scope.counts[box],
        )
        for box in BOXES
    ]


def unsent_link(scope: Scope, quarter: Quarter, asked: str, *, status: str = "") -> Link:
    """«Chưa gửi (88)»: what is being typed and what is not typed yet, in one list."""
    return Link(
        url=list_of(quarter, asked, status=NOT_SENT),
        label=_("Not sent (%(count)s)") % {"count": whole_number(scope.unsent)},
        is_current=status == NOT_SENT,
        number=scope.unsent,
    )


def scope_links(
    scopes: list[Scope], current: Scope, quarter: Quarter, *, status: str = "", home: bool = False
) -> list[Link]:
    """«Đơn vị tôi phụ trách (134)» | «Tất cả (400)», where there is a choice."""
    if len(scopes) == 1:
        return []
    return [
        Link(
            url=scope_query(scope.name) if home else list_of(quarter, scope.name, status=status),
            label=scope.label,
            is_current=scope == current,
        )
        for scope in scopes
    ]


def _quarters(current: Quarter, asked: str) -> list[Link]:
    latest = Quarter.objects.order_by("-cut_off_on")[:QUARTERS_SHOWN]
    return [Link(list_of(quarter, asked), str(quarter), quarter == current) for quarter in latest]


# --- many at once --------------------------------------------------------------------------------


@require_POST
def report_accept(request: Request) -> HttpResponse:
    """Many reports at once: first the question with their sums, then the deed."""
    if not superiors_checked_by(request.user, clock.today()):
        raise PermissionDenied
    form = BulkForm(request.POST)
    form.is_valid()
    if (quarter := form.cleaned_data.get("quarter")) is None:
        raise Http404
    scope = form.cleaned_data.get("scope", "")
    back = list_of(quarter, scope)
    if form.errors:
        messages.error(request, _("This list cannot be read."))
        return redirect(back)
    if seen := form.cleaned_data["seen"]:
        return _accept_all(request, quarter, scope, seen)
    ticked = set(request.POST.getlist("reports"))
    left_out = {pk for pk, v in form.cleaned_data["offered"].items() if f"{pk}:{v}" not in ticked}
    mine = to_check(request.user, quarter, on=clock.today(), scope=scope)
    clean = [item.report for item in queue_of(mine).clean]
    accepted = [report for report in clean if report.pk not in left_out]
    if not accepted:
        messages.warning(request, _("No report is ticked."))
        return redirect(back)
    facts = {
        "quarter": quarter,
        "scope": scope,
        "sums": sums_of(accepted),
        "seen": " ".join(f"{report.pk}:{report.version}" for report in accepted),
        "back": back,
    }
    return render(request, "members/report_accept.html", facts)


def _accept_all(
    request: Request, quarter: Quarter, scope: str, seen: dict[int, int]
) -> HttpResponse:
    mine = to_check(request.user, quarter, on=clock.today(), scope=scope)
    # What this person entered on behalf of a unit is looked at closely, never in a bulk.
    entered = Q(received_on__isnull=False, submitted_by=request.user)
    reports = list(mine.filter(pk__in=seen).exclude(entered))
    for report in reports:
        report.version = seen[report.pk]
    try:
        done = actions.accept(reports, by=request.user, skip_changed=True)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(list_of(quarter, scope))
    words = ngettext(
        "%(count)s report is accepted.", "%(count)s reports are accepted.", len(done)
    ) % {"count": whole_number(len(done))}
    careful = len(queue_of(mine).careful)
    messages.success(request, f"{words} {left_words(careful)}".strip())
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
    return redirect(list_of(quarter, scope))


def left_words(careful: int) -> str:
    """«Còn 36 báo cáo cần kiểm tra kỹ.»"""
    if not careful:
        return ""
    words = ngettext(
        "%(count)s report still wants a close look.",
        "%(count)s reports still want a close look.",
        careful,
    )
    return words % {"count": whole_number(careful)}
