"""Indicators typed by hand, and the figures units type of them: the only code that changes them.

An indicator belongs to a superior unit and binds its branch; who types it and how often are said
once. A figure is saved, sent, and accepted or returned like a report, by the same people; of a unit
at the very top nobody is above, so its figure is accepted on sending.

Figures change while their quarter is open. One that was sent in time may still be accepted
afterwards, for nothing keeps a quarter from being closed while figures wait.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import Permission
from members.actions import Refused, refuse_closed
from members.models import (
    Calendar,
    HistoryEntry,
    HistoryKind,
    Kind,
    Placement,
    Quarter,
    Suspension,
    Unit,
    User,
)
from members.models.history import changes_between, entry, record
from members.models.quarters import parse_code
from members.models.reports import superiors_checked_by
from members.models.units import REPORTING_KINDS, UnitQuerySet
from members.places import superior_paths
from targets.indicators import catalogue
from targets.models import ManualFigure, ManualIndicator, ManualStatus, TypedBy
from targets.models.manual import ManualFigureQuerySet
from unionplan.lib import clock
from unionplan.lib.fields import YEARS
from unionplan.lib.numbers import UNKNOWN, percent_text, whole_number
from unionplan.lib.paths import ids_on
from unionplan.lib.vietnamese import search_text

RESERVED = ("new",)  # /plans/indicators/new/
WORDS = ("name", "name_en", "method")
FACTS = (*WORDS, "counted_in", "kind", "is_yearly", "is_money", "lower_is_better", "typed_by")
FIXED = ("kind", "is_yearly", "typed_by")  # once figures exist
YEARLY_IN = 4  # the quarter in which a yearly figure is typed
STORED = (
    "status",
    "version",
    "numerator",
    "denominator",
    "note",
    "superior",
    "sector",
    "path",
    "saved_by",
    "saved_at",
    "submitted_by",
    "submitted_at",
    "checked_by",
    "checked_at",
    "return_reason",
)
TOLD = ("status", "numerator", "denominator", "note")  # in the history
SENT = (ManualStatus.SUBMITTED, ManualStatus.ACCEPTED)


class FigureChanged(Refused):
    """Somebody changed the figure since the page was opened; ``figure`` is as it stands now."""

    def __init__(self, figure: ManualFigure) -> None:
        super().__init__(_("“%(name)s” was changed meanwhile.") % {"name": figure.indicator})
        self.figure = figure


# --- indicators ----------------------------------------------------------------------------------


def may_define(user: User, indicator: ManualIndicator) -> bool:
    """A shipped one is of the whole tree."""
    if indicator.unit is None:
        return user.may_at_root(Permission.PLAN)
    return user.may(Permission.PLAN, indicator.unit)


def is_taken(code: str) -> bool:
    """By any indicator, whatever its capitals, or by an address."""
    return code.lower() in {*RESERVED, *(known.lower() for known in catalogue())}


def code_for(name: str) -> str:
    """A free code made of the name: «doan-vien-uu-tu»."""
    taken = {*RESERVED, *(known.lower() for known in catalogue())}
    plain = re.sub(r"[^a-z0-9]+", "-", search_text(name))[:50].strip("-") or "chi-tieu"
    numbered = (f"{plain}-{number}" for number in range(2, len(taken) + 3))
    return plain if plain not in taken else next(code for code in numbered if code not in taken)


@transaction.atomic
def define(
    indicator: ManualIndicator, units: Collection[Unit] = (), *, by: User
) -> ManualIndicator:
    """Save a new indicator of a superior unit; ``units`` are those named to type it."""
    if is_taken(indicator.code):
        raise Refused(taken_words())
    named = named_units(indicator, units)
    try:
        with transaction.atomic():
            indicator.save(force_insert=True)
    except IntegrityError:  # somebody was faster with the same code
        raise Refused(taken_words()) from None
    indicator.units.set(named)
    _tell(indicator, gettext_noop("defined the indicator"), {}, named, by=by)
    return indicator


@transaction.atomic
def change(
    indicator: ManualIndicator,
    facts: Mapping[str, Any],
    units: Collection[Unit] | None = None,
    *,
    by: User,
) -> ManualIndicator:
    """Change what is said of an indicator; its code and its owner stay."""
    rows = ManualIndicator.objects.select_related("unit").select_for_update(of=("self",))
    locked = rows.get(pk=indicator.pk)
    before, units_before = _said(locked), list(locked.units.order_by("path"))
    names = FACTS if locked.unit else WORDS
    for name in names:
        setattr(locked, name, facts.get(name, getattr(locked, name)))
    named = units_before if units is None else list(units)
    if locked.unit:
        named = named_units(locked, named)
        _refuse_fixed(locked, before, set(units_before) - set(named))
    if _said(locked) == before and set(named) == set(units_before):
        return locked
    locked.save(update_fields=names)
    locked.units.set(named)
    verb = gettext_noop("changed the indicator")
    _tell(locked, verb, before | {"units": _codes(units_before)}, named, by=by)
    return locked


def taken_words() -> str:
    return _("This indicator code is already used.")


def named_units(indicator: ManualIndicator, units: Collection[Unit]) -> list[Unit]:
    """The units that type it by name, in the order of their paths; refused where they overlap.
    One that was named before stays, wherever it hangs by now."""
    if indicator.typed_by != TypedBy.NAMED:
        return []
    if not units:
        raise Refused(_("Name at least one unit that types it."))
    named = sorted(units, key=lambda unit: unit.path)
    known = set(indicator.units.all()) if indicator.pk else set()
    assert indicator.unit is not None  # noqa: S101 - shipped ones name none
    for unit in named:
        if unit not in known and not unit.path.startswith(indicator.unit.path):
            words = _("%(unit)s does not belong to %(owner)s.")
            raise Refused(words % {"unit": unit, "owner": indicator.unit})
    for upper, lower in _nested(named):
        if {upper, lower} <= known:
            continue
        words = _(
            "%(lower)s lies in %(upper)s: its figure would be counted twice. Name one of the two."
        )
        raise Refused(words % {"lower": lower, "upper": upper})
    return named


def _nested(units: Iterable[Unit]) -> Iterator[tuple[Unit, Unit]]:
    """Units, superiors first, that lie inside another of them."""
    upper: Unit | None = None
    for unit in units:
        if upper is not None and unit != upper and unit.path.startswith(upper.path):
            yield upper, unit
        else:
            upper = unit


def _refuse_fixed(
    indicator: ManualIndicator, before: Mapping[str, Any], taken_off: Collection[Unit]
) -> None:
    """What figures were typed under stays; a unit may join those named, none may leave."""
    is_other = any(before[name] != getattr(indicator, name) for name in FIXED)
    if (is_other or taken_off) and indicator.figures.exists():
        raise Refused(
            _(
                "Units have typed figures of this indicator: its kind, how often and by whom it is"
                " typed stay as they are."
            )
        )


def _said(indicator: ManualIndicator) -> dict[str, Any]:
    return {name: getattr(indicator, name) for name in FACTS}


def _codes(units: Iterable[Unit]) -> str | None:
    return ", ".join(unit.code for unit in units) or None


def _tell(
    indicator: ManualIndicator,
    verb: str,
    before: dict[str, Any],
    named: Iterable[Unit],
    *,
    by: User,
) -> None:
    """At the owner; of a shipped one at the root."""
    record(
        HistoryKind.MANUAL,
        verb,
        by=by,
        unit=indicator.unit or Unit.objects.roots().order_by("pk").first(),
        subject=f"{indicator.code} · {indicator.name}",
        changes=changes_between(before, _said(indicator) | {"units": _codes(named)}),
    )


# --- who types -----------------------------------------------------------------------------------


def typing(indicator: ManualIndicator) -> Q:
    """Of units: those that type it. Read with ``unit``."""
    who = {
        TypedBy.REPORTING: Q(kind__in=REPORTING_KINDS),
        TypedBy.UPPER: Q(kind=Kind.UPPER),
        TypedBy.NAMED: Q(pk__in=indicator.units.order_by().values("pk")),
    }[TypedBy(indicator.typed_by)]
    return who & Q(path__subtree=indicator.unit.path) if indicator.unit else who


def is_due_in(indicator: ManualIndicator, quarter: Quarter) -> bool:
    """What is typed once a year is typed in the fourth quarter."""
    return not indicator.is_yearly or quarter.number == YEARLY_IN


def owing(units: UnitQuerySet, quarter: Quarter) -> UnitQuerySet:
    """Of these units those that were there at the cut-off and not suspended."""
    suspended = Suspension.objects.on(quarter.cut_off_on).values("unit")
    return units.active(quarter.cut_off_on).exclude(pk__in=suspended)


def units_to_type(indicator: ManualIndicator, quarter: Quarter) -> UnitQuerySet:
    if not is_due_in(indicator, quarter):
        return Unit.objects.none()
    return owing(Unit.objects.all(), quarter).filter(typing(indicator))


class Rights(NamedTuple):
    may_type: bool
    may_send: bool
    may_check: bool


def rights_of(user: User, unit: Unit, on: date) -> Rights:
    """As with reports: the unit itself or somebody above it types and sends, and whoever checks
    the reports of the direct superior decides."""
    on_behalf = user.may(Permission.ENTER_ON_BEHALF, unit)
    return Rights(
        may_type=on_behalf or user.may(Permission.ENTER, unit),
        may_send=on_behalf or user.may(Permission.SEND, unit),
        may_check=unit.parent_id in superiors_checked_by(user, on),
    )


def to_check_by(user: User, on: date) -> ManualFigureQuerySet:
    """The figures that wait for this person's decision."""
    superiors = superiors_checked_by(user, on)
    return ManualFigure.objects.waiting().filter(unit__parent__in=superiors)


