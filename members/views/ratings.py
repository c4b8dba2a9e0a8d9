"""Đánh giá, xếp loại: the list of a branch, one unit, and the scale of a year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from members import ratings
from members.access import Permission
from members.actions import Refused
from members.forms.ratings import (
    DecisionForm,
    RatingFilter,
    SelfRatingForm,
    scale_form,
    ticked_ratings,
)
from members.history import Line, lines
from members.http import Request
from members.models import HistoryEntry, HistoryKind, Kind, RatingLevel, Unit, User
from members.models.reports import superiors_checked_by
from members.models.units import REPORTING_KINDS, UnitQuerySet
from members.rating_table import STATUS_OF_STATE, RatingTable
from members.ratings import RATED_KINDS, YEARS
from members.scales import SCALES, Level
from unionplan.lib import clock
from unionplan.lib.downloads import TABLE_FORMATS, table_file
from unionplan.lib.numbers import whole_number
from unionplan.lib.tables import sort_and_page

SHOWN = 200  # rows of a page: as many as one stroke decides
HISTORY_SHOWN = 20


# --- the list ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def rating_list(request: Request, year: int) -> HttpResponse:
    """Every unit of the branch with its rating; many are decided as they rated themselves."""
    _refuse_year(year)
    user, today = request.user, clock.today()
    if not ratings.sees_ratings(user):
        raise PermissionDenied
    units = Unit.objects.open_to(user, Permission.VIEW)
    if request.method == "POST":
        _accept(request, units, year)
        return redirect(request.get_full_path())
    form = RatingFilter(request.GET, user=user)
    branch = form.of_branch(ratings.rated_units(units, year))
    rows = form.in_state(branch, year).select_related("parent", "sector").by_name()
    decides = superiors_checked_by(user, today)
    table = RatingTable(rows, year=year, checked=decides)
    if (format_ := request.GET.get("export")) in TABLE_FORMATS:
        table.order_by = request.GET.getlist("sort")
        table.ratings = ratings.ratings_of(rows.order_by(), year)
        header, *values = table.as_values()
        return table_file(header, values, format_, name=f"ratings-{year}")
    sort_and_page(table, request, rows=SHOWN)
    shown = [row.record for row in table.page.object_list]
    table.ratings = ratings.ratings_of(shown, year)
    table.tell(shown)
    facts = {
        "year": str(year),
        "years": _years(year, today.year),
        "levels": ratings.levels_of(year),
        "form": form,
        "table": table,
        "counts": ratings.counts_of(branch.filter(kind__in=REPORTING_KINDS), year),
        "superiors": ratings.counts_of(branch.filter(kind=Kind.UPPER), year),
        "may_set_scale": ratings.may_set_scales(user),
        "may_bring_in": ratings.brings_in_ratings(user, decides),
        "may_decide": any(unit.rated["is_to_tick"] for unit in shown),
        "exports": {name: _export(request, name) for name in TABLE_FORMATS},
    }
    return render(request, "members/rating_list.html", facts)


def _accept(request: Request, units: UnitQuerySet, year: int) -> None:
    ticked = ticked_ratings(request.POST)
    if not ticked:
        messages.warning(request, _("No unit is ticked."))
        return
    done = ratings.accept_self_ratings(units, year, ticked, by=request.user, on=clock.today())
    if done:
        words = ngettext(
            "%(count)s unit is rated as it rated itself.",
            "%(count)s units are rated as they rated themselves.",
            done,
        )
        messages.success(request, words % {"count": whole_number(done)})
    if left := len(ticked) - done:
        words = ngettext(
            "%(count)s unit is left as it was: it was changed meanwhile, or others decide.",
            "%(count)s units are left as they were: they were changed meanwhile, or others decide.",
            left,
        )
        messages.warning(request, words % {"count": whole_number(left)})


def _export(request: Request, name: str) -> str:
    """The table as it is filtered and sorted, as a file."""
    asked = request.GET.copy()
    asked["export"] = name
    asked.pop("page", None)
    return f"?{asked.urlencode()}"


def _years(chosen: int, this_year: int) -> list[dict[str, Any]]:
    """Those with a scale, this one and the one shown; the latest first."""
    known = RatingLevel.objects.order_by().values_list("year", flat=True).distinct()
    return [
        {
            "url": reverse("rating-list", args=[year]),
            "label": str(year),
            "is_current": year == chosen,
        }
        for year in sorted({*known, this_year, this_year - 1, chosen}, reverse=True)
    ]


# --- one unit ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def rating_unit(request: Request, year: int, code: str) -> HttpResponse:
    """A unit's rating of a year: to rate oneself, to decide, or to read."""
    _refuse_year(year)
    visible = Unit.objects.open_to(request.user, Permission.VIEW).filter(kind__in=RATED_KINDS)
    unit = get_object_or_404(visible.select_related("parent"), code=code)
    rights = ratings.rights_of(request.user, unit, clock.today())
    rating, levels = ratings.rating_of(unit, year), ratings.levels_of(year)
    is_own, is_decision = (request.POST.get("action") == name for name in ("self", "decide"))
    if request.method == "POST" and not (
        (is_own and rights.may_rate_itself) or (is_decision and rights.may_decide)
    ):
        raise PermissionDenied
    doubt = ratings.doubt_of(unit, year)
    own = SelfRatingForm(request.POST if is_own else None, year=year, rating=rating)
    decision = DecisionForm(
        request.POST if is_decision else None, levels=levels, rating=rating, doubt=doubt
    )
    form = own if is_own else decision
    if form.is_valid():
        try:
            if is_own:
                ratings.rate_itself(unit, by=request.user, **own.cleaned_data)
                messages.success(request, _("The self-rating is sent."))
            else:
                reason = decision.cleaned_data["reason"]
                ratings.decide(unit, year, decision.chosen, by=request.user, reason=reason)
                messages.success(request, _("The rating is decided."))
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("rating-unit", year, unit.code)
    is_decided = rating is not None and rating.decided_at is not None
    facts = {
        "unit": unit,
        "year": str(year),
        "rating": rating,
        "status": STATUS_OF_STATE[ratings.state_of(rating)],
        "decided": ratings.decided_words(rating),
        "is_decided": is_decided,
        "doubt": doubt if rights.may_decide else "",
        "levels": levels,
        "own": own if rights.may_rate_itself and not is_decided and levels else None,
        "decision": decision if rights.may_decide and levels else None,
        "has_list": ratings.sees_ratings(request.user),
        "lines": _history(request.user, unit, year),
    }
    return render(request, "members/rating_unit.html", facts)


