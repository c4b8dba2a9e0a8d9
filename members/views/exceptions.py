"""Out of the ordinary: one unit that may send late, units that rest, figures that are old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members import suspending
from members.access import Permission
from members.actions import Refused, permit_late, refuse_late
from members.forms.exceptions import LatePermitForm, SuspensionForm
from members.forms.reports import QueueFilter
from members.http import Request
from members.models import Quarter, QuarterlyReport, Suspension, Unit, User
from members.stale import OLD, age, stale, stale_words, suspended_and_stale
from members.stale import suspended_words as suspended_count_words
from members.suspending import Effect
from members.wording import suspended_words
from unionplan.lib import clock
from unionplan.lib.dates import in_text

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

PERMITTED_DAYS = 7  # what the form proposes
SHOWN = 100  # rows of a page


# --- one unit that may send late -----------------------------------------------------------------


def late_permit(request: Request, code: str, quarter: str) -> HttpResponse:
    reports = QuarterlyReport.objects.visible_to(request.user).select_related("unit", "quarter")
    report = get_object_or_404(reports, unit__code=code, quarter__code=quarter)
    request.user.require(Permission.QUARTERS, report.unit)
    today = clock.today()
    proposed = {"until": today + timedelta(days=PERMITTED_DAYS)}
    form = LatePermitForm(request.POST or None, today=today, initial=proposed)
    facts = {"report": report, "form": form, "refused": _why_not(report)}
    if not facts["refused"] and form.is_valid():
        try:
            permit_late(report, **form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _permitted(report, in_text(form.cleaned_data["until"])))
            return redirect(report)
    return render(request, "members/late_permit.html", facts)


def _why_not(report: QuarterlyReport) -> str:
    try:
        refuse_late(report)
    except Refused as refused:
        return str(refused)
    return ""


def _permitted(report: QuarterlyReport, day: str) -> str:
    return _(
        "%(unit)s may send its report of %(quarter)s until the end of %(day)s; the period stays"
        " closed for all others."
    ) % {"unit": report.name, "quarter": report.quarter, "day": day}


# --- units that rest -----------------------------------------------------------------------------


def unit_suspend(request: Request, code: str) -> HttpResponse:
    return _suspension_page(request, code, SUSPEND)


def unit_resume(request: Request, code: str) -> HttpResponse:
    return _suspension_page(request, code, RESUME)


@dataclass(frozen=True)
class _Verb:
    """What the two pages do differently."""

    is_suspended: bool
    template: str
    verb: Callable[..., Suspension]
    refuse: Callable[..., Suspension | None]
    done: Callable[[Unit, str], str]


def _suspension_page(request: Request, code: str, page: _Verb) -> HttpResponse:
    unit = get_object_or_404(Unit.objects.open_to(request.user, Permission.VIEW), code=code)
    request.user.require(Permission.UNITS, unit)
    form = SuspensionForm(request.POST or None, initial={"on": clock.today()})
    on = clock.today()
    refused = _refused(page, unit)
    if not refused and form.is_valid():
        on = form.cleaned_data["on"]
        if request.POST.get("seen") != on.isoformat():
            form.fields["on"].question = _(  # type: ignore[attr-defined]
                "Read below what this day means, then confirm."
            )
        else:
            try:
                page.verb(unit, **form.cleaned_data, by=request.user)
            except Refused as error:
                form.add_error("on", str(error))
            else:
                messages.success(request, page.done(unit, in_text(on)))
                return redirect(unit)
    suspension = unit.suspensions.filter(ends_on=None).first()
    effect = suspending.effect_of(unit, on=on, is_suspended=page.is_suspended)
    facts = {
        "unit": unit,
        "form": form,
        "on": on,
        "refused": refused,
        "effect": _sentences(effect, is_suspended=page.is_suspended),
        "suspended": suspended_words(suspension) if suspension else "",
    }
    return render(request, page.template, facts)


def _refused(page: _Verb, unit: Unit) -> str:
    try:
        page.refuse(unit, on=None)
    except Refused as refused:
        return str(refused)
    return ""


def _sentences(effect: Effect, *, is_suspended: bool) -> list[str]:
    """«Báo cáo Quý III/2024 không phải gửi nữa»"""
    follows = (
        _("The report of %(quarter)s need not be sent any more.")
        if is_suspended
        else _("The report of %(quarter)s must be sent, due %(due)s.")
    )
    kinds = (
        (effect.following, follows),
        (effect.sent, _("The report of %(quarter)s was sent already and stays.")),
        (effect.closed, _("%(quarter)s is closed and stays as it is.")),
    )
    sentences = [
        words % {"quarter": report.quarter, "due": in_text(report.quarter.due_on)}
        for reports, words in kinds
        for report in reports
    ]
    return [*sentences, *_always(is_suspended=is_suspended)]


def _always(*, is_suspended: bool) -> list[str]:
    if is_suspended:
        return [
            _("Periods opened later: the unit owes no report until it is resumed."),
            _("The members and workers last accepted stay in the totals."),
        ]
    return [_("Periods opened later: the unit must report.")]


def _suspended(unit: Unit, day: str) -> str:
    return _("%(unit)s is suspended from %(day)s.") % {"unit": unit, "day": day}


def _resumed(unit: Unit, day: str) -> str:
    return _("%(unit)s reports again from %(day)s.") % {"unit": unit, "day": day}


SUSPEND = _Verb(
    is_suspended=True,
    template="members/unit_suspend.html",
    verb=suspending.suspend,
    refuse=suspending.refuse_suspension,
    done=_suspended,
)
RESUME = _Verb(
    is_suspended=False,
    template="members/unit_resume.html",
    verb=suspending.resume,
    refuse=suspending.refuse_resumption,
    done=_resumed,
)


# --- lists ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListLink:
    url: str
    words: str


def list_links(user: User, quarter: Quarter) -> list[ListLink]:
    """The lists below that have something in them, in one statement."""
    seen = QuarterlyReport.objects.visible_to(user)
    suspended, old = suspended_and_stale(seen, quarter)
    found = (
        (suspended, "suspended-list", suspended_count_words),
        (old, "stale-list", stale_words),
    )
    return [
        ListLink(f"{reverse(name)}?quarter={quarter.code}", words(count))
        for count, name, words in found
        if count
    ]


@require_safe
def stale_list(request: Request) -> HttpResponse:
    """Units that count with figures of long ago, the oldest first."""

    def rows(seen: QuarterlyReportQuerySet, quarter: Quarter) -> QuarterlyReportQuerySet:
        oldest = stale(seen, quarter).select_related("carried_from")
        return oldest.order_by("carried_from__cut_off_on", "unit__sort_key", "unit_id")

    facts = {"name": _("Old figures"), "old": OLD}
    return _list_page(request, rows, "members/stale_list.html", facts)


@require_safe
def suspended_list(request: Request) -> HttpResponse:
    """Units that owe no report of a quarter, for they rest."""

    def rows(seen: QuarterlyReportQuerySet, quarter: Quarter) -> QuarterlyReportQuerySet:
        suspended = seen.of(quarter).filter(is_suspended=True)
        return suspended.select_related("carried_from").by_name()

    facts = {"name": _("Suspended units")}
    return _list_page(request, rows, "members/suspended_list.html", facts)


Rows = Callable[["QuarterlyReportQuerySet", Quarter], "QuarterlyReportQuerySet"]


@dataclass(frozen=True)
class _Row:
    report: QuarterlyReport
    may_call: bool  # whom to call at a unit that moved away is no longer ours
    age: int | None  # of its figures, in quarters
    suspended: str


def _list_page(request: Request, rows: Rows, template: str, facts: dict[str, Any]) -> HttpResponse:
    quarter = QueueFilter(request.GET).chosen_quarter()
    if quarter is None:
        return render(request, template, facts | {"quarter": None})
    seen = QuarterlyReport.objects.visible_to(request.user).select_related("unit", "quarter")
    page = Paginator(rows(seen, quarter), SHOWN).get_page(request.GET.get("page"))
    listed = _rows(list(page), quarter, request.user)
    return render(request, template, facts | {"quarter": quarter, "page": page, "rows": listed})


def _rows(reports: list[QuarterlyReport], quarter: Quarter, user: User) -> list[_Row]:
    at_cut_off = Suspension.objects.on(quarter.cut_off_on)
    known = at_cut_off.filter(unit__in=[r.unit_id for r in reports if r.is_suspended])
    words = {suspension.unit_id: suspended_words(suspension) for suspension in known}
    return [
        _Row(
            report=report,
            may_call=user.may(Permission.VIEW, report.unit),
            age=age(quarter, report.carried_from) if report.carried_from else None,
            suspended=words.get(report.unit_id, ""),
        )
        for report in reports
    ]
