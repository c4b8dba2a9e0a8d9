"""Officers who are not kept by name, from a file: two numbers a unit of one quarter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from members.access import Permission
from members.imports.units import no_such_unit, units_by_code
from members.models import Quarter, Unit, User
from training import counts
from training.counts import Others
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Column, Row, read

OFFICER_COUNT_COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True, also=("Mã",)),
    # of a table that was downloaded here, for the eyes of whoever fills it in
    Column("name", pgettext_lazy("column", "Unit name"), also=("Tên đơn vị", "Đơn vị")),
    Column(
        "others",
        pgettext_lazy("column", "Officers not listed by name"),
        is_required=True,
        also=("Số cán bộ ngoài danh sách", "Cán bộ khác", "Số cán bộ khác"),
    ),
    Column(
        "others_trained",
        pgettext_lazy("column", "Of whom trained"),
        is_required=True,
        also=("Đã được đào tạo, bồi dưỡng", "Đã được đào tạo", "Đã đào tạo, bồi dưỡng"),
    ),
]


@dataclass(frozen=True)
class OfficerCountsBroughtIn:
    quarter: Quarter
    stated: dict[Unit, Others]
    changed: int

    @property
    def unchanged(self) -> int:
        return len(self.stated) - self.changed

    @property
    def others(self) -> int:
        return sum(numbers.others for numbers in self.stated.values())

    @property
    def trained(self) -> int:
        return sum(numbers.trained for numbers in self.stated.values())

    def lines(self) -> Iterator[str]:
        for unit, numbers in self.stated.items():
            yield f"{unit.code} {unit}: {numbers.trained}/{numbers.others}"

    def sentence(self) -> str:
        """«Đã ghi số cán bộ ngoài danh sách Quý I/2024 của 40 đơn vị: 310 cán bộ…»"""
        return ngettext(
            "Officers of %(quarter)s stated for %(count)s unit: %(others)s officers, %(trained)s"
            " of them trained; %(unchanged)s units unchanged.",
            "Officers of %(quarter)s stated for %(count)s units: %(others)s officers, %(trained)s"
            " of them trained; %(unchanged)s units unchanged.",
            len(self.stated),
        ) % {
            "quarter": self.quarter,
            "count": whole_number(len(self.stated)),
            "others": whole_number(self.others),
            "trained": whole_number(self.trained),
            "unchanged": whole_number(self.unchanged),
        }


@transaction.atomic
def bring_in_officer_counts(
    content: bytes, quarter: Quarter, *, by: User, dry_run: bool = False
) -> OfficerCountsBroughtIn:
    """State the numbers of the units of a file; :class:`Invalid` says all errors."""
    sheet = read(content, OFFICER_COUNT_COLUMNS)
    units = units_by_code({row.text("unit") for row in sheet.rows})
    stated: dict[Unit, Others] = {}
    rows_by_unit: dict[str, int] = {}
    for row in sheet.rows:
        code, numbers = row.text("unit", is_required=True), _numbers(row)
        if not code:
            continue
        unit, first = units.get(code), rows_by_unit.setdefault(code, row.number)
        if first != row.number:
            row.error("unit", _("this unit stands in row %(row)s already.") % {"row": first})
        elif unit is None or not by.may(Permission.OFFICERS, unit):
            row.error("unit", no_such_unit(code))
        elif refusal := _refusal(unit, quarter):
            row.error("unit", refusal)
        elif numbers is not None:
            stated[unit] = numbers
    sheet.stop_if_wrong()
    changed = counts.state(stated, quarter, by=by)
    if dry_run:
        transaction.set_rollback(True)
    return OfficerCountsBroughtIn(quarter, stated, changed)


def _numbers(row: Row) -> Others | None:
    before = len(row.sheet.problems)
    if not (row.text("others") or row.text("others_trained")):
        row.error("others", _("both numbers are blank: fill them in or delete the row."))
        return None
    found = {}
    for name in ("others", "others_trained"):
        row.text(name, is_required=True)
        found[name] = row.whole_number(name)
    if len(row.sheet.problems) > before:
        return None
    numbers = Others(found["others"] or 0, found["others_trained"] or 0)
    if words := counts.refusal_of(numbers):
        row.error("others_trained", words)
        return None
    return numbers


def _refusal(unit: Unit, quarter: Quarter) -> str:
    """Why a unit has no such numbers at the cut-off; empty where it has."""
    day = quarter.cut_off_on
    if not unit.is_reporting:
        return _("%(unit)s lists all its officers by name.") % {"unit": unit}
    if unit.ended_on is not None and unit.ended_on <= day:
        return _("%(unit)s ended on %(day)s.") % {"unit": unit, "day": in_text(unit.ended_on)}
    if unit.founded_on is not None and unit.founded_on > day:
        words = _("%(unit)s was founded on %(day)s, after the end of the quarter.")
        return words % {"unit": unit, "day": in_text(unit.founded_on)}
    return ""
