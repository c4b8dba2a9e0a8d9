"""Lists of courses come in from a file: all rows or none, every error with its place."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import HistoryEntry, HistoryKind, KeptFile
from tests import factories
from training.imports.attendance import bring_in_attendance
from training.models import Attendance, Course, CourseStatus
from unionplan.lib.spreadsheets import Invalid, xlsx_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "today")]

PAGE = reverse("attendance-import")
TEMPLATE = reverse("attendance-import-template")
HEADER = "course,topic,starts_on,unit,officer,completed"
LABELS = ["Lớp", "Chuyên đề", "Ngày khai mạc", "Mã đơn vị", "Họ và tên", "Hoàn thành"]
DAY = date(2024, 5, 6)


def bring_in(rows, by, *, header=HEADER, **options):
    return bring_in_attendance(f"{header}\n{rows}\n".encode(), by=by, **options)


def problems(rows, by, *, header=HEADER):
    kept = list(Attendance.objects.order_by("pk").values_list())
    courses = Course.objects.count()
    with pytest.raises(Invalid) as error:
        bring_in(rows, by, header=header)
    assert list(Attendance.objects.order_by("pk").values_list()) == kept
    assert Course.objects.count() == courses
    return str(error.value).splitlines()


def lists():
    rows = Attendance.objects.order_by("course__starts_on", "course_id", "officer__name")
    names = ("course__title", "unit__code", "officer__name", "completed_on")
    return list(rows.values_list(*names))


@pytest.fixture
def people(tree):
    return [
        factories.officer(tree.huong_giang, "Trần Thị Mai"),
        factories.officer(tree.song_lam, "Nguyễn Văn Nam"),
        factories.officer(tree.weavers, "Lê Thị Xa"),
    ]


# --- what comes in -------------------------------------------------------------------------------


def test_a_known_course_gets_its_list(cast, tree, people):
    course = factories.course(tree.truong_son, title="Lớp Nghiệp vụ", ends_on=date(2024, 5, 8))
    done = bring_in(
        f"""lớp  nghiệp vụ,Nghiep vu,06/5/2024,TS-01,TRẦN THỊ  MAI,có
{course.pk},skills,2024-05-06,TS-02,Nguyễn Văn Nam,07/05/2024""",
        cast.reviewer,
    )
    assert lists() == [
        ("Lớp Nghiệp vụ", "TS-02", "Nguyễn Văn Nam", date(2024, 5, 7)),
        ("Lớp Nghiệp vụ", "TS-01", "Trần Thị Mai", date(2024, 5, 8)),  # the last day
    ]
    assert done.summary() == (
        "Thêm vào danh sách: 2. Hoàn thành: 2. Cập nhật: 0. Giữ nguyên: 0."
        " Ghi lớp đã tổ chức: 0 mới, 0 theo kế hoạch."
    )
    assert "+ TS-01 Trần Thị Mai · Lớp Nghiệp vụ: hoàn thành ngày 08/5/2024" in list(done.lines())
    lines = HistoryEntry.objects.filter(kind=HistoryKind.COURSE)
    assert {line.unit for line in lines} == {tree.huong_giang, tree.song_lam}


@pytest.mark.parametrize(
    ("person", "unit"), [("reviewer", "TS"), ("administrator", "CDN"), ("root", "TLD")]
)
def test_an_unknown_course_is_recorded_where_one_plans(cast, people, person, unit):
    done = bring_in(
        """Lớp mới,Đối thoại - tiền lương,06/5/2024,TS-01,Trần Thị Mai,08/5/2024
