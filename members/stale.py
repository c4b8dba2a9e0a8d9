"""Figures that are old: a unit counts with what it last reported four or more quarters ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import ngettext

from members.models import Quarter, Status
from unionplan.lib.numbers import whole_number

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet

OLD = 4  # quarters


def stale(reports: QuarterlyReportQuerySet, quarter: Quarter) -> QuarterlyReportQuerySet:
    """Of these, the reports owed for the quarter that are not accepted and whose carried stock
    lies four or more quarters before it."""
    of_last = F("carried_from__year") * 4 + F("carried_from__number")
    outside = reports.of(quarter).owed().exclude(status=Status.ACCEPTED)
    return outside.alias(of_last=of_last).filter(of_last__lte=_ordinal(quarter) - OLD)


def stale_count(reports: QuarterlyReportQuerySet, quarter: Quarter) -> int:
    return stale(reports, quarter).count()


def stale_words(count: int) -> str:
    """«Số liệu đã cũ: 3 đơn vị, từ 4 quý trở lên»."""
    words = ngettext(
        "Old figures: %(count)s unit, of %(quarters)s quarters ago or more",
        "Old figures: %(count)s units, of %(quarters)s quarters ago or more",
        count,
    )
    return words % {"count": whole_number(count), "quarters": OLD}


def age(quarter: Quarter, of: Quarter) -> int:
    """How many quarters ``of`` lies before ``quarter``, whether or not those between exist."""
    return _ordinal(quarter) - _ordinal(of)


def _ordinal(quarter: Quarter) -> int:
    return quarter.year * 4 + quarter.number