# --- figures -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """What is typed of one indicator; ``version`` is that of the figure as it was seen."""

    indicator: ManualIndicator
    numerator: int | None = None
    denominator: int | None = None
    note: str = ""
    version: int | None = None


class Problem(NamedTuple):
    field: str
    message: str


def problems_of(typed: Typed, *, sending: bool) -> Iterator[Problem]:
    """A draft need not be whole; what is sent must be."""
    part, whole = typed.numerator, typed.denominator
    for field, value in (("numerator", part), ("denominator", whole)):
        if value is not None and value < 0:
            yield Problem(field, _("This number cannot be negative."))
    if not sending:
        return
    if part is None:
        yield Problem("numerator", _("The figure is missing, so it cannot be sent."))
    if not typed.indicator.is_ratio:
        return
    if whole is None:
        yield Problem("denominator", _("A ratio needs the whole too."))
    elif part is not None and part > whole:
        words = _("The part (%(part)s) is more than the whole (%(whole)s).")
        numbers = {"part": whole_number(part), "whole": whole_number(whole)}
        yield Problem("numerator", words % numbers)


def quarter_named(code: str) -> Quarter:
    """The quarter of an address; one not opened yet as the calendar has it, not saved. Of a year
    that no plan reaches: ``ValueError``."""
    year, number = parse_code(code)
    if year not in YEARS:
        raise ValueError(code)
    found = Quarter.objects.filter(year=year, number=number).first()
    return found or Quarter(code=code, **vars(Calendar.current().dates(year, number)))


