"""«Phân công phụ trách»: which person looks after which unit."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.access import Permission
from members.actions import Refused
from members.charges import Candidate, candidates, end_charges, people_in_charge, put_in_charge
from members.forms.charges import ChargeFilter, ChargeForm
from members.forms.reminding import ticked
from members.http import Request
from members.models import Unit
from members.models.units import UnitQuerySet
from members.tables import ChargeTable
from unionplan.lib import clock
from unionplan.lib.numbers import whole_number
from unionplan.lib.tables import sort_and_page

SHOWN = 500  # rows of a page: a branch is given away in a few strokes


def charge_list(request: Request) -> HttpResponse:
    user, today = request.user, clock.today()
    if not user.may_somewhere(Permission.ACCOUNTS):
        raise PermissionDenied
    units = Unit.objects.open_to(user, Permission.ACCOUNTS).reporting().living()
    people = candidates(user, on=today)
    if request.method == "POST":
        _change(request, units, people)
        return redirect(request.get_full_path())
    form = ChargeFilter(request.GET, user=user, candidates=people)
    rows = form.apply(units, on=today).select_related("parent", "sector").by_name()
    table = ChargeTable(rows)
    sort_and_page(table, request, rows=SHOWN)
    shown = [row.record for row in table.page.object_list]
    table.people = people_in_charge(shown, on=today)
    facts = {"form": form, "table": table, "give": ChargeForm(candidates=people)}
    return render(request, "members/charge_list.html", facts)


def _change(request: Request, units: UnitQuerySet, people: list[Candidate]) -> None:
    form = ChargeForm(request.POST, candidates=people)
    chosen: QuerySet[Unit] = units.filter(pk__in=ticked(request.POST))
    is_end = request.POST.get("action") == "end"
    if not chosen.exists():
        messages.warning(request, _("No unit is ticked."))
    elif is_end:
        _end(request, chosen, form)
    elif form.chosen is None:
        messages.warning(request, _("Choose the person who will be in charge."))
    else:
        _give(request, chosen, form)


def _give(request: Request, units: QuerySet[Unit], form: ChargeForm) -> None:
    person = form.chosen
    assert person is not None  # noqa: S101
    try:
        done = put_in_charge(units, person, by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return
    words = ngettext(
        "Comrade %(person)s is in charge of %(count)s more unit.",
        "Comrade %(person)s is in charge of %(count)s more units.",
        done,
    )
    messages.success(request, words % {"person": person, "count": whole_number(done)})


def _end(request: Request, units: QuerySet[Unit], form: ChargeForm) -> None:
    done = end_charges(units, by=request.user, user=form.chosen)
    words = ngettext(
        "%(count)s unit is taken from the person in charge.",
        "%(count)s units are taken from the people in charge.",
        done,
    )
    messages.success(request, words % {"count": whole_number(done)})