lớp mới,doi thoai tien luong,06/5/2024,TS-02,Nguyễn Văn Nam,
Lớp mới,dialogue-wages,07/5/2024,TS-02,Nguyễn Văn Nam,x""",
        getattr(cast, person),
    )
    one, two = Course.objects.order_by("starts_on")
    assert (one.title, one.topic_id, one.unit.code) == ("Lớp mới", "dialogue-wages", unit)
    assert (one.status, one.planned_on, one.ends_on) == (
        CourseStatus.HELD,
        None,
        date(2024, 5, 8),  # somebody completed it then
    )
    assert two.ends_on == date(2024, 5, 7)
    assert len(done.recorded) == 2
    assert Course.objects.search("lop moi").count() == 2
    assert [completed for *_who, completed in lists()] == [None, date(2024, 5, 8), two.ends_on]


def test_a_planned_course_that_has_begun_is_held_once_somebody_completed_it(cast, tree, people):
    course = factories.course(tree.truong_son, title="Lớp A", status="planned")
    bring_in("Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,", cast.reviewer)
    course.refresh_from_db()
    assert course.is_planned
    done = bring_in("Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,có", cast.reviewer)
    course.refresh_from_db()
    assert (course.is_held, course.planned_on, done.held) == (True, DAY, [course])
    assert "~ Lớp A, 06/5/2024: đã tổ chức" in list(done.lines())
    assert HistoryEntry.objects.filter(verb="held the course").count() == 1


def test_people_are_sent_to_a_course_to_come(cast, tree, people):
    factories.course(tree.truong_son, title="Lớp B", status="planned", starts_on=date(2024, 11, 12))
    bring_in("Lớp B,,12/11/2024,TS-01,Trần Thị Mai,", cast.reviewer)
    assert lists() == [("Lớp B", "TS-01", "Trần Thị Mai", None)]
    assert problems("Lớp B,,12/11/2024,TS-02,Nguyễn Văn Nam,có", cast.reviewer) == [
        "dòng 2, cột completed: Lớp chưa khai mạc."
    ]


def test_who_moved_after_being_sent_counts_where_they_are_then(cast, tree, people):
    course = factories.course(tree.truong_son, title="Lớp B", starts_on=DAY, status="planned")
    mai = people[0]
    factories.attended(course, mai, completed=False)
    mai.valid_to = date(2024, 5, 2)
    mai.save()
    factories.officer(tree.office, officer=mai.officer, position="staff", begins_on=mai.valid_to)

    bring_in("Lớp B,skills,2024-05-06,TS-03,Trần Thị Mai,x", cast.reviewer)

    assert lists() == [("Lớp B", "TS-03", "Trần Thị Mai", DAY)]
    assert HistoryEntry.objects.get(verb="completed the course").unit == tree.office


def test_the_same_file_again_changes_nothing(cast, tree, people):
    rows = """Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,06/5/2024
Lớp A,skills,06/5/2024,TS-02,Nguyễn Văn Nam,không"""
    bring_in(rows, cast.reviewer)
    told = HistoryEntry.objects.count()
    again = bring_in(rows, cast.reviewer)
    assert (again.is_empty, again.unchanged) == (True, 2)
    assert HistoryEntry.objects.count() == told


def test_what_differs_is_followed_and_a_blank_says_nothing(cast, tree, people):
    course = factories.course(tree.truong_son, title="Lớp A", ends_on=date(2024, 5, 8))
    factories.attended(course, people[0])

    def row(completed):
        done = bring_in(f"Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,{completed}", cast.reviewer)
        return len(done.changed), Attendance.objects.get().completed_on

    assert row("") == (0, date(2024, 5, 8))
    assert row("yes") == (0, date(2024, 5, 8))
    assert row("07/5/2024") == (1, date(2024, 5, 7))
    assert row("Có") == (0, date(2024, 5, 7))
    assert row("chưa hoàn thành") == (1, None)
    assert row("") == (0, None)


def test_somebody_counts_where_they_served_on_the_first_day(cast, tree, people):
    """Looked for at the unit of the file, where they serve or served."""
    moved = factories.officer(
        tree.huong_giang, "Đỗ Văn Chuyển", left_on=date(2024, 3, 1), position="staff"
    )
    factories.officer(tree.office, officer=moved.officer, elected_on=date(2024, 3, 1))
    bring_in(
        """Lớp A,skills,06/5/2024,TS-01,Đỗ Văn Chuyển,x
Lớp Z,skills,06/2/2024,TS-03,Đỗ Văn Chuyển,x""",
        cast.reviewer,
    )
    assert [(title, unit) for title, unit, *_rest in lists()] == [
        ("Lớp Z", "TS-01"),
        ("Lớp A", "TS-03"),
    ]


# --- what is refused -----------------------------------------------------------------------------


def test_every_unknown_officer_is_listed_and_nothing_is_written(cast, people):
    assert problems(
        """Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,có
