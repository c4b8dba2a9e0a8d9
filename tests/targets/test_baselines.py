"""Results from before the product: what may be set, how it counts, who reads and changes it."""

from __future__ import annotations

import io
import json
from datetime import date
from fractions import Fraction

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import HistoryEntry
from targets import charts
from targets.baselines import first_quarter, starts_late
from targets.dashboards import dashboard
from targets.imports import bring_in_baselines
from targets.models import Baseline
from targets.reading import lines
from targets.wording import before_words, bridge, plan_lines
from tests import factories
from tests.targets import made
from unionplan.lib.spreadsheets import Invalid

pytestmark = pytest.mark.usefixtures("world")

HEADER = "unit,indicator,sector_group,up_to,value,document_no"
LATE = "Chưa có số liệu ban đầu: luỹ kế nhiệm kỳ chỉ tính từ Quý III/2024."
JUNE = date(2024, 6, 30)


@pytest.fixture
def plan(tree):
    """A term of four years, of which the first year and a half were before the product."""
    term = made.plan(
        tree.building,
        code="nk",
        title="Kế hoạch nhiệm kỳ",
        starts_on=date(2023, 1, 1),
        ends_on=date(2026, 12, 31),
    )
    made.target(term, tree.building, "admissions", 16_000, in_force_on=date(2023, 1, 1))
    made.target(term, tree.building, "density", 90, in_force_on=date(2023, 1, 1))
    return term


@pytest.fixture
def quarters(tree, plan):
    """Two quarters here: ten and thirty admitted in Trường Sơn, one at Hòn Đá."""
    found = []
    for code, admitted in (("2024Q3", 10), ("2024Q4", 30)):
        found.append(factories.open_quarter(code))
        mai = {"opening": 100, "admitted": admitted, "left_job": 4}
        ahead = {"opening": 50, "admitted": int(code == "2024Q3")}
        factories.all_accepted(found[-1], {tree.huong_giang: mai, tree.hon_da: ahead})
    return found


def bring_in(rows, plan, *, by=None, **options):
    content = f"{HEADER}\n{rows}\n".encode()
    return bring_in_baselines(content, plan, by=by or factories.superuser(), **options)


def admissions(plan, quarter, unit, **facts):
    question = made.question(plan, quarter, **facts)
    return next(x for x in lines(question, [unit]) if x.indicator.code == "admissions")


def actual(plan, quarter, *units, **facts):
    return [admissions(plan, quarter, unit, **facts).progress.numerator for unit in units]


# --- what may be set -----------------------------------------------------------------------------


def test_every_error_of_a_file_comes_at_once(plan, quarters, tree):
    rows = """CDN,admissions,all,30/6/2024,2.140,95/BC-CĐN
CDN,density,all,30/6/2024,90,
TS,admissions,all,01/7/2024,5,
TS,net-increase,all,31/12/2022,5,
DM,admissions,all,30/6/2024,5,
XX,admissions,all,30/6/2024,5,
HD-01,admissions,all,30/6/2024,-5,
TS,happiness,moon,,,
CDN,Kết nạp đoàn viên mới,,30/6/2024,7,"""
    with pytest.raises(Invalid) as error:
        bring_in(rows, plan)
    assert str(error.value).splitlines() == [
        "dòng 3, cột indicator: Chỉ nhập kết quả từ trước cho chỉ tiêu cộng dồn, "
        "ví dụ kết nạp mới; “Tỷ lệ đoàn viên” tính theo số tại ngày chốt.",
        "dòng 4, cột up_to: Từ Quý III/2024 (01/7/2024) đã có báo cáo; chỉ nhập kết quả đến ngày "
        "30/6/2024 trở về trước, nếu không sẽ tính hai lần.",
        "dòng 5, cột up_to: Ngày này nằm ngoài thời gian kế hoạch (01/01/2023–31/12/2026).",
        "dòng 6, cột unit: Công đoàn Dệt may không thuộc Công đoàn ngành Xây dựng.",
        "dòng 7, cột unit: không có đơn vị mã XX.",
        "dòng 8, cột value: Số này không thể âm.",
        "dòng 9, cột indicator: không có giá trị “happiness”.",
        "dòng 9, cột sector_group: không có giá trị “moon”.",
        "dòng 9, cột up_to: Mục này phải điền.",
        "dòng 9, cột value: ô này không được để trống.",
        "dòng 10: kết quả này đã có ở dòng 2.",
    ]
    assert not Baseline.objects.exists()


