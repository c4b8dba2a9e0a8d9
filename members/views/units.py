"""Units: finding them, and one unit with everything it has to do with."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.access import Permission
from members.contacts import CONTACT, change_contact
from members.entering import MAY_FORBID
from members.forms.units import ContactForm, UnitFilter
from members.handing_over import office_of
from members.history import Line, lines
from members.http import Request
from members.models import Assignment, HistoryEntry, QuarterlyReport, Suspension, Unit, User
from members.models.units import EARLIEST, SuspensionQuerySet
from members.ratings import RATED_KINDS, decided_words, rating_of, sees_ratings, year_with_scale
from members.reminders import may_remind, reminder_lines
from members.tables import UnitTable
from members.wording import suspended_words
from unionplan.lib import clock
from unionplan.lib.tables import sort_and_page

CHILDREN_SHOWN = 50
REPORTS_SHOWN = 12
HISTORY_SHOWN = 30


@require_safe
def unit_list(request: Request) -> HttpResponse:
    form = UnitFilter(request.GET, user=request.user)
    units = form.apply(Unit.objects.open_to(request.user, Permission.VIEW).living())
    rows = units.select_related("parent", "sector").prefetch_related(_suspensions()).by_name()
    table = UnitTable(rows, user=request.user)
    sort_and_page(table, request)
    facts = {
        "form": form,
        "table": table,
        "may_put_in_charge": request.user.may_somewhere(Permission.ACCOUNTS),
        "may_bring_in": request.user.may_somewhere(Permission.UNITS),
        "sees_ratings": sees_ratings(request.user),
        "rating_year": year_with_scale(clock.today()),
    }
    return render(request, "members/unit_list.html", facts)


@require_safe
def unit_detail(request: Request, code: str) -> HttpResponse:
    unit = _unit(request, code)
    user = request.user
    children = unit.children.living()
    suspension = unit.suspensions.not_over(clock.today()).order_by("starts_on").first()
    people = Assignment.objects.visible_to(user).filter(unit=unit).select_related("user", "unit")
    reports = QuarterlyReport.objects.visible_to(user).filter(unit=unit).select_related("quarter")
    facts = {
        "unit": unit,
        "superiors": [
            (superior, user.may(Permission.VIEW, superior))
            for superior in Unit.objects.ancestors_of(unit).order_by("path")
        ],
        "earliest": EARLIEST,
        "placements": unit.placements.select_related("parent", "sector").order_by("-valid_from"),
        "children": children.by_name()[:CHILDREN_SHOWN],
        "children_count": children.count(),
        "office": office_of(unit, people.order_by("-valid_from", "pk"), user=user),
        "reports": reports.order_by("-quarter__cut_off_on")[:REPORTS_SHOWN],
        "lines": _history(user, unit),
        "may_edit_contact": _may_edit_contact(user, unit),
        "may_enter_on_behalf": user.may(Permission.ENTER_ON_BEHALF, unit),
        "may_forbid": unit.kind in MAY_FORBID and user.may(Permission.UNITS, unit),
        "suspended": suspended_words(suspension) if suspension else "",
        "may_suspend": suspension is None and _may_suspend(user, unit),
        "may_resume": suspension is not None
        and suspension.ends_on is None
        and user.may(Permission.UNITS, unit),
        "may_propose": not user.is_superuser and user.may(Permission.PROPOSE, unit),
        "may_permit_late": user.may(Permission.QUARTERS, unit),
        "may_manage_accounts": user.may(Permission.ACCOUNTS, unit),
        "sees_reminders": unit.is_reporting and may_remind(user, unit),
        "reminders": reminder_lines(unit, user),
        **_rating(unit),
    }
    return render(request, "members/unit_detail.html", facts)


def unit_contact(request: Request, code: str) -> HttpResponse:
    unit = _unit(request, code)
    if not _may_edit_contact(request.user, unit):
        raise PermissionDenied
    form = ContactForm(request.POST or None, instance=unit)
    if form.is_valid():
        contact = {name: form.cleaned_data[name] for name in CONTACT}
        change_contact(unit, contact, by=request.user)
        messages.success(request, _("The contact is saved."))
        return redirect(unit)
    return render(request, "members/unit_contact.html", {"form": form, "unit": unit})


def _rating(unit: Unit) -> dict[str, object]:
    """Of the year that is being rated."""
    if unit.kind not in RATED_KINDS:
        return {}
    year = year_with_scale(clock.today())
    return {"rating_year": str(year), "rating": decided_words(rating_of(unit, year))}


def _unit(request: Request, code: str) -> Unit:
    units = Unit.objects.open_to(request.user, Permission.VIEW)
    return get_object_or_404(units.select_related("sector"), code=code)


def _may_edit_contact(user: User, unit: Unit) -> bool:
    return user.may(Permission.UNITS, unit) or user.may(Permission.ACCOUNTS, unit)


def _may_suspend(user: User, unit: Unit) -> bool:
    return unit.is_reporting and unit.ended_on is None and user.may(Permission.UNITS, unit)


def _suspensions() -> Prefetch[str, SuspensionQuerySet, str]:
    running = Suspension.objects.not_over(clock.today()).order_by("starts_on")
    return Prefetch("suspensions", running, "running_suspensions")


def _history(user: User, unit: Unit) -> list[Line]:
    entries = HistoryEntry.objects.visible_to(user).filter(unit=unit)
    return lines(entries.select_related("by").newest_first()[:HISTORY_SHOWN])
