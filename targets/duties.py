"""Which figures typed by hand the units owe, and how far they are with them: read in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.access import Permission
from members.models import Quarter, Unit, User
from members.models.units import UnitQuerySet
from targets.manual import SENT, is_due_in, owing, to_check_by, typed_by, typing
from targets.models import ManualFigure, ManualIndicator, ManualStatus
from unionplan.lib.numbers import whole_number
from unionplan.lib.paths import ids_on

DUE = "due"  # not typed yet: there is no figure
Before = dict[tuple[int, int], ManualFigure]  # by unit and indicator


@dataclass(frozen=True)
class Duty:
    """One figure a unit owes for a quarter, or has typed."""

    unit: Unit
    quarter: Quarter
    indicator: ManualIndicator
    figure: ManualFigure | None
    is_owed: bool = True

    @property
    def status(self) -> str:
        return self.figure.status if self.figure else DUE

    @property
    def is_sent(self) -> bool:
        return self.status in SENT

    @property
    def is_editable(self) -> bool:
        return self.is_owed and (self.figure is None or self.figure.is_editable)


@dataclass(frozen=True)
class Sheet:
    """The figures of one unit for one quarter: a page of their own."""

    unit: Unit
    quarter: Quarter
    duties: Sequence[Duty]

    @property
    def url(self) -> str:
        return reverse("figure-unit", args=[self.unit.code, self.quarter.code])

    @property
    def left(self) -> int:
        return sum(duty.is_owed and not duty.is_sent for duty in self.duties)

    @property
    def words(self) -> str:
        """«Số liệu nhập tay Quý III/2024: còn 2 chỉ tiêu chưa gửi»"""
        facts = {"quarter": self.quarter, "count": whole_number(self.left)}
        if not self.left:
            return _("Figures typed by hand, %(quarter)s: all sent") % facts
        words = ngettext(
            "Figures typed by hand, %(quarter)s: %(count)s indicator not sent yet",
            "Figures typed by hand, %(quarter)s: %(count)s indicators not sent yet",
            self.left,
        )
        returned = sum(duty.status == ManualStatus.RETURNED for duty in self.duties)
        if not returned:
            return words % facts
        back = _("%(count)s returned, to be mended") % {"count": whole_number(returned)}
        return f"{words % facts} ({back})"


def sheets_of(units: Collection[Unit], quarters: Iterable[Quarter]) -> list[Sheet]:
    """Of units that owe or have typed anything, by quarter and unit; the statements do not grow
    with the units."""
    known = list(_binding(units))
    found = []
    for quarter in quarters:
        indicators = [indicator for indicator in known if is_due_in(indicator, quarter)]
        if not indicators:
            continue
        owed = _owed(units, indicators, quarter)
        typed = _figures(units, known, quarter)
        for unit in units:
            if duties := _duties(unit, quarter, known, owed, typed):
                found.append(Sheet(unit, quarter, duties))
    return found


def sheet_of(unit: Unit, quarter: Quarter) -> Sheet:
    found = sheets_of([unit], [quarter])
    return found[0] if found else Sheet(unit, quarter, [])


def own_sheets(user: User) -> list[Sheet]:
    """Of the units at which this person types, in the open quarters, the oldest first."""
    types = {Permission.ENTER, Permission.ENTER_ON_BEHALF}
    units = {role.unit_id: role.unit for role in user.roles if role.permissions & types}
    return sheets_of(units.values(), Quarter.objects.open().by_time()) if units else []


def previous_of(units: Collection[int], quarter: Quarter) -> Before:
    """What each of the units sent last before this quarter; one statement."""
    sent = ManualFigure.objects.filter(unit__in=units, status__in=SENT)
    earlier = sent.filter(quarter__cut_off_on__lt=quarter.cut_off_on)
    rows = earlier.select_related("indicator", "quarter").order_by("quarter__cut_off_on", "pk")
    return {(figure.unit_id, figure.indicator_id): figure for figure in rows}


def without_figures(
    units: UnitQuerySet, indicators: Iterable[ManualIndicator], quarter: Quarter
) -> UnitQuerySet:
    """Of these units those that have not typed one of the indicators they owe."""
    owes_any = Q(pk__in=[])
    for indicator in indicators:
        owes_any |= _owes(indicator, quarter)
    return owing(units, quarter).filter(owes_any)


def count_missing(
    units: UnitQuerySet, indicators: Collection[ManualIndicator], quarter: Quarter
) -> int:
    """How many figures nobody has begun to type; one statement."""
    if not indicators:
        return 0
    counts = {f"of_{i.pk}": Count("pk", filter=_owes(i, quarter)) for i in indicators}
    return sum(owing(units, quarter).order_by().aggregate(**counts).values())


def missing_of(
    units: Collection[Unit], indicators: Collection[ManualIndicator], quarter: Quarter
) -> dict[int, list[ManualIndicator]]:
    """Which of the indicators each of these units owes and has not typed; two statements."""
    owed = _owed(units, indicators, quarter)
    typed = _figures(units, indicators, quarter)
    return {
        pk: [indicator for indicator in known if (pk, indicator.pk) not in typed]
        for pk, known in owed.items()
    }


def waiting_words(user: User, on: date) -> str:
    """«3 số liệu nhập tay chờ kiểm tra»; empty where there are none."""
    count = to_check_by(user, on).count()
    if not count:
        return ""
    words = ngettext(
        "%(count)s figure typed by hand waits for a check",
        "%(count)s figures typed by hand wait for a check",
        count,
    )
    return words % {"count": whole_number(count)}


def _binding(units: Iterable[Unit]) -> Iterable[ManualIndicator]:
    above = {pk for unit in units for pk in ids_on(unit.path)}
    known = ManualIndicator.objects.filter(Q(unit=None) | Q(unit__in=above))
    return known.select_related("unit").by_name()


def _owes(indicator: ManualIndicator, quarter: Quarter) -> Q:
    typed = ManualFigure.objects.filter(indicator=indicator, quarter=quarter, unit=OuterRef("pk"))
    return typing(indicator) & ~Q(Exists(typed))


def _owed(
    units: Iterable[Unit], indicators: Collection[ManualIndicator], quarter: Quarter
) -> dict[int, list[ManualIndicator]]:
    asked = Unit.objects.filter(pk__in=[unit.pk for unit in units])
    return typed_by(owing(asked, quarter), indicators)


def _figures(
    units: Iterable[Unit], indicators: Iterable[ManualIndicator], quarter: Quarter
) -> Before:
    if quarter._state.adding:  # not open yet
        return {}
    rows = ManualFigure.objects.of(quarter).filter(
        unit__in=[unit.pk for unit in units], indicator__in=[one.pk for one in indicators]
    )
    people = ("saved_by", "submitted_by", "checked_by")
    figures = rows.select_related("indicator", *people)
    return {(figure.unit_id, figure.indicator_id): figure for figure in figures}


def _duties(
    unit: Unit,
    quarter: Quarter,
    indicators: Iterable[ManualIndicator],
    owed: dict[int, list[ManualIndicator]],
    typed: Before,
) -> list[Duty]:
    """What the unit owes, and what it typed though it no longer owes it."""
    its = owed.get(unit.pk, [])
    return [
        Duty(unit, quarter, indicator, figure, is_owed=indicator in its)
        for indicator in indicators
        if (figure := typed.get((unit.pk, indicator.pk))) or indicator in its
    ]
