"""Files as answers to a browser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from unionplan.lib.spreadsheets import Value, csv_file, xlsx_file

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE_FORMATS = ("csv", "xlsx")


def attached(content: str | bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def table_file(
    header: Sequence[str], rows: Iterable[Sequence[Value]], format_: str, *, name: str
) -> HttpResponse:
    """A table as one of ``TABLE_FORMATS``; ``name`` is the file's, without its ending."""
    if format_ == "csv":
        return attached(csv_file(header, rows), CSV, f"{name}.csv")
    return attached(xlsx_file(header, rows, title=name), XLSX, f"{name}.xlsx")
