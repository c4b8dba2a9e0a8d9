"""Chỉ tiêu nhập tay: the indicators an administrator defines, and the figures units type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from members.access import Permission
from members.actions import Refused
from members.history import Line, lines
from members.http import Request
from members.models import HistoryEntry, HistoryKind, Kind, Quarter, Unit, User
from members.models.history import HistoryEntryQuerySet
from members.models.reports import superiors_checked_by
from members.models.units import UnitQuerySet
from members.views.queue import Link
from targets import manual
from targets.duties import (
    DUE,
    Duty,
    Sheet,
    count_missing,
    missing_of,
    own_sheets,
    previous_of,
    sheet_of,
    without_figures,
)
from targets.figure_table import FigureTable, MissingTable
from targets.forms.manual import (
    STATUSES,
    FigureFilter,
    FigureRow,
    IndicatorForm,
    ReasonForm,
    row_prefix,
    ticked_figures,
)
from targets.manual import FigureChanged, Rights, figure_words, is_due_in
from targets.models import ManualFigure, ManualIndicator, ManualStatus
from targets.models.manual import ManualFigureQuerySet
from unionplan.lib import clock
from unionplan.lib.dates import moment
from unionplan.lib.downloads import TABLE_FORMATS, table_file
from unionplan.lib.numbers import whole_number
from unionplan.lib.tables import sort_and_page

PAGE = require_http_methods(["GET", "HEAD", "POST"])
SHOWN = 200  # rows of a page: as many as one stroke accepts
HISTORY_SHOWN = 30


# --- indicators ----------------------------------------------------------------------------------


@require_safe
def manual_list(request: Request) -> HttpResponse:
    """What there is to type, how it is counted, who types it and how often."""
    user = request.user
    named = Unit.objects.open_to(user, Permission.VIEW).by_name()
    known = (
        ManualIndicator.objects.of_branches(user)
        .select_related("unit")
        .annotate(named_in_all=Count("units"))
        .prefetch_related(Prefetch("units", named, to_attr="named_in_sight"))
        .by_name()
    )
    facts = {
        "rows": [(indicator, manual.may_define(user, indicator)) for indicator in known],
        "may_define": user.may_somewhere(Permission.PLAN),
    }
    return render(request, "targets/manual_list.html", facts)


def manual_new(request: Request) -> HttpResponse:
    if not request.user.may_somewhere(Permission.PLAN):
        raise PermissionDenied
    form = IndicatorForm(request.POST or None, user=request.user, initial=_proposal(request.user))
    if form.is_valid():
        try:
            made = manual.define(form.indicator, form.cleaned_data["units"], by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("“%(name)s” is added.") % {"name": made})
            return redirect("manual-list")
    return _indicator_form(request, form, title=_("Add an indicator typed by hand"))


def manual_edit(request: Request, code: str) -> HttpResponse:
    known = ManualIndicator.objects.of_branches(request.user).select_related("unit")
    indicator = get_object_or_404(known, code=code)
    if not manual.may_define(request.user, indicator):
        raise PermissionDenied
    form = IndicatorForm(
        request.POST or None,
        user=request.user,
        indicator=indicator,
        is_in_use=indicator.figures.exists(),
        initial=IndicatorForm.facts_of(indicator),
    )
    if form.is_valid():
        units = form.cleaned_data.get("units")
        try:
            manual.change(indicator, form.cleaned_data, units, by=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": form.indicator})
            return redirect("manual-list")
    return _indicator_form(
        request, form, title=_("Change the indicator typed by hand"), indicator=indicator
    )


def _proposal(user: User) -> dict[str, Any]:
    held = [role.unit for role in user.roles if user.may(Permission.PLAN, role.unit)]
    return {
        "unit": held[0].code if held else "",
        "kind": "flow",
        "typed_by": "reporting",
        "is_yearly": "quarter",
    }


def _indicator_form(
    request: Request,
    form: IndicatorForm,
    *,
    title: str,
    indicator: ManualIndicator | None = None,
) -> HttpResponse:
    facts = {
        "form": form,
        "title": title,
        "indicator": indicator,
        "back": reverse("manual-list"),
        "is_in_use": any(bound.field.disabled for bound in form),
    }
    return render(request, "targets/manual_form.html", facts)


# --- the list of figures -------------------------------------------------------------------------


@PAGE
def figure_list(request: Request) -> HttpResponse:
    """What one's own units type in the open quarters; for those above, the figures of a branch."""
    user = request.user
    if request.method == "POST":
        _accept_ticked(request)
        return redirect(request.get_full_path())
    facts: dict[str, Any] = {"own": own_sheets(user), "has_branch": user.has_branch}
    if not user.has_branch:
        return render(request, "targets/figure_list.html", facts)
    form = FigureFilter(request.GET, user=user)
    quarter = form.chosen_quarter
    if quarter is None:
        return render(request, "targets/figure_list.html", facts)
    branch = _Branch(user, form, quarter)
    table = branch.table
    if (format_ := request.GET.get("export")) in TABLE_FORMATS:
        table.order_by = request.GET.getlist("sort")
        branch.tell(table, [row.record for row in table.rows])
        header, *values = table.as_values()
        name = f"so-lieu-nhap-tay-{quarter.code}-{form.chosen_status}"
        return table_file(header, values, format_, name=name)
    sort_and_page(table, request, rows=SHOWN)
    facts["may_accept"] = branch.tell(table, [row.record for row in table.page.object_list])
    facts |= {
        "form": form,
        "quarter": quarter,
        "table": table,
        "boxes": _boxes(request, branch),
        "shown": dict(form.fields["status"].choices)[form.chosen_status],  # type: ignore[attr-defined]
        "exports": {name: _address(request, export=name) for name in TABLE_FORMATS},
    }
    return render(request, "targets/figure_list.html", facts)


