"""The tree comes in from a file: all of it or nothing, with every error at once."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from members import totals
from members.access import Role
from members.imports import bring_in_units
from members.models import HistoryEntry, Kind, Placement, QuarterlyReport, Unit
from members.models.units import EARLIEST
from tests import factories
from unionplan.lib.spreadsheets import Invalid

HEADER = "code,name,kind,parent,sector,founded_on"
THREE_LEVELS = f"""{HEADER}
CX-01,CĐCS Xi măng,grassroots,CX,NN,2001-05-01
CX,Công đoàn Xây dựng,federation,,,1957-03-16
CX-T,Công đoàn Trường Sơn,upper,CX,,
CX-T-1,CĐCS Hương Giang,grassroots,CX-T,NNN,31/03/1950
CX-T-2,Nghiệp đoàn Thợ xây,occupational,CX-T,ND,
"""


def bring_in(text, *, by=None, **options):
    return bring_in_units(text.encode(), by=by or factories.superuser(), **options)


def problems(rows, *, by=None, header=HEADER):
    before = Unit.objects.count(), HistoryEntry.objects.count()
    with pytest.raises(Invalid) as error:
        bring_in(f"{header}\n{rows}\n", by=by)
    assert (Unit.objects.count(), HistoryEntry.objects.count()) == before
    return str(error.value).splitlines()


def chain(unit):
    superiors = Unit.objects.ancestors_of(unit, include_self=True).order_by("path")
    return [superior.code for superior in superiors]


@pytest.mark.django_db
def test_a_tree_comes_in_with_parents_anywhere_in_the_file():
    done = bring_in(THREE_LEVELS)
    assert {unit.code: chain(unit) for unit in Unit.objects.all()} == {
        "CX": ["CX"],
        "CX-01": ["CX", "CX-01"],
        "CX-T": ["CX", "CX-T"],
        "CX-T-1": ["CX", "CX-T", "CX-T-1"],
        "CX-T-2": ["CX", "CX-T", "CX-T-2"],
    }
    assert done.summary() == (
        f"Đơn vị thêm mới: 1 {Kind.FEDERATION.label}, 1 {Kind.UPPER.label}, "
        f"2 {Kind.GRASSROOTS.label}, 1 {Kind.OCCUPATIONAL.label}. "
        "Cập nhật thông tin: 0. Giữ nguyên: 0."
    )


@pytest.mark.django_db
def test_every_unit_has_one_open_placement_since_its_founding():
    bring_in(THREE_LEVELS)
    places = Placement.objects.values_list("unit__code", "parent__code", "sector", "valid_from")
    assert set(places.filter(valid_to=None)) == {
        ("CX", None, None, date(1957, 3, 16)),
        ("CX-01", "CX", "NN", date(2001, 5, 1)),
        ("CX-T", "CX", None, EARLIEST),
        ("CX-T-1", "CX-T", "NNN", date(1950, 3, 31)),
        ("CX-T-2", "CX-T", "ND", EARLIEST),
    }
    assert places.count() == 5


@pytest.mark.django_db
def test_each_unit_has_its_line_of_history():
    bring_in(THREE_LEVELS, by=factories.superuser("importer"))
    line = HistoryEntry.objects.get(unit__code="CX-01")
    assert (line.by.username, line.verb, line.subject) == (
        "importer",
        "added the unit",
        "CĐCS Xi măng",
    )
    assert line.changes == {
        "code": [None, "CX-01"],
        "name": [None, "CĐCS Xi măng"],
        "kind": [None, "grassroots"],
        "sector_id": [None, "NN"],
        "founded_on": [None, "2001-05-01"],
        "parent": [None, "CX"],
    }


@pytest.mark.django_db
def test_units_are_found_and_sorted_by_name_at_once():
    bring_in(THREE_LEVELS)
    assert [unit.code for unit in Unit.objects.search("huong giang")] == ["CX-T-1"]


@pytest.mark.django_db
def test_the_same_file_a_second_time_changes_nothing():
    bring_in(THREE_LEVELS)
    lines = HistoryEntry.objects.count()
    done = bring_in(THREE_LEVELS)
    assert ([*done.lines()], done.unchanged) == ([], 5)
    assert HistoryEntry.objects.count() == lines


@pytest.mark.django_db
def test_a_dry_run_shows_everything_and_writes_nothing():
    done = bring_in(THREE_LEVELS, dry_run=True)
    assert sorted(done.lines()) == [
        "+ CX Công đoàn Xây dựng",
        "+ CX-01 CĐCS Xi măng",
        "+ CX-T Công đoàn Trường Sơn",
        "+ CX-T-1 CĐCS Hương Giang",
        "+ CX-T-2 Nghiệp đoàn Thợ xây",
    ]
    assert (Unit.objects.count(), HistoryEntry.objects.count()) == (0, 0)


def test_the_file_may_speak_vietnamese(tree):
    bring_in(
        "Mã;Tên;Loại đơn vị;Công đoàn cấp trên;Loại hình;Ngày thành lập;Chủ tịch;Điện thoại;Khối\n"
        "TS-09;CĐCS Lam Sơn;công đoàn cơ sở;TS;Doanh nghiệp nhà nước;01/02/2003;"
        'Lê Thị Lan;+84 900 000 009;"Khối I; Cụm 2"\n'
    )
    unit = Unit.objects.get(code="TS-09")
    assert (unit.kind, unit.parent, unit.sector_id) == ("grassroots", tree.truong_son, "NN")
    assert (unit.founded_on, unit.contact_name, unit.phone) == (
        date(2003, 2, 1),
        "Lê Thị Lan",
        "0900000009",
    )
    assert sorted(tag.name for tag in unit.tags.all()) == ["Cụm 2", "Khối I"]


def test_contacts_are_followed_with_history_and_an_empty_cell_keeps_what_is_there(tree):
    header = f"{HEADER},phone,email,tags"
    row = "TS-01,CĐCS Công ty CP Xây dựng Hương Giang,grassroots,TS,NNN,"
    bring_in(f"{header}\n{row},0900000001,mai@example.org,Khối I\n")
    done = bring_in(f"{header}\n{row},900000002,,Cụm 2\n")
    unit = Unit.objects.get(code="TS-01")
    assert (unit.phone, unit.email) == ("0900000002", "mai@example.org")
    assert [tag.name for tag in unit.tags.all()] == ["Cụm 2"]
    assert [*done.lines()] == ["~ TS-01 CĐCS Công ty CP Xây dựng Hương Giang"]
    assert HistoryEntry.objects.newest_first().first().changes == {
        "phone": ["0900000001", "0900000002"],
        "tags": ["Khối I", "Cụm 2"],
    }


def test_a_change_of_a_stored_unit_is_an_event(tree):
    assert problems("TS-02,CĐCS Gạch Sông Lam,grassroots,CDN,NNN,2001-01-01") == [
        f"dòng 2, cột {column}: đang lưu “{stored}”; "
        "thay đổi của đơn vị đã có thì nhập bằng import_events."
        for column, stored in [
            ("name", "CĐCS Nhà máy Gạch Sông Lam"),
            ("parent", "TS"),
            ("sector", "NN"),
            ("founded_on", ""),
        ]
    ]


def test_all_errors_come_at_once_and_nothing_is_written(tree):
    rows = """TS-09,CĐCS Một,grassroots,XX,NNN,31/02/2024
