"""Files brought in on a page: template → check, with all errors at once → preview → apply."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from members import kept, ratings
from members.access import Permission
from members.actions import Refused
from members.forms.importing import FileForm, TopUnitForm
from members.founding import add_units
from members.http import Request
from members.imports import (
    ENTERPRISE_COLUMNS,
    OPENING_COLUMNS,
    RATING_COLUMNS,
    UNIT_COLUMNS,
    EnterprisesBroughtIn,
    OpeningsBroughtIn,
    RatingsBroughtIn,
    UnitsBroughtIn,
    bring_in_enterprises,
    bring_in_openings,
    bring_in_ratings,
    bring_in_units,
)
from members.imports.trees import tree_of
from members.models import EnterpriseStatus, KeptFile, Kind, Rating, Sector, Unit, User
from members.models.reports import superiors_checked_by
from members.models.units import OCCUPATIONAL_SECTOR
from members.scales import SCALES
from unionplan.lib import clock
from unionplan.lib.downloads import XLSX, attached
from unionplan.lib.spreadsheets import Invalid, Problem, Table, workbook_of

# In the order in which an office keeps its lists.
UNIT_TEMPLATE = (
    "code",
    "name",
    "kind",
    "parent",
    "sector",
    "tags",
    "area",
    "contact_name",
    "phone",
    "email",
    "founded_on",
    "suspended_on",
)
RATING_TEMPLATE = ("unit", "name", "self_level", "level", "eligible", "reason")


class BroughtIn(Protocol):
    def sentence(self) -> str: ...


class BringIn(Protocol):
    def __call__(self, content: bytes, *, by: User, dry_run: bool) -> BroughtIn: ...


@dataclass(frozen=True)
class Import:
    """A kind of file that a page brings in, and where one goes when it is in."""

    purpose: str
    template: str
    bring_in: BringIn
    preview: Callable[[Any], dict[str, Any]]
    done: str = "setup"
    facts: Mapping[str, Any] = field(default_factory=dict)  # what else the page shows


@dataclass(frozen=True)
class Trial:
    """What would come of a file."""

    brought_in: BroughtIn | None = None
    problems: list[Problem] = field(default_factory=list)
    summary: str = ""


def unit_import(request: Request) -> HttpResponse:
    """«Nhập từ Excel»: the units of the branch."""
    _require_units(request.user)
    if not Unit.objects.exists():
        return _top_unit(request)
    return import_page(request, UNITS)


def _top_unit(request: Request) -> HttpResponse:
    """On the very first day: all others hang under this one."""
    form = TopUnitForm(request.POST or None)
    if form.is_valid():
        (unit,) = add_units([form.unit], by=request.user)
        messages.success(request, _("%(unit)s is added.") % {"unit": unit})
        return redirect("unit-import")
    return render(request, "members/top_unit.html", {"form": form})


@require_safe
def unit_import_template(request: Request) -> HttpResponse:
    """«Tải tệp mẫu», with the words that may stand in its columns on a second sheet."""
    _require_units(request.user)
    labels = {column.name: str(column.label) for column in UNIT_COLUMNS}
    header = [labels[name] for name in UNIT_TEMPLATE]
    sheets = [
        Table(pgettext("sheet", "Units"), header, [], typed=range(len(header))),
        Table(pgettext("sheet", "Allowed values"), *_allowed_values(labels)),
    ]
    return attached(workbook_of(sheets), XLSX, "don-vi.xlsx")


def opening_members(request: Request) -> HttpResponse:
    """«Đoàn viên ban đầu»: what the first report of each unit starts from."""
    _require_units(request.user)
    return import_page(request, OPENINGS)


@require_safe
def opening_members_template(request: Request) -> HttpResponse:
    """Every reporting unit of the branch, with what is stated so far."""
    _require_units(request.user)
    units = Unit.objects.open_to(request.user, Permission.UNITS).reporting().living()
    rows = units.order_by("path").values_list("code", "name", "opening_members")
    header = [str(column.label) for column in OPENING_COLUMNS]
    sheet = Table(pgettext("sheet", "Members at the start"), header, rows.iterator(), typed=[0, 2])
    return attached(workbook_of([sheet]), XLSX, "doan-vien-ban-dau.xlsx")


def enterprise_import(request: Request) -> HttpResponse:
    """«Nhập từ kết quả khảo sát»: the register of enterprises."""
    _require_enterprises(request.user)
    return import_page(request, ENTERPRISES)


@require_safe
def enterprise_import_template(request: Request) -> HttpResponse:
    _require_enterprises(request.user)
    header = [str(column.label) for column in ENTERPRISE_COLUMNS]
    labels = {column.name: str(column.label) for column in ENTERPRISE_COLUMNS}
    sheets = [
        Table(pgettext("sheet", "Enterprises"), header, [], typed=range(len(header))),
        Table(pgettext("sheet", "Allowed values"), *_allowed_values_of_enterprises(labels)),
    ]
    return attached(workbook_of(sheets), XLSX, "doanh-nghiep.xlsx")


def rating_import(request: Request, year: int) -> HttpResponse:
    """«Đánh giá, xếp loại» of a year."""
    _require_ratings(request.user, year)
    back = reverse("rating-list", args=[year])
    file = Import(
        purpose=f"ratings-{year}",
        template="members/rating_import.html",
        bring_in=partial(bring_in_ratings, year=year),
        preview=_rating_preview,
        done=back,
        facts={"year": str(year), "back": back},
    )
    return import_page(request, file)


@require_safe
def rating_import_template(request: Request, year: int) -> HttpResponse:
    """Every unit this person may rate, with what is known, and the levels of the year."""
    _require_ratings(request.user, year)
    labels = {column.name: str(column.label) for column in RATING_COLUMNS}
    header = [labels[name] for name in RATING_TEMPLATE]
    rows = _ratings_so_far(request.user, year)
    sheets = [
        Table(pgettext("sheet", "Ratings"), header, rows, typed=range(len(header))),
        Table(pgettext("sheet", "Allowed values"), *_allowed_values_of_ratings(labels, year)),
    ]
    return attached(workbook_of(sheets), XLSX, f"xep-loai-{year}.xlsx")


# --- one path for every file ---------------------------------------------------------------------


def import_page(request: Request, what: Import) -> HttpResponse:
    if request.method != "POST":
        return _resume(request, what)
    if request.POST.get("action") == "apply":
        return _apply(request, what)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, what, form, Trial())
    file = form.cleaned_data["file"]
    content = file.read()
    trial = _try(what, content, by=request.user)
    if trial.problems:
        kept.forget(request.user, what.purpose)
        return _show(request, what, form, trial)
    stored = kept.keep(content, purpose=what.purpose, name=file.name or "", by=request.user)
    return _show(request, what, FileForm(), trial, stored)


def _resume(request: Request, what: Import) -> HttpResponse:
    """The page as it was left: with the file that was checked last, if it is not in yet."""
    stored = kept.kept_by(request.user, what.purpose)
    trial = _try(what, bytes(stored.content), by=request.user) if stored else Trial()
    return _show(request, what, FileForm(), trial, stored)


def _apply(request: Request, what: Import) -> HttpResponse:
    """Bring in the file that was seen, and no other."""
    stored = kept.kept_by(request.user, what.purpose)
    if stored is None or stored.at.isoformat() != request.POST.get("seen"):
        messages.error(request, _("The checked file is no longer there. Choose it and check it."))
        return redirect(request.get_full_path())
    trial = _try(what, bytes(stored.content), by=request.user, dry_run=False)
    if trial.brought_in is None:
        return _show(request, what, FileForm(), trial, stored)
    kept.forget(request.user, what.purpose)
    messages.success(request, trial.brought_in.sentence())
    return redirect(what.done)


def _try(what: Import, content: bytes, *, by: User, dry_run: bool = True) -> Trial:
    try:
        return Trial(what.bring_in(content, by=by, dry_run=dry_run))
    except Invalid as invalid:
        return Trial(problems=invalid.problems, summary=invalid.sentence)
    except Refused as refused:
        return Trial(problems=[Problem(0, "", str(refused))], summary=str(refused))


def _show(
    request: Request, what: Import, form: FileForm, trial: Trial, stored: KeptFile | None = None
) -> HttpResponse:
    facts: dict[str, Any] = {**what.facts, "form": form, "trial": trial}
    if trial.brought_in is not None:
        facts |= {"kept": stored, **what.preview(trial.brought_in)}
    return render(request, what.template, facts)


# --- what is particular to each ------------------------------------------------------------------


def _unit_preview(brought_in: UnitsBroughtIn) -> dict[str, Any]:
    return {
        "tree": tree_of(brought_in),
        "added": len(brought_in.added),
        "changed": brought_in.changed,
        "unchanged": brought_in.unchanged,
        "counts": brought_in.counts,
    }


def _opening_preview(brought_in: OpeningsBroughtIn) -> dict[str, Any]:
    return {
        "units": len(brought_in.changed),
        "members": brought_in.members,
        "unchanged": brought_in.unchanged,
        "left_empty": brought_in.left_empty,
    }


def _enterprise_preview(brought_in: EnterprisesBroughtIn) -> dict[str, Any]:
    return {
        "added": brought_in.added,
        "changed": brought_in.changed,
        "unchanged": brought_in.unchanged,
    }


def _rating_preview(brought_in: RatingsBroughtIn) -> dict[str, Any]:
    return {
        "lines": list(brought_in.lines()),
        "unchanged": brought_in.unchanged,
        "scale": brought_in.scale,
    }


def _ratings_so_far(user: User, year: int) -> Iterator[list[str]]:
    units = list(ratings.units_to_rate(user, year, clock.today()).order_by("path"))
    known = ratings.ratings_of(units, year)
    for unit in units:
        rating = known.get(unit.pk) or Rating(unit=unit, year=year)
        own, decided = rating.self_level, rating.level
        eligible = _("yes") if rating.is_eligible else _("no")
        yield [unit.code, unit.name, str(own or ""), str(decided or ""), eligible, rating.reason]


UNITS = Import("units", "members/unit_import.html", bring_in_units, _unit_preview)
OPENINGS = Import("openings", "members/opening_members.html", bring_in_openings, _opening_preview)
ENTERPRISES = Import(
    "enterprises",
    "members/enterprise_import.html",
    bring_in_enterprises,
    _enterprise_preview,
    done="enterprise-list",
    facts={"back": reverse_lazy("enterprise-list")},
)


def _allowed_values(labels: dict[str, str]) -> tuple[list[str], list[list[str]]]:
    """What may stand in which column; kinds and sectors also by the codes of machines."""
    header = [pgettext("column", "Column"), pgettext("column", "Value"), pgettext("column", "Note")]
    rows = [[labels["kind"], str(kind.label), ""] for kind in Kind]
    sectors = Sector.objects.order_by("position", "code")
    rows += [[labels["sector"], sector.code, str(sector)] for sector in sectors]
    superior = _("code of the superior union, in the list or in this file")
    return header, [
        *rows,
        [labels["parent"], "", superior],
        [labels["tags"], "Khối I; Cụm 2", _("several are parted by a semicolon")],
        [labels["founded_on"], "31/12/2001", _("may stay empty")],
        [labels["suspended_on"], "01/7/2024", _("only of a unit that rests and owes no report")],
    ]


def _allowed_values_of_enterprises(labels: dict[str, str]) -> tuple[list[str], list[list[str]]]:
    header = [pgettext("column", "Column"), pgettext("column", "Value"), pgettext("column", "Note")]
    sectors = Sector.objects.exclude(code=OCCUPATIONAL_SECTOR).order_by("position", "code")
    yes_no = f"{_('yes')}, {_('no')}"
    return header, [
        [labels["tax_code"], "0101234567", _("of a branch 0101234567-001")],
        *([labels["sector"], sector.code, str(sector)] for sector in sectors),
        *([labels["status"], str(status.label), ""] for status in EnterpriseStatus),
        [labels["responsible_unit"], "", _("code of a union above the grassroots")],
        [labels["eligible"], yes_no, _("may stay empty")],
        [labels["operating"], yes_no, _("may stay empty")],
        [labels["founded_on"], "31/12/2001", _("may stay empty")],
        [labels["unit"], "", _("code of the grassroots union, once one is founded")],
    ]


def _allowed_values_of_ratings(
    labels: dict[str, str], year: int
) -> tuple[list[str], list[list[str]]]:
    """The levels of the year; of one without a scale those of the scales it may take."""
    header = [pgettext("column", "Column"), pgettext("column", "Value"), pgettext("column", "Note")]
    levels = [(str(level), "") for level in ratings.levels_of(year)] or [
        (level.name, str(scale.label)) for scale in SCALES for level in scale.levels
    ]
    return header, [
        *([labels["self_level"], level, note] for level, note in levels),
        *([labels["level"], level, note] for level, note in levels),
        [labels["eligible"], f"{_('yes')}, {_('no')}", _("may stay empty")],
        [labels["reason"], "", _("where the decided level differs from the self-rating")],
    ]


def _require_ratings(user: User, year: int) -> None:
    if year not in ratings.YEARS:
        raise Http404
    if not ratings.brings_in_ratings(user, superiors_checked_by(user, clock.today())):
        raise PermissionDenied


def _require_enterprises(user: User) -> None:
    if not user.may_somewhere(Permission.ENTERPRISES):
        raise PermissionDenied


def _require_units(user: User) -> None:
    if not user.may_somewhere(Permission.UNITS):
        raise PermissionDenied