Lớp A,skills,06/5/2024,TS-01,Người Lạ,có
Lớp A,skills,06/5/2024,TS-02,Trần Thị Mai,có
Lớp A,skills,06/5/2024,TS-02,999,có
Lớp A,skills,06/5/2024,SO-01,Lê Thị Xa,có
Lớp A,skills,06/5/2024,KHÔNG-CÓ,Ai Đó,có""",
        cast.reviewer,
    ) == [
        "dòng 3, cột officer: đơn vị TS-01 không có cán bộ “Người Lạ”.",
        "dòng 4, cột officer: đơn vị TS-02 không có cán bộ “Trần Thị Mai”.",
        "dòng 5, cột officer: đơn vị TS-02 không có cán bộ mã 999.",
        "dòng 6, cột unit: không có đơn vị mã SO-01.",
        "dòng 7, cột unit: không có đơn vị mã KHÔNG-CÓ.",
    ]


def test_nobody_attends_before_or_after_their_office(cast, tree, people):
    factories.officer(tree.office, "Lê Văn Cũ", left_on=DAY)
    factories.officer(tree.hon_da, "Đỗ Thị Mới", elected_on=date(2024, 5, 7))
    away = factories.officer(tree.masons, "Phạm Văn Xa", left_on=date(2024, 1, 1))
    factories.officer(tree.spinning, officer=away.officer, elected_on=date(2024, 1, 1))
    rows = """Lớp A,skills,06/5/2024,TS-03,Lê Văn Cũ,có
Lớp A,skills,06/5/2024,HD-01,Đỗ Thị Mới,có
Lớp A,skills,06/5/2024,ND-01,Phạm Văn Xa,có"""
    assert problems(rows, cast.administrator) == [
        "dòng 2, cột officer: Lê Văn Cũ không còn giữ chức vào ngày 06/5/2024.",
        "dòng 3, cột officer: Đỗ Thị Mới chưa giữ chức vào ngày 06/5/2024.",
        # serves in another branch, of which nothing is said here
        "dòng 4, cột officer: Phạm Văn Xa không còn giữ chức vào ngày 06/5/2024.",
    ]


def test_a_day_of_completion_lies_within_the_course_and_the_past(cast, tree, people):
    factories.course(tree.truong_son, title="Lớp dài", ends_on=date(2024, 12, 20))
    assert problems(
        """Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,05/5/2024
Lớp B,skills,06/5/2024,TS-01,Trần Thị Mai,05/11/2024
Lớp dài,skills,06/5/2024,TS-01,Trần Thị Mai,có
Lớp C,skills,06/5/2024,TS-01,Trần Thị Mai,có lẽ
Lớp D,skills,06/5/2024,TS-01,Trần Thị Mai,31/02/2024
Lớp E,skills,06/5/2025,TS-01,Trần Thị Mai,
Lớp G,skills,hôm qua,TS-01,Trần Thị Mai,
Lớp H,skills,,TS-01,Trần Thị Mai,""",
        cast.reviewer,
    ) == [
        "dòng 2, cột completed: Ngày hoàn thành 05/5/2024 trước ngày khai mạc 06/5/2024.",
        "dòng 3, cột completed: Ngày hoàn thành chưa đến.",
        "dòng 4, cột completed: lớp bế mạc ngày 20/12/2024; ghi ngày hoàn thành.",
        "dòng 5, cột completed: ghi có, không hoặc ngày hoàn thành.",
        "dòng 6, cột completed: Ngày 31/02/2024 không có trong lịch.",
        "dòng 7, cột starts_on: lịch không có lớp này mà ngày khai mạc chưa đến.",
        "dòng 8, cột starts_on: Hãy nhập ngày, ví dụ 05/10/2024.",
        "dòng 9, cột starts_on: Mục này phải điền.",
    ]


def test_a_course_has_one_topic(cast, tree, people):
    factories.course(tree.truong_son, "theory", title="Lớp lý luận")
    assert problems(
        """Lớp lý luận,Nghiệp vụ,06/5/2024,TS-01,Trần Thị Mai,có
