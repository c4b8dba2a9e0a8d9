"""Tables of people's files: what comes in as .csv or .xlsx, and what goes out.

Knows rows and columns, and nothing of what they mean. A file is read whole, every cell through a
typed reader of its row; what is wrong is collected with its place, so that a clerk mends a file
once and not cell by cell.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar
from zipfile import BadZipFile, ZipFile

import xlsxwriter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
from xlsxwriter.utility import xl_col_to_name

from unionplan.lib.fields import VietnameseDateField
from unionplan.lib.numbers import (
    LARGEST,
    parse_decimal,
    parse_percentage,
    parse_whole_number,
    whole_number,
)
from unionplan.lib.vietnamese import nfc, search_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

T = TypeVar("T")
Cell = object  # str, int, float, bool, date, datetime, time or timedelta: as the file has it
Value = str | int | float | Decimal | Fraction | date | None

MOST_CELLS = 30_000_000  # a stray cell in the last row of a sheet asks for billions
LARGEST_WORKBOOK = 200_000_000  # bytes, unpacked
# What calamine reads of a sheet to place its cells: rows, cells, and where they say they stand.
PLACED = re.compile(
    rb"""<(?:[\w.-]+:)?(row|c)(?=[\s/>])|[\s"']r\s*=\s*["']([A-Za-z]*)0*([0-9]+)["']"""
)
LONGEST_TEXT = 32_767  # what a cell of Excel holds
WIDEST_COLUMN = 60  # characters
NUMBERING = ("stt", "tt", "số tt", "số thứ tự")  # counts the rows of a list, and says nothing
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes Excel calculate a text of a .csv


@dataclass(frozen=True)
class Column:
    """A column by the name machines use, with the label people read."""

    name: str
    label: StrOrPromise
    is_required: bool = False
    also: tuple[str, ...] = ()  # as forms and other people's files head it

    def headings(self) -> set[str]:
        """What the header may say, in the form headers are compared in."""
        with override("vi"):
            vietnamese = str(self.label)
        return {_heading(text) for text in (self.name, str(self.label), vietnamese, *self.also)}


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: row 1 is the header, row 0 the file as a whole."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = {"row": self.row, "column": self.column, "message": self.message}
        if not self.row:
            return self.message
        if not self.column:
            return _("row %(row)s: %(message)s") % place
        return _("row %(row)s, column %(column)s: %(message)s") % place


class Invalid(Exception):
    """The file cannot be used; ``problems`` says all that is wrong, in order of rows."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.row)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def sentence(self) -> str:
        """«Chưa nhập gì; sửa 5 lỗi rồi kiểm tra lại.»"""
        errors = len(self.problems)
        return ngettext(
            "Nothing was brought in; mend %(count)s error and check again.",
            "Nothing was brought in; mend %(count)s errors and check again.",
            errors,
        ) % {"count": whole_number(errors)}


@dataclass
class Sheet:
    """The rows of a file under known columns, and the problems found so far."""

    columns: Sequence[Column]
    places: dict[str, int] = field(default_factory=dict)  # column name → index in the file
    labels: dict[str, str] = field(default_factory=dict)  # column name → header as it stands
    missing: set[str] = field(default_factory=set)  # required columns that are not there
    numbering: set[int] = field(default_factory=set)  # places of columns that count the rows
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def has(self, column: str) -> bool:
        return column in self.places

    def label(self, column: str) -> str:
        if column in self.labels:
            return self.labels[column]
        return next((str(known.label) for known in self.columns if known.name == column), column)

    def stop_if_wrong(self) -> None:
        if self.problems:
            raise Invalid(self.problems)


class Choices(Generic[T]):
    """What a cell may hold, by code or by name, without regard to accents and capitals."""

    def __init__(self, values_by_name: Mapping[str, T]) -> None:
        self._exact = dict(values_by_name)
        self._values = {_heading(name): value for name, value in values_by_name.items()}

    def called(self, text: str) -> T | None:
        return self._exact.get(text) or self._values.get(_heading(text))


