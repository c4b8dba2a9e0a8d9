"""«Thi đua»: the ranking of today, and what was made public of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from members.access import Permission
from members.actions import Refused
from members.http import Request
from members.models import Unit
from targets.forms.asking import Asking
from targets.forms.standings import FILES, SPANS, RankingForm
from targets.models import Standing
from targets.results import Question
from targets.standings import (
    Place,
    Ranking,
    Row,
    attained_heading,
    commendations_of,
    place_in,
    publish,
    ranked_in,
    ranking,
    rows_of,
    table_of,
    title_of,
)
from targets.views.progress import address_of, address_with, switches, visible_unit
from unionplan.lib import clock
from unionplan.lib.downloads import table_file
from unionplan.lib.numbers import whole_number

ROWS_A_PAGE = 200
PUBLISHED_A_PAGE = 10


@require_safe
def standing_list(request: Request, code: str) -> HttpResponse:
    """The table of today and what was published; a unit that reports reads what lists it."""
    unit = visible_unit(request, code)
    context: dict[str, Any] = {"unit": unit, **_published(request, unit)}
    if unit.is_reporting:
        return render(request, "targets/standing_list.html", context)
    asking, form = _asking(request, request.GET, unit), RankingForm(request.GET, unit=unit)
    question = asking.question()
    context |= {"form": form, "has_plan": asking.chosen_plan() is not None}
    if question is None:
        return render(request, "targets/standing_list.html", context)
    found = ranking(question, unit, **form.asked)
    if found.chosen is None and form.cleaned_data["line"]:
        raise Http404
    if (export := form.cleaned_data["export"]) and form.is_valid():
        return _file(found.rows, export, name=f"{unit.code}-{found.question.quarter.code}")
    form.show(found)
    return render(
        request, "targets/standing_list.html", context | _live(request, found, form, asking)
    )


def _live(request: Request, found: Ranking, form: RankingForm, asking: Asking) -> dict[str, Any]:
    question = found.question
    rows = found.over if form.cleaned_data["over"] else found.rows
    return {
        **switches(request, question, found.unit, asking),
        "plans": _plans(request, question, asking),
        "spans": _spans(request, form),
        "question": question,
        "ranking": found,
        "page": _page(request, rows),
        "attained": attained_heading(found.rows),
        "counted": _counted(found.rows),
        "query": address_of(question),
        "kept": {name: request.GET[name] for name in KEPT if request.GET.get(name)},
        "to_publish": _to_publish(found, form),
        "may_publish": request.user.may(Permission.ALLOCATE, found.unit) and found.ranked,
        "exports": {name: address_with(request, export=name) for name in FILES},
    }


@require_POST
def standing_publish(request: Request, code: str) -> HttpResponse:
    """«Công bố cho các đơn vị»."""
    unit = visible_unit(request, code)
    request.user.require(Permission.ALLOCATE, unit)
    question = _asking(request, request.POST, unit).question()
    form = RankingForm(request.POST, unit=unit)
    try:
        if question is None:
            raise Refused(_("There is nothing to rank yet."))
        if not form.is_valid():
            raise Refused(" ".join(map(str, form.errors["smallest"])))
        published = publish(question, unit, by=request.user, **form.asked)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("standing-list", unit.code)
    count = published.units.count()
    words = ngettext("Published to %(count)s unit.", "Published to %(count)s units.", count)
    messages.success(request, words % {"count": whole_number(count)})
    return redirect("standing", unit.code, published.pk)


@require_safe
def standing(request: Request, code: str, pk: int) -> HttpResponse:
    """A published table as it was frozen, for whoever sees the unit or is listed in it."""
    seen = Standing.objects.visible_to(request.user)
    known = seen.select_related("unit", "plan", "quarter", "tag")
    frozen = get_object_or_404(known, unit__code=code, pk=pk)
    rows = rows_of(frozen)
    if export := request.GET.get("export"):
        return _file(rows, export, name=f"{code}-{frozen.quarter.code}-{frozen.pk}")
    own = {role.unit.code for role in request.user.roles}
    context = {
        "standing": frozen,
        "unit": frozen.unit,
        "title": title_of(frozen.quarter, is_of_year=frozen.is_of_year),
        "page": _page(request, rows),
        "attained": attained_heading(rows),
        "counted": _counted(rows),
        "own": own,
        "places": [row for row in rows if row.code in own],
        "ranked": ranked_in(rows),
        "sees_unit": request.user.may(Permission.VIEW, frozen.unit),
        "exports": {name: f"?export={name}" for name in FILES},
        "has_commendations": any(row.is_over for row in rows),
    }
    return render(request, "targets/standing.html", context)


# --- what they share -----------------------------------------------------------------------------

# Carried by the filter, which asks for the rest itself.
KEPT = ("plan", "quarter", "basis", "structure", "plan_as_of", "span")


def _asking(request: Request, data: Any, unit: Unit) -> Asking:
    return Asking(data, unit=unit, user=request.user, today=clock.today())


def _published(request: Request, unit: Unit) -> dict[str, Any]:
    """By the unit, or with the unit in it; with its place where it has one."""
    listing = Standing.units.through.objects.filter(unit=unit).values("standing")
    published = Standing.objects.visible_to(request.user).filter(Q(unit=unit) | Q(pk__in=listing))
    known = published.select_related("unit", "plan", "quarter", "tag").newest_first()
    page = Paginator(known, PUBLISHED_A_PAGE).get_page(request.GET.get("published"))
    places = [_placed(standing, unit) for standing in page]
    return {"published": page, "published_places": places}


def _placed(standing: Standing, unit: Unit) -> Place:
    return place_in(standing, unit.code) or Place(standing, None, ranked_in(rows_of(standing)))


def _page(request: Request, rows: Sequence[Row]) -> Page[Row]:
    return Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))


def _counted(rows: Sequence[Row]) -> str:
    """«24 đơn vị được xếp hạng · 3 đơn vị không xếp hạng · 5 đơn vị vượt chỉ tiêu»."""
    ranked, over = ranked_in(rows), sum(row.is_over for row in rows)
    counts = [
        (ranked, ngettext("%(count)s unit ranked", "%(count)s units ranked", ranked)),
        (
            len(rows) - ranked,
            ngettext("%(count)s unit not ranked", "%(count)s units not ranked", len(rows) - ranked),
        ),
        (
            over,
            ngettext("%(count)s unit over the target", "%(count)s units over the target", over),
        ),
    ]
    said = [counts[0], *(pair for pair in counts[1:] if pair[0])]
    return " · ".join(words % {"count": whole_number(count)} for count, words in said)


def _plans(request: Request, question: Question, asking: Asking) -> list[dict[str, Any]]:
    """Another plan has other lines and quarters."""
    return [
        {
            "url": address_with(request, plan=plan.code, quarter=None, line=None),
            "label": plan.title,
            "is_current": plan == question.plan,
        }
        for plan in asking.plans
    ]


def _spans(request: Request, form: RankingForm) -> list[dict[str, Any]]:
    return [
        {
            "url": address_with(request, span=span),
            "label": label,
            "is_current": span == form.chosen_span,
        }
        for span, label in SPANS
    ]


def _to_publish(found: Ranking, form: RankingForm) -> dict[str, Any]:
    """The question that is shown, as a form sends it."""
    question: Question = found.question
    asked = {
        "plan": question.plan.code,
        "quarter": question.quarter.code,
        "basis": question.basis,
        "structure": question.structure,
        "plan_as_of": question.plan_as_of.isoformat(),
        "line": form.data["line"],
        "tag": found.tag,
        "span": form.chosen_span,
        "smallest": found.smallest,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _file(rows: Sequence[Row], export: str, *, name: str) -> HttpResponse:
    if export == "commendations":
        header, lines = commendations_of(rows)
        return table_file(header, lines, "xlsx", name=f"de-nghi-khen-thuong-{name}")
    if export not in ("xlsx", "csv"):
        raise Http404
    header, lines = table_of(rows)
    return table_file(header, lines, export, name=f"thi-dua-{name}")
