"""Officers come in from a file: all of it or nothing, with every error at once."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import HistoryEntry
from tests import factories
from training.imports.officers import bring_in_officers
from training.models import Officer, Tenure
from unionplan.lib.spreadsheets import Invalid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
HEADER = "unit,name,position,full_time,elected_on"
DAYS = f"{HEADER},first_elected_on,left_on"
FACTS = f"{HEADER},gender,education,political_theory,duties,in_planning,changed_on"
ELECTED, MAY = date(2023, 6, 1), date(2024, 5, 1)


@pytest.fixture
def cast(world, db, today):
    return world.cast


def bring_in(rows, *, by, header=HEADER, **options):
    quoted = "\n".join(";".join(row.split(",")) for row in (header, *rows.splitlines()))
    return bring_in_officers(quoted.encode(), by=by, **options)


def problems(rows, *, by, header=HEADER):
    before = Officer.objects.count(), Tenure.objects.count(), HistoryEntry.objects.count()
    with pytest.raises(Invalid) as error:
        bring_in(rows, by=by, header=header)
    after = Officer.objects.count(), Tenure.objects.count(), HistoryEntry.objects.count()
    assert after == before
    return str(error.value).splitlines()


def kept(*facts, **which):
    return list(Tenure.objects.filter(**which).by_time().values_list(*facts))


def done(brought_in):
    return len(brought_in.added), len(brought_in.changed), brought_in.unchanged


# --- what comes in -------------------------------------------------------------------------------


def test_a_list_comes_in_and_again_changes_nothing(cast, tree):
    rows = """TS-01,Trần Văn Bình,chủ tịch,,01/06/2023