def closed_words(quarter: Quarter) -> str:
    """Why nothing can be typed in this quarter; empty while it is open."""
    if quarter._state.adding:
        return _("%(quarter)s is not open yet.") % {"quarter": quarter}
    try:
        refuse_closed(quarter)
    except Refused as refused:
        return str(refused)
    return ""


@transaction.atomic
def save(unit: Unit, quarter: Quarter, typed: Iterable[Typed], *, by: User) -> list[ManualFigure]:
    """Keep what is typed so far."""
    return _type(unit, quarter, list(typed), by=by, sending=False)


@transaction.atomic
def send(unit: Unit, quarter: Quarter, typed: Iterable[Typed], *, by: User) -> list[ManualFigure]:
    """Send figures of a unit to its superior, as typed: all of them or none."""
    return _type(unit, quarter, list(typed), by=by, sending=True)


@transaction.atomic
def withdraw(figure: ManualFigure, *, by: User, version: int | None = None) -> ManualFigure:
    """Take a sent figure back, as long as nobody has decided on it."""
    locked = _locked(figure, version)
    is_own = locked.status == ManualStatus.ACCEPTED and locked.unit.parent_id is None
    if locked.status != ManualStatus.SUBMITTED and not is_own:
        raise Refused(
            _("“%(name)s” is no longer waiting for a check.") % {"name": locked.indicator}
        )
    before = _facts(locked)
    locked.status = ManualStatus.DRAFT
    locked.checked_by = locked.checked_at = None
    return _keep(locked, gettext_noop("withdrew the figure"), before, by=by)


