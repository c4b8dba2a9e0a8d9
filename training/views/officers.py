"""Officers: the list of a branch, those of one unit, and one officer with all that happened."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from members.access import Permission, Role
from members.actions import Refused
from members.http import Request
from members.models import Unit, User
from members.models.units import REPORTING_KINDS
from members.roles import roles_to_give
from members.views.importing import Import, import_page
from training import officers, rosters
from training.accounts import unlisted_chairs
from training.forms.officers import BackForm, LeaveForm, OfficerEditForm, OfficerFilter, OfficerForm
from training.imports.officer_rows import OFFICER_COLUMNS, TEMPLATE, allowed_values
from training.imports.officers import OfficersBroughtIn, bring_in_officers
from training.models import Officer, Position, Tenure
from training.officer_table import (
    OfficerTable,
    UnitsWithoutChairTable,
    file_header,
    officer_rows,
    rows_without_chair,
)
from training.terms import term_began_on
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, XLSX, attached, table_file
from unionplan.lib.spreadsheets import Table, workbook_of
from unionplan.lib.tables import sort_and_page

SHOWN = 100  # rows of a page


# --- the list ------------------------------------------------------------------------------------


@require_safe
def officer_list(request: Request) -> HttpResponse:
    """The officers of the branch; a file holds exactly the rows that are shown, of all pages."""
    user, today = request.user, clock.today()
    if own := _only_unit(user):
        return redirect("training-unit", own.code)
    form = OfficerFilter(request.GET, user=user)
    lacking = form.apply_to_units(Unit.objects.open_to(user, Permission.VIEW), today)
    if form.asks_for_units:
        table = UnitsWithoutChairTable(lacking.select_related("parent").by_name(), user=user)
    else:
        found = form.apply(Tenure.objects.visible_to(user), today)
        rows = found.select_related(*rosters.AROUND).order_by("officer__sort_key", "pk")
        since = term_began_on(today)
        table = OfficerTable(rows, since=since, shows_left=form.data.get("state") == "left")
    sort_and_page(table, request, rows=SHOWN)
    if (format_ := request.GET.get("format", "")) in TABLE_FORMATS:
        records = (row.record for row in table.rows)
        lines = (rows_without_chair if form.asks_for_units else officer_rows)(records)
        return table_file(file_header(), lines, format_, name=f"can-bo-{today:%Y-%m-%d}")
    shown = [row.record for row in table.page.object_list]
    if not form.asks_for_units:
        table.tell(shown)
    facts = {
        "form": form,
        "table": table,
        "lacking": table.paginator.count if form.asks_for_units else lacking.count(),
        "may_keep": user.may_somewhere(Permission.OFFICERS),
    }
    return render(request, "training/officer_list.html", facts)


def _only_unit(user: User) -> Unit | None:
    """That of somebody without a branch, whose list it is."""
    units = {role.unit.pk: role.unit for role in user.roles}
    return next(iter(units.values())) if len(units) == 1 and not user.has_branch else None


@require_safe
def training_unit(request: Request, code: str) -> HttpResponse:
    """The officers of one unit, its chair first."""
    user, today = request.user, clock.today()
    unit = get_object_or_404(Unit.objects.open_to(user, Permission.VIEW), code=code)
    facts = {
        "unit": unit,
        "roster": rosters.roster_of(unit, user, today),
        "left": rosters.left_from(unit, today),
        "unlisted": unlisted_chairs([unit.pk]).get(unit.pk),
        "may_keep": user.may(Permission.OFFICERS, unit) and unit.ended_on is None,
        "may_change_chair": Role.CHAIR in roles_to_give(user, unit) and unit.ended_on is None,
        "has_list": user.has_branch,
        "next_year": today.year + 1,
        "lines": rosters.unit_history(unit, user),
    }
    return render(request, "training/unit.html", facts)


# --- one officer ---------------------------------------------------------------------------------


@require_safe
def officer_detail(request: Request, pk: int) -> HttpResponse:
    """Where and as what this person served, as far as one sees it, and what was learnt."""
    user, today = request.user, clock.today()
    officer, stretches = _officer(user, pk)
    last = stretches[0]
    is_serving = _is_serving(last)
    may_keep = user.may(Permission.OFFICERS, last.unit)
    facts = {
        "officer": officer,
        "last": last,
        "is_new": is_serving and rosters.is_new(last, term_began_on(today)),
        "is_serving": is_serving,
        "stretches": [(held, user.may(Permission.OFFICERS, held.unit)) for held in stretches],
        "learnt": rosters.attended_by(user, officer),
        "may_keep": may_keep,
        "may_take_back": not is_serving and user.may_somewhere(Permission.OFFICERS) and may_keep,
        "lines": rosters.history_of(officer, stretches, user),
    }
    return render(request, "training/officer_detail.html", facts)


def officer_new(request: Request) -> HttpResponse:
    """«Thêm cán bộ», at the unit one comes from."""
    user = request.user
    if not user.may_somewhere(Permission.OFFICERS):
        raise PermissionDenied
    kept = Unit.objects.open_to(user, Permission.OFFICERS).living()
    unit = kept.filter(code=request.GET.get("unit", "")).first()
    initial = {name: request.GET.get(name, "") for name in ("position", "name")}
    form = OfficerForm(request.POST or None, user=user, chosen=unit, initial=initial)
    if form.is_valid():
        try:
            (made,) = officers.add_officers([form.newcomer], by=user)
        except Refused as refused:
            form.tell(refused)
        else:
            messages.success(request, _("%(officer)s is added.") % {"officer": made.officer})
            _tell_of_other_account(request, made)
            return redirect("training-unit", made.unit.code)
    return render(request, "training/officer_new.html", {"form": form, "unit": unit or form.fixed})


def _tell_of_other_account(request: Request, made: Tenure) -> None:
    """Where somebody else signs in as the chair, one of the two is not right."""
    other = unlisted_chairs([made.unit_id]).get(made.unit_id) if made.is_chair else None
    if other is not None:
        words = _("%(person)s still signs in as the chair of %(unit)s: see “Change of chair”.")
        messages.warning(request, words % {"person": other, "unit": made.unit})


def officer_edit(request: Request, pk: int) -> HttpResponse:
    """What was always so, or what is so from a day on; ``?stretch=`` for what was before."""
    user = request.user
    officer, stretches = _officer(user, pk)
    asked = request.GET.get("stretch", "")
    tenure = next((held for held in stretches if str(held.pk) == asked), stretches[0])
    user.require(Permission.OFFICERS, tenure.unit)
    form = OfficerEditForm(
        request.POST or None,
        user=user,
        tenure=tenure,
        is_last=tenure == stretches[0],
        is_continued=any(held.valid_from == tenure.valid_to for held in stretches),
        may_rename=rosters.may_rename(user, officer),
    )
    if form.is_valid():
        try:
            held = _save(form, tenure, by=user)
        except Refused as refused:
            form.tell(refused)
        else:
            messages.success(request, _("%(officer)s is saved.") % {"officer": held.officer})
            return redirect(officer)
    return render(request, "training/officer_edit.html", {"form": form, "officer": officer})


@transaction.atomic
def _save(form: OfficerEditForm, tenure: Tenure, *, by: User) -> Tenure:
    """A name has no days: it is corrected beside a change."""
    person = {name: form.cleaned_data[name] for name in ("name", "gender")}
    if not form.is_change:
        return officers.correct(tenure, form.service, **person, by=by)
    if any(getattr(tenure.officer, name) != value for name, value in person.items()):
        officers.correct(tenure, officers.Service.of(tenure), **person, by=by)
    return officers.change(tenure, form.service, since=form.cleaned_data["since"], by=by)


def officer_leave(request: Request, pk: int) -> HttpResponse:
    officer, stretches = _officer(request.user, pk)
    last = stretches[0]
    request.user.require(Permission.OFFICERS, last.unit)
    if not _is_serving(last):
        messages.warning(request, _("%(officer)s has left already.") % {"officer": officer})
        return redirect(officer)
    form = LeaveForm(request.POST or None, initial={"on": last.valid_to or clock.today()})
    if form.is_valid():
        try:
            officers.leave(last, on=form.cleaned_data["on"], by=request.user)
        except Refused as refused:
            form.add_error("on", str(refused))
        else:
            messages.success(
                request, _("It is noted when %(officer)s left.") % {"officer": officer}
            )
            return redirect(officer)
    facts = {"form": form, "officer": officer, "last": last}
    return render(request, "training/officer_leave.html", facts)


def officer_back(request: Request, pk: int) -> HttpResponse:
    """Somebody who had left serves again, at the same unit or another."""
    officer, stretches = _officer(request.user, pk)
    last = stretches[0]
    request.user.require(Permission.OFFICERS, last.unit)
    if _is_serving(last):
        messages.warning(request, _("%(officer)s is in office.") % {"officer": officer})
        return redirect(officer)
    form = BackForm(request.POST or None, user=request.user, tenure=last)
    if form.is_valid():
        try:
            officers.come_back(officer, form.service, by=request.user)
        except Refused as refused:
            form.tell(refused)
        else:
            messages.success(request, _("%(officer)s is in office again.") % {"officer": officer})
            return redirect(officer)
    facts = {"form": form, "officer": officer, "last": last}
    return render(request, "training/officer_back.html", facts)


def _officer(user: User, pk: int) -> tuple[Officer, list[Tenure]]:
    """With the stretches that this user sees, the latest first."""
    officer = get_object_or_404(Officer.objects.visible_to(user), pk=pk)
    return officer, list(rosters.service_of(officer, user))


def _is_serving(tenure: Tenure) -> bool:
    today, ended_on = clock.today(), tenure.unit.ended_on
    is_open = tenure.valid_to is None or tenure.valid_to > today
    return is_open and (ended_on is None or ended_on > today)


# --- from a file ---------------------------------------------------------------------------------


def officer_import(request: Request) -> HttpResponse:
    _require_officers(request.user)
    return import_page(request, OFFICERS)


@require_safe
def officer_import_template(request: Request) -> HttpResponse:
    """The units of the branch, a row each for its chair, and what may stand in the columns."""
    user = request.user
    _require_officers(user)
    labels = {column.name: str(column.label) for column in OFFICER_COLUMNS}
    header = [labels[name] for name in TEMPLATE]
    units = Unit.objects.open_to(user, Permission.OFFICERS).living().order_by("path")
    chair = str(Position.objects.get(pk=Position.CHAIR))
    rows = (
        [unit.code, unit.name, "", chair if unit.kind in REPORTING_KINDS else ""]
        for unit in units.iterator()
    )
    sheets = [
        Table(pgettext("sheet", "Officers"), header, rows, typed=range(len(header))),
        Table(pgettext("sheet", "Allowed values"), *allowed_values(labels)),
    ]
    return attached(workbook_of(sheets), XLSX, "can-bo-cong-doan.xlsx")


def _preview(brought_in: OfficersBroughtIn) -> dict[str, Any]:
    return {
        "added": brought_in.added,
        "changed": brought_in.changed,
        "unchanged": brought_in.unchanged,
        "left_empty": brought_in.left_empty,
    }


OFFICERS = Import(
    "officers",
    "training/officer_import.html",
    bring_in_officers,
    _preview,
    done="officer-list",
    facts={"back": reverse_lazy("officer-list")},
)


def _require_officers(user: User) -> None:
    if not user.may_somewhere(Permission.OFFICERS):
        raise PermissionDenied