TS-01,Lê  Thị An,Uỷ viên BCH,không,2023-06-01
TS,Lê Văn Hoà,phó chủ tịch,có,1/6/2023"""
    came = bring_in(rows, by=cast.reviewer)
    assert came.summary() == "Cán bộ thêm mới: 3. Cập nhật: 0. Giữ nguyên: 0."
    assert came.sentence() == "Đã nhập 3 cán bộ."
    assert sorted(kept("unit__code", "officer__name", "position", "is_full_time")) == [
        ("TS", "Lê Văn Hoà", "vice-chair", True),
        ("TS-01", "Lê Thị An", "executive-member", False),
        ("TS-01", "Trần Văn Bình", "chair", False),
    ]
    lines = HistoryEntry.objects.count()
    assert done(bring_in(rows.replace("Hoà", "HÒA"), by=cast.reviewer)) == (0, 0, 3)
    assert HistoryEntry.objects.count() == lines


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Chủ tịch", "chair"),
        ("chair", "chair"),
        ("phó chủ tịch", "vice-chair"),
        ("trưởng ban", "head"),
        ("phó ban", "deputy-head"),
        ("Chủ nhiệm UBKT", "inspection-head"),
        ("chánh văn phòng", "office-head"),
        ("phó trưởng ban", "deputy-head"),
        ("uỷ viên BCH", "executive-member"),
        ("ủy viên Ban Chấp hành", "executive-member"),
        ("UBKT", "inspection-member"),
        ("uỷ viên ubkt", "inspection-member"),
        ("tổ trưởng", "team-leader"),
        ("to pho", "deputy-team-leader"),
    ],
)
def test_positions_as_people_write_them(cast, text, code):
    bring_in(f"TS-01,Lê An,{text},,2023-06-01", by=cast.chair)
    assert kept("position") == [(code,)]


@pytest.mark.parametrize(
    ("text", "is_full_time"),
    [
        *dict.fromkeys(("có", "x", "yes", "1", "Chuyên trách"), True).items(),
        *dict.fromkeys(("không", "no", "0", "không chuyên trách", ""), False).items(),
    ],
)
def test_full_time_as_people_write_it(cast, text, is_full_time):
    bring_in(f"TS-01,Lê An,chair,{text},2023-06-01", by=cast.chair)
    assert kept("is_full_time") == [(is_full_time,)]


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("nữ,Đại học,Trung cấp", ("female", "degree", "intermediate")),
        ("Nam,cử nhân,cao cấp", ("male", "degree", "advanced")),
        ("male,kỹ sư,cử nhân", ("male", "degree", "advanced")),
        ("female,Thạc sĩ,sơ cấp", ("female", "postgraduate", "elementary")),
        (",tiến sĩ,chưa qua", ("", "postgraduate", "none")),
        (",sau đại học,advanced", ("", "postgraduate", "advanced")),
        (",trung cấp,none", ("", "below-degree", "none")),
        (",cao đẳng,", ("", "below-degree", "")),
        (",THPT,", ("", "below-degree", "")),
    ],
)
def test_education_as_people_write_it(cast, said, stored):
    row = f"TS-01,Lê An,chair,,2023-06-01,{said},Tổ chức,có,"
    bring_in(row, by=cast.chair, header=FACTS)
    facts = ("officer__gender", "education", "political_theory", "duties", "is_in_planning")
    assert kept(*facts) == [(*stored, "Tổ chức", True)]


def test_a_trial_writes_nothing(cast):
    came = bring_in("TS-01,Lê An,chair,,2023-06-01", by=cast.chair, dry_run=True)
    assert list(came.lines()) == ["+ TS-01 Lê An · Chủ tịch"]
    assert not Officer.objects.exists()


def test_a_row_with_nobody_in_it_is_left_out(cast):
    rows = "TS-01,,chủ tịch,,\nTS-01,Lê An,uỷ viên BCH,,2023-06-01"
    came = bring_in(rows, by=cast.chair)
    assert (done(came), came.left_empty) == ((1, 0, 0), 1)


# --- what has become of those who are known ------------------------------------------------------


def test_days_gender_and_duties_are_corrected_in_place(cast, tree):
    factories.officer(tree.huong_giang, "Lê An", education="degree")
    header = f"{DAYS},gender,duties"
    row = "TS-01,Lê An,chair,,2023-05-15,2023-05-01,,nữ,Nữ công"
    assert done(bring_in(row, by=cast.chair, header=header)) == (0, 1, 0)
    facts = ("elected_on", "first_elected_on", "valid_from", "duties", "education")
    first = date(2023, 5, 1)
    assert kept(*facts) == [(date(2023, 5, 15), first, first, "Nữ công", "degree")]
    assert Officer.objects.get().gender == "female"
    assert HistoryEntry.objects.get().verb == "corrected the officer"
    assert done(bring_in(row, by=cast.chair, header=header)) == (0, 0, 1)
    said_less = "TS-01,Lê An,chair,,2023-05-15"
    assert done(bring_in(said_less, by=cast.chair)) == (0, 0, 1)


def test_a_chair_elected_again_is_not_new(cast, tree):
    factories.officer(tree.huong_giang, "Lê An")
    row = "TS-01,Lê An,chair,,2024-06-01"
    bring_in(row, by=cast.chair)
    assert kept("elected_on", "first_elected_on", "valid_from") == [
        (date(2024, 6, 1), ELECTED, ELECTED)
    ]
    assert done(bring_in(row, by=cast.chair)) == (0, 0, 1)


def test_who_left_comes_back_within_a_file_and_after_it(cast, tree):
    factories.officer(tree.huong_giang, "Lê An")
    rows = """TS-01,Lê An,chair,,2024-05-01,,
