"""Reporting periods: opening, closing, opening again, and the calendar."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from members import quarters
from members.actions import Refused
from members.forms.quarters import DUE_DAYS, CalendarForm, QuarterForm, ReopenForm
from members.http import Request
from members.models import Calendar, Quarter, Unit, User
from members.periods import close_quarter, open_quarter, reopen_quarter
from members.roles import manages_quarters
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number


@require_safe
def quarter_list(request: Request) -> HttpResponse:
    _require_quarters(request.user)
    facts = {"lines": quarters.lines(), "calendar": Calendar.current()}
    return render(request, "members/quarter_list.html", facts)


def quarter_open(request: Request) -> HttpResponse:
    """Type the dates, see who will have to report, open."""
    _require_quarters(request.user)
    proposed = quarters.next_dates(clock.today())
    form = QuarterForm(request.POST or None, initial=asdict(proposed))
    if form.is_valid() and request.POST.get("action") == "open":
        try:
            quarter = open_quarter(form.dates, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("quarter-notice", quarter.code)
    dates = form.dates if form.is_bound and not form.errors else proposed
    facts = {
        "form": form,
        "quarter": Quarter(year=dates.year, number=dates.number),
        "preview": _preview_words(quarters.preview(dates.cut_off_on, on=clock.today())),
        "is_estimate": dates.due_on < dates.cut_off_on,
    }
    return render(request, "members/quarter_open.html", facts)


@require_safe
def quarter_notice(request: Request, code: str) -> HttpResponse:
    """What to send to the units by Zalo, as soon as the period is open and as long as it is."""
    _require_quarters(request.user)
    quarter = get_object_or_404(Quarter.objects.open(), code=code)
    notice = _notice(quarter, request.build_absolute_uri("/"))
    return render(request, "members/quarter_notice.html", {"quarter": quarter, "notice": notice})


def quarter_close(request: Request, code: str) -> HttpResponse:
    _require_quarters(request.user)
    quarter = get_object_or_404(Quarter.objects.open(), code=code)
    if request.method == "POST":
        try:
            close_quarter(quarter, by=request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("%(quarter)s is closed.") % {"quarter": quarter})
            return redirect("quarter-list")
    closing = quarters.closing(quarter)
    facts = {"quarter": quarter, "closing": closing, "question": _question(closing)}
    return render(request, "members/quarter_close.html", facts)


def quarter_reopen(request: Request, code: str) -> HttpResponse:
    _require_quarters(request.user)
    quarter = get_object_or_404(Quarter.objects.exclude(closed_at=None), code=code)
    form = ReopenForm(request.POST or None)
    if form.is_valid():
        try:
            reopen_quarter(quarter, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_error("reason", str(refused))
        else:
            messages.success(request, _("%(quarter)s is open again.") % {"quarter": quarter})
            return redirect("quarter-list")
    return render(request, "members/quarter_reopen.html", {"form": form, "quarter": quarter})


def calendar_edit(request: Request) -> HttpResponse:
    _require_quarters(request.user)
    form = CalendarForm(request.POST or None, instance=Calendar.current())
    if form.is_valid():
        kept = {name: form.cleaned_data[name] for name in ("kind", *DUE_DAYS)}
        quarters.change_calendar({**kept, "own_cut_offs": form.own_cut_offs}, by=request.user)
        messages.success(request, _("The calendar is saved; it proposes the dates to come."))
        return redirect("quarter-list")
    facts = {"form": form, "proposed": quarters.dates_of_year(clock.today().year)}
    return render(request, "members/calendar_edit.html", facts)


def _require_quarters(user: User) -> None:
    if not manages_quarters(user):
        raise PermissionDenied


def _preview_words(preview: quarters.Preview) -> str:
    """«1.280 đơn vị phải báo cáo; 6 đơn vị tạm ngừng, không phải báo cáo; 14 đơn vị chưa có tài
    khoản.»; nothing is said of suspended units where there are none."""
    reporting = ngettext(
        "%(count)s unit must report", "%(count)s units must report", preview.reporting
    )
    suspended = ngettext(
        "%(count)s unit is suspended and owes no report",
        "%(count)s units are suspended and owe no report",
        preview.suspended,
    )
    without_account = ngettext(
        "%(count)s unit has no account", "%(count)s units have no account", preview.without_account
    )
    parts = [reporting % {"count": whole_number(preview.reporting)}]
    if preview.suspended:
        parts.append(suspended % {"count": whole_number(preview.suspended)})
    parts.append(without_account % {"count": whole_number(preview.without_account)})
    return "; ".join(parts) + "."


def _notice(quarter: Quarter, address: str) -> str:
    root = Unit.objects.roots().by_name().first()
    facts = {
        "union": root or "",
        "quarter": quarter,
        "cut_off": in_text(quarter.cut_off_on),
        "due": in_text(quarter.due_on),
        "address": address,
    }
    if quarter.is_estimate:
        words = _(
            "To all units: %(union)s has opened the report of %(quarter)s. Figures are an estimate"
            " as of %(cut_off)s; grassroots unions send them by %(due)s at %(address)s"
        )
    else:
        words = _(
            "To all units: %(union)s has opened the report of %(quarter)s. Figures are as of"
            " %(cut_off)s; grassroots unions send them by %(due)s at %(address)s"
        )
    return words % facts


def _question(closing: quarters.Closing) -> str:
    if closing.waiting:
        return ngettext(
            "%(count)s report is waiting for a check. Accept or return it first.",
            "%(count)s reports are waiting for a check. Accept or return them first.",
            closing.waiting,
        ) % {"count": whole_number(closing.waiting)}
    if not closing.outstanding:
        return _("All reports are accepted. Close?")
    if closing.carried_from is None:
        return ngettext(
            "%(count)s unit has not sent yet and will have no figures. Close?",
            "%(count)s units have not sent yet and will have no figures. Close?",
            closing.outstanding,
        ) % {"count": whole_number(closing.outstanding)}
    return ngettext(
        "%(count)s unit has not sent yet; its figures are those of %(quarter)s for now. Close?",
        "%(count)s units have not sent yet; their figures are those of %(quarter)s for now. Close?",
        closing.outstanding,
    ) % {
        "count": whole_number(closing.outstanding),
        "quarter": closing.carried_from.short_name,
    }
