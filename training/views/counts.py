"""«Nhập số cán bộ ngoài danh sách»: two numbers a unit of one quarter, from a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from members.access import Permission
from members.http import Request
from members.models import Quarter, Unit, User
from members.models.units import UnitQuerySet
from members.views.importing import Import, import_page
from training.counts import Stated
from training.forms.counts import QuarterChoice
from training.imports.officer_counts import (
    OFFICER_COUNT_COLUMNS,
    OfficerCountsBroughtIn,
    bring_in_officer_counts,
)
from unionplan.lib.downloads import XLSX, attached
from unionplan.lib.spreadsheets import Table, Value, workbook_of


def officer_count_import(request: Request) -> HttpResponse:
    """One file of one quarter; the latest where no other is asked for."""
    _require(request.user)
    quarter = _asked(request)
    if quarter is None:
        return render(request, "training/count_import.html", {"quarter": None})
    file = Import(
        purpose=f"counts-{quarter.code}",
        template="training/count_import.html",
        bring_in=partial(bring_in_officer_counts, quarter=quarter),
        preview=_preview,
        done="training",
        facts={
            "quarter": quarter,
            "choice": QuarterChoice(request.GET),
            "back": reverse("training"),
        },
    )
    return import_page(request, file)


@require_safe
def officer_count_import_template(request: Request) -> HttpResponse:
    """Every unit of the branch that reports, with what it stated last."""
    _require(request.user)
    quarter = _asked(request)
    if quarter is None:
        raise Http404
    units = Unit.objects.open_to(request.user, Permission.OFFICERS).reporting()
    header = [str(column.label) for column in OFFICER_COUNT_COLUMNS]
    rows = _rows(units.active(quarter.cut_off_on), quarter)
    sheet = Table(pgettext("sheet", "Numbers of officers"), header, rows, typed=[0, 2, 3])
    return attached(workbook_of([sheet]), XLSX, f"so-can-bo-{quarter.code}.xlsx")


def _rows(units: UnitQuerySet, quarter: Quarter) -> Iterator[list[Value]]:
    day = quarter.cut_off_on
    stated = Stated(Q(unit__in=units), until=day)
    for unit in units.order_by("path"):
        known = stated.of(unit.pk, day)
        yield [unit.code, unit.name, *(known or (None, None))]


def _asked(request: Request) -> Quarter | None:
    code = request.GET.get("quarter", "")
    return get_object_or_404(Quarter, code=code) if code else Quarter.objects.latest_one()


def _preview(brought_in: OfficerCountsBroughtIn) -> dict[str, Any]:
    return {"done": brought_in, "lines": list(brought_in.lines())}


def _require(user: User) -> None:
    """A chair states the numbers with the report; a file is of many units."""
    keeps = (role.unit for role in user.roles if Permission.OFFICERS in role.permissions)
    if not (user.is_superuser or any(unit.is_superior for unit in keeps)):
        raise PermissionDenied