TS-01,Lê An,chair,,2023-06-01,,2024-01-01
TS-01,Trần Bình,staff,,2020-01-01,,2021-01-01
TS-01,Trần Bình,staff,,2022-01-01,,"""
    came = bring_in(rows, by=cast.chair, header=DAYS)
    assert done(came) == (1, 3, 0)
    assert kept("valid_from", "valid_to", officer__name="Lê An") == [
        (ELECTED, date(2024, 1, 1)),
        (MAY, None),
    ]
    back = Tenure.objects.get(officer__name="Lê An", valid_to=None)
    assert back.newly_elected_on == ELECTED
    assert Officer.objects.count() == 2
    assert done(bring_in(rows, by=cast.chair, header=DAYS)) == (0, 0, 4)


def test_what_differs_holds_from_a_day_so_that_the_past_stays(cast, tree, today):
    factories.officer(tree.huong_giang, "Lê An", position="staff")
    header = f"{HEADER},education,changed_on"
    row = "TS-01,Lê An,vice-chair,có,2023-06-01,đại học,"
    bring_in(row + "01/05/2024", by=cast.chair, header=header)
    facts = ("position", "is_full_time", "education", "valid_from", "valid_to")
    assert kept(*facts) == [
        ("staff", False, "", ELECTED, MAY),
        ("vice-chair", True, "degree", MAY, None),
    ]
    assert done(bring_in(row, by=cast.chair, header=header)) == (0, 0, 1)
    bring_in("TS-01,Lê An,vice-chair,,2023-06-01", by=cast.chair)
    assert kept(*facts)[2] == ("vice-chair", False, "degree", today, None)
    bring_in("TS-01,Lê An,head,,2023-06-01", by=cast.chair)  # mended on the same day
    assert kept(*facts)[2:] == [("head", False, "degree", today, None)]


def test_who_leaves_one_unit_for_another_on_one_day_is_one_person(cast, tree):
    rows = "\n".join(
        [
            "TS-02,Vũ Văn Đi,chủ tịch,không,2024-05-01,,",
            "TS-01,Vũ Văn Đi,chủ tịch,không,2019-06-01,,2024-05-01",
            "TS-03,Vũ Văn Đi,phó chủ tịch,không,2024-05-02,,",
        ]
    )
    bring_in(rows, by=cast.reviewer, header=DAYS)

    moved, namesake = Officer.objects.order_by("pk")
    held = moved.tenures.by_time().values_list("unit__code", "valid_from", "valid_to")
    assert list(held) == [("TS-01", date(2019, 6, 1), MAY), ("TS-02", MAY, None)]
    assert moved.tenures.get(valid_to=None).newly_elected_on == date(2019, 6, 1)
    assert [tenure.unit for tenure in namesake.tenures.all()] == [tree.office]
    assert bring_in(rows, by=cast.reviewer, header=DAYS).unchanged == 3


def test_a_move_of_somebody_known_is_a_leaving_and_an_election(cast, tree):
    bring_in("TS-01,Vũ Văn Đi,chủ tịch,không,2019-06-01,,", by=cast.reviewer, header=DAYS)
    rows = (
        "TS-01,Vũ Văn Đi,chủ tịch,không,2019-06-01,,2024-05-01\n"
        "TS-02,Vũ Văn Đi,phó chủ tịch,không,2024-05-01,,"
    )
    bring_in(rows, by=cast.reviewer, header=DAYS)

    held = Officer.objects.get().tenures.by_time().values_list("unit__code", "position", "valid_to")
    assert list(held) == [("TS-01", "chair", MAY), ("TS-02", "vice-chair", None)]


def test_whoever_is_elected_to_another_position_holds_it_from_that_day(cast, tree, today):
    factories.officer(tree.huong_giang, "Lê An", first_elected_on=date(2015, 1, 1))
    factories.officer(
        tree.huong_giang, "Lê Bình", position="vice-chair", first_elected_on=date(2015, 1, 1)
    )
    rows = """TS-01,Lê Bình,chair,,2024-05-01,,,đại học
TS-01,Lê An,chair,,2023-06-01,2015-01-01,2024-05-01,"""
    bring_in(rows, by=cast.chair, header=f"{DAYS},education")
    facts = ("position", "elected_on", "first_elected_on", "education", "valid_from", "valid_to")
    assert kept(*facts, officer__name="Lê Bình") == [
        ("vice-chair", ELECTED, date(2015, 1, 1), "", date(2015, 1, 1), MAY),
        ("chair", MAY, None, "", MAY, today),
        ("chair", MAY, None, "degree", today, None),
    ]


def test_two_change_places(cast, tree):
    factories.officer(tree.huong_giang, "Lê An")
    factories.officer(tree.huong_giang, "Lê Bình", position="vice-chair")
    rows = """TS-01,Lê Bình,chair,,2023-06-01,01/05/2024
