"""«Nhập nhiều đơn vị»: the papers of many units typed into one grid, or brought in as one file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import BigAutoField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.access import Permission
from members.actions import Refused, refuse_closed, submit_all
from members.entering import MAY_FORBID, forbid_own_acceptance
from members.forms.entry import COLUMNS, DayForm, RowForm, UploadForm
from members.http import Request
from members.imports import Intent, bring_in_reports
from members.imports.reports import template_of
from members.models import Quarter, QuarterlyReport, Unit, User
from members.queues import label_of
from members.scopes import UNSENT
from members.situations import situations_of
from unionplan.lib.downloads import XLSX, attached
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Invalid, Problem

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

ROWS = 25  # of a page


@require_http_methods(["GET", "HEAD", "POST"])
def report_entry(request: Request, quarter: str) -> HttpResponse:
    found = _quarter(request.user, quarter)
    if request.method != "POST" or not found.is_open:
        return _page(request, found)
    return (_bring_in if request.POST.get("action") == "upload" else _send)(request, found)


@require_safe
def report_entry_template(request: Request, quarter: str) -> HttpResponse:
    """A workbook with a row for each unit that has not sent, to be filled in and brought back."""
    found = _quarter(request.user, quarter)
    content = template_of(list(_unsent(request.user, found)))
    return attached(content, XLSX, f"reports-{found.code}.xlsx")


@require_POST
def own_acceptance(request: Request, code: str) -> HttpResponse:
    """Whether whoever enters a report on behalf of a unit below may accept it too."""
    units = Unit.objects.open_to(request.user, Permission.VIEW)
    unit = get_object_or_404(units.filter(kind__in=MAY_FORBID), code=code)
    request.user.require(Permission.UNITS, unit)
    is_forbidden = request.POST.get("forbids") == "1"
    forbid_own_acceptance(unit, is_forbidden=is_forbidden, by=request.user)
    words = _("Whoever enters a report on behalf of a unit may accept it again.")
    if is_forbidden:
        words = _("Whoever enters a report on behalf of a unit no longer accepts it.")
    messages.success(request, words)
    return redirect(unit)


def _quarter(user: User, code: str) -> Quarter:
    if not user.may_somewhere(Permission.ENTER_ON_BEHALF):
        raise PermissionDenied
    return get_object_or_404(Quarter, code=code)


def _unsent(user: User, quarter: Quarter) -> QuarterlyReportQuerySet:
    """The reports this person may enter for the units that have not sent them; one that was
    returned is mended on its own page, beside the reason."""
    units = Unit.objects.open_to(user, Permission.ENTER_ON_BEHALF)
    reports = QuarterlyReport.objects.of(quarter).owed().filter(status__in=UNSENT)
    return reports.filter(unit__in=units).select_related("unit", "quarter").by_name()


def _send(request: Request, quarter: Quarter) -> HttpResponse:
    """What is right is sent in one go; what is wrong comes back with its sentences."""
    asked = request.POST.getlist("report")[:ROWS]
    rows = _rows(_unsent(request.user, quarter).filter(pk__in=_ids(asked)), request.POST)
    filled = [row for row in rows if row.is_filled]
    day = DayForm(request.POST, quarter=quarter)
    for row in filled:
        row.judge()
    if not filled:
        messages.warning(request, _("No row is filled in."))
        return redirect(request.get_full_path())
    right = [row for row in filled if not row.errors]
    if not day.is_valid():
        return _page(request, quarter, rows, day)
    received = {"received_on": day.cleaned_data["received_on"]}
    pairs = [(row.report, row.stored | received) for row in right]
    try:
        sent = len(submit_all(pairs, by=request.user)) if pairs else 0
    except Refused as refused:  # somebody was faster
        messages.error(request, str(refused))
        return _page(request, quarter, rows, day)
    _say(request, sent, len(filled) - sent)
    if len(filled) == sent:
        return redirect(request.get_full_path())
    return _page(request, quarter, [row for row in rows if row not in right], day)


def _say(request: Request, sent: int, wrong: int) -> None:
    words = ngettext("%(count)s report is sent", "%(count)s reports are sent", sent)
    done = words % {"count": whole_number(sent)}
    if not wrong:
        messages.success(request, f"{done}.")
        return
    left = ngettext("%(count)s row is to be mended", "%(count)s rows are to be mended", wrong)
    messages.warning(request, f"{done}; {left % {'count': whole_number(wrong)}}.")


def _bring_in(request: Request, quarter: Quarter) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES, quarter=quarter)
    if not form.is_valid():
        return _page(request, quarter, upload=form)
    try:
        done = bring_in_reports(
            form.cleaned_data["file"].read(),
            quarter,
            by=request.user,
            intent=Intent.SUBMIT,
            received_on=form.cleaned_data["received_on"],
            skip_blank=True,
        )
    except Invalid as invalid:
        return _page(request, quarter, upload=form, problems=invalid.problems)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, quarter, upload=form)
    _say(request, len(done.reports), 0)
    return redirect(request.path)


def _rows(reports: Iterable[QuarterlyReport], data: Any = None) -> list[RowForm]:
    listed = list(reports)
    situations = situations_of(listed)
    return [RowForm(data, report=r, situation=situations[r.pk]) for r in listed]


def _ids(texts: Sequence[str]) -> list[int]:
    """Whole numbers a key may have; anything else is no row of ours."""
    found = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 20]
    return [pk for pk in found if pk <= BigAutoField.MAX_BIGINT]


def _page(
    request: Request,
    quarter: Quarter,
    rows: list[RowForm] | None = None,
    day: DayForm | None = None,
    *,
    upload: UploadForm | None = None,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    unsent = _unsent(request.user, quarter)
    page = Paginator(unsent, ROWS).get_page(request.GET.get("page"))
    closed = ""
    try:
        refuse_closed(quarter)
    except Refused as refused:
        closed = str(refused)
    if rows is None:
        rows = [] if closed else _rows(page)
    facts = {
        "quarter": quarter,
        "closed": closed,
        "page": page,
        "rows": rows,
        "has_opening": any(row.shows_opening for row in rows),
        "columns": [label_of(name) for name in COLUMNS],
        "day": day or DayForm(quarter=quarter),
        "upload": upload or UploadForm(quarter=quarter),
        "problems": problems,
    }
    return render(request, "members/report_entry.html", facts)