def _history(user: User, unit: Unit, year: int) -> list[Line]:
    entries = HistoryEntry.objects.visible_to(user).filter(unit=unit, kind=HistoryKind.RATING)
    of_year = entries.filter(subject__endswith=f" · {year}")
    return lines(of_year.newest_first()[:HISTORY_SHOWN])


# --- the scale -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def rating_scale(request: Request, year: int) -> HttpResponse:
    """The levels of a year: laid down from a proposal, from another year, or by hand."""
    _refuse_year(year)
    if not ratings.may_set_scales(request.user):
        raise PermissionDenied
    is_in_use, kept = ratings.is_in_use(year), ratings.scale_of(year)
    start = kept if is_in_use else _start(request.GET.get("from", "")) or kept
    rows = scale_form(request.POST or None, start, is_in_use=is_in_use)
    refusal = ""
    if request.method == "POST" and rows.is_valid():
        try:
            ratings.keep_scale(year, rows.levels, by=request.user)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("The scale is saved."))
            return redirect("rating-list", year)
    facts = {
        "year": str(year),
        "rows": rows,
        "refusal": refusal,
        "is_in_use": is_in_use,
        "is_started": not is_in_use and start is not kept,
        "starts": [] if is_in_use else _starts(year),
    }
    return render(request, "members/rating_scale.html", facts)


def _start(asked: str) -> list[Level]:
    """A shipped scale by «s2014», or that of an earlier year by «2023»."""
    if asked.isdecimal() and len(asked) == 4:
        return ratings.scale_of(int(asked))
    return [level for scale in SCALES if asked == f"s{scale.code}" for level in scale.levels]


def _starts(year: int) -> list[dict[str, Any]]:
    shipped = [{"url": f"?from=s{scale.code}", "label": scale.label} for scale in SCALES]
    years = RatingLevel.objects.exclude(year=year).order_by("-year")
    latest = years.values_list("year", flat=True).distinct()[:2]
    words = _("Take the scale of %(year)s")
    return [{"url": f"?from={other}", "label": words % {"year": other}} for other in latest] + (
        shipped
    )


def _refuse_year(year: int) -> None:
    if year not in YEARS:
        raise Http404