TS-01,Lê An,vice-chair,,2023-06-01,01/05/2024"""
    bring_in(rows, by=cast.chair, header=f"{HEADER},changed_on")
    serving = Tenure.objects.filter(valid_to=None).order_by("officer__sort_key")
    assert list(serving.values_list("officer__name", "position")) == [
        ("Lê An", "vice-chair"),
        ("Lê Bình", "chair"),
    ]


def test_of_who_has_left_it_is_corrected(cast, tree):
    factories.officer(tree.huong_giang, "Lê An", left_on=MAY)
    row = "TS-01,Lê An,chair,có,2023-06-01,,2024-04-01"
    bring_in(row, by=cast.chair, header=DAYS)
    assert kept("is_full_time", "valid_to") == [(True, date(2024, 4, 1))]


def test_of_who_moved_away_the_old_unit_keeps_its_own(cast, tree):
    held = factories.officer(tree.huong_giang, "Lê An", left_on=MAY)
    factories.officer(tree.weavers, officer=held.officer, elected_on=MAY)
    stale = "TS-01,Lê An,chair,,2023-06-01"
    assert done(bring_in(stale, by=cast.chair)) == (0, 0, 1)
    again = "TS-01,Lê An,chair,,2024-07-01"
    words = (
        "Mỗi cán bộ cùng lúc chỉ giữ chức ở một đơn vị; ghi ngày thôi giữ chức ở đơn vị kia trước."
    )
    assert problems(again, by=cast.chair) == [f"dòng 2, cột elected_on: {words}"]
    assert problems(f"{stale},nữ", by=cast.chair, header=f"{HEADER},gender") == [
        "dòng 2, cột gender: đồng chí này nay công tác ở nơi khác."
    ]


def test_two_of_one_name_are_told_apart_by_the_election(cast, tree):
    factories.officer(tree.huong_giang, "Lê An")
    factories.officer(tree.huong_giang, "Lê An", position="staff", elected_on=MAY)
    came = bring_in("TS-01,Lê An,staff,có,2024-05-01", by=cast.chair)
    assert [held.position_id for held in came.changed] == ["staff"]
    assert problems("TS-01,Lê An,staff,có,2024-06-01", by=cast.chair) == [
        "dòng 2, cột name: đơn vị có hai cán bộ cùng tên; ghi ở trang của từng người."
    ]


def test_binh_is_not_bính(cast):
    rows = "TS-01,Lê Bình,chair,,2023-06-01\nTS-01,Lê Bính,staff,,2023-06-01"
    assert done(bring_in(rows, by=cast.chair)) == (2, 0, 0)


# --- what is refused -----------------------------------------------------------------------------


def test_every_error_is_told_at_once(cast, tree):
    factories.officer(tree.song_lam, "Nguyễn Văn Nam")
    rows = """TS-09,Lê An,chair,,2023-06-01,,