@dataclass
class Row:
    """One row with its place; each reader gives a value, or notes a problem and gives ``None``.

    An empty cell and an absent column are the same: nothing was said.
    """

    number: int
    sheet: Sheet
    cells: Sequence[Cell]

    def error(self, column: str, message: StrOrPromise) -> None:
        if column in self.sheet.missing:
            return  # said once, of the header
        label = self.sheet.label(column) if column else ""
        self.sheet.problems.append(Problem(self.number, label, str(message)))

    def text(self, column: str, *, is_required: bool = False, max_length: int = 0) -> str:
        text = as_text(self._cell(column))
        if is_required and not text:
            self.error(column, _("this must be filled in."))
        if max_length and len(text) > max_length:
            self.error(column, _("at most %(count)s characters.") % {"count": max_length})
        return text

    def code(self, column: str, *, max_length: int) -> str:
        """A code, which may stand in an address."""
        code = self.text(column, is_required=True, max_length=max_length)
        if code and not re.fullmatch(r"[A-Za-z0-9._-]+", code):
            self.error(column, _("a code has letters without accents, digits and . _ - only."))
        return code

    def whole_number(
        self, column: str, *, allow_negative: bool = False, largest: int = LARGEST
    ) -> int | None:
        """«5493» and «5.493» are the same number."""
        cell = self._cell(column)
        if isinstance(cell, float) and not cell.is_integer():
            # «5.493» typed into an English Excel is 5,493 thousandths: nobody knows what was meant.
            self.error(column, self._not_whole(column, cell))
            return None
        return self._read(
            column,
            lambda text: parse_whole_number(text, allow_negative=allow_negative, largest=largest),
        )

    def percentage(self, column: str) -> Decimal | None:
        """«95.5», «95,5», «95,5%». A cell that shows 95% holds 0.95, which nobody can tell from
        0,95%, so shares of 1 are refused in a workbook."""
        cell = self._cell(column)
        if isinstance(cell, float) and 0 < cell <= 1:
            self.error(column, _("write 95 for 95%, in a cell that is not formatted as percent."))
            return None
        return self._read(column, parse_percentage)

    def decimal(self, column: str) -> Decimal | None:
        """«133,33» and «133.33»: a number that is no percentage. A cell holds 1.005 as it is; only
        in a text three digits behind the point are a group."""
        cell = self._cell(column)
        if isinstance(cell, float):
            return Decimal(as_text(cell))
        return self._read(column, parse_decimal)

    def date(self, column: str, *, is_required: bool = False) -> date | None:
        cell = self._cell(column)
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        return self._read(column, VietnameseDateField(required=is_required).clean)

    def choice(self, column: str, choices: Choices[T], *, is_required: bool = False) -> T | None:
        text = self.text(column, is_required=is_required)
        if not text:
            return None
        found = choices.called(text)
        if found is None:
            self.error(column, _("“%(text)s” is not known here.") % {"text": text})
        return found

    def _cell(self, column: str) -> Cell:
        place = self.sheet.places.get(column)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def _read(self, column: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(as_text(self._cell(column)))
        except ValidationError as error:
            self.error(column, " ".join(error.messages))
            return None

    def _not_whole(self, column: str, number: float) -> str:
        return _("cell %(cell)s holds %(number)s, which is not a whole number.") % {
            "cell": f"{column_letters(self.sheet.places[column])}{self.number}",
            "number": str(number).replace(".", ","),
        }


def as_text(cell: Cell) -> str:
    """What a person sees in the cell, without spaces around it, one code point a letter."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date().isoformat()
    return nfc(str(cell)).strip()


def column_letters(place: int) -> str:
    """«A» of 0, «AB» of 27."""
    return str(xl_col_to_name(place))


def _heading(text: str) -> str:
    return search_text(text.removesuffix("*"))


# --- in ------------------------------------------------------------------------------------------


def read(content: bytes, columns: Sequence[Column]) -> Sheet:
    """The rows of a .csv or .xlsx file whose first row names these columns, in any order.

    An unknown column is an error and not ignored: a slip such as «admited» would otherwise lose
    every figure below it. «STT» is none: it counts the rows of a list, filled in or not.
    """
    sheet = Sheet(columns)
    rows = _rows_of(content)
    header = next(rows, [])
    _read_header(sheet, header)
    for number, cells in enumerate(rows, start=2):
        texts = [as_text(cell) for cell in cells]
        if any(text for place, text in enumerate(texts) if place not in sheet.numbering):
            sheet.rows.append(Row(number, sheet, cells))
            _refuse_beyond(sheet, number, header, texts)
    if not sheet.rows and not sheet.problems:
        sheet.problems.append(Problem(0, "", _("The file has no rows below the header.")))
    return sheet


def _read_header(sheet: Sheet, header: Sequence[Cell]) -> None:
    names = {heading: known.name for known in sheet.columns for heading in known.headings()}

    def problem(label: str, message: str) -> None:
        sheet.problems.append(Problem(1, label, message))

    for place, label in enumerate(map(as_text, header)):
        name = names.get(_heading(label))
        if not label:
            continue
        if name is None and _heading(label) in map(_heading, NUMBERING):
            sheet.numbering.add(place)
        elif name is None:
            problem(label, _("there is no such column here."))
        elif sheet.has(name):
            problem(label, _("this column is there twice."))
        else:
            sheet.places[name], sheet.labels[name] = place, label
    for column in sheet.columns:
        if column.is_required and not sheet.has(column.name):
            sheet.missing.add(column.name)
            problem(column.name, _("this column is missing."))


def _refuse_beyond(sheet: Sheet, number: int, header: Sequence[Cell], texts: Sequence[str]) -> None:
    """A value under no heading: most often a comma in a name that is not in quotes."""
    for place, text in enumerate(texts):
        if text and not (place < len(header) and as_text(header[place])):
            message = _("“%(text)s” stands under no column name.") % {"text": text[:50]}
            sheet.problems.append(Problem(number, column_letters(place), message))


def _rows_of(content: bytes) -> Iterator[Sequence[Cell]]:
    if content.startswith(b"PK"):
        return _rows_of_workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _unreadable(
            _("The file is an old .xls or has a password. Save it as .xlsx without a password.")
        )
    return _rows_of_text(_decoded(content))


def _rows_of_workbook(content: bytes) -> Iterator[Sequence[Cell]]:
    """Of the first sheet that can be seen."""
    _refuse_too_large(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            name = next(
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet
                and sheet.visible == SheetVisibleEnum.Visible
            )
            sheet = workbook.get_sheet_by_name(name)
            return iter(sheet.to_python(skip_empty_area=False))
    except (CalamineError, StopIteration):
        raise _unreadable(_("The file is damaged or no Excel file.")) from None


def _refuse_too_large(content: bytes) -> None:
    """Asked before calamine is, which reserves every cell up to the last and aborts the process
    where there is no room for them."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()  # every one: a sheet may lie in any folder
            if sum(part.file_size for part in parts) > LARGEST_WORKBOOK or any(
                _cells_to_the_last(archive.read(part)) > MOST_CELLS for part in parts
            ):
                raise _unreadable(
                    _("The sheet is too large. Delete the empty rows and columns around the table.")
                )
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        raise _unreadable(_("The file is damaged or no Excel file.")) from None


def _cells_to_the_last(sheet: bytes) -> int:
    """By the places that rows and cells state («5», «AB5»), and for those that state none by how
    many there are."""
    rows, columns, row, cell = 0, 0, 0, 0
    if b"sheetData" not in sheet:  # another part, such as the texts
        return 0
    for found in PLACED.finditer(sheet):
        tag, letters, number = found.groups()
        if tag == b"row":
            row, cell = row + 1, 0
        elif tag:
            cell += 1
        else:
            row = max(row, int(number[:8]))
            place = 26 ** (len(letters[:4]) - 1) * (letters[0] - 64) if letters else 0
            columns = max(columns, place)
        rows, columns = max(rows, row), max(columns, cell)
    return rows * columns


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unreadable(
            _("the file is not in UTF-8. In Excel save as “CSV UTF-8”, or send the .xlsx itself."),
            line,
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _unreadable(_("the file is damaged: there is no text here."), line)
    if not text.strip():
        raise _unreadable(_("The file is empty."))
    return text


def _rows_of_text(text: str) -> Iterator[Sequence[Cell]]:
    header = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in count(1):
        try:
            yield [_without_guard(cell) for cell in next(rows)]
        except StopIteration:
            return
        except csv.Error:
            message = _("the row cannot be read. Is a quotation mark open?")
            raise _unreadable(message, number) from None


def _unreadable(message: str, row: int = 0) -> Invalid:
    return Invalid([Problem(row, "", message)])


# --- out -----------------------------------------------------------------------------------------


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    """For machines: plain numbers with a point, ISO dates, nothing for what is unknown."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return out.getvalue()


def csv_file(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """For people: as :func:`csv_text`, and so that Excel knows it is UTF-8 and calculates
    nothing. :func:`read` takes the guard off again."""
    guarded = ([_guarded(value) for value in row] for row in rows)
    return csv_text([str(_guarded(text)) for text in header], guarded).encode("utf-8-sig")


@dataclass(frozen=True)
class Table:
    """What one sheet of a workbook holds. People type into ``typed`` columns (by place): there
    Excel keeps what is typed as it stands, zeros in front of a number and days of the month."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Value]]
    typed: Collection[int] = ()


def xlsx_file(header: Sequence[str], rows: Iterable[Sequence[Value]], *, title: str = "") -> bytes:
    """A workbook with one sheet: numbers as numbers, dates as dates, texts never as formulas."""
    return workbook_of([Table(title, header, rows)])


def workbook_of(tables: Iterable[Table]) -> bytes:
    """A workbook with a sheet for each table."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as workbook:
        formats = {
            name: workbook.add_format(look)
            for name, look in {
                "header": {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1},
                "whole": {"num_format": "#,##0"},
                "decimal": {"num_format": "#,##0.00"},
                "date": {"num_format": "dd/mm/yyyy"},
                "typed": {"num_format": "@"},
            }.items()
        }
        for table in tables:
            name = re.sub(r"[\[\]:*?/\\']", "-", table.title)[:31] or None
            _write_table(workbook.add_worksheet(name), table, formats)
    return out.getvalue()


def _write_table(sheet: Worksheet, table: Table, formats: Mapping[str, Format]) -> None:
    widths = [len(text) for text in table.header]
    for place, text in enumerate(table.header):
        sheet.write_string(0, place, text, formats["header"])
    for number, row in enumerate(table.rows, start=1):
        for place, value in enumerate(row):
            _write_cell(sheet, number, place, value, formats)
            widths[place] = max(widths[place], len(_plain(value)))
    for place, width in enumerate(widths):
        look = formats["typed"] if place in table.typed else None
        sheet.set_column(place, place, min(width + 2, WIDEST_COLUMN), look)
    sheet.freeze_panes(1, 0)


def _write_cell(
    sheet: Worksheet, row: int, place: int, value: Value, formats: Mapping[str, Format]
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, place, value[:LONGEST_TEXT])
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, formats["date"])
    else:
        look = "whole" if value == int(value) else "decimal"
        sheet.write_number(row, place, float(value), formats[look])


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Fraction):
        return str(float(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _guarded(value: Value) -> Value:
    is_formula = isinstance(value, str) and value.startswith(FORMULA)
    return f"'{value}" if is_formula else value


def _without_guard(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text