def test_the_same_row_is_skipped_and_a_different_one_replaces_it(plan, quarters, tree):
    first = bring_in("CDN,admissions,all,30/6/2024,2.140,95/BC-CĐN", plan)
    assert first.summary() == "Kết quả thêm mới: 1, thay đổi: 0, giữ nguyên: 0."
    again = bring_in("CDN,admissions,,2024-06-30,2140,95/BC-CĐN", plan)
    assert again.summary() == "Kết quả thêm mới: 0, thay đổi: 0, giữ nguyên: 1."
    assert bring_in("CDN,admissions,all,30/6/2024,1,", plan, dry_run=True).done.changed
    bring_in("CDN,admissions,all,30/6/2024,2150,97/BC-CĐN", plan)
    assert list(Baseline.objects.values_list("value", "document_no")) == [(2150, "97/BC-CĐN")]
    told = HistoryEntry.objects.filter(subject__startswith="nk · ").order_by("pk")
    assert [(line.verb, line.changes["value"]) for line in told] == [
        ("set the result from before the product", [None, 2140]),
        ("changed the result from before the product", [2140, 2150]),
    ]


def test_the_command_brings_in_a_file(plan, cast, tmp_path, capsys):
    file = tmp_path / "before.csv"
    file.write_text(f"{HEADER}\nCDN,admissions,all,30/6/2024,2140,\n", encoding="utf-8")
    call_command("import_baselines", file, "--plan", "nk", "--dry-run")
    assert not Baseline.objects.exists()
    call_command("import_baselines", file, "--plan", "nk", "--as", "bao")
    assert Baseline.objects.get().by == cast.administrator
    assert "Kết quả thêm mới: 1" in capsys.readouterr().out
    with pytest.raises(CommandError, match="không được phân quyền"):
        call_command("import_baselines", file, "--plan", "nk", "--as", "hoa")


# --- how it counts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "expected"),  # of CDN, TS, TS-01, HD-01; without any 41, 40, 40, 1
    [
        ({}, [41, 40, 40, 1]),
        ({"CDN": 2140}, [2181, 40, 40, 1]),
        ({"TS-01": 7}, [48, 47, 47, 1]),
        ({"TS-01": 7, "TS-02": 5, "HD-01": 3}, [56, 52, 47, 4]),
        ({"TS": 20, "TS-01": 7, "HD-01": 3}, [64, 60, 47, 4]),  # its own row stands for its branch
        ({"CDN": 100, "TS": 20, "TS-01": 7}, [141, 60, 47, 1]),
    ],
)
def test_a_result_counts_for_its_unit_and_all_above_it_once(plan, quarters, tree, stored, expected):
    rows = "\n".join(f"{code},admissions,all,30/6/2024,{value}," for code, value in stored.items())
    if rows:
        bring_in(rows, plan)
    units = (tree.building, tree.truong_son, tree.huong_giang, tree.hon_da)
    assert actual(plan, quarters[1], *units) == expected
    assert actual(plan, quarters[1], *units, structure="current") == expected


def test_what_nobody_reported_since_is_not_unknown(plan, quarters, tree):
    assert actual(plan, quarters[0], tree.song_lam) == [None]
    bring_in("TS-02,admissions,all,30/6/2024,12,", plan)
    line = admissions(plan, quarters[1], tree.song_lam)
    assert (line.progress.numerator, line.progress.forecast) == (12, None)


def test_a_quarter_opened_over_a_result_leaves_it_out(plan, tree, quarters):
    bring_in("CDN,admissions,all,30/6/2024,100,", plan)
    Baseline.objects.update(up_to=date(2024, 9, 30))  # typed before that quarter was opened
    assert actual(plan, quarters[1], tree.building) == [41]