@transaction.atomic
def return_(
    figure: ManualFigure, *, by: User, reason: str, version: int | None = None
) -> ManualFigure:
    """Give a figure back with a sentence; an accepted one is opened again by it."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Write the reason, so that the unit knows what to mend."))
    locked = _locked(figure, version)
    if locked.status not in SENT:
        raise Refused(_("Only a figure that was sent can be returned."))
    verb = gettext_noop("returned the figure")
    if locked.status == ManualStatus.ACCEPTED:
        verb = gettext_noop("opened the figure again")
    before = _facts(locked)
    locked.status, locked.return_reason = ManualStatus.RETURNED, reason
    locked.checked_by, locked.checked_at = by, clock.now()
    return _keep(locked, verb, before, by=by, reason=reason)


@transaction.atomic
def accept(seen: Mapping[int, int], *, by: User, on: date) -> list[ManualFigure]:
    """Accept those of the figures seen (id → version) that this person decides and that are as
    they were seen; gives them. In a fixed number of statements."""
    rows = to_check_by(by, on).filter(pk__in=seen)
    rows = rows.select_related("unit", "quarter", "indicator").order_by("pk")
    forbidding = _forbidding()
    figures = [
        figure
        for figure in rows.select_for_update(of=("self",))
        if figure.version == seen[figure.pk] and not is_forbidden(figure, by, forbidding)
    ]
    lines, at = [], clock.now()
    for figure in figures:
        before = _facts(figure)
        figure.status = ManualStatus.ACCEPTED
        lines.append(_line(figure, gettext_noop("accepted the figure"), before, by=by))
    ManualFigure.objects.filter(pk__in=[figure.pk for figure in figures]).update(
        status=ManualStatus.ACCEPTED,
        version=F("version") + 1,
        checked_by=by,
        checked_at=at,
        return_reason="",
    )
    HistoryEntry.objects.bulk_create(lines)
    return figures


def is_forbidden(
    figure: ManualFigure, user: User, forbidding: Collection[int] | None = None
) -> bool:
    """Whoever sent a figure for a unit does not accept it where a federation above forbids it."""
    if figure.submitted_by_id != user.pk:
        return False
    units = _forbidding() if forbidding is None else forbidding
    return any(unit in units for unit in ids_on(figure.unit.path)[:-1])


def _forbidding() -> set[int]:
    forbidding = Unit.objects.filter(forbids_own_acceptance=True)
    return set(forbidding.values_list("pk", flat=True))


def _type(
    unit: Unit, quarter: Quarter, typed: list[Typed], *, by: User, sending: bool
) -> list[ManualFigure]:
    Unit.lock_roots()  # nobody closes the quarter meanwhile
    quarter = _open(quarter)
    _refuse_strangers(unit, quarter, [one.indicator for one in typed])
    rows = ManualFigure.objects.filter(unit=unit, quarter=quarter).order_by("pk")
    rows = rows.filter(indicator__in=[one.indicator for one in typed])
    stored = {f.indicator_id: f for f in rows.select_for_update(of=("self",))}
    place = _place(unit, quarter)
    figures, lines = [], []
    for one in typed:
        figure = stored.get(one.indicator.pk) or ManualFigure(quarter=quarter)
        figure.unit, figure.indicator = unit, one.indicator
        before = _facts(figure) if figure.pk else {}
        _take(figure, one, place, by=by, sending=sending)
        verb = gettext_noop("saved the figure")
        if sending:
            verb = _send(figure, by=by)
        figures.append(figure)
        lines.append(_line(figure, verb, before, by=by))
    _store(figures)
    HistoryEntry.objects.bulk_create(lines)
    return figures


def _open(quarter: Quarter) -> Quarter:
    """The quarter as it is now."""
    found = Quarter.objects.filter(pk=quarter.pk).first() or quarter
    if words := closed_words(found):
        raise Refused(words)
    return found


def _refuse_strangers(
    unit: Unit, quarter: Quarter, indicators: Collection[ManualIndicator]
) -> None:
    for indicator in indicators:
        if not is_due_in(indicator, quarter):
            words = _("“%(name)s” is typed once a year, in the fourth quarter.")
            raise Refused(words % {"name": indicator})
    itself = owing(Unit.objects.filter(pk=unit.pk), quarter)
    types = typed_by(itself, indicators).get(unit.pk, [])
    for indicator in indicators:
        if indicator not in types:
            words = _("%(unit)s does not type “%(name)s” in %(quarter)s.")
            raise Refused(words % {"unit": unit, "name": indicator, "quarter": quarter})


def typed_by(
    units: UnitQuerySet, indicators: Collection[ManualIndicator]
) -> dict[int, list[ManualIndicator]]:
    """Which of the indicators each of the units types, by unit; one statement."""
    if not indicators:
        return {}
    columns = {f"types_{indicator.pk}": typing(indicator) for indicator in indicators}
    rows = units.order_by().annotate(**columns).values_list("pk", *columns)
    return {
        pk: [one for one, is_its in zip(indicators, marks, strict=True) if is_its]
        for pk, *marks in rows
    }


def _place(unit: Unit, quarter: Quarter) -> dict[str, Any]:
    """Where the figure counts: the unit itself, or of one that reports its superior then."""
    paths = superior_paths(quarter.cut_off_on)
    placement = Placement.objects.at(quarter.cut_off_on).filter(unit=unit).first()
    facts = placement or unit
    superior = unit.pk if unit.is_superior else facts.parent_id
    assert superior is not None  # noqa: S101 - a unit that reports has one
    return {"superior_id": superior, "sector_id": facts.sector_id, "path": paths[superior]}


def _take(
    figure: ManualFigure, typed: Typed, place: Mapping[str, Any], *, by: User, sending: bool
) -> None:
    if typed.version is not None and typed.version != figure.version:
        raise FigureChanged(figure)
    if not figure.is_editable:
        raise Refused(_already(figure))
    for problem in problems_of(typed, sending=sending):
        raise Refused(f"{typed.indicator}: {problem.message}")
    figure.numerator, figure.note = typed.numerator, typed.note.strip()
    figure.denominator = typed.denominator if typed.indicator.is_ratio else None
    figure.version += 1
    figure.saved_by, figure.saved_at = by, clock.now()
    for name, value in place.items():
        setattr(figure, name, value)


def _send(figure: ManualFigure, *, by: User) -> str:
    figure.status = ManualStatus.SUBMITTED
    figure.submitted_by, figure.submitted_at = by, clock.now()
    figure.checked_by = figure.checked_at = None
    if figure.unit.parent_id is None:
        figure.status, figure.return_reason = ManualStatus.ACCEPTED, ""
        figure.checked_by, figure.checked_at = by, figure.submitted_at
    return gettext_noop("sent the figure")


def _already(figure: ManualFigure) -> str:
    if figure.status == ManualStatus.ACCEPTED:
        return _("“%(name)s” was accepted already.") % {"name": figure.indicator}
    return _("“%(name)s” was sent already.") % {"name": figure.indicator}


def _store(figures: Collection[ManualFigure]) -> None:
    made = [figure for figure in figures if figure.pk is None]
    try:
        with transaction.atomic():
            ManualFigure.objects.bulk_create(made)
    except IntegrityError:  # somebody was faster with the first figure
        known = ManualFigure.objects.filter(
            unit=made[0].unit, quarter=made[0].quarter, indicator__in=[f.indicator for f in made]
        )
        raise FigureChanged(known.select_related("indicator", "unit")[0]) from None
    changed = [figure for figure in figures if figure not in made]
    ManualFigure.objects.bulk_update(changed, STORED)


def _locked(figure: ManualFigure, version: int | None) -> ManualFigure:
    Unit.lock_roots()
    rows = ManualFigure.objects.select_related("unit", "quarter", "indicator")
    locked = rows.select_for_update(of=("self",)).get(pk=figure.pk)
    _open(locked.quarter)
    if version is not None and version != locked.version:
        raise FigureChanged(locked)
    return locked


def _keep(
    figure: ManualFigure, verb: str, before: dict[str, Any], *, by: User, reason: str = ""
) -> ManualFigure:
    figure.version += 1
    figure.save(update_fields=STORED)
    _line(figure, verb, before, by=by, reason=reason).save()
    return figure


def _facts(figure: ManualFigure) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in TOLD}


def _line(
    figure: ManualFigure, verb: str, before: dict[str, Any], *, by: User, reason: str = ""
) -> HistoryEntry:
    return entry(
        HistoryKind.MANUAL,
        verb,
        by=by,
        unit=figure.unit,
        quarter=figure.quarter,
        subject=str(figure.indicator.name),
        changes=changes_between(before, _facts(figure)),
        reason=reason,
    )


# --- in words ------------------------------------------------------------------------------------


def figure_words(figure: ManualFigure | None) -> str:
    """«12 đoàn viên»; of a ratio «3/20 (15,00%)»."""
    if figure is None or figure.numerator is None:
        return UNKNOWN
    if not figure.indicator.is_ratio:
        return f"{whole_number(figure.numerator)} {figure.indicator.counted_in}"
    both = f"{whole_number(figure.numerator)}/{whole_number(figure.denominator)}"
    return f"{both} ({percent_text(share_of(figure))})"


def share_of(figure: ManualFigure) -> Fraction | None:
    if figure.numerator is None or not figure.denominator:
        return None
    return Fraction(100 * figure.numerator, figure.denominator)
