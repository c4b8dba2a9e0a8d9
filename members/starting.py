"""Members when the product came into use: what the first report of an older unit starts from."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_noop

from members.actions import fill_openings
from members.models import HistoryEntry, HistoryKind, Quarter, QuarterlyReport, Unit, User
from members.models.history import changes_between, entry
from members.models.reports import NOT_SENT

BATCH = 1000


@transaction.atomic
def state_opening_members(numbers: Mapping[Unit, int], *, by: User) -> list[Unit]:
    """State them for units; their first reports of open quarters follow where nobody has typed
    another number. Returns the units whose number is another than before."""
    changed = [unit for unit, number in numbers.items() if unit.opening_members != number]
    # Reports first: whoever writes takes their locks before any other.
    fill_openings(_openings({unit.pk: (unit, numbers[unit]) for unit in changed}), by=by)
    lines = []
    for unit in changed:
        before, unit.opening_members = unit.opening_members, numbers[unit]
        facts = {"opening_members": unit.opening_members}
        lines.append(
            entry(
                HistoryKind.UNIT,
                gettext_noop("stated the members at the start"),
                by=by,
                unit=unit,
                subject=unit.name,
                changes=changes_between({"opening_members": before}, facts),
            )
        )
    Unit.objects.bulk_update(changed, ["opening_members"], batch_size=BATCH)
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)
    return changed


def _openings(stated: Mapping[int, tuple[Unit, int]]) -> dict[int, tuple[int | None, int]]:
    """The reports that start from these numbers: from what to what, by id."""
    reports = QuarterlyReport.objects.filter(
        quarter__in=Quarter.objects.open(), status__in=NOT_SENT, expected_opening=None
    )
    found = {}
    for pk, unit_id, opening in reports.values_list("pk", "unit_id", "opening_members"):
        if unit_id in stated:
            unit, number = stated[unit_id]
            if opening in (None, unit.opening_members) and opening != number:
                found[pk] = (opening, number)
    return found
