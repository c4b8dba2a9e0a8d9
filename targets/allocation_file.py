"""The sheet of an allocation as a workbook, out and in again: what goes out can come back."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from targets.allocating import Cell, Row, Sheet
from targets.models.allocation import LARGEST
from unionplan.lib.spreadsheets import Column, Table, Value, read, workbook_of
from unionplan.lib.spreadsheets import Row as FileRow

KEPT = "x"
COLUMNS = [
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True),
    Column("name", pgettext_lazy("column", "Unit")),
    Column("workers", pgettext_lazy("column", "Workers")),
    Column("members", pgettext_lazy("column", "Members")),
    Column("head_room", pgettext_lazy("column", "Not in the union yet")),
    Column("last_result", pgettext_lazy("column", "Result of the year before")),
    Column("registered", pgettext_lazy("column", "Registered")),
    Column("number", pgettext_lazy("column", "Assigned value"), is_required=True),
    Column("kept", pgettext_lazy("column", "Keep as it is")),
    Column("version", pgettext_lazy("column", "Version of the draft")),
]


def workbook_with(sheet: Sheet) -> bytes:
    header = [str(column.label) for column in COLUMNS]
    rows = [[*_written(row), sheet.version] for row in sheet.rows]
    return workbook_of([Table(pgettext("sheet", "Allocation"), header, rows, typed=[0])])


def _written(row: Row) -> list[Value]:
    return [
        row.unit.code,
        str(row.unit),
        row.potential.workers,
        row.potential.members,
        row.potential.head_room,
        row.potential.last_result,
        row.registered,
        row.cell.number,
        KEPT if row.cell.is_kept else None,
    ]


def cells_from(content: bytes, sheet: Sheet) -> dict[int, Cell]:
    """The cells of the draft with those of the file in their place; :class:`Invalid` says all
    that is wrong. A unit that is not in the file stays as it is."""
    file = read(content, COLUMNS)
    units = {row.unit.code: row.unit for row in sheet.rows}
    cells = {row.unit.pk: row.cell for row in sheet.rows}
    seen: set[str] = set()
    is_current = True
    for row in file.rows:
        code = row.text("unit", is_required=True)
        if code and code not in units:
            words = {"code": code, "superior": sheet.target.unit}
            row.error("unit", _("there is no unit %(code)s directly below %(superior)s.") % words)
        elif code in seen:
            row.error("unit", _("this code stands in the file already."))
        seen.add(code)
        cell = Cell(row.whole_number("number", largest=LARGEST), _is_kept(row))
        if is_current and row.whole_number("version") not in (None, sheet.version):
            row.error("version", _("the draft was saved after this file; download it anew."))
            is_current = False  # once is enough
        if code in units:
            cells[units[code].pk] = cell
    file.stop_if_wrong()
    return cells


def _is_kept(row: FileRow) -> bool:
    text = row.text("kept").lower()
    if text not in ("", KEPT):
        row.error("kept", _("write x, or leave it empty."))
    return text == KEPT