@dataclass
class _Branch:
    """The figures of a branch as they are asked for: of one quarter, perhaps of one indicator."""

    user: User
    form: FigureFilter
    quarter: Quarter
    indicators: list[ManualIndicator] = field(init=False)

    def __post_init__(self) -> None:
        asked = self.form.indicators
        self.indicators = [one for one in asked if is_due_in(one, self.quarter)]

    @property
    def units(self) -> UnitQuerySet:
        return Unit.objects.open_to(self.user, Permission.VIEW).search(self.form.words)

    @property
    def figures(self) -> ManualFigureQuerySet:
        figures = ManualFigure.objects.of(self.quarter).filter(unit__in=self.units)
        return figures.filter(indicator__in=[one.pk for one in self.form.indicators])

    @property
    def table(self) -> Any:
        if self.form.chosen_status == DUE:
            units = without_figures(self.units, self.indicators, self.quarter)
            return MissingTable(units.select_related("parent").by_name(), quarter=self.quarter)
        figures = self.figures.filter(status=self.form.chosen_status)
        rows = figures.select_related("unit", "indicator").order_by(
            "unit__sort_key", "unit_id", "indicator__name", "pk"
        )
        checked = superiors_checked_by(self.user, clock.today())
        return FigureTable(rows, checked=checked, quarter=self.quarter)

    def tell(self, table: Any, shown: list[Any]) -> bool:
        """What the rows shown ask; whether any of them is this person's to accept."""
        if isinstance(table, MissingTable):
            table.missing_of = missing_of(shown, self.indicators, self.quarter)
            return False
        table.previous = previous_of({figure.unit_id for figure in shown}, self.quarter)
        is_any: bool = table.tell(shown)
        return is_any

    @property
    def counts(self) -> dict[str, int]:
        found = dict(self.figures.order_by().values_list("status").annotate(Count("pk")))
        missing = count_missing(self.units, self.indicators, self.quarter)
        return {**{status: found.get(status, 0) for status in STATUSES}, DUE: missing}


def _boxes(request: Request, branch: _Branch) -> list[Link]:
    labels = {
        ManualStatus.SUBMITTED: _("Waiting for a check"),
        ManualStatus.RETURNED: _("Returned"),
    }
    choices = dict(branch.form.fields["status"].choices)  # type: ignore[attr-defined]
    return [
        Link(
            url=_address(request, status=status),
            label=str(labels.get(status) or choices[status]),  # type: ignore[call-overload]
            is_current=status == branch.form.chosen_status,
            number=count,
        )
        for status, count in branch.counts.items()
    ]


def _address(request: Request, **changes: str) -> str:
    """The page as it is filtered, but for these."""
    asked = {name: request.GET[name] for name in request.GET if name != "page"} | changes
    return f"?{urlencode(asked)}"


def _accept_ticked(request: Request) -> None:
    if not superiors_checked_by(request.user, clock.today()):
        raise PermissionDenied
    ticked = ticked_figures(request.POST.getlist("figures"))
    if not ticked:
        messages.warning(request, _("No figure is ticked."))
        return
    _say_accepted(request, len(_accept(request, ticked)), len(ticked))


def _accept(request: Request, ticked: dict[int, int]) -> list[ManualFigure]:
    return manual.accept(ticked, by=request.user, on=clock.today())


def _say_accepted(request: Request, done: int, asked: int) -> None:
    if done:
        words = ngettext("%(count)s figure is accepted.", "%(count)s figures are accepted.", done)
        messages.success(request, words % {"count": whole_number(done)})
    if left := asked - done:
        words = ngettext(
            "%(count)s figure is left as it was: it was changed meanwhile, or somebody else"
            " decides.",
            "%(count)s figures are left as they were: they were changed meanwhile, or somebody"
            " else decides.",
            left,
        )
        messages.warning(request, words % {"count": whole_number(left)})