Lớp mới,Nghiệp vụ,06/5/2024,TS-01,Trần Thị Mai,có
Lớp mới,Lý luận,06/5/2024,TS-02,Nguyễn Văn Nam,có
Lớp khác,,06/5/2024,TS-01,Trần Thị Mai,có
Lớp khác nữa,Cắm hoa,06/5/2024,TS-01,Trần Thị Mai,có""",
        cast.reviewer,
    ) == [
        "dòng 2, cột topic: lớp này thuộc chuyên đề Lý luận.",
        "dòng 4, cột topic: ở dòng 3, lớp này thuộc chuyên đề Nghiệp vụ.",
        "dòng 5, cột topic: ô này không được để trống.",
        "dòng 6, cột topic: không có giá trị “Cắm hoa”.",
    ]


def test_a_course_is_one_of_those_the_user_writes(cast, tree, people):
    above = factories.course(tree.building, title="Lớp trên")
    far = factories.course(tree.spinning, title="Lớp xa")
    twin, other = (factories.course(tree.truong_son, title="Lớp đôi") for _n in range(2))
    factories.course(tree.truong_son, title="Lớp huỷ", status="cancelled")
    numbered = factories.course(tree.truong_son, title="Lớp có mã")
    assert problems(
        f"""{above.pk},skills,06/5/2024,TS-01,Trần Thị Mai,có
{far.pk},skills,06/5/2024,TS-01,Trần Thị Mai,có
Lớp đôi,skills,06/5/2024,TS-01,Trần Thị Mai,có
Lớp huỷ,skills,06/5/2024,TS-01,Trần Thị Mai,có
{numbered.pk},skills,07/5/2024,TS-01,Trần Thị Mai,có
{"9" * 19},skills,07/5/2024,TS-01,Trần Thị Mai,có""",
        cast.reviewer,
    ) == [
        f"dòng 2, cột course: không có lớp mã {above.pk}.",
        f"dòng 3, cột course: không có lớp mã {far.pk}.",
        f"dòng 4, cột course: có nhiều lớp cùng tên, cùng ngày; ghi mã lớp: {twin.pk}, {other.pk}.",
        "dòng 5, cột course: lớp đã huỷ.",
        f"dòng 6, cột starts_on: lớp mã {numbered.pk} khai mạc ngày 06/5/2024.",
        f"dòng 7, cột course: {'không có lớp mã ' + '9' * 19}.",
    ]
    with pytest.raises(PermissionDenied):
        bring_in("Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,có", cast.chair)


def test_a_course_of_a_union_above_is_not_recorded_a_second_time(cast, tree, people):
    factories.course(tree.building, "skills", starts_on=DAY, title="Lớp nghiệp vụ")
    rows = "lớp  nghiệp vụ,nghiệp vụ,06/05/2024,TS-01,Trần Thị Mai,có"

    assert problems(rows, cast.reviewer)[0] == (
        "dòng 2, cột course: lớp này do Công đoàn ngành Xây dựng tổ chức; kết quả tham dự do đơn vị"
        " tổ chức ghi."
    )
    bring_in(rows, cast.federation_reviewer)
    assert lists() == [("Lớp nghiệp vụ", "TS-01", "Trần Thị Mai", DAY)]


def test_two_of_one_name_are_told_apart_by_their_numbers(cast, tree):
    one = factories.officer(tree.huong_giang, "Trần Thị Mai", position="staff")
    two = factories.officer(tree.huong_giang, "Trần thị Mai", position="staff")
    before = factories.officer(tree.huong_giang, "Lê Hoà", position="staff", left_on=DAY)
    now = factories.officer(tree.huong_giang, "Lê Hòa", position="staff")
    row = "Lớp A,skills,06/5/2024,TS-01,{},có"
    assert problems(row.format("Trần Thị Mai"), cast.reviewer) == [
        "dòng 2, cột officer: đơn vị TS-01 có nhiều cán bộ trùng tên;"
        f" ghi mã cán bộ: {one.officer_id}, {two.officer_id}."
    ]
    bring_in(row.format(two.officer_id), cast.reviewer)
    bring_in(row.format("Lê Hoà"), cast.reviewer)  # one of them had left
    sent = set(Attendance.objects.values_list("officer", flat=True))
    assert sent == {two.officer_id, now.officer_id}
    assert before.officer_id not in sent

    header = f"{HEADER},number"
    bring_in(f"{row.format('Trần Thị Mai')},{one.officer_id}", cast.reviewer, header=header)
    assert Attendance.objects.count() == 3
    wrong = problems(f"{row.format('Lê Hoà')},{one.officer_id}", cast.reviewer, header=header)
    assert wrong == [f"dòng 2, cột officer: mã {one.officer_id} là của Trần Thị Mai."]


def test_a_person_stands_in_a_course_once_unless_both_rows_say_the_same(cast, people):
    row = "Lớp A,skills,06/5/2024,TS-01,Trần Thị Mai,{}"
    assert problems(f"{row.format('có')}\n{row.format('không')}", cast.reviewer) == [
        "dòng 3, cột officer: người này đã có ở dòng 2 với nội dung khác."
    ]
    bring_in(f"{row.format('có')}\n{row.format('x')}", cast.reviewer)
    assert Attendance.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "rỗng"),
        (b"course,topic\nA,B\n", "starts_on"),
        (f"{HEADER},email\n".encode(), "email"),
        (f"{HEADER}\n".encode(), "không có dòng"),
        (f"{HEADER}\n,,,,,x\n".encode(), "course"),
        (b"PK\x03\x04", "hỏng"),
    ],
)
def test_a_file_that_is_none_is_told(cast, content, words):
    with pytest.raises(Invalid, match=words):
        bring_in_attendance(content, by=cast.reviewer)


# --- statements ----------------------------------------------------------------------------------


def test_a_file_of_many_costs_as_many_statements_as_one_of_few(cast, tree, monkeypatch):
    # SQLite takes 999 values at a time; apart from that
    monkeypatch.setattr(connection.features, "max_query_params", 30_000)
    for number in range(300):
        factories.officer(tree.huong_giang, f"Người {number}", position="staff")
    assert cast.reviewer.roles

    def cost(numbers, completed, title="Lớp {}"):
        rows = [
            f"{title.format(n % 7)},skills,0{1 + n % 7}/5/2024,TS-01,Người {n},{completed}"
            for n in numbers
        ]
        with CaptureQueriesContext(connection) as queries:
            done = bring_in("\n".join(rows), cast.reviewer)
        assert len(done.sent) + len(done.changed) == len(rows)
        return len(queries)

    for number in range(7):
        day = date(2024, 5, 1 + number)
        factories.course(tree.truong_son, title=f"Lớp {number}", starts_on=day, status="planned")
    assert cost(range(1), "có", "Một {}") == cost(range(300), "có", "Nhiều {}") == 22
    assert cost(range(1), "có") == cost(range(1, 300), "có")
    assert cost(range(1), "không") == cost(range(1, 300), "không")


# --- the page and the command --------------------------------------------------------------------


def upload(*rows, header=LABELS):
    file = SimpleUploadedFile("hoc-vien.xlsx", xlsx_file(header, rows))
    return {"file": file, "action": "check"}


def test_a_file_is_checked_shown_and_then_brought_in(as_, cast, people):
    client = as_(cast.reviewer)
    row = ["Lớp A", "Nghiệp vụ", DAY, "TS-01", "Trần Thị Mai", DAY]
    wrong = client.post(PAGE, upload([*row[:4], "Người Lạ", DAY]))
    assert "đơn vị TS-01 không có cán bộ “Người Lạ”." in wrong.text
    checked = client.post(PAGE, upload(row))
    assert "+ TS-01 Trần Thị Mai · Lớp A: hoàn thành ngày 06/5/2024" in checked.text
    assert not Attendance.objects.exists()
    seen = KeptFile.objects.get().at.isoformat()
    done = client.post(PAGE, {"action": "apply", "seen": seen}, follow=True)
    assert done.redirect_chain[-1][0] == reverse("course-list")
    assert [str(m) for m in done.context["messages"]] == ["Đã nhập 1 lượt tham dự."]
    assert Attendance.objects.count() == 1
    assert "đã có" in client.post(PAGE, upload(row)).text


def test_the_template_says_what_may_stand_in_it(as_, cast):
    book = openpyxl.load_workbook(BytesIO(as_(cast.reviewer).get(TEMPLATE).content))
    first, second = book.worksheets
    header = [cell.value for cell in first[1]]
    assert set(LABELS) <= set(header)
    assert ["Chuyên đề", "Nghiệp vụ", "skills"] in [
        list(row) for row in second.iter_rows(values_only=True)
    ]


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_the_list_of_a_course_comes_in_as_it_went_out(as_, cast, tree, people, format_):
    course = factories.course(tree.truong_son, title="=Lớp A", ends_on=date(2024, 5, 8))
    twin = factories.officer(tree.huong_giang, "Trần Thị Mai", position="staff")
    factories.attended(course, people[0], people[1])
    factories.attended(course, twin, completed=False)
    file = as_(cast.reviewer).get(course.get_absolute_url(), {"format": format_}).content
    again = bring_in_attendance(file, by=cast.reviewer)
    assert (again.is_empty, again.unchanged) == (True, 3)
    Attendance.objects.all().delete()
    assert len(bring_in_attendance(file, by=cast.reviewer).sent) == 3


def test_the_command_tries_and_does(cast, people, tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\nLớp A,skills,06/5/2024,TS-01,Trần Thị Mai,có\n", encoding="utf-8")
    call_command("import_attendance", str(path), "--dry-run", "--as", "hoa")
    assert "+ TS-01 Trần Thị Mai" in capsys.readouterr().out
    assert not Course.objects.exists()
    call_command("import_attendance", str(path), "--as", "hoa")
    assert Attendance.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("import_attendance", str(path), "--as", "mai")
    path.write_text(f"{HEADER}\nLớp A,skills,06/5/2024,TS-01,Ai,có\n", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_attendance", str(path), "--as", "hoa")
    assert "dòng 2, cột officer" in capsys.readouterr().err