def test_a_milestone_takes_what_was_reached_by_its_day(plan, quarters, tree):
    for due_on in (date(2023, 12, 31), JUNE, date(2024, 12, 31)):
        made.target(plan, tree.building, "admissions", 50, group="non-state", due_on=due_on)
    bring_in("CDN,admissions,non-state,31/5/2024,45,", plan)
    found = lines(made.question(plan, quarters[1]), [tree.building])
    reached = [x.progress.numerator for x in found if x.group.code == "non-state"]
    assert reached == [None, 45, 45 + 41]


def test_the_forecast_adds_the_time_before_to_the_pace_since(plan, quarters, tree):
    """16 quarters, six of them before: 2.140 + 41/2 × 10."""
    bring_in("CDN,admissions,all,30/6/2024,2.140,Báo cáo số 95/BC-CĐN", plan)
    line = admissions(plan, quarters[1], tree.building)
    progress = line.progress
    assert progress.forecast == 2140 + Fraction(41, 2) * 10
    assert line.forecast_method == "Trước khi dùng phần mềm 2.140 + Bình quân 2 quý × 10"
    assert progress.expected_by_now == 16_000 * Fraction(8, 16)
    assert progress.pace_needed == Fraction(16_000 - 2181, 8)


def test_the_words_of_a_term(plan, quarters, tree):
    before = "Trước khi dùng phần mềm: 2.140 đoàn viên kết nạp (theo Báo cáo số 95/BC-CĐN)"
    assert before_words(admissions(plan, quarters[1], tree.building)) == LATE
    assert starts_late(plan, first_quarter(plan))
    bring_in("CDN,admissions,all,30/6/2024,2.140,95/BC-CĐN", plan)
    line = admissions(plan, quarters[1], tree.building)
    assert before_words(line) == before
    assert "Trước khi dùng phần mềm 2.140 + từ khi dùng phần mềm 41 = 2.181" in bridge(line)
    density = lines(made.question(plan, quarters[1]), [tree.building])[-1]
    assert before_words(density) == ""
    year = made.plan(tree.building, code="2025", starts_on=date(2024, 7, 1))
    assert not starts_late(year, first_quarter(year))


def test_the_curve_goes_on_from_the_level_before(plan, quarters, tree):
    bring_in("CDN,admissions,all,30/6/2024,2.140,", plan)
    board = dashboard(made.question(plan, quarters[1]), tree.building)
    points = [(p.label, p.actual) for p in board.lines[0].trend if p.actual is not None]
    assert points == [
        ("Đầu kế hoạch", 0),
        ("Quý II/2024", 2140),
        ("Quý III/2024", 2151),
        ("Quý IV/2024", 2181),
    ]
    assert charts.trend(board.lines[0]).rows[8][1] == "2.181"
    assert board.total.before == 2140


def test_all_rows_of_the_command_hold_it(plan, quarters, tree):
    bring_in("TS,admissions,all,30/6/2024,100,", plan)
    out = io.StringIO()
    asked = {"plan": "nk", "quarter": "2024Q4", "format": "json", "children": True}
    call_command("progress", stdout=out, **asked)
    rows = [row for row in json.loads(out.getvalue()) if row["indicator"] == "admissions"]
    assert {row["unit"]: row["numerator"] for row in rows} == {"CDN": 141, "TS": 140, "HD-01": 1}


@pytest.mark.parametrize("children", [1, 20])
def test_it_costs_one_statement_whatever_the_number_of_units(plan, quarters, tree, children):
    rows = "CDN,admissions,all,30/6/2024,1,"
    for number in range(children):
        factories.unit(f"N{number:02}", parent=tree.truong_son)
        rows += f"\nN{number:02},admissions,all,30/6/2024,1,"
    bring_in(rows, plan)
    with CaptureQueriesContext(connection) as queries:
        dashboard(made.question(plan, quarters[1]), tree.truong_son)
    assert sum("targets_baseline" in query["sql"] for query in queries) == 1


def test_a_plan_that_reports_cover_asks_for_no_results(tree, quarters):
    year = made.plan(tree.building, code="y", starts_on=date(2024, 7, 1))
    made.target(year, tree.building, "admissions", 10, in_force_on=date(2024, 7, 1))
    with CaptureQueriesContext(connection) as queries:
        dashboard(made.question(year, quarters[1]), tree.building)
    assert not any("targets_baseline" in query["sql"] for query in queries)


