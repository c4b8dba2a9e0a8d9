"""Units: finding them, and one unit with everything it has to do with."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.access import Permission
from members.contacts import CONTACT, change_contact
from members.forms.units import ContactForm, UnitFilter
from members.history import Line, lines
from members.http import Request
from members.models import Assignment, HistoryEntry, QuarterlyReport, Unit, User
from members.models.units import EARLIEST
from members.tables import UnitTable
from unionplan.lib.tables import sort_and_page

CHILDREN_SHOWN = 50
REPORTS_SHOWN = 12
HISTORY_SHOWN = 30


@require_safe
def unit_list(request: Request) -> HttpResponse:
    form = UnitFilter(request.GET, user=request.user)
    units = form.apply(Unit.objects.open_to(request.user, Permission.VIEW).living())
    rows = units.select_related("parent", "sector").by_name()
    table = UnitTable(rows, user=request.user)
    sort_and_page(table, request)
    return render(request, "members/unit_list.html", {"form": form, "table": table})


@require_safe
def unit_detail(request: Request, code: str) -> HttpResponse:
    unit = _unit(request, code)
    user = request.user
    children = unit.children.living()
    people = Assignment.objects.visible_to(user).filter(unit=unit).select_related("user")
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
        "people": people.order_by("-valid_from", "pk"),
        "reports": reports.order_by("-quarter__cut_off_on")[:REPORTS_SHOWN],
        "lines": _history(user, unit),
        "may_edit_contact": _may_edit_contact(user, unit),
        "may_manage_accounts": user.may(Permission.ACCOUNTS, unit),
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


def _unit(request: Request, code: str) -> Unit:
    units = Unit.objects.open_to(request.user, Permission.VIEW)
    return get_object_or_404(units.select_related("sector"), code=code)


def _may_edit_contact(user: User, unit: Unit) -> bool:
    return user.may(Permission.UNITS, unit) or user.may(Permission.ACCOUNTS, unit)


def _history(user: User, unit: Unit) -> list[Line]:
    entries = HistoryEntry.objects.visible_to(user).filter(unit=unit)
    return lines(entries.select_related("by").newest_first()[:HISTORY_SHOWN])
