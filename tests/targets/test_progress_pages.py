"""«Tiến độ» and «Nguồn và cách tính»: what is shown, to whom, and at what cost."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from members import actions
from members.models import Kind
from tests import factories
from tests.factories import accepted, submitted
from tests.targets import made

pytestmark = pytest.mark.usefixtures("world")

NOBODY = "Chưa có kế hoạch nào đang thực hiện. Người quản trị lập tại Kế hoạch."


@pytest.fixture
def plan(tree, today):
    """Two quarters of 2024: Trường Sơn behind with a report waiting, Hòn Đá ahead, Sông Lam 100."""
    made_plan = made.plan(tree.building, number="12/KH-CĐN", issued_on=date(2024, 1, 20))
    made.target(made_plan, tree.building, "net-increase", 40)
    made.target(made_plan, tree.truong_son, "net-increase", 30, decision_no="15/QĐ-CĐTCT")
    made.target(made_plan, tree.building, "density", 90, group="other-enterprises")
    for code in ("2024Q2", "2024Q3"):
        quarter = factories.open_quarter(code)
        mai = {"opening": 190, "admitted": 6, "left_job": 2, "workers": 231}
        ahead = {"opening": 50, "admitted": 8, "transferred_in": 1, "workers": 80}
        factories.all_accepted(quarter, {tree.huong_giang: mai, tree.hon_da: ahead})
    submitted(tree.song_lam, quarter, opening=1_000, transferred_out=1, workers=1_000)
    return made_plan


@pytest.fixture
def page(as_, cast):
    """``page("TS", "quarter=2024Q2")`` as the leader of the federation sees it."""

    def of(code: str, query: str = "", *, person=cast.leader, status=200, source=False):
        address = f"/progress/{code}/{'source/' if source else ''}?{query}"
        response = as_(person).get(address)
        assert response.status_code == status, address
        return response

    return of


def text(response) -> str:
    """What a person reads, in one line; the signs of a status are decoration."""
    html = re.sub(r'<span aria-hidden="true">.*?</span>', "", response.content.decode())
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


def codes(response) -> list[str]:
    return [row.record.unit.code for row in response.context["table"].page.object_list]


def book(response) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


# --- the page ------------------------------------------------------------------------------------


def test_the_federation_reads_its_plan_line_by_line(plan, page):
    shown = text(page("CDN"))
    for words in (
        "Tiến độ Kế hoạch phát triển đoàn viên năm 2024",
        "Văn bản số 12/KH-CĐN ngày 20/01/2024 · số liệu tính đến ngày 30/9/2024",
        "Thực tăng đoàn viên Kết nạp 28 + chuyển đến 2 − chuyển đi 0 − giảm 4 26 / 40",
        "còn thiếu 14 đoàn viên đạt 65,00% Ước cả năm 52 Có nguy cơ không đạt",
        "Tỷ lệ đoàn viên, các loại hình doanh nghiệp khác 266/311 người 85,53% / 90%",
        "còn thiếu 14 đoàn viên thiếu 4,47 điểm %",
        "Tổng cộng (2 đơn vị)",
        "Số liệu tổng hợp từ báo cáo đã duyệt của 2/5 đơn vị",
    ):
        assert words in shown, (words, shown)


def test_a_union_reads_its_own_lines_and_how_they_are_counted(plan, page, cast):
    shown = text(page("TS-01", person=cast.chair))
    for words in (
        "Thực tăng 8 đoàn viên Chưa có số liệu ban đầu: luỹ kế nhiệm kỳ chỉ tính từ Quý II/2024.",
        "Tỷ lệ đoàn viên 85,71% (198/231), còn thiếu 10 đoàn viên · Chậm tiến độ",
        "Còn thiếu: 10 đoàn viên",
        "Cách tính: Thực tăng đoàn viên",
        "Đơn vị này không được giao chỉ tiêu.",
        "giao cho Công đoàn ngành Xây dựng và các đơn vị trực thuộc",
        "Số liệu tổng hợp từ báo cáo đã duyệt của 1/1 đơn vị",
    ):
        assert words in shown, (words, shown)
    assert "Theo đơn vị" not in shown


@pytest.mark.parametrize(
    ("query", "actual"),
    [
        ("", 26),
        ("quarter=2024Q2", 13),
        ("basis=submitted", 25),
        ("structure=current", 26),
        ("quarter=2024Q2&basis=submitted&structure=current", 13),
    ],
)
def test_switches_change_what_is_asked(plan, page, query, actual):
    asked = page("CDN", query).context["board"]
    assert asked.lines[0].progress.actual == actual


def test_structure_and_the_day_of_the_plan_are_switches_too(plan, page, tree):
    tree.hon_da.parent = tree.truong_son
    tree.hon_da.save()
    made.target(plan, tree.building, "net-increase", 60, in_force_on=date(2024, 10, 1))
    assert codes(page("CDN", "structure=reported")) == ["TS", "HD-01"]
    assert codes(page("CDN", "structure=current")) == ["TS"]
    asked = [page("CDN", query).context["board"] for query in ("", "plan_as_of=2024-09-30")]
    assert [board.lines[0].target.minimum for board in asked] == [60, 40]


def test_every_switch_keeps_the_rest_of_the_question(plan, page):
    context = page("CDN", "quarter=2024Q2&basis=submitted&sort=unit").context
    assert [option["url"] for option in context["structures"]] == [
        "?quarter=2024Q2&basis=submitted&sort=unit&structure=reported",
        "?quarter=2024Q2&basis=submitted&sort=unit&structure=current",
    ]
    assert [option["is_current"] for option in context["quarters"]] == [True, False]
    assert [option["is_current"] for option in context["bases"]] == [False, True]


def test_links_below_and_above_keep_the_question(plan, page):
    html = page("CDN", "quarter=2024Q2&basis=submitted").content.decode()
    question = "plan=ke-hoach-2024&amp;quarter=2024Q2&amp;basis=submitted"
    assert f'href="/progress/TS/?{question}"' in html
    assert f'href="/progress/TS/source/?{question}"' in html
    below = page("TS", "quarter=2024Q2&basis=submitted").content.decode()
    assert f'href="/progress/CDN/?{question}"' in below
    below = page("TS", "quarter=2024Q2&basis=submitted", source=True).content.decode()
    assert f'href="/progress/CDN/source/?{question}' in below


@pytest.mark.parametrize("query", ["plan=x", "quarter=2019Q1", "quarter=x", "basis=x", "format=x"])
def test_what_is_unknown_is_not_found(plan, page, query):
    page("CDN", query, status=404)
    page("CDN", query, status=404, source=True)


def test_nothing_is_shown_before_there_is_a_plan(tree, quarter, page):
    assert NOBODY in text(page("CDN"))
    assert NOBODY in text(page("CDN", source=True))
    assert NOBODY in text(page("CDN", "format=json"))


def test_a_plan_is_shown_before_the_first_quarter_opens(tree, today, page):
    made.target(made.plan(tree.building), tree.building, "net-increase", 40)
    assert "Chưa mở kỳ báo cáo nào." in text(page("CDN"))


def test_a_plan_without_targets_says_so(tree, quarter, today, page):
    made.plan(tree.building)
    assert "Kế hoạch này chưa có chỉ tiêu nào." in text(page("CDN"))
    assert page("CDN", source=True).context["chosen"] is None


# --- the same rows as the command ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {}),
        ("&children=1", {"children": True}),
        ("&basis=submitted&quarter=2024Q2", {"basis": "submitted", "quarter": "2024Q2"}),
        ("&structure=current&plan_as_of=2024-09-30", {"structure": "current"}),
    ],
)
@pytest.mark.parametrize("format_", ["json", "csv"])
def test_files_hold_the_very_rows_of_the_command(plan, page, query, options, format_):
    out = io.StringIO()
    asked = {"plan": plan.code, "quarter": "2024Q3", "format": format_} | options
    call_command("progress", stdout=out, **asked)
    response = page("CDN", f"format={format_}{query}")
    assert response.content.decode().lstrip("\ufeff") == out.getvalue()


def test_excel_holds_the_rows_of_the_command_as_numbers(plan, page):
    header, *rows = book(page("CDN", "format=xlsx&children=1"))
    as_json = json.loads(page("CDN", "format=json&children=1").content)
    assert header == list(as_json[0])
    assert [row[:7] for row in rows] == [list(found.values())[:7] for found in as_json]
    assert rows[0][7] == 26


# --- the branch table ----------------------------------------------------------------------------

COLUMNS = (
    *("unit", "workers", "members", "density", "admitted", "left", "net_increase"),
    *("minimum", "attained_percent", "gap_people", "status", "reports"),
)


@pytest.fixture
def branch(tree, plan):
    """Trường Sơn has 60 more children, one of them without figures."""
    for number in range(60):
        factories.unit(f"X-{number:02d}", parent=tree.truong_son, name=f"CĐCS Thuỷ Điện {number}")
    return plan


def test_every_column_sorts_both_ways(plan, page):
    values = {row.unit.code: row for row in page("CDN").context["board"].rows}
    for name in COLUMNS:
        up, down = codes(page("CDN", f"sort={name}")), codes(page("CDN", f"sort=-{name}"))
        assert sorted(up) == sorted(down) == ["HD-01", "TS"]
        if name in ("workers", "members", "admitted", "left", "net_increase"):
            assert up == sorted(up, key=lambda code, name=name: getattr(values[code], name))
            assert down == up[::-1]


def test_columns_sort_where_nothing_is_known_yet(branch, page):
    for name in ("density", "gap_people", "status", "attained_percent"):
        assert len(codes(page("TS", f"sort=-{name}&page=2"))) == 14, name


def test_what_misses_most_comes_first(plan, page):
    assert codes(page("CDN")) == ["TS", "HD-01"]


def test_a_unit_without_a_target_says_so_and_not_zero(plan, page):
    rows = text(page("CDN")).split("Theo đơn vị")[-1]
    assert "CĐCS Công ty CP Xi măng Hòn Đá 80 68 85,00% 16 0 18 không giao – –" in rows
    assert "Tổng cộng (2 đơn vị) 311 266 85,53% 28 4 26 40 65,00 14 2/5" in rows


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=truong son", ["TS"]),
        ("q=TRƯỜNG", ["TS"]),
        ("q=cong ty", ["TS", "HD-01"]),
        ("q=xi+mang+hon", ["HD-01"]),
        ("status=behind", ["TS"]),
        ("status=none", ["HD-01"]),
        ("status=behind&q=hon da", []),
        ("status=nonsense", ["TS", "HD-01"]),
    ],
)
def test_the_table_narrows_without_accents_and_by_status(plan, page, query, found):
    response = page("CDN", query)
    assert codes(response) == found
    assert ("Không có đơn vị nào phù hợp." in text(response)) == (not found)
    assert ("Bỏ lọc" in text(response)) == ("nonsense" not in query)
    exported = list(csv.reader(io.StringIO(page("CDN", f"{query}&export=csv").content.decode())))
    assert len(exported) == 1 + len(found)


def test_a_narrowed_table_has_no_total_of_the_whole(plan, page):
    assert "Tổng cộng" not in text(page("CDN", "status=behind"))


def test_filters_and_sorting_keep_the_question(plan, page):
    html = page("CDN", "quarter=2024Q2&sort=unit").content.decode()
    assert '<input type="hidden" name="quarter" value="2024Q2">' in html
    assert '<input type="hidden" name="sort" value="unit">' in html
    narrowed = page("CDN", "quarter=2024Q2&status=met").content.decode()
    assert 'href="?plan=ke-hoach-2024&amp;quarter=2024Q2"' in narrowed
    assert "quarter=2024Q2&amp;status=met&amp;export=xlsx" in narrowed


def test_long_tables_have_pages_and_exports_have_all_of_them(branch, page):
    assert [len(codes(page("TS", query))) for query in ("", "page=2")] == [50, 14]
    assert len(codes(page("TS", "page=99"))) == 14
    assert len(book(page("TS", "export=xlsx&page=2"))) == 1 + 64


def test_exports_are_what_is_shown_with_numbers_as_numbers(plan, page):
    header, *rows = book(page("CDN", "export=xlsx&sort=members"))
    assert header == [str(column.header) for column in page("CDN").context["table"].columns]
    assert rows == [
        [
            "CĐCS Công ty CP Xi măng Hòn Đá",
            *(80, 68, 85, 16, 0, 18),
            *("không giao", None, None, None, "1/1", "–"),
        ],
        [
            "Công đoàn Tổng công ty Trường Sơn",
            *(231, 198, pytest.approx(85.7142857), 12, 4, 8, 30, pytest.approx(26.6666666), 22),
            *("Chậm tiến độ", "1/4", "Chưa chốt"),
        ],
    ]
    assert "Chốt số liệu: 0/1 công đoàn cấp trên · CĐCS trực thuộc đã duyệt: 1/1" in text(
        page("CDN")
    )


def test_a_headline_that_is_a_ratio_shows_missing_points(tree, today, page, quarter):
    plan = made.plan(tree.building)
    made.target(plan, tree.building, "density", 95, group="state-enterprises")
    accepted(tree.song_lam, quarter, opening=18_992, workers=20_000)
    shown = text(page("TS"))
    assert "Thiếu (điểm %)" in shown
    assert "18.992/20.000 người 94,96% / 95%" in shown
    assert "còn thiếu 8 đoàn viên" in shown
    page("TS", "sort=attained_percent")
    page("TS", "sort=-minimum&export=xlsx")


# --- where figures come from ---------------------------------------------------------------------


def test_every_figure_of_the_page_opens_what_it_is_made_of(plan, page, as_, cast):
    html = page("CDN").content.decode()
    links = {unescape(link) for link in re.findall(r'href="(/progress/[^"]+/source/[^"]+)"', html)}
    assert len(links) == 2 + 2
    for link in links:
        assert "Nguồn và cách tính" in text(as_(cast.leader).get(link))


def test_the_source_shows_sums_that_anybody_can_check(plan, page):
    shown = text(page("CDN", source=True))
    for words in (
        "Thực tăng đoàn viên: 26 / 40 Có nguy cơ không đạt",
        "Mức giao 40, Quyết định số 12/QĐ-CĐN, có hiệu lực từ ngày 01/01/2024",
        "Kết nạp mới 28 + chuyển đến 2 − chuyển đi 0 − giảm 4 = 26",
        "Chuyển sinh hoạt: đi 0, đến 2, chưa khớp",
        "Giảm do sắp xếp tổ chức: 0",
        "Đầu năm 240 + thực tăng 26 = 266 đoàn viên",
        "Bình quân 2 quý × 4",
    ):
        assert words in shown, (words, shown)


def test_transfers_within_a_federation_cancel_in_it(plan, page, tree):
    shown = text(page("CDN", "basis=submitted&quarter=2024Q3", source=True))
    assert "chuyển đến 2 − chuyển đi 1" in shown


def test_the_parts_add_up_to_the_whole(plan, page):
    for query in ("", "indicator=density&group=other-enterprises", "basis=submitted"):
        context = page("CDN", query, source=True).context
        whole, below = context["chosen"].line, [row.line for row in context["below"]]
        for name in ("admitted", "transferred_in", "transferred_out", "left", "net_increase"):
            parts = [getattr(line.pieces, name) or 0 for line in below]
            assert getattr(whole.pieces, name) == sum(parts), (query, name)
        numerators = [line.progress.numerator or 0 for line in below]
        assert whole.progress.numerator == sum(numerators)


def test_the_source_of_a_ratio_divides_sums(plan, page):
    shown = text(page("TS", "indicator=density&group=other-enterprises", source=True))
    assert "198 đoàn viên ÷ 231 lao động = 85,71%" in shown
    assert "Tổng cộng (1 đơn vị) 198 231 85,71% 1/1" in shown


def test_the_source_of_a_union_is_its_reports_and_who_accepted_them(plan, page, cast):
    response = page("TS-01", source=True, person=cast.chair)
    assert [report.quarter.code for report in response.context["reports"]] == ["2024Q2", "2024Q3"]
    html = response.content.decode()
    assert 'href="/reports/TS-01/2024Q3/"' in html
    assert "Kết nạp mới 12 + chuyển đến 0 − chuyển đi 0 − giảm 4 = 8" in text(response)
    assert "root," in text(response)


def test_a_report_that_is_not_sent_shows_no_figures(plan, page):
    shown = text(page("ND-01", source=True))
    assert "Quý III/2024 – – – – Chưa nhập –" in shown


# --- odd figures ---------------------------------------------------------------------------------


def test_a_decrease_is_said_and_is_zero_percent(tree, today, page, quarter):
    plan = made.plan(tree.building)
    made.target(plan, tree.building, "net-increase", 40)
    made.target(plan, tree.truong_son, "net-increase", 40)
    accepted(tree.huong_giang, quarter, opening=400, left_job=120, workers=500)
    shown = text(page("CDN"))
    assert "−120 / 40" in shown
    assert "còn thiếu 160 đoàn viên thực giảm 120" in shown
    assert "0 120 −120 40 0,00 160 Chậm tiến độ" in shown
    source = text(page("CDN", source=True))
    assert "Kết nạp mới 0 + chuyển đến 0 − chuyển đi 0 − giảm 120 = −120" in source
    assert "Đầu năm 400 − thực giảm 120 = 280 đoàn viên" in source
    assert book(page("CDN", "export=xlsx&q=truong"))[1][8] == 0


def test_adjustments_stand_apart_in_the_bridge(tree, today, page, quarter):
    made.target(made.plan(tree.building), tree.building, "net-increase", 40)
    sent = {"adjustment": -3, "adjustment_reason": "Rà soát danh sách"}
    figures = factories.figures(100, admitted=5, workers=200) | sent | {"members": 102}
    report = actions.submit(
        factories.report(tree.huong_giang, quarter), figures, by=factories.superuser()
    )
    actions.accept([report], by=factories.superuser())
    shown = text(page("CDN", source=True))
    assert "Đầu năm 100 + thực tăng 5 − điều chỉnh sau rà soát 3 = 102 đoàn viên" in shown


@pytest.mark.parametrize("code", ["CDN", "TS", "TS-01", "ND-01"])
def test_nothing_reported_is_a_dash_and_never_a_crash(tree, today, page, quarter, code):
    plan = made.plan(tree.building)
    for indicator in ("members", "net-increase", "admissions"):
        made.target(plan, tree.building, indicator, 90)
    made.target(plan, tree.building, "density", 90, group="other-enterprises")
    for query in ("", "basis=submitted&structure=current"):
        page(code, query)
        for line in ("members&group=all", "density&group=other-enterprises"):
            page(code, f"{query}&indicator={line}", source=True)
    for query in ("format=csv", "export=xlsx", "children=1&format=json"):
        page(code, query)
    shown = text(page("CDN"))
    assert (shown.count("– / 90"), shown.count("Chưa có số liệu") >= 4) == (4, True)


def test_a_quarter_before_the_plan_is_not_due(tree, today, page):
    factories.open_quarter("2023Q4")
    made.target(made.plan(tree.building), tree.building, "net-increase", 40)
    page("CDN")
    page("CDN", source=True)


def test_golden_figures_go_through_the_whole_pipeline(tree, today, page):
    """30.018 admitted − 10.979 left = 19.039, and 94,996 % is not 95."""
    plan = made.plan(tree.building)
    made.target(plan, tree.building, "net-increase", 20_000)
    made.target(plan, tree.building, "density", 95, group="state-enterprises")
    for code in ("2024Q1", "2024Q2", "2024Q3"):
        quarter = factories.open_quarter(code)
        accepted(
            tree.huong_giang,
            quarter,
            opening=50_000,
            admitted=10_006,
            left_job=3_660 if code != "2024Q3" else 3_659,
            workers=90_000,
        )
        accepted(tree.song_lam, quarter, opening=94_996, workers=100_000)
    shown = text(page("CDN"))
    assert "Kết nạp 30.018 − giảm 10.979 19.039 / 20.000" in shown
    assert "94.996/100.000 người 94,99% / 95%" in shown
    assert "còn thiếu 4 đoàn viên" in shown
    state = page("CDN").context["board"].lines[1].progress
    assert (state.status, state.gap_people) == ("at_risk", 4)
    source = text(page("CDN", source=True))
    assert "Kết nạp mới 30.018 + chuyển đến 0 − chuyển đi 0 − giảm 10.979 = 19.039" in source
    assert "Đầu năm 144.996 + thực tăng 19.039 = 164.035 đoàn viên" in source


def test_a_late_unit_does_not_make_the_total_dip(plan, page):
    """Trường Sơn's reports of Quý III are outside the basis; their stock stands in."""
    before = page("CDN", "quarter=2024Q2").context["board"].total.members
    factories.open_quarter("2024Q4")
    after = page("CDN", "quarter=2024Q4").context["board"]
    assert after.total.members >= before
    assert "tạm lấy số Quý III/2024" in after.coverage_sentence


