"""Ratings of a year come in from a file: all rows or none, every error with its place."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import ratings
from members.actions import Refused
from members.imports import bring_in_ratings
from members.models import HistoryEntry, HistoryKind, Rating, RatingLevel
from members.ratings import State
from members.scales import SCALES
from tests import factories
from unionplan.lib.spreadsheets import Invalid, xlsx_file

pytestmark = pytest.mark.usefixtures("world")

HEADER = "unit,self_level,level,eligible,reason"
LABELS = ["Mã đơn vị", "Tự xếp loại", "Mức được xếp", "Đủ điều kiện", "Lý do"]


@pytest.fixture
def scale(cast):
    ratings.keep_scale(2024, SCALES[0].levels, by=cast.root)


def bring_in(rows, by, **options):
    return bring_in_ratings(f"{HEADER}\n{rows}\n".encode(), 2024, by=by, **options)


def problems(rows, by):
    with pytest.raises(Invalid) as error:
        bring_in(rows, by)
    assert not Rating.objects.exists()
    return str(error.value).splitlines()


def states():
    found = Rating.objects.select_related("level", "self_level").order_by("unit__code")
    return {rating.unit.code: ratings.state_of(rating) for rating in found}


def test_levels_are_read_by_code_and_by_name_and_the_states_kept_apart(cast, tree, scale):
    done = bring_in(
        """TS-01,strong,Vững mạnh,yes,
TS-02,vung manh,kha,Có,Còn nợ kinh phí.
TS-03,Fair,,x,
ND-01,,,không,Mới thành lập.
TS,,strong,,
HD-01,,,1,""",
        cast.administrator,
    )

    assert states() == {
        "TS-01": State.REACHED,
        "TS-02": State.MISSED,
        "TS-03": State.WAITING,
        "ND-01": State.UNFIT,
        "TS": State.REACHED,
    }
    assert done.summary() == "Đã nhập xếp loại năm 2024 của 5 đơn vị; 1 đơn vị không thay đổi."
    assert list(done.lines())[1] == "TS-02 CĐCS Nhà máy Gạch Sông Lam: Vững mạnh → Khá"
    line = HistoryEntry.objects.get(kind=HistoryKind.RATING, unit=tree.song_lam)
    assert line.changes == {"self_level": [None, "Vững mạnh"], "level": [None, "Khá"]}
    assert line.reason == "Còn nợ kinh phí."


def test_every_error_has_its_place_and_nothing_is_written(cast, scale):
    found = problems(
        """TS-01,strong,fair,yes,
TS-02,best,strong,perhaps,
ND-01,,weak,no,Mới thành lập.
TS-03,,strong,,
TS-03,,strong,,
SO-01,,strong,,
CDN,,strong,,""",
        cast.administrator,
    )

    assert found == [
        "dòng 2, cột reason: Mức xếp khác mức đơn vị tự xếp: ghi lý do.",
        "dòng 3, cột self_level: không có giá trị “best”.",
        "dòng 3, cột eligible: không có giá trị “perhaps”.",
        "dòng 4, cột level: đơn vị chưa đủ điều kiện đánh giá thì không có mức xếp loại.",
        "dòng 6, cột unit: đơn vị này đã có ở dòng 5.",
        "dòng 7, cột unit: không có đơn vị mã SO-01.",
        "dòng 8, cột unit: Công đoàn ngành Xây dựng không thuộc diện xếp loại.",
    ]
    assert "eligible" in problems("TS-01,strong,strong,perhaps,", cast.root)[0]


def test_the_same_file_again_changes_nothing_and_another_decision_needs_a_reason(cast, scale):
    bring_in("TS-01,strong,strong,yes,", cast.root)
    lines = HistoryEntry.objects.count()

    again = bring_in("TS-01,strong,strong,yes,", cast.root)
    assert (again.ratings, again.unchanged) == ([], 1)
    assert HistoryEntry.objects.count() == lines
    with pytest.raises(Invalid, match="ghi lý do xếp lại"):
        bring_in("TS-01,,fair,yes,", cast.root)
    with pytest.raises(Invalid, match="ghi lý do xếp lại"):
        bring_in("TS-01,,,no,", cast.root)
    bring_in("TS-01,,fair,yes,Rà soát lại.", cast.root)
    rating = Rating.objects.get()
    assert (rating.level.code, rating.self_level.code) == ("fair", "strong")
    assert rating.reason == "Rà soát lại."


def test_whoever_decides_brings_in_and_a_leader_does_not(cast, scale):
    bring_in("TS-01,strong,strong,yes,", cast.reviewer)
    with pytest.raises(Invalid, match="không có đơn vị mã TS-02"):
        bring_in("TS-02,strong,strong,yes,", cast.leader)
    with pytest.raises(Invalid, match="không có đơn vị mã TS"):
        bring_in("TS,strong,strong,yes,", cast.reviewer)


@pytest.mark.parametrize(
    ("level", "taken"), [("Khá", "strong"), ("Hoàn thành tốt", "excellent"), ("good", "excellent")]
)
def test_a_year_without_a_scale_takes_the_shipped_one_that_knows_the_levels(cast, level, taken):
    done = bring_in(f"TS-01,,{level},yes,", cast.root)

    assert "chưa có thang xếp loại; đã lấy" in done.summary()
    assert ratings.levels_of(2024)[0].code == taken
    assert "TS-01" in states()


def test_a_year_without_a_scale_is_refused_where_none_fits(cast):
    with pytest.raises(Refused, match="Năm 2024 chưa có thang xếp loại"):
        bring_in("TS-01,Khá,Hoàn thành tốt nhiệm vụ,yes,", cast.root)
    with pytest.raises(Refused, match="Năm 2024 chưa có thang xếp loại"):
        bring_in("TS-01,Khá,Khá,yes,", cast.administrator)


def test_the_command_reads_a_workbook_and_a_trial_writes_nothing(cast, tmp_path, capsys):
    file = tmp_path / "ratings.xlsx"
    file.write_bytes(xlsx_file(LABELS, [["TS-01", "Khá", "Vững mạnh", "Có", "Bổ sung hồ sơ."]]))
    command = ["import_ratings", str(file), "--year", "2024"]

    call_command(*command, "--as", "root", "--dry-run")
    assert "TS-01 CĐCS Công ty CP Xây dựng Hương Giang: Khá → Vững mạnh" in capsys.readouterr().out
    assert not Rating.objects.exists()
    assert not RatingLevel.objects.exists()
    call_command(*command, "--as", "root")
    assert "Đã nhập xếp loại năm 2024 của 1 đơn vị" in capsys.readouterr().out
    assert states() == {"TS-01": State.REACHED}

    file.write_text(f"{HEADER}\nTS-01,Khá,Tốt,yes,\n", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command(*command, "--as", "root")
    assert "dòng 2, cột level" in capsys.readouterr().err


def test_a_file_of_many_costs_as_many_statements_as_one_of_few(cast, tree, scale):
    def cost(number, level):
        rows = [f"I{number}-{n},{level},{level},yes,Rà soát." for n in range(number)]
        with CaptureQueriesContext(connection) as queries:
            assert len(bring_in("\n".join(rows), cast.administrator).ratings) == number
        return len(queries)

    for number in (1, 50):
        factories._found(
            [factories._unit(f"I{number}-{n}", parent=tree.truong_son) for n in range(number)]
        )
    assert cast.administrator.roles
    assert cost(1, "strong") == cost(50, "strong")
    assert cost(1, "fair") == cost(50, "fair")
