"""Figures that are old: a unit counts with what it last reported four or more quarters ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, F, Q
from django.utils.translation import ngettext

from members.models import Quarter, Status
from unionplan.lib.numbers import whole_number

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

OLD = 4  # quarters


def stale(reports: QuarterlyReportQuerySet, quarter: Quarter) -> QuarterlyReportQuerySet:
    """Of these, the reports owed for the quarter that are not accepted and whose carried stock
    lies four or more quarters before it."""
    return _dated(reports, quarter).filter(_is_stale(quarter))


def suspended_and_stale(reports: QuarterlyReportQuerySet, quarter: Quarter) -> tuple[int, int]:
    """How many units owe no report of the quarter, for they rest, and how many count with figures
    of long ago: both in one statement."""
    counts = _dated(reports, quarter).aggregate(
        suspended=Count("pk", filter=Q(is_suspended=True)),
        stale=Count("pk", filter=_is_stale(quarter)),
    )
    return counts["suspended"], counts["stale"]


def _dated(reports: QuarterlyReportQuerySet, quarter: Quarter) -> QuarterlyReportQuerySet:
    carried_from = F("carried_from__year") * 4 + F("carried_from__number")
    return reports.of(quarter).alias(carried_from_ordinal=carried_from)


def _is_stale(quarter: Quarter) -> Q:
    is_old = Q(carried_from_ordinal__lte=_ordinal(quarter) - OLD)
    return is_old & Q(is_suspended=False) & ~Q(status=Status.ACCEPTED)


def stale_words(count: int) -> str:
    """«Số liệu đã cũ: 3 đơn vị, từ 4 quý trở lên»."""
    words = ngettext(
        "Old figures: %(count)s unit, of %(quarters)s quarters ago or more",
        "Old figures: %(count)s units, of %(quarters)s quarters ago or more",
        count,
    )
    return words % {"count": whole_number(count), "quarters": OLD}


def suspended_words(count: int) -> str:
    """«6 đơn vị tạm ngừng, không phải báo cáo»"""
    words = ngettext(
        "%(count)s unit is suspended and owes no report",
        "%(count)s units are suspended and owe no report",
        count,
    )
    return words % {"count": whole_number(count)}


def age(quarter: Quarter, of: Quarter) -> int:
    """How many quarters ``of`` lies before ``quarter``, whether or not those between exist."""
    return _ordinal(quarter) - _ordinal(of)


def _ordinal(quarter: Quarter) -> int:
    return quarter.year * 4 + quarter.number