TS-09,CĐCS Hai,grassroots,TS,NNN,
TS 10,CĐCS Ba,grassroots,TS-01,,
A,CĐ A,upper,B,,
B,CĐ B,upper,C,,
C,CĐ C,upper,A,,
D,CĐ D,upper,A,,
TS-11,,union,TS-12,moon,
TS-12,Nghiệp đoàn,occupational,TS,NN,
TS-13,CĐCS Bốn,grassroots,TS-12,ND,
TS-14,CĐ Năm,upper,,HC,"""
    assert problems(rows) == [
        "dòng 2, cột founded_on: Ngày 31/02/2024 không có trong lịch.",
        "dòng 2, cột parent: không có đơn vị mã XX.",
        "dòng 3, cột code: mã này đã có ở dòng 2.",
        "dòng 4, cột code: mã chỉ gồm chữ không dấu, chữ số và các dấu . _ -",
        "dòng 4, cột parent: TS-01 là công đoàn cơ sở, không có đơn vị trực thuộc.",
        "dòng 4, cột sector: ô này không được để trống.",
        "dòng 5, cột parent: công đoàn cấp trên bị vòng lặp: A → B → C → A.",
        "dòng 6, cột parent: công đoàn cấp trên bị vòng lặp: B → C → A → B.",
        "dòng 7, cột parent: công đoàn cấp trên bị vòng lặp: C → A → B → C.",
        "dòng 9, cột name: ô này không được để trống.",
        "dòng 9, cột kind: không có giá trị “union”.",
        "dòng 9, cột sector: không có giá trị “moon”.",
        "dòng 9, cột parent: TS-12 là công đoàn cơ sở, không có đơn vị trực thuộc.",
        "dòng 10, cột sector: loại hình của nghiệp đoàn là ND.",
        "dòng 11, cột parent: TS-12 là công đoàn cơ sở, không có đơn vị trực thuộc.",
        "dòng 11, cột sector: loại hình ND chỉ dành cho nghiệp đoàn.",
        "dòng 12, cột parent: loại đơn vị này phải có công đoàn cấp trên.",
        "dòng 12, cột sector: chỉ công đoàn cơ sở và nghiệp đoàn có loại hình.",
    ]


def test_a_contact_that_cannot_be_reached_is_an_error(tree):
    header = f"{HEADER},phone,email"
    assert problems("TS-09,CĐCS Một,grassroots,TS,NNN,,12ab,mai@", header=header) == [
        "dòng 2, cột phone: “12ab” không phải số điện thoại.",
        "dòng 2, cột email: “mai@” không phải địa chỉ email.",
    ]


def test_missing_and_unknown_columns_are_told(tree):
    rows = "TS-09,CĐCS Một,TS,NNN,,1"
    assert problems(rows, header="code,name,parent,sector,founded_on,telefon") == [
        "dòng 1, cột telefon: tệp này không có cột nào tên như vậy; kiểm tra lại tên cột.",
        "dòng 1, cột kind: thiếu cột này.",
    ]


def test_more_levels_than_a_path_holds_are_an_error(tree):
    rows = "\n".join(f"L{n},CĐ {n},upper,{f'L{n - 1}' if n else 'TS'},," for n in range(14))
    assert problems(rows) == ["dòng 15, cột parent: quá nhiều cấp."]


def test_an_administrator_brings_in_units_of_the_own_branch_only(tree, cast):
    done = bring_in(f"{HEADER}\nTS-09,CĐCS Một,grassroots,TS,NNN,\n", by=cast.administrator)
    assert [unit.code for unit in done.added] == ["TS-09"]
    rows = """SO-09,CĐCS Hai,grassroots,SO,NNN,