# --- who, and at what cost -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("chair", {"TS-01"}),
        ("other_chair", {"TS-02"}),
        ("reviewer", {"TS", "TS-01", "TS-02"}),
        ("federation_reviewer", {"CDN", "TS", "TS-01", "TS-02", "HD-01"}),
        ("leader", {"CDN", "TS", "TS-01", "TS-02", "HD-01"}),
        ("administrator", {"CDN", "TS", "TS-01", "TS-02", "HD-01"}),
        ("neighbour_chair", set()),
        ("neighbour_reviewer", set()),
    ],
)
def test_out_of_sight_is_not_found_in_pages_files_and_sources(plan, cast, as_, who, seen):
    client = as_(getattr(cast, who))
    everything = ("", "source/", "?format=json", "?export=xlsx", "?format=csv&children=1")
    for code in ("TLD", "CDN", "TS", "TS-01", "TS-02", "HD-01"):
        expected = 200 if code in seen else 404
        for query in everything if expected == 404 or who == "reviewer" else ("?format=csv",):
            answer = client.get(f"/progress/{code}/{query}").status_code
            assert answer == expected, (who, code, query)


def test_the_path_up_ends_where_sight_ends(plan, page, cast):
    assert [unit.code for unit in page("TS-01", person=cast.reviewer).context["path"]] == ["TS"]
    assert page("TS-01", person=cast.chair).context["path"] == []