# --- the figures of one unit ---------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A unit and a quarter, and what this person may do there."""

    unit: Unit
    quarter: Quarter
    rights: Rights
    sheet: Sheet
    closed: str  # why nothing can be typed; empty while it can

    @property
    def url(self) -> str:
        return self.sheet.url

    def figure(self, pk: int | None) -> ManualFigure:
        """One of this page."""
        known = {duty.figure.pk: duty.figure for duty in self.sheet.duties if duty.figure}
        if pk not in known:
            raise Http404
        return known[pk]


@dataclass
class Entry:
    """One figure on the page: a form, or a text with what can be decided on it."""

    duty: Duty
    before: ManualFigure | None
    row: FigureRow | None = None
    reason: ReasonForm | None = None
    may_accept: bool = False
    may_withdraw: bool = False

    @property
    def figure(self) -> ManualFigure | None:
        return self.duty.figure

    @property
    def words(self) -> str:
        return figure_words(self.figure)

    @property
    def before_words(self) -> str:
        return figure_words(self.before) if self.before else ""


@PAGE
def figure_unit(request: Request, code: str, quarter: str) -> HttpResponse:
    place = _place(request.user, code, quarter)
    if request.method != "POST":
        return _page(request, place)
    for name, verb in VERBS.items():
        if name in request.POST:
            return verb(request, place)
    return _type(request, place)


def _place(user: User, code: str, quarter: str) -> Place:
    units = Unit.objects.open_to(user, Permission.VIEW).select_related("parent")
    unit = get_object_or_404(units, code=code)
    try:
        found = manual.quarter_named(quarter)
    except ValueError:
        raise Http404 from None
    rights = manual.rights_of(user, unit, clock.today())
    return Place(unit, found, rights, sheet_of(unit, found), manual.closed_words(found))


def _type(request: Request, place: Place) -> HttpResponse:
    """«Lưu nháp» and «Gửi»: only what says anything new is touched."""
    sending = request.POST.get("action") == "submit"
    if not (place.rights.may_send if sending else place.rights.may_type):
        raise PermissionDenied
    if place.closed:
        return _page(request, place, refusal=place.closed)
    rows = _rows(place, request.POST)
    if not all(row.is_valid() for row in rows):
        return _page(request, place, rows)
    wanted = [row for row in rows if row.is_touched or (sending and _waits(row))]
    for row in wanted if sending else ():
        row.judge()
    if any(row.errors for row in rows):
        return _page(request, place, rows)
    if not wanted:
        return _page(request, place, rows, refusal=_("Nothing new is typed."))
    act = manual.send if sending else manual.save
    try:
        done = act(place.unit, place.quarter, [row.typed for row in wanted], by=request.user)
    except FigureChanged as changed:
        return _conflict(request, place, changed.figure)
    except Refused as refused:
        return _page(request, place, rows, refusal=str(refused))
    messages.success(request, _done_words(len(done), sending=sending))
    return redirect(place.url)


def _waits(row: FigureRow) -> bool:
    """Stored before, and not sent yet."""
    return row.duty.is_editable and not row.is_blank


def _rows(place: Place, data: Any) -> list[FigureRow]:
    """The rows that were on the page, one sent meanwhile too."""
    posted = [d for d in place.sheet.duties if f"{row_prefix(d.indicator)}-version" in data]
    before = previous_of([place.unit.pk], place.quarter)
    return [
        FigureRow(data, duty=duty, before=before.get((place.unit.pk, duty.indicator.pk)))
        for duty in posted
    ]


def _done_words(count: int, *, sending: bool) -> str:
    if sending:
        words = ngettext("%(count)s figure is sent.", "%(count)s figures are sent.", count)
    else:
        words = ngettext("%(count)s figure is saved.", "%(count)s figures are saved.", count)
    return words % {"count": whole_number(count)}


def _conflict(request: Request, place: Place, figure: ManualFigure) -> HttpResponse:
    """What is stored now beside what was typed; typed again, it stands."""
    fresh = _place(request.user, place.unit.code, place.quarter.code)
    figure = fresh.figure(figure.pk)
    prefix = row_prefix(figure.indicator)
    typed = request.POST.copy()
    typed[f"{prefix}-version"] = str(figure.version)
    last = _entries_of(place).filter(subject=figure.indicator.name).first()
    words = _(
        "Comrade %(person)s changed “%(name)s” at %(time)s, after this page was opened. Stored"
        " now: %(stored)s. Choose the right figure and press the button again."
    ) % {
        "person": last.by if last else figure.saved_by,
        "name": figure.indicator,
        "time": moment(last.at if last else figure.saved_at),
        "stored": figure_words(figure),
    }
    rows = _rows(fresh, typed)
    return _page(request, fresh, rows, refusal=words)


