"""Officers who are not kept by name: two numbers a unit states of a quarter."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Quarter, Unit, User
from members.models.history import changes_between, entry
from training.models import OfficerCount


class Others(NamedTuple):
    """How many officers a unit does not keep by name, and how many of them are trained."""

    others: int
    trained: int


def refusal_of(stated: Others) -> str:
    if stated.trained > stated.others:
        return _("%(trained)s are trained, more than the %(others)s there are.") % {
            "trained": stated.trained,
            "others": stated.others,
        }
    return ""


@transaction.atomic
def state(
    stated: Mapping[Unit, Others], quarter: Quarter, *, by: User, is_draft: bool = False
) -> int:
    """Keep what units state of a quarter; how many differ from what was known. A draft does not
    take the place of what was stated. In a fixed number of statements."""
    rows = OfficerCount.objects.filter(quarter=quarter, unit__in=[unit.pk for unit in stated])
    known = {row.unit_id: row for row in rows.order_by("unit_id").select_for_update(no_key=True)}
    written, lines = [], []
    verb = gettext_noop("stated the officers who are not listed by name")
    for unit, numbers in stated.items():
        if words := refusal_of(numbers):
            raise Refused(words)
        row = known.get(unit.pk)
        if row is not None and (is_draft and not row.is_draft):
            continue
        if row is not None and (row.others, row.others_trained, row.is_draft) == (
            *numbers,
            is_draft,
        ):
            continue
        before = _told(row) if row is not None and not row.is_draft else {}
        row = row or OfficerCount(unit=unit, quarter=quarter)
        row.others, row.others_trained, row.is_draft = *numbers, is_draft
        written.append(row)
        if not is_draft:
            lines.append(
                entry(
                    HistoryKind.OFFICER,
                    verb,
                    by=by,
                    unit=unit,
                    subject=unit.name,
                    quarter=quarter,
                    changes=changes_between(before, _told(row)),
                )
            )
    # somebody else may write the same units' at this moment: the last one holds, and no draft
    new = sorted((row for row in written if row.pk is None), key=lambda row: row.unit_id)
    if is_draft:
        OfficerCount.objects.bulk_create(new, ignore_conflicts=True)
    else:
        OfficerCount.objects.bulk_create(
            new,
            update_conflicts=True,
            unique_fields=["unit", "quarter"],
            update_fields=["others", "others_trained", "is_draft"],
        )
    OfficerCount.objects.bulk_update(
        [row for row in written if row.unit_id in known], ["others", "others_trained", "is_draft"]
    )
    HistoryEntry.objects.bulk_create(lines)
    return len(written)


def _told(row: OfficerCount) -> dict[str, object]:
    return {"others": row.others, "others_trained": row.others_trained}


class Stated:
    """What units state, the last statement counting until the next; one statement."""

    def __init__(self, which: Q, *, until: date) -> None:
        """``which`` are rows of :class:`OfficerCount`."""
        rows = OfficerCount.objects.filter(
            which, is_draft=False, quarter__cut_off_on__lte=until
        ).order_by("quarter__cut_off_on")
        self._days: dict[int, list[date]] = defaultdict(list)
        self._numbers: dict[int, list[Others]] = defaultdict(list)
        for unit, day, others, trained in rows.values_list(
            "unit_id", "quarter__cut_off_on", "others", "others_trained"
        ):
            self._days[unit].append(day)
            self._numbers[unit].append(Others(others, trained))

    def steps(self) -> Iterator[tuple[int, list[tuple[Others, date, date]]]]:
        """By unit each statement, with the days from which and until which it counts."""
        for unit, days in self._days.items():
            ends = [*days[1:], date.max]
            yield unit, list(zip(self._numbers[unit], days, ends, strict=True))

    def of(self, unit: int, on: date) -> Others | None:
        days = self._days.get(unit)
        at = bisect_right(days, on) if days else 0
        return self._numbers[unit][at - 1] if at else None
