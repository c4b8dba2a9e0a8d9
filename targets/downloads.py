"""Files of what a page shows, as answers to a browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

from targets import exports
from targets.dashboards import BranchRow
from targets.results import Line
from targets.tables import BranchTable
from targets.training_table import TrainingTable
from targets.wording import status_text
from unionplan.lib.downloads import CSV, XLSX, attached, table_file

JSON = "application/json; charset=utf-8"


def of_lines(lines: Iterable[Line], format_: str, *, name: str) -> HttpResponse:
    """The rows of the ``progress`` command."""
    if format_ == "json":
        return HttpResponse(exports.as_json(lines), content_type=JSON)
    if format_ == "csv":
        return attached(exports.as_csv(lines), CSV, f"{name}.csv")
    return attached(exports.as_xlsx(lines, title=name), XLSX, f"{name}.xlsx")


def of_table(table: BranchTable | TrainingTable, format_: str, *, name: str) -> HttpResponse:
    """The branch table as it is filtered and sorted, all its pages, numbers as numbers."""
    if isinstance(table, TrainingTable):
        return table_file(*table.as_file(), format_, name=name)
    header = [str(column.header) for column in table.columns]
    rows = [
        [_cell(table, row.record, column.name) for column in table.columns] for row in table.rows
    ]
    return table_file(header, rows, format_, name=name)


def _cell(table: BranchTable, row: BranchRow, column: str) -> Any:
    match column:
        case "unit":
            return str(row.unit)
        case "status":
            return status_text(row.status)
        case "reports":
            return table.write_reports(row)
        case "sign_off":
            return table.write_sign_off(row)
        case "minimum":
            return row.minimum if row.minimum is not None else table.write_minimum(row)
        case "density":
            return exports.plain(row.density)
        case "attained_percent":
            return exports.plain(table.attained(row))
        case _:
            return getattr(row, column)
