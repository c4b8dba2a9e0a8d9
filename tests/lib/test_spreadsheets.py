"""Files of people, in and out."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest

from unionplan.lib.spreadsheets import Choices, Column, Invalid, csv_file, csv_text, read, xlsx_file

COLUMNS = [
    Column("unit", "Mã đơn vị", is_required=True),
    Column("members", "Đoàn viên", is_required=True),
    Column("founded_on", "Ngày thành lập"),
    Column("share", "Tỷ lệ"),
]


def sheet_of(text):
    return read(text.encode(), COLUMNS)


def workbook_of(*rows):
    book, out = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def problems(content):
    """All problems of a file whose rows are read as the columns say."""
    try:
        sheet = read(content if isinstance(content, bytes) else content.encode(), COLUMNS)
    except Invalid as error:
        return str(error).splitlines()
    for row in sheet.rows:
        row.text("unit", is_required=True)
        row.whole_number("members")
        row.date("founded_on")
        row.percentage("share")
    return [str(problem) for problem in sheet.problems]


@pytest.mark.parametrize(
    "text",
    [
        "unit,members\nTS-01,1\n",
        "unit;members\r\nTS-01;1\r\n",
        "unit\tmembers\nTS-01\t1",
        '\ufeff"unit","members"\n"TS-01","1"\n',
        "members,unit\n1,TS-01\n",
        "Mã đơn vị;Đoàn viên\nTS-01;1\n",
        "MA DON VI*;  đoàn   viên \nTS-01;1\n",
        "Ma\u0303 đơn vị;Đoa\u0300n viên\nTS-01;1\n",
    ],
)
def test_a_text_file_is_read_however_it_was_saved(text):
    sheet = sheet_of(text)
    assert [(row.number, row.text("unit"), row.whole_number("members")) for row in sheet.rows] == [
        (2, "TS-01", 1)
    ]
    assert sheet.problems == []


@pytest.mark.parametrize("heading", ["STT", "TT", "Số thứ tự"])
def test_a_column_that_counts_the_rows_says_nothing(heading):
    sheet = sheet_of(f"{heading},unit,members\n1,TS-01,5\n2,,\n3,TS-02,6\n")
    assert [(row.number, row.text("unit")) for row in sheet.rows] == [(2, "TS-01"), (4, "TS-02")]


def test_rows_keep_their_place_past_blank_rows_and_broken_lines():
    sheet = sheet_of('unit,members\n\n"TS\n01",1\n , \nTS-02,2\n')
    assert [(row.number, row.text("unit")) for row in sheet.rows] == [(3, "TS\n01"), (5, "TS-02")]


def test_an_absent_column_and_an_empty_cell_say_nothing():
    (row,) = sheet_of("unit,members\nTS-01,\n").rows
    read_values = (row.whole_number("members"), row.date("founded_on"), row.percentage("share"))
    assert read_values == (None, None, None)
    assert row.text("founded_on") == ""
    assert row.sheet.problems == []


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        (b"", ["Tệp rỗng."]),
        (b"\xef\xbb\xbf  \n", ["Tệp rỗng."]),
        ("unit,members\n", ["Tệp không có dòng số liệu nào dưới dòng tên cột."]),
        (
            "unit,members\nTS-01,1\nĐN,2\n".encode("utf-16"),
            [
                "dòng 1: tệp không theo mã UTF-8. Trong Excel hãy lưu thành “CSV UTF-8”, "
                "hoặc dùng chính tệp .xlsx."
            ],
        ),
        (
            b"unit,members\nTS-01,1\n\xd0N,2\n",
            [
                "dòng 3: tệp không theo mã UTF-8. Trong Excel hãy lưu thành “CSV UTF-8”, "
                "hoặc dùng chính tệp .xlsx."
            ],
        ),
        (b"unit,members\nTS\x00,1\n", ["dòng 2: tệp bị hỏng: chỗ này không phải văn bản."]),
        (
            'unit,members\n"TS-01,1\n',
            ["dòng 2: không đọc được dòng này. Có dấu ngoặc kép chưa đóng?"],
        ),
        (b"PK\x03\x04nothing", ["Tệp bị hỏng hoặc không phải tệp Excel."]),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            ["Tệp là .xls kiểu cũ hoặc có mật khẩu. Hãy lưu lại thành .xlsx không có mật khẩu."],
        ),
        (
            "unit,members,Đoàn viên,admited,\nTS-01,1,1,1,\n",
            [
                "dòng 1, cột Đoàn viên: cột này có hai lần.",
                "dòng 1, cột admited: tệp này không có cột nào tên như vậy; kiểm tra lại tên cột.",
            ],
        ),
        ("TS-01,1\n", None),
        ("unit,share\nTS-01,1\n", ["dòng 1, cột members: thiếu cột này."]),
        (
            "unit,members\nCông ty A, chi nhánh B,12\n",
            [
                "dòng 2, cột C: “12” không nằm dưới tên cột nào.",
                "dòng 2, cột members: Hãy nhập số nguyên, ví dụ 1.234.",
            ],
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(content, sentences):
    if sentences is None:
        assert len(problems(content)) == 4  # two unknown columns, two missing ones
    else:
        assert problems(content) == sentences


def test_everything_wrong_is_told_at_once_with_its_place():
    assert problems(
        "unit;Đoàn viên;founded_on;share\n"
        "TS-01;12,5;31/02/2024;95\n"
        ";-3;soon;9x\n"
        "TS-03;1.234;31/03/2024;95,5\n"
    ) == [
        "dòng 2, cột Đoàn viên: Số người không có phần lẻ (đã nhập 12,5).",
        "dòng 2, cột founded_on: Ngày 31/02/2024 không có trong lịch.",
        "dòng 3, cột unit: ô này không được để trống.",
        "dòng 3, cột Đoàn viên: Số này không thể âm.",
        "dòng 3, cột founded_on: Hãy nhập ngày, ví dụ 05/10/2024.",
        "dòng 3, cột share: Hãy nhập tỷ lệ phần trăm, ví dụ 95 hoặc 95,5.",
    ]


@pytest.mark.parametrize(
    ("typed", "number"), [("5493", 5493), ("5.493", 5493), ("1.234.567", 1234567), (" 7 ", 7)]
)
def test_counts_may_carry_thousands_dots(typed, number):
    (row,) = sheet_of(f"unit;members\nTS-01;{typed}\n").rows
    assert row.whole_number("members") == number


@pytest.mark.parametrize("typed", ["95.5", "95,5", "95,5%", "95.50 %"])
def test_a_percentage_has_a_point_or_a_comma(typed):
    (row,) = sheet_of(f'unit,members,share\nTS-01,1,"{typed}"\n').rows
    assert row.percentage("share") == Decimal("95.5")


@pytest.mark.parametrize("typed", ["2024-03-31", "31/03/2024", "31/3/2024", "31-03-2024"])
def test_a_day_is_read_day_before_month(typed):
    (row,) = sheet_of(f"unit,members,founded_on\nTS-01,1,{typed}\n").rows
    assert row.date("founded_on") == date(2024, 3, 31)


def test_a_choice_is_known_by_code_and_by_name_without_accents():
    rows = sheet_of("unit,members\nagencies,1\nCO QUAN,1\nmoon,1\n").rows
    choices = Choices({"agencies": 1, "Cơ quan": 1})
    assert [row.choice("unit", choices) for row in rows] == [1, 1, None]
    assert [str(problem) for problem in rows[0].sheet.problems] == [
        "dòng 4, cột unit: không có giá trị “moon”."
    ]


def test_a_workbook_keeps_numbers_and_dates():
    content = workbook_of(
        ["Mã đơn vị", "members", "founded_on", "share"],
        [1001, 5493, datetime(2024, 3, 31), 95.5],
        [],
        ["TS-02", "1.234", "31/03/2024", "95,5"],
    )
    sheet = read(content, COLUMNS)
    assert [
        (
            row.number,
            row.text("unit"),
            row.whole_number("members"),
            row.date("founded_on"),
            row.percentage("share"),
        )
        for row in sheet.rows
    ] == [
        (2, "1001", 5493, date(2024, 3, 31), Decimal("95.5")),
        (4, "TS-02", 1234, date(2024, 3, 31), Decimal("95.5")),
    ]
    assert sheet.problems == []


def test_decimals_in_a_head_count_cell_are_an_error_that_names_the_cell():
    content = workbook_of(["unit", "members"], ["TS-01", 5.493])
    assert problems(content) == [
        "dòng 2, cột members: ô B2 ghi 5,493, không phải số nguyên.",
    ]


def test_the_first_sheet_that_can_be_seen_is_read():
    book, out = openpyxl.Workbook(), BytesIO()
    book.active.append(["lists"])
    book.active.sheet_state = "hidden"
    figures = book.create_sheet("Số liệu")
    figures.append(["unit", "members"])
    figures.append(["TS-01", 1])
    book.save(out)
    assert [row.text("unit") for row in read(out.getvalue(), COLUMNS).rows] == ["TS-01"]


def test_a_stray_cell_at_the_end_of_a_sheet_is_refused_and_not_read():
    book, out = openpyxl.Workbook(), BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "unit", 1
    book.save(out)
    assert problems(out.getvalue()) == [
        "Trang tính quá lớn. Hãy xoá các dòng, cột trống quanh bảng."
    ]


@pytest.mark.parametrize(
    ("sheet", "cell"),
    [
        ("xl/Worksheets/sheet1.xml", '<c r="XFD1048576"><v>1</v></c>'),
        ("xl/worksheets/sheet1.xml", '<c r="xfd1048576"><v>1</v></c>'),
        ("xl/worksheets/sheet1.xml", '<c r="XFD00001048576"><v>1</v></c>'),
        ("xl/worksheets/sheet1.xml", '<c t="n"r="XFD1048576"><v>1</v></c>'),
        ("xl/worksheets/sheet1.xml", "<c><v>1</v></c>" * 100),
    ],
    ids=["another folder", "small letters", "zeros", "no space", "no place"],
)
def test_a_stray_cell_is_found_however_it_is_written(sheet, cell):
    """Calamine would ask for more memory than there is, and the process would end."""
    content, out = workbook_of(["unit", "members"]), BytesIO()
    row = f'<row r="1048576">{cell}</row></sheetData>'
    with ZipFile(BytesIO(content)) as before, ZipFile(out, "w") as after:
        for part in before.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            text = before.read(part)
            text = text.replace(b"</sheetData>", row.encode()) if is_sheet else text
            after.writestr(sheet if is_sheet else part.filename, text)
    assert problems(out.getvalue()) == [
        "Trang tính quá lớn. Hãy xoá các dòng, cột trống quanh bảng."
    ]


HEADER = ["Đơn vị", "Đoàn viên", "Tỷ lệ", "Ngày"]
ROWS = [
    ["CĐCS Hương Giang", 5493, Decimal("87.88"), date(2024, 10, 5)],
    ["=1+1", None, Fraction(1, 2), None],
]


def test_a_text_file_for_machines_has_plain_numbers():
    assert csv_text(HEADER, ROWS) == (
        "Đơn vị,Đoàn viên,Tỷ lệ,Ngày\nCĐCS Hương Giang,5493,87.88,2024-10-05\n=1+1,,0.5,\n"
    )


def test_a_text_file_for_people_calculates_nothing_and_says_its_encoding():
    content = csv_file(HEADER, ROWS)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[2] == "'=1+1,,0.5,"


def test_a_workbook_for_people_has_numbers_as_numbers_and_texts_as_texts():
    sheet = openpyxl.load_workbook(BytesIO(xlsx_file(HEADER, ROWS, title="Tiến độ: [2024]"))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        HEADER,
        ["CĐCS Hương Giang", 5493, 87.88, datetime(2024, 10, 5)],
        ["=1+1", None, 0.5, None],
    ]
    assert sheet["A3"].data_type == "s"
    assert [cell.number_format for cell in sheet[2]] == [
        "General",
        "#,##0",
        "#,##0.00",
        "dd/mm/yyyy",
    ]
    assert (sheet.freeze_panes, sheet.title) == ("A2", "Tiến độ- -2024-")
    assert sheet.column_dimensions["A"].width > len("CĐCS Hương Giang")


@pytest.mark.parametrize("write", [csv_file, xlsx_file])
def test_what_is_written_can_be_read_again(write):
    rows = [["-TS", 5493, date(2024, 3, 31), Decimal("95.5")], ["+84 =x", 0, None, None]]
    sheet = read(write([column.name for column in COLUMNS], rows), COLUMNS)
    assert [
        [
            row.text("unit"),
            row.whole_number("members"),
            row.date("founded_on"),
            row.percentage("share"),
        ]
        for row in sheet.rows
    ] == rows
    assert sheet.problems == []