# --- the pages -----------------------------------------------------------------------------------

PAGE = "/plans/nk/baselines/"
TYPED = {
    "unit": "TS",
    "indicator": "admissions",
    "sector_group": "all",
    "up_to": "30/6/2024",
    "value": "2.140",
    "document_no": "95/BC-CĐN",
}


def test_a_result_is_typed_changed_and_removed(plan, quarters, tree, cast, as_):
    client = as_(cast.administrator)
    assert client.post(PAGE, TYPED).url == PAGE
    row = Baseline.objects.get()
    assert (row.unit, row.value, row.by) == (tree.truong_son, 2140, cast.administrator)
    initial = client.get(f"{PAGE}?change={row.pk}").context["form"].initial
    assert (initial["unit"], initial["value"]) == ("TS", 2140)
    client.post(PAGE, {**TYPED, "value": "2.150"})
    assert Baseline.objects.get().value == 2150
    wrong = client.post(PAGE, {**TYPED, "up_to": "01/7/2024", "unit": "DM"})
    assert list(wrong.context["form"].errors) == ["unit"]
    wrong = client.post(PAGE, {**TYPED, "up_to": "01/7/2024"})
    assert list(wrong.context["form"].errors) == ["up_to"]
    assert client.post(f"{PAGE}{row.pk}/remove/").url == PAGE
    assert not Baseline.objects.exists()


def test_each_reads_the_results_of_the_own_branch(plan, quarters, cast, as_):
    rows = [
        f"{code},admissions,all,30/6/2024,1,số của {code}" for code in ("CDN", "TS-02", "HD-01")
    ]
    bring_in("\n".join(rows), plan)
    seen = {}
    for who in ("leader", "reviewer", "chair"):
        page = as_(getattr(cast, who)).get(PAGE)
        seen[who] = {shown.row.unit.code for shown in page.context["rows"]}
        assert page.context["form"] is None
    assert seen == {
        "leader": {"CDN", "TS-02", "HD-01"},
        "reviewer": {"CDN", "TS-02"},
        "chair": {"CDN"},
    }
    with pytest.raises(PermissionDenied):
        bring_in(rows[0], plan, by=cast.reviewer)


def test_the_template_comes_back_by_the_page(plan, quarters, tree, cast, as_):
    bring_in("TS,admissions,all,30/6/2024,20,", plan)
    client = as_(cast.administrator)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{PAGE}template/").content))
    rows = [[cell for cell in row if cell] for row in book.active.iter_rows(values_only=True)]
    assert [row[0] for row in rows] == ["Mã đơn vị", "TS", "CDN"]
    book.active["E3"], book.active["F3"] = 120, "95/BC-CĐN"
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("ket-qua.xlsx", out.getvalue())
    checked = client.post(f"{PAGE}import/", {"action": "check", "file": file})
    assert "Nhập 1 kết quả" in checked.content.decode()
    assert Baseline.objects.count() == 1
    seen = checked.context["kept"].at.isoformat()
    done = client.post(f"{PAGE}import/", {"action": "apply", "seen": seen})
    assert done.url == PAGE
    assert set(Baseline.objects.values_list("unit__code", "value")) == {("TS", 20), ("CDN", 120)}


def test_the_dashboard_and_its_source_show_it_apart(plan, quarters, tree, cast, as_, today):
    client = as_(cast.administrator)
    assert LATE in client.get("/progress/CDN/?quarter=2024Q4").content.decode()
    bring_in("TS,admissions,all,30/6/2024,100,95/BC-CĐN", plan)
    words = "Trước khi dùng phần mềm: 100 đoàn viên kết nạp (theo Báo cáo số 95/BC-CĐN)"
    page = client.get("/progress/CDN/?quarter=2024Q4")
    assert words in page.content.decode()
    assert PAGE in page.content.decode()
    shown = [row.cells["before"].split(">")[1] for row in page.context["table"].rows]
    assert shown == ["–</a", "100</a"]
    source = client.get("/progress/CDN/source/?quarter=2024Q4&indicator=admissions&group=all")
    assert words in source.content.decode()
    assert plan_lines([source.context["chosen"].line])[0].value == "141"
