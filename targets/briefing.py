"""Some units of a branch in one sentence, for whoever is asked on the telephone.

«Khối xây lắp: thực tăng 1.204/1.900 đoàn viên, đạt 63,37%; tỷ lệ đoàn viên 86,10%, còn thiếu 402
đoàn viên; 4 đơn vị chậm tiến độ.»

The whole branch is told of by its own lines. Of other units the net increase is that of all of
them, set against their own targets where each has one; where only some have, these alone are
compared and the sentence says how many they are. The gap is what they lack together, group by
group. How many are behind takes every line of every unit, so it is said of up to 500 units.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Basis, QuarterlyReport, SectorGroup, Unit
from members.models.reports import DECREASES, INCREASES
from members.models.totals import STATUSES_OF_BASIS
from targets.baselines import starts_late
from targets.focus import Focus, Standing, next_due
from targets.progress import Status
from targets.reading import lines
from targets.results import Line
from unionplan.lib.numbers import percent_text, whole_number

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

NET_INCREASE = "net-increase"
MOST_UNITS = 500  # of which it is said how many are behind


@dataclass(frozen=True)
class Growth:
    """The net increase of some units, and the sum of their targets where they have any."""

    net: int
    target: Decimal | None = None
    with_target: int | None = None  # units, where not all have one


def briefing(
    focus: Focus, reports: QuarterlyReportQuerySet, standing: Standing, *, subject: str
) -> str:
    """Of the units of these reports, which ``standing`` sums up; empty of none."""
    if not standing.units:
        return ""
    is_whole = standing is focus.standing
    growth = _of_branch(focus) if is_whole else _of_units(focus, reports, standing.units)
    said = (
        growth_words(growth) if growth else "",
        density_words(standing.density, standing.together(focus.group_of)),
        *(_behind(focus, reports) if standing.units <= MOST_UNITS else ()),
    )
    sentence = {"units": subject, "words": "; ".join(filter(None, said))}
    return _("%(units)s: %(words)s.") % sentence if any(said) else ""


# --- net increase --------------------------------------------------------------------------------


def _line(focus: Focus) -> Line | None:
    """The plan's line of net increase."""
    found = [line for line in focus.own if line.key[:2] == (NET_INCREASE, SectorGroup.ALL)]
    if not found:
        return None
    return next_due(
        found, focus.question.quarter.cut_off_on, lambda line: line.progress.span.ends_on
    )


def _of_branch(focus: Focus) -> Growth | None:
    line = _line(focus)
    if line is None or line.progress.numerator is None:
        return None
    return Growth(line.progress.numerator, line.target.minimum if line.target else None)


def _of_units(focus: Focus, reports: QuarterlyReportQuerySet, count: int) -> Growth | None:
    line = _line(focus)
    if line is None:
        return None
    units = reports.order_by().values("unit")
    targets = _targets(focus, units)
    net, of_targeted = _net_increase(focus, line, units, list(targets))
    if not targets:
        return Growth(net)
    if len(targets) == count:
        return Growth(net, sum(targets.values(), Decimal(0)))
    return Growth(of_targeted, sum(targets.values(), Decimal(0)), len(targets))


def _targets(focus: Focus, units: QuerySet[Any, Any]) -> dict[int, Decimal]:
    """By unit, its own target of net increase; of several due dates the next one counts."""
    plan, question = focus.question.plan, focus.question
    held: QuerySet[Any] = plan.targets.as_of(question.plan_as_of).filter(
        indicator=NET_INCREASE, sector_group=SectorGroup.ALL, unit__in=units
    )
    by_unit: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    for unit, due_on, minimum in held.values_list("unit", "due_on", "minimum"):
        if minimum is not None:
            by_unit[unit].append((due_on or plan.ends_on, minimum))
    on = question.quarter.cut_off_on
    return {unit: next_due(found, on, lambda one: one[0])[1] for unit, found in by_unit.items()}


def _net_increase(
    focus: Focus, line: Line, units: QuerySet[Any, Any], targeted: list[int]
) -> tuple[int, int]:
    """Of all the units, and of those with a target: what their reports within the basis say since
    the start of the line, with what is known from before the product."""
    stretch = line.stretch
    quarters = [q for q in stretch.so_far if q.cut_off_on <= focus.quarter.cut_off_on]
    inside = STATUSES_OF_BASIS[Basis(focus.question.basis)]
    flows = QuarterlyReport.objects.filter(unit__in=units, quarter__in=quarters, status__in=inside)
    won = sum((Coalesce(F(name), 0) for name in INCREASES[1:]), Coalesce(F(INCREASES[0]), 0))
    net = won - sum((Coalesce(F(name), 0) for name in DECREASES[1:]), Coalesce(F(DECREASES[0]), 0))
    sums = [_of_both(flows, net, targeted)]
    if stretch.first is None or starts_late(stretch, stretch.first):
        before = focus.question.plan.baselines.filter(
            indicator=NET_INCREASE,
            sector_group=SectorGroup.ALL,
            unit__in=units,
            up_to__gte=stretch.starts_on,
            up_to__lt=stretch.first.starts_on if stretch.first else stretch.ends_on,
        )
        sums.append(_of_both(before, F("value"), targeted))
    return sum(pair[0] for pair in sums), sum(pair[1] for pair in sums)


def _of_both(rows: QuerySet[Any], figure: Any, targeted: list[int]) -> tuple[int, int]:
    sums = rows.aggregate(
        all=Sum(figure, default=0), targeted=Sum(figure, filter=Q(unit__in=targeted), default=0)
    )
    return sums["all"], sums["targeted"]


# --- words ---------------------------------------------------------------------------------------


def growth_words(growth: Growth) -> str:
    """«thực tăng 1.204/1.900 đoàn viên, đạt 63,37%»"""
    if growth.net < 0:
        return _("a decrease of %(count)s members") % {"count": whole_number(-growth.net)}
    if not growth.target:
        return _("a net increase of %(count)s members") % {"count": whole_number(growth.net)}
    words = _("a net increase of %(count)s/%(target)s members, %(percent)s reached") % {
        "count": whole_number(growth.net),
        "target": whole_number(growth.target),
        "percent": percent_text(Fraction(growth.net) / Fraction(growth.target) * 100),
    }
    if growth.with_target is None:
        return words
    counted = ngettext(
        "%(words)s (%(count)s unit with a target)",
        "%(words)s (%(count)s units with a target)",
        growth.with_target,
    )
    return counted % {"words": words, "count": whole_number(growth.with_target)}


def density_words(density: Fraction | None, gap: int) -> str:
    """«tỷ lệ đoàn viên 86,10%, còn thiếu 402 đoàn viên»"""
    if density is None:
        return ""
    if not gap:
        return _("union density %(density)s") % {"density": percent_text(density)}
    return _("union density %(density)s, %(count)s members missing") % {
        "density": percent_text(density),
        "count": whole_number(gap),
    }


def _behind(focus: Focus, reports: QuarterlyReportQuerySet) -> Iterable[str]:
    """How many have a line that is behind, or was missed."""
    units = list(Unit.objects.filter(pk__in=reports.order_by().values("unit")))
    found = {(line.unit.pk, line.progress.status) for line in lines(focus.question, units)}
    counted = Counter(status for _unit, status in found)
    if behind := counted[Status.BEHIND]:
        words = ngettext("%(count)s unit behind", "%(count)s units behind", behind)
        yield words % {"count": whole_number(behind)}
    if missed := counted[Status.MISSED]:
        words = ngettext(
            "%(count)s unit missed its target", "%(count)s units missed their target", missed
        )
        yield words % {"count": whole_number(missed)}