def test_the_plan_of_a_neighbour_is_not_found(plan, tree, page):
    made.plan(tree.textiles, code="theirs")
    page("CDN", "plan=theirs", status=404)


@pytest.mark.parametrize(("source", "statements"), [(False, 24), (True, 22)])
def test_a_page_costs_the_same_with_one_child_and_with_thirty(
    tree, today, cast, as_, source, statements
):
    plan = made.plan(tree.building)
    made.target(plan, tree.building, "net-increase", 40)
    made.target(plan, tree.building, "density", 90, group="other-enterprises")
    many = factories.unit("MM", kind=Kind.UPPER, parent=tree.building)
    few = factories.unit("FF", kind=Kind.UPPER, parent=tree.building)
    children = [factories.unit(f"MM-{n:02d}", parent=many) for n in range(30)]
    children.append(factories.unit("FF-01", parent=few))
    for code in ("2024Q2", "2024Q3"):
        quarter = factories.open_quarter(code)
        for child in children:
            accepted(child, quarter, opening=20, admitted=1, workers=30)
    client = as_(cast.leader)
    client.get("/progress/FF/")
    counted = []
    for code in ("FF", "MM"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"/progress/{code}/{'source/' if source else ''}")
        counted.append(len(queries))
    assert counted == [statements, statements]


