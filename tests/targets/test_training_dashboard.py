"""A plan of training on the pages: its lines, its branches, what stands beside it, its files."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html import unescape

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from members.models import Kind
from targets.charts import trend
from targets.dashboards import dashboard
from targets.models import Target
from targets.reading import lines
from targets.standings import ranking
from targets.wording import bridge, plan_lines, sentence, source_words, target_text, value_text
from tests import factories
from tests.targets import made
from training.models import OfficerCount

pytestmark = pytest.mark.usefixtures("world")

DEMAND = {
    "full-time-trained": (100, "lý luận,nghiệp vụ"),
    "new-chairs-trained": (100, "lý luận,nghiệp vụ"),
    "officers-trained": (70, "nghiệp vụ"),
}
CODES = ("2023Q4", "2024Q1", "2024Q2", "2024Q3")


@pytest.fixture
def quarters(tree, today):
    return {code: factories.open_quarter(code) for code in CODES}


@pytest.fixture
def plan(tree, quarters):
    """Two full-time officers at Truong Son, one of them trained; a new chair at Song Lam who is
    not; Huong Giang states ten others, four of them trained."""
    found = training_plan(tree.building)
    for place, name in enumerate(("Đỗ Thị An", "Lê Văn Ba")):
        position = "chair" if place == 0 else "staff"
        who = factories.officer(tree.truong_son, name, position=position, is_full_time=True)
        if place == 0:
            for topic in ("skills", "theory"):
                day = date(2024, 2, 5)
                factories.attended(factories.course(tree.building, topic, starts_on=day), who)
    factories.officer(tree.song_lam, "Vũ Văn Cam")
    OfficerCount.objects.create(
        unit=tree.huong_giang, quarter=quarters["2024Q2"], others=10, others_trained=4
    )
    return found


def training_plan(unit, code="dao-tao"):
    found = made.plan(
        unit,
        code=code,
        title="Kế hoạch đào tạo",
        starts_on=date(2023, 1, 1),
        ends_on=date(2028, 12, 31),
    )
    for indicator, (minimum, topics) in DEMAND.items():
        made.target(found, unit, indicator, minimum)
        Target.objects.filter(plan=found, indicator=indicator).update(topics=topics)
    return found


def text(response) -> str:
    html = re.sub(r'<span aria-hidden="true">.*?</span>', "", response.content.decode())
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


def line(plan, unit, quarter, indicator):
    found = lines(made.question(plan, quarter), [unit])
    return next(line for line in found if line.indicator.code == indicator)


# --- words ---------------------------------------------------------------------------------------


def test_what_a_share_is_made_of_stands_under_it(plan, tree, quarters):
    found = line(plan, tree.building, quarters["2024Q3"], "officers-trained")
    assert source_words(found) == [
        "5/13 cán bộ = 38,46%",
        "đã có số liệu 1/5 CĐCS",
        "trong danh sách 1/3 + ngoài danh sách 4/10",
    ]
    [row] = plan_lines([found])
    assert row.small == "5/13 cán bộ = 38,46% · đã có số liệu 1/5 CĐCS"
    assert row.remark == "chuyên đề: Nghiệp vụ"
    assert row.gap == "còn thiếu 5 cán bộ"
    assert sentence(found) == (
        "Cán bộ công đoàn được bồi dưỡng, tập huấn 38,46%, mức giao 70%, còn thiếu 5 cán bộ"
    )


def test_whose_education_is_not_stated_is_told(plan, tree, quarters):
    made.target(plan, tree.building, "full-time-degree", 100)
    made.target(plan, tree.building, "leaders-political-theory", 100)
    who = factories.officer(
        tree.building, "Bùi Thị Đào", is_full_time=True, education="degree", position="head"
    )
    who.political_theory = "advanced"
    who.save()
    degree, theory = (
        bridge(line(plan, tree.building, quarters["2024Q3"], code))
        for code in ("full-time-degree", "leaders-political-theory")
    )
    assert degree == ["1/3 cán bộ = 33,33%", "chưa rõ trình độ: 2"]
    assert theory == ["1/2 cán bộ = 50,00%", "chưa rõ trình độ lý luận chính trị: 1"]


@pytest.fixture
def heavy(plan, tree, quarters):
    """400 units for three officers, and a ceiling of 100."""
    made.target(plan, tree.building, "units-per-full-time-officer", 100)
    for number in range(395):
        factories.unit(f"Z-{number}", parent=tree.truong_son)
    factories.officer(tree.building, "Bùi Thị Đào", position="staff", is_full_time=True)
    return line(plan, tree.building, quarters["2024Q3"], "units-per-full-time-officer")


def test_a_workload_is_no_percentage_and_its_target_a_ceiling(heavy):
    assert value_text(heavy, heavy.progress.actual) == "133,33 CĐCS/cán bộ chuyên trách"
    assert target_text(heavy) == "không quá 100"
    assert sentence(heavy, with_parts=True) == (
        "Mức phụ trách bình quân 133,33 CĐCS/cán bộ chuyên trách (400/3), mức giao không quá 100, "
        "vượt mức trần 33,33 CĐCS/cán bộ chuyên trách"
    )
    [row] = plan_lines([heavy])
    words = [row.value, row.minimum, row.attained, row.gap, row.outlook, row.pace, row.small]
    assert not any("%" in word for word in words), words
    assert row.missing == "–"
    assert bridge(heavy) == ["400 CĐCS ÷ 3 cán bộ chuyên trách = 133,33 CĐCS/cán bộ chuyên trách"]


def test_no_page_and_no_chart_says_percent_of_a_workload(heavy, plan, tree, quarters, as_, cast):
    question = made.question(plan, quarters["2024Q3"])
    board = dashboard(question, tree.building)
    own = next(one for one in board.lines if one.indicator.is_quotient)
    chart = trend(own)
    assert "%" not in json.dumps([chart.figure, chart.rows], default=str)
    client = as_(cast.leader)
    address = "/progress/CDN/source/?plan=dao-tao&indicator=units-per-full-time-officer&group=all"
    source = text(client.get(address))
    assert "133,33 CĐCS/cán bộ chuyên trách / không quá 100" in source
    assert "133,33%" not in source
    assert "CĐCS Cán bộ chuyên trách Mức phụ trách bình quân" in source
    plan_page = text(client.get("/plans/dao-tao/"))
    assert "không quá 100" in plan_page


def test_units_are_ranked_by_their_workload(plan, tree, quarters):
    """The fewer the better; nobody is given a percentage."""
    made.target(plan, tree.building, "units-per-full-time-officer", 1)
    made.target(plan, tree.truong_son, "units-per-full-time-officer", 1)
    found = ranking(
        made.question(plan, quarters["2024Q3"]),
        tree.building,
        line="units-per-full-time-officer.all",
        smallest=0,
    )
    row = next(row for row in found.rows if row.code == "TS")
    assert (row.target, row.result) == ("không quá 1", "2,00 CĐCS/cán bộ chuyên trách")
    assert row.attained == "vượt mức trần 1,00"


# --- the pages -----------------------------------------------------------------------------------


def test_the_branches_of_a_plan_of_training_have_columns_of_their_own(plan, tree, as_, cast):
    answer = as_(cast.leader).get("/progress/CDN/?plan=dao-tao")
    shown = text(answer)
    for words in (
        "Cán bộ công đoàn chuyên trách được đào tạo, bồi dưỡng",
        "Công đoàn Tổng công ty Trường Sơn 1/2 (50,00%) 0/1 (0,00%) 5/13 (38,46%) 4 2 2,00",
        "CĐCS Công ty CP Xi măng Hòn Đá – – – – 0 –",
        "Tổng cộng (2 đơn vị) 1/2 (50,00%) 0/1 (0,00%) 5/13 (38,46%) 5 2 2,50",
        "Số liệu lấy từ danh sách cán bộ và các lớp đã tổ chức",
    ):
        assert words in shown, (words, shown)
    for words in ("báo cáo đã duyệt của", "Chốt số liệu", "Đơn vị cần tập trung"):
        assert words not in shown, words


def test_a_plan_about_the_workload_alone_shows_it_too(plan, tree, as_, cast):
    heavy = made.plan(tree.building, code="khoi-luong", title="Kế hoạch khối lượng")
    made.target(heavy, tree.building, "units-per-full-time-officer", 100)
    shown = text(as_(cast.leader).get("/progress/CDN/?plan=khoi-luong"))

    assert "Công đoàn Tổng công ty Trường Sơn 4 2 2,00" in shown
    assert "Tổng cộng (2 đơn vị) 5 2 2,50" in shown


def test_every_column_of_it_sorts_both_ways(plan, as_, cast):
    client = as_(cast.leader)
    names = ["unit", "line_0", "line_1", "line_2", "units", "full_time", "workload", "status"]
    for name in names:
        found = [
            [row.record.unit.code for row in answer.context["table"].rows]
            for sign in ("", "-")
            if (answer := client.get(f"/progress/CDN/?plan=dao-tao&sort={sign}{name}"))
        ]
        assert sorted(found[0]) == sorted(found[1]) == ["HD-01", "TS"], name
    first = client.get("/progress/CDN/?plan=dao-tao").context["table"].rows[0]
    assert first.record.unit.code == "TS"


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_its_files_hold_numbers(plan, as_, cast, format_):
    answer = as_(cast.leader).get(f"/progress/CDN/?plan=dao-tao&export={format_}&sort=unit")
    if format_ == "csv":
        header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert rows[1][:4] == ["Công đoàn Tổng công ty Trường Sơn", "1", "2", "50"]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        header, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        assert rows[1][:7] == ["Công đoàn Tổng công ty Trường Sơn", 1, 2, 50, 0, 1, 0]
        assert rows[1][7:9] == [5, 13]
        assert rows[1][10:] == [4, 2, 2, None]
    assert len(header) == 1 + 3 * 3 + 3 + 1
    assert header[-4:] == ["CĐCS", "Cán bộ chuyên trách", "CĐCS/cán bộ", "Tình trạng"]


def test_a_unit_reads_its_own_page_of_training(plan, tree, as_, cast):
    """The chair of Song Lam has not been assigned anything, and is not trained."""
    answer = as_(cast.other_chair).get("/progress/TS-02/?plan=dao-tao")
    shown = text(answer)
    assert "Chủ tịch bầu mới được đào tạo, bồi dưỡng 0,00% (0/1)" in shown
    assert "Ai chưa được đào tạo, bồi dưỡng" in shown
    source = text(as_(cast.other_chair).get("/progress/TS-02/source/?plan=dao-tao"))
    assert "Cán bộ của đơn vị" in source


@pytest.mark.parametrize(
    ("indicator", "words"),
    [("full-time-trained", "Danh sách cán bộ"), ("training-turns", "Lịch các lớp")],
)
def test_the_source_leads_to_the_people_and_the_courses(plan, tree, as_, cast, indicator, words):
    made.target(plan, tree.building, "training-turns", 10)
    answer = as_(cast.leader).get(
        f"/progress/CDN/source/?plan=dao-tao&indicator={indicator}&group=all"
    )
    assert words in text(answer)


def test_the_trend_of_a_share_does_not_leave_the_hundred(plan, tree, quarters):
    """Half of them after seven of twenty-four quarters would be 171 % at the end."""
    board = dashboard(made.question(plan, quarters["2024Q3"]), tree.building)
    curves = trend(board.headline).figure["data"]
    assert max(y for curve in curves for y in curve["y"] if y is not None) == 100


# --- beside other plans --------------------------------------------------------------------------


@pytest.fixture
def four_plans(plan, tree):
    """The year, the term, training, and one from above."""
    year = made.plan(tree.building)
    made.target(year, tree.building, "net-increase", 40)
    term = made.plan(
        tree.building, code="nhiem-ky", starts_on=date(2023, 1, 1), ends_on=date(2028, 12, 31)
    )
    made.target(term, tree.building, "members", 600)
    above = made.plan(
        tree.confederation, code="tld", starts_on=date(2023, 1, 1), ends_on=date(2028, 12, 31)
    )
    made.target(above, tree.confederation, "members", 15_000_000)
    past = made.plan(
        tree.building, code="cu", starts_on=date(2023, 1, 1), ends_on=date(2023, 12, 31)
    )
    made.target(past, tree.building, "net-increase", 30)
    return year


def test_all_plans_of_the_same_time_stand_beside_each_other(four_plans, plan, as_, cast):
    client = as_(cast.leader)
    found = {
        code: [
            beside["plan"].code
            for beside in client.get(f"/progress/CDN/?plan={code}").context["plans_beside"]
        ]
        for code in ("ke-hoach-2024", "dao-tao")
    }
    assert found == {
        "ke-hoach-2024": ["dao-tao", "nhiem-ky", "tld"],
        "dao-tao": ["ke-hoach-2024", "nhiem-ky", "tld"],
    }


def test_the_first_page_of_a_leader_leads_to_training_in_one_click(four_plans, as_, cast):
    for person in (cast.leader, cast.federation_reviewer, cast.reviewer):
        assert "plan=dao-tao" in as_(person).get("/").content.decode(), person


def test_each_plan_beside_costs_the_same_and_there_are_three_at_most(
    four_plans, plan, tree, as_, cast
):
    client = as_(cast.leader)
    client.get("/progress/CDN/?plan=ke-hoach-2024")

    def statements():
        with CaptureQueriesContext(connection) as queries:
            client.get("/progress/CDN/?plan=ke-hoach-2024")
        return len(queries)

    before = statements()
    for number in range(3):
        another = training_plan(tree.building, code=f"dao-tao-{number}")
        assert another.is_in_force
    assert len(client.get("/progress/CDN/?plan=ke-hoach-2024").context["plans_beside"]) == 3
    assert (before, statements()) == (BESIDE_OF_MIXED, BESIDE_OF_TRAINING)


BESIDE_OF_MIXED = 64  # one plan of training and two that read reports
BESIDE_OF_TRAINING = 76  # three of training


# --- what it costs -------------------------------------------------------------------------------


@pytest.fixture
def few_and_many(tree, quarters):
    """A superior with one unit and one with thirty, each with officers and courses."""
    plan = training_plan(tree.building)
    many = factories.unit("MM", kind=Kind.UPPER, parent=tree.building)
    few = factories.unit("FF", kind=Kind.UPPER, parent=tree.building)
    children = [factories.unit(f"MM-{n:02d}", parent=many) for n in range(30)]
    children.append(factories.unit("FF-01", parent=few))
    for child in children:
        who = factories.officer(child, f"Chủ tịch {child.code}")
        factories.officer(child, f"Phó {child.code}", position="vice-chair", is_full_time=True)
        course = factories.course(child.parent, starts_on=date(2024, 2, 5))
        factories.attended(course, who)
        for quarter in quarters.values():
            OfficerCount.objects.create(unit=child, quarter=quarter, others=5, others_trained=1)
    return plan


@pytest.mark.parametrize(
    ("page", "statements"),
    [
        ("", 31),
        ("source/", 29),
        ("untrained/?indicator=officers-trained", 33),
    ],
)
def test_a_page_costs_the_same_with_one_unit_and_with_thirty(
    few_and_many, as_, cast, page, statements
):
    client = as_(cast.leader)
    address, _mark, query = page.partition("?")
    counted = []
    for code in ("FF", "FF", "MM"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/progress/{code}/{address}?plan=dao-tao&quarter=2024Q3&{query}")
        assert answer.status_code == 200
        counted.append(len(queries))
    assert counted[1:] == [statements, statements]


@pytest.mark.parametrize("code", ["2024Q1", "2024Q3"])
def test_the_command_costs_the_same_with_one_child_and_with_thirty(few_and_many, code):
    counted = []
    for unit in ("FF", "FF", "MM"):
        with CaptureQueriesContext(connection) as queries:
            run("dao-tao", quarter=code, unit=unit, children=True)
        counted.append(len(queries))
    assert counted[1:] == [21, 21]


# --- the command ---------------------------------------------------------------------------------


def run(plan, **options):
    out = io.StringIO()
    asked = {"plan": plan, "quarter": "2024Q3", "format": "json"} | options
    call_command("progress", stdout=out, **asked)
    return out.getvalue()


def test_rows_of_training_are_those_of_every_line(heavy):
    rows = {row["indicator"]: row for row in json.loads(run("dao-tao"))}
    load = rows["units-per-full-time-officer"]
    assert (load["numerator"], load["denominator"], load["kind"]) == (400, 3, "ratio")
    assert load["actual"] == pytest.approx(400 / 3)
    assert load["actual"] < 400 / 3
    assert (load["minimum"], load["gap_people"], load["reports_due"]) == (100, None, None)
    assert load["attained_percent"] == pytest.approx(75)
    trained = rows["full-time-trained"]
    assert (trained["numerator"], trained["denominator"], trained["gap_people"]) == (1, 3, 2)
    assert trained["actual"] == pytest.approx(100 / 3)
    assert trained["expected_by_now"] == pytest.approx(100 * 7 / 24)


def test_csv_says_the_same(heavy):
    rows = {
        row["indicator"]: row for row in csv.DictReader(io.StringIO(run("dao-tao", format="csv")))
    }
    load = rows["units-per-full-time-officer"]
    assert load["actual"].startswith("133.333333")
    assert (load["gap_people"], load["reports_accepted"]) == ("", "")