SO-01,CĐCS Nhà máy Dệt Đông Đô,grassroots,SO,NNN,
XX,Công đoàn Mới,federation,,,"""
    assert problems(rows, by=cast.administrator) == [
        "dòng 2, cột parent: không có đơn vị mã SO.",
        "dòng 3, cột code: mã này đã dùng cho đơn vị khác.",
        "dòng 4, cột parent: chỉ quản trị toàn hệ thống được thêm đơn vị không có cấp trên.",
    ]


def test_a_new_unit_gets_its_report_in_every_open_quarter_it_existed_in(tree, quarter):
    bring_in(
        f"{HEADER}\nTS-08,CĐCS Một,grassroots,TS,NNN,2024-09-30\n"
        "TS-09,CĐCS Hai,grassroots,TS,NNN,2024-10-01\n"
    )
    report = QuarterlyReport.objects.get(unit__code__in=["TS-08", "TS-09"])
    assert (report.unit.code, report.parent, report.is_new_unit, report.opening_members) == (
        "TS-08",
        tree.truong_son,
        True,
        0,
    )
    assert list(totals.differences()) == []


def test_units_added_by_hand_follow_those_of_a_file(tree):
    """The ids a file reserved are not given out a second time."""
    bring_in(f"{HEADER}\nTS-08,CĐCS Một,grassroots,TS,NNN,\n")
    assert factories.unit("TS-09", parent=tree.truong_son).pk not in {
        unit.pk for unit in Unit.objects.exclude(code="TS-09")
    }


# --- the command ---------------------------------------------------------------------------------


def test_the_command_acts_as_the_first_administrator_and_says_what_it_did(tree, tmp_path, capsys):
    factories.superuser()
    bao = factories.person("bao", tree.confederation, Role.ADMINISTRATOR)
    file = tmp_path / "units.csv"
    file.write_text(f"{HEADER}\nTS-09,CĐCS Một,grassroots,TS,NNN,\n", encoding="utf-8")
    call_command("import_units", file, "--dry-run")
    assert not Unit.objects.filter(code="TS-09").exists()
    call_command("import_units", file)
    assert HistoryEntry.objects.get(unit__code="TS-09").by == bao
    summary = f"Đơn vị thêm mới: 1 {Kind.GRASSROOTS.label}. Cập nhật thông tin: 0. Giữ nguyên: 0."
    assert capsys.readouterr().out.splitlines() == [
        "+ TS-09 CĐCS Một",
        summary,
        "Chưa ghi gì: đây là lần chạy thử.",
        summary,
    ]


@pytest.mark.parametrize("login", ["bao", "bao@example.org", "0900000007"])
def test_the_acting_user_is_named_by_user_name_address_or_telephone(tree, tmp_path, login):
    factories.superuser()
    bao = factories.person("bao", tree.building, Role.ADMINISTRATOR, phone="0900000007")
    file = tmp_path / "units.csv"
    file.write_text(f"{HEADER}\nTS-09,CĐCS Một,grassroots,TS,NNN,\n", encoding="utf-8")
    call_command("import_units", file, "--as", login)
    assert HistoryEntry.objects.get(unit__code="TS-09").by == bao


def test_the_command_writes_each_error_on_its_own_line_and_fails(cast, tmp_path, capsys):
    file = tmp_path / "units.csv"
    file.write_text(f"{HEADER}\nTS-09,,grassroots,TS,,\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"^Chưa nhập gì; sửa 2 lỗi rồi kiểm tra lại\.$"):
        call_command("import_units", file)
    assert capsys.readouterr().err.splitlines() == [
        "dòng 2, cột name: ô này không được để trống.",
        "dòng 2, cột sector: ô này không được để trống.",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nothing.csv"], "Chưa có người quản trị: tạo bằng lệnh “manage.py createsuperuser”."),
        (["nothing.csv", "--as", "nobody"], "Không có tài khoản “nobody”."),
    ],
)
def test_the_command_says_when_nobody_can_act(arguments, sentence):
    with pytest.raises(CommandError) as error:
        call_command("import_units", *arguments)
    assert str(error.value) == sentence


def test_the_command_says_when_there_is_no_file(cast):
    with pytest.raises(CommandError) as error:
        call_command("import_units", "nothing.csv", "--as", cast.administrator.username)
    assert str(error.value) == "Không đọc được nothing.csv: không có tệp này."