def test_everybody_with_a_branch_reads_the_same_figures(plan, page, cast):
    people = (cast.leader, cast.federation_reviewer, cast.administrator, cast.root)
    found = {page("CDN", "format=json", person=person).content for person in people}
    assert len(found) == 1


def test_the_plan_of_the_term_stands_beside_that_of_the_year_and_is_not_added(tree, plan, page):
    """DOMAIN 8, Thái Nguyên 3.1: two plans on one indicator, each with its own bar."""
    term = made.plan(
        tree.building,
        code="nhiem-ky",
        title="Chương trình nhiệm kỳ",
        starts_on=date(2023, 1, 1),
        ends_on=date(2028, 12, 31),
    )
    made.target(term, tree.building, "net-increase", 600)
    answer = page("CDN", "plan=ke-hoach-2024")
    [found] = answer.context["plans_beside"]
    assert found["plan"] == term
    own, beside = (
        next(row for row in rows if row.line.indicator.code == "net-increase")
        for rows in (answer.context["plan_lines"], found["lines"])
    )
    assert own.line.progress.target != beside.line.progress.target == 600
    assert own.line.progress.numerator == beside.line.progress.numerator
    assert page("CDN", "plan=nhiem-ky").context["plans_beside"][0]["plan"] == plan


def test_a_unit_reads_beside_only_what_it_has_a_target_of(tree, plan, page, cast):
    term = made.plan(
        tree.building, code="nhiem-ky", starts_on=date(2023, 1, 1), ends_on=date(2028, 12, 31)
    )
    made.target(term, tree.building, "members", 600)
    made.target(term, tree.huong_giang, "admissions", 6)
    [beside] = page("TS-01", person=cast.chair).context["plans_beside"]
    assert [row.line.indicator.code for row in beside["lines"]] == ["admissions"]


def test_a_plan_read_as_it_stood_is_offered_where_a_target_has_changed(tree, plan, page):
    assert not page("CDN").context["standings_of_plan"]
    made.target(plan, tree.building, "net-increase", 55, in_force_on=date(2024, 10, 1))
    now, then = page("CDN").context["standings_of_plan"]
    assert (now["is_current"], then["is_current"]) == (True, False)
    answer = page("CDN", then["url"].removeprefix("?"))
    assert answer.context["plan_lines"][0].line.target.minimum != 55
    assert "Theo mức giao tại thời điểm" in answer.content.decode()


def test_what_each_quarter_left_must_bring_stands_under_its_line(plan, page):
    """All that is missing in the one quarter left, half of it while there are two."""
    shown = text(page("CDN", "quarter=2024Q3"))
    line = page("CDN", "quarter=2024Q3").context["plan_lines"][0].line
    missing = line.progress.gap_people
    assert f"Còn 1 quý, bình quân mỗi quý cần {missing} đoàn viên" in shown
    assert "đến nay bình quân mỗi quý" in shown
    earlier = text(page("CDN", "quarter=2024Q2"))
    assert "Còn 2 quý, bình quân mỗi quý cần" in earlier