SO-01,Lê An,chair,,2023-06-01,,
TS-01,Lê An,giám đốc,có lẽ,2024-12-01,,
TS-01,,chair,,31/02/2024,,
TS-01,Lê Bình,chair,,2025-01-01,,
TS-01,Lê Bính,staff,,2023-06-01,2024-01-01,
TS-01,Lê Chi,staff,,2023-06-01,,2023-06-01
TS-02,Lê Dũng,chair,,2024-01-01,,
TS-03,Lê Em,chair,,2023-01-01,,
TS-03,Lê Gấm,chair,,2023-06-01,,
TS-03,Lê Em,staff,,2024-01-01,,"""
    assert problems(rows, by=cast.reviewer, header=DAYS) == [
        "dòng 2, cột unit: không có đơn vị mã TS-09.",
        "dòng 3, cột unit: không có đơn vị mã SO-01.",
        "dòng 4, cột position: không có giá trị “giám đốc”.",
        "dòng 4, cột full_time: không có giá trị “có lẽ”.",
        "dòng 5, cột name: ô này không được để trống.",
        "dòng 5, cột elected_on: Ngày 31/02/2024 không có trong lịch.",
        "dòng 6, cột elected_on: Ngày bầu, bổ nhiệm chưa đến.",
        "dòng 7, cột first_elected_on: Ngày bầu, bổ nhiệm lần đầu sau lần gần nhất.",
        "dòng 8, cột left_on: Ngày thôi giữ chức phải sau ngày bầu, bổ nhiệm.",
        f"dòng 9, cột position: {has_chair(tree.song_lam, 'Nguyễn Văn Nam', '01/6/2023')}",
        f"dòng 11, cột position: {has_chair(tree.office, 'Lê Em', '01/01/2023')}",
        "dòng 12, cột name: cán bộ này đã có ở dòng 10.",
    ]


def has_chair(unit, name, day):
    return (
        f"{unit} lúc đó đã có chủ tịch: đồng chí {name}, từ ngày {day}. "
        "Ghi ngày đồng chí ấy thôi giữ chức trước."
    )


def test_nobody_learns_whom_another_branch_has(cast, tree):
    factories.officer(tree.weavers, "Lê An")
    assert problems("SO-01,Lê An,chair,,2023-06-01", by=cast.chair) == [
        "dòng 2, cột unit: không có đơn vị mã SO-01."
    ]
    with pytest.raises(Invalid):
        bring_in("TS-02,Lê An,chair,,2023-06-01", by=cast.chair)  # beside


def test_a_change_has_its_day(cast, tree):
    factories.officer(tree.huong_giang, "Lê An", position="staff", left_on=MAY)
    factories.officer(tree.huong_giang, "Lê Bình", position="staff")
    header = f"{HEADER},changed_on"
    rows = """TS-01,Lê An,head,,2023-06-01,2024-06-01
TS-01,Lê Bình,head,,2023-06-01,2025-06-01"""
    assert problems(rows, by=cast.chair, header=header) == [
        "dòng 2, cột changed_on: Đồng chí Lê An đã thôi giữ chức trước ngày đó.",
        "dòng 3, cột changed_on: ngày này chưa đến.",
    ]


def test_the_one_before_leaves_in_the_same_file_wherever_it_stands(cast, tree):
    factories.officer(tree.huong_giang, "Lê An")
    rows = """TS-01,Lê Bình,chair,,2024-05-01,,
TS-01,Lê An,chair,,2023-06-01,,2024-05-01
TS-03,Lê Chi,chair,,2020-01-01,2010-01-01,
TS-03,Lê Dũng,chair,,2012-01-01,,2018-01-01"""
    assert done(bring_in(rows, by=cast.reviewer, header=DAYS)) == (3, 1, 0)
    chi = Tenure.objects.get(officer__name="Lê Chi")
    assert chi.valid_from == date(2020, 1, 1)  # another held the office between


# --- the command, and many -----------------------------------------------------------------------


def test_the_command_says_what_it_did(cast, tree, tmp_path, capsys):
    file = tmp_path / "officers.csv"
    file.write_text(f"{HEADER}\nTS-01,Lê An,chair,,2023-06-01\n")
    call_command("import_officers", str(file), "--as", "hoa", "--dry-run")
    assert capsys.readouterr().out.splitlines()[0] == "+ TS-01 Lê An · Chủ tịch"
    call_command("import_officers", str(file), "--as", "mai")
    assert capsys.readouterr().out == "Cán bộ thêm mới: 1. Cập nhật: 0. Giữ nguyên: 0.\n"
    file.write_text(f"{HEADER}\nTS-02,Lê An,chair,,2023-06-01\n")
    with pytest.raises(CommandError, match="sửa 1 lỗi"):
        call_command("import_officers", str(file), "--as", "mai")


def statements(count, by):
    rows = "\n".join(
        f"TS-0{1 + n % 3},Người {count} {n},uỷ viên BCH,,2023-06-01" for n in range(count)
    )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        bring_in(rows, by=by)
    return len(asked)


def test_many_take_as_many_statements_as_few(cast):
    # units with their tags and suspensions, positions; units locked, their chairs, who is known;
    # then again units and chairs, the people, their service, the history
    assert [statements(count, cast.root) for count in (3, 60)] == [16, 16]