def _withdraw(request: Request, place: Place) -> HttpResponse:
    if not place.rights.may_send:
        raise PermissionDenied
    figure, version = _one(request.POST["withdraw"], place)
    try:
        manual.withdraw(figure, by=request.user, version=version)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        words = _("“%(name)s” is withdrawn; send it again when it is mended.")
        messages.success(request, words % {"name": figure.indicator})
    return redirect(place.url)


def _accept_here(request: Request, place: Place) -> HttpResponse:
    if not place.rights.may_check:
        raise PermissionDenied
    ticked = ticked_figures(request.POST.getlist("figures"))
    for pk in ticked:
        place.figure(pk)
    if not ticked:
        messages.warning(request, _("No figure is ticked."))
    else:
        _say_accepted(request, len(_accept(request, ticked)), len(ticked))
    return redirect(place.url)


def _return(request: Request, place: Place) -> HttpResponse:
    if not place.rights.may_check:
        raise PermissionDenied
    figure, version = _one(request.POST["return"], place)
    form = ReasonForm(request.POST, figure=figure)
    if not form.is_valid():
        return _page(request, place, reason=form)
    reason = form.cleaned_data["reason"]
    try:
        manual.return_(figure, by=request.user, reason=reason, version=version)
    except Refused as refused:
        return _page(request, place, refusal=str(refused))
    messages.success(request, _("“%(name)s” is returned.") % {"name": figure.indicator})
    return redirect(place.url)


def _one(text: str, place: Place) -> tuple[ManualFigure, int]:
    for pk, version in ticked_figures([text]).items():
        return place.figure(pk), version
    raise Http404


VERBS = {"withdraw": _withdraw, "return": _return, "accept": _accept_here}


def _page(
    request: Request,
    place: Place,
    rows: list[FigureRow] | None = None,
    *,
    reason: ReasonForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    entries = _entries(request.user, place, rows or [], reason)
    facts = {
        "place": place,
        "unit": place.unit,
        "quarter": place.quarter,
        "due_on": _due_on(place.unit, place.quarter),
        "closed": "" if refusal == place.closed else place.closed,
        "refusal": refusal,
        "typed": (typed := [entry for entry in entries if entry.row]),
        "read": (read := [entry for entry in entries if not entry.row]),
        "wrong": [entry for entry in typed if entry.row and entry.row.errors],
        "may_accept": any(entry.may_accept for entry in read),
        "has_list": request.user.has_branch,
        "lines": _history(request.user, place),
    }
    return render(request, "targets/figure_unit.html", facts)


def _entries(
    user: User, place: Place, rows: list[FigureRow], reason: ReasonForm | None
) -> list[Entry]:
    before = previous_of([place.unit.pk], place.quarter)
    bound = {row.duty.indicator.pk: row for row in rows}
    entries = []
    for duty in place.sheet.duties:
        entry = Entry(duty, before.get((place.unit.pk, duty.indicator.pk)))
        if duty.is_editable and place.rights.may_type and not place.closed:
            row = bound.get(duty.indicator.pk) or FigureRow(duty=duty, before=entry.before)
            entry.row = row
        elif duty.figure:
            _offer(entry, duty.figure, user, place, reason)
        entries.append(entry)
    return entries


def _offer(
    entry: Entry, figure: ManualFigure, user: User, place: Place, reason: ReasonForm | None
) -> None:
    """What can be decided on a figure that was sent."""
    figure.unit = place.unit
    is_waiting = figure.status == ManualStatus.SUBMITTED
    rights, is_open = place.rights, not place.closed
    if rights.may_check:
        entry.may_accept = is_waiting and not manual.is_forbidden(figure, user)
        if is_open and entry.duty.is_sent:
            is_asked = reason is not None and reason.prefix == f"f{figure.pk}"
            entry.reason = reason if is_asked else ReasonForm(figure=figure)
    elif is_open and rights.may_send:
        is_at_the_top = entry.duty.is_sent and place.unit.parent_id is None
        entry.may_withdraw = is_waiting or is_at_the_top


def _due_on(unit: Unit, quarter: Quarter) -> date:
    if unit.is_reporting:
        return quarter.due_on
    return quarter.upper_due_on if unit.kind == Kind.UPPER else quarter.federation_due_on


def _history(user: User, place: Place) -> list[Line]:
    if place.quarter._state.adding:
        return []
    return lines(_entries_of(place).visible_to(user)[:HISTORY_SHOWN])


def _entries_of(place: Place) -> HistoryEntryQuerySet:
    entries = HistoryEntry.objects.filter(unit=place.unit, quarter=place.quarter)
    return entries.filter(kind=HistoryKind.MANUAL).newest_first()
