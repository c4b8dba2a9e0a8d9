"""Members when the product came into use, from a file: one number a unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from members.access import Permission
from members.imports.units import no_such_unit, units_by_code
from members.models import QuarterlyReport, Unit, User
from members.starting import state_opening_members
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Column, Row, read

OPENING_COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True, also=("Mã",)),
    Column("name", pgettext_lazy("column", "Name"), also=("Tên đơn vị",)),
    Column(
        "opening_members",
        pgettext_lazy("column", "Members when the product came into use"),
        is_required=True,
        also=("Số đoàn viên ban đầu", "Số đoàn viên", "Đoàn viên"),
    ),
]


@dataclass(frozen=True)
class OpeningsBroughtIn:
    changed: list[Unit]
    unchanged: int
    left_empty: int

    @property
    def members(self) -> int:
        return sum(unit.opening_members or 0 for unit in self.changed)

    def sentence(self) -> str:
        """«Đã ghi đoàn viên ban đầu của 1.280 đơn vị: 61.816 đoàn viên.»"""
        return ngettext(
            "Members at the start stated for %(count)s unit: %(members)s members.",
            "Members at the start stated for %(count)s units: %(members)s members.",
            len(self.changed),
        ) % {"count": whole_number(len(self.changed)), "members": whole_number(self.members)}


@transaction.atomic
def bring_in_openings(content: bytes, *, by: User, dry_run: bool = False) -> OpeningsBroughtIn:
    """State the members at the start of the units of a file; :class:`Invalid` says all errors.

    A row without a number says nothing of its unit.
    """
    sheet = read(content, OPENING_COLUMNS)
    units = units_by_code({row.text("unit") for row in sheet.rows})
    sent = _have_sent(units.values())
    rows_by_unit: dict[str, int] = {}
    numbers: dict[Unit, int] = {}
    for row in sheet.rows:
        code, number = row.text("unit", is_required=True), row.whole_number("opening_members")
        if not code:
            continue
        unit, first = units.get(code), rows_by_unit.setdefault(code, row.number)
        if first != row.number:
            row.error("unit", _("this unit stands in row %(row)s already.") % {"row": first})
        elif unit is None or not by.may(Permission.UNITS, unit):
            row.error("unit", no_such_unit(code))
        elif number is not None:
            numbers[unit] = number
            _check(row, unit, number, sent)
    sheet.stop_if_wrong()
    changed = state_opening_members(numbers, by=by)
    if dry_run:
        transaction.set_rollback(True)
    return OpeningsBroughtIn(changed, len(numbers) - len(changed), len(sheet.rows) - len(numbers))


def _check(row: Row, unit: Unit, number: int, sent: set[int]) -> None:
    if not unit.is_reporting:
        row.error("unit", _("only a unit that reports has members at the start."))
    elif unit.ended_on is not None:
        row.error("unit", _("%(code)s has ended.") % {"code": unit.code})
    elif unit.pk in sent and unit.opening_members != number:
        row.error("opening_members", _("the unit has sent its first report; correct it there."))


def _have_sent(units: Iterable[Unit]) -> set[int]:
    reports = QuarterlyReport.objects.sent().filter(unit__in=[unit.pk for unit in units])
    return set(reports.values_list("unit_id", flat=True))
