"""«Thi đua»: who is first, who is not ranked and why, and a published table that never moves."""

from __future__ import annotations

import io
import re
from datetime import date
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import override

from members import actions
from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Quarter, Tag, Unit
from targets import manual
from targets.models import ManualIndicator, Plan, Standing, Target
from targets.standings import place_in, publish, ranking, rows_of
from tests import factories
from tests.targets import made

pytestmark = pytest.mark.usefixtures("world")

TARGETS = {"TS-01": 20, "TS-02": 10, "TS-03": 4, "TS-07": 10, "TS-08": 5, "TS-09": 2}
WON = {
    "2024Q2": {"TS-01": 4, "TS-02": 6, "TS-03": 1, "TS-07": 0, "TS-09": 1, "ND-01": 1},
    "2024Q3": {"TS-01": 6, "TS-02": -1, "TS-03": 4, "TS-07": 1, "TS-09": 2, "ND-01": 0},
}


@pytest.fixture
def plan(tree, today):
    """Trường Sơn's units at the end of Quý III: one over its target, two equal, one far behind;
    one small, one that never reported, and the masons without a target."""
    made_plan = made.plan(tree.building)
    for code in ("TS-07", "TS-08", "TS-09"):
        factories.unit(code, parent=tree.truong_son, name=f"CĐCS {code}")
    units = {unit.code: unit for unit in tree.truong_son.children.all()}
    made.target(made_plan, tree.building, "net-increase", 200)
    made.target(made_plan, tree.truong_son, "net-increase", 100)
    for code, minimum in TARGETS.items():
        made.target(made_plan, units[code], "net-increase", minimum)
    for quarter, won in WON.items():
        opened = factories.open_quarter(quarter)
        typed = {units[code]: figures(code, count) for code, count in won.items()}
        factories.all_accepted(opened, typed)
    return made_plan


def figures(code: str, count: int) -> dict[str, int]:
    opening, workers = (10, 19) if code == "TS-09" else (100, 200)
    flow = {"admitted": count} if count >= 0 else {"left_job": -count}
    return {"opening": opening, "workers": workers, **flow}


@pytest.fixture
def ranked(plan, tree):
    """``ranked(quarter="2024Q2", is_of_year=False)``, of Trường Sơn's units unless it says."""

    def of(*, of_plan=None, unit=None, quarter="2024Q3", basis="accepted", **how):
        asked = question(of_plan or plan, quarter, basis=basis)
        return ranking(asked, unit or tree.truong_son, **how)

    return of


def question(plan, code="2024Q3", **facts):
    return made.question(plan, Quarter.objects.get(code=code), **facts)


def table(found) -> list[tuple[Any, ...]]:
    return [(row.rank, row.code, row.target, row.result, row.attained) for row in found.rows]


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.text.replace("<", " <"))).split())


def book(response) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


# --- who is first --------------------------------------------------------------------------------


def test_equal_values_share_a_rank_and_the_next_is_left_out(ranked):
    found = ranked()

    assert table(found) == [
        (1, "TS-03", "4", "5", "125,00"),
        (2, "TS-01", "20", "10", "50,00"),
        (2, "TS-02", "10", "5", "50,00"),
        (4, "TS-07", "10", "1", "10,00"),
        (None, "TS-08", "5", "–", "–"),
        (None, "TS-09", "2", "3", "150,00"),
        (None, "ND-01", "không giao", "1", "–"),
    ]
    assert [row.note for row in found.rows[4:]] == [
        "Chưa có số liệu",
        "Dưới 20 lao động, không xếp hạng",
        "",
    ]
    assert (found.ranked, [row.code for row in found.over]) == (4, ["TS-03", "TS-09"])
    assert found.title == "Bảng xếp hạng thi đua luỹ kế đến Quý III/2024"


def test_the_quarter_alone_is_held_against_the_pace(ranked):
    found = ranked(is_of_year=False)

    assert table(found)[:4] == [
        (1, "TS-03", "1", "4", "400,00"),
        (2, "TS-01", "5", "6", "120,00"),
        (3, "TS-07", "2,5", "1", "40,00"),
        (4, "TS-02", "2,5", "−1", "0,00"),
    ]
    assert [row.note for row in found.rows[:4]] == ["", "", "", "thực giảm 1"]
    assert found.title == "Bảng xếp hạng thi đua Quý III/2024"
    assert table(ranked(is_of_year=False, quarter="2024Q2"))[:2] == [
        (1, "TS-02", "2,5", "6", "240,00"),
        (2, "TS-03", "1", "1", "100,00"),
    ]


def test_values_are_compared_unrounded(plan, ranked, tree):
    """1/3.000 and 1/3.001 print the same."""
    for unit, minimum in ((tree.song_lam, 15_000), (tree.huong_giang, 30_001)):
        made.target(plan, unit, "net-increase", minimum, in_force_on=date(2024, 2, 1))
    found = {row.code: (row.rank, row.attained) for row in ranked().rows}
    assert found["TS-02"] == (3, "0,03")
    assert found["TS-01"] == (4, "0,03")


def test_a_quarter_without_a_report_that_counts_has_no_figures(plan, ranked, tree):
    """In sums such a unit adds 0; by itself it is not the last of its quarter."""
    report = factories.report(tree.song_lam, Quarter.objects.get(code="2024Q3"))
    actions.return_report(report, by=factories.superuser(), reason="Kiểm tra lại.")
    alone = {row.code: row for row in ranked(is_of_year=False).rows}
    assert (alone["TS-02"].rank, alone["TS-02"].note) == (None, "Chưa có số liệu")
    assert {row.code: row.result for row in ranked().rows}["TS-02"] == "6"


def test_a_waiting_report_counts_where_it_is_asked_for(plan, ranked, tree):
    unit = Target.objects.get(unit__code="TS-08").unit
    third = Quarter.objects.get(code="2024Q3")
    factories.submitted(unit, third, opening=50, admitted=5, workers=60)
    found = {row.code: row for row in ranked(basis="submitted", is_of_year=False).rows}
    assert (found["TS-08"].rank, found["TS-08"].attained) == (1, "400,00")
    assert ranked(basis="submitted").what == "Thực tăng đoàn viên · Cả báo cáo chờ kiểm tra"
    assert {row.code: row.rank for row in ranked().rows}["TS-08"] is None


@pytest.mark.parametrize(("smallest", "rank"), [(19, 1), (20, None), (0, 1)])
def test_how_small_is_too_small_may_be_said(ranked, smallest, rank):
    found = {row.code: row.rank for row in ranked(smallest=smallest).rows}
    assert found["TS-09"] == rank


def test_a_target_of_nothing_has_no_percentage(plan, ranked, tree):
    made.target(plan, tree.office, "net-increase", 0, in_force_on=date(2024, 2, 1))
    row = next(row for row in ranked().rows if row.code == "TS-03")
    assert (row.rank, row.note) == (None, "Không tính được tỷ lệ đạt, không xếp hạng")
    assert (row.words, row.is_over) == ("5/0 đoàn viên", False)


def test_where_less_is_better_nothing_at_all_is_the_best(plan, ranked, tree, cast):
    facts = {"kind": "flow", "counted_in": "vụ", "lower_is_better": True, "unit": tree.building}
    accidents = manual.define(
        ManualIndicator(code="tai-nan", name="Tai nạn", **facts), by=cast.administrator
    )
    made.target(plan, tree.truong_son, "tai-nan", 12)
    third = Quarter.objects.get(code="2024Q3")
    for unit, count in ((tree.song_lam, 0), (tree.huong_giang, 3), (tree.office, 9)):
        made.target(plan, unit, "tai-nan", 4)
        sent = manual.send(unit, third, [manual.Typed(accidents, count)], by=cast.root)
        seen = {figure.pk: figure.version for figure in sent}
        manual.accept(seen, by=cast.reviewer, on=date(2024, 10, 4))
    for is_of_year in (True, False):
        rows = ranked(line="tai-nan.all", is_of_year=is_of_year).rows
        assert [(row.rank, row.code) for row in rows if row.rank] == [
            (1, "TS-02"),
            (2, "TS-01"),
            (3, "TS-03"),
        ]
    assert [row.attained for row in ranked(line="tai-nan.all").rows[:3]] == ["–", "133,33", "44,44"]
    assert [row.is_over for row in ranked(line="tai-nan.all").rows[:3]] == [True, True, False]


def test_a_ratio_is_ranked_by_itself_and_says_what_is_missing(plan, ranked, tree):
    made.target(plan, tree.building, "density", 52, group="other-enterprises")
    found = ranked(line="density.other-enterprises")

    assert table(found) == [
        (1, "TS-01", "52%", "55,00%", "0"),
        (2, "TS-07", "52%", "50,50%", "1,50 điểm %"),
        (None, "TS-08", "52%", "–", "–"),
        (None, "TS-09", "52%", "68,42%", "0"),
    ]
    assert [row.code for row in found.over] == ["TS-01", "TS-09"]
    assert found.rows[0].words == "55,00%, mức giao 52%"
    alone = ranked(line="density.other-enterprises", is_of_year=False)
    assert alone.rows == found.rows
    assert alone.is_of_a_day


def test_a_federation_ranks_its_unions_and_those_directly_below(plan, ranked, tree):
    made.target(plan, tree.hon_da, "net-increase", 5)
    hon_da = {"opening": 50, "admitted": 6, "workers": 80}
    factories.all_accepted(Quarter.objects.get(code="2024Q3"), {tree.hon_da: hon_da})
    assert table(ranked(unit=tree.building)) == [
        (1, "HD-01", "5", "6", "120,00"),
        (2, "TS", "100", "25", "25,00"),
    ]
    assert ranked(unit=tree.building, is_of_year=False).rows[1].result == "12"


def test_a_tag_ranks_across_branches_and_never_beyond_the_unit(plan, ranked, tree):
    made.target(plan, tree.hon_da, "net-increase", 100)
    hon_da = {"opening": 50, "admitted": 6, "workers": 80}
    factories.all_accepted(Quarter.objects.get(code="2024Q3"), {tree.hon_da: hon_da})
    cluster = tagged("Cụm 1", tree.huong_giang, tree.hon_da, tree.weavers)

    found = ranked(unit=tree.building, tag=cluster)
    assert [(row.rank, row.code, row.superior) for row in found.rows] == [
        (1, "TS-01", str(tree.truong_son)),
        (2, "HD-01", str(tree.building)),
    ]
    assert [row.code for row in ranked(tag=cluster).rows] == ["TS-01"]


def tagged(name, *units):
    tag = Tag.objects.create(name=name)
    for unit in units:
        unit.tags.add(tag)
    return tag


def test_asked_after_the_plan_its_last_quarter_is_shown(ranked):
    for code in ("2024Q4", "2025Q1"):
        factories.open_quarter(code)
    found = ranked(quarter="2025Q1", is_of_year=False)
    assert found.question.quarter.code == "2024Q4"
    assert {row.note for row in found.rows if row.code != "ND-01"} == {
        "Chưa có số liệu",
        "Dưới 20 lao động, không xếp hạng",
    }


def test_what_recurs_begins_anew_with_its_year(tree, today):
    plan = made.plan(tree.building, ends_on=date(2025, 12, 31))
    for unit, minimum in ((tree.truong_son, 40), (tree.huong_giang, 8)):
        made.target(plan, unit, "net-increase", minimum)
    plan.targets.update(is_recurring=True)
    for code, count in (("2024Q4", 7), ("2025Q1", 1), ("2025Q2", 3)):
        opened = factories.open_quarter(code)
        factories.all_accepted(opened, {tree.huong_giang: figures("TS-01", count)})

    def result(code):
        found = ranking(question(plan, code), tree.truong_son, is_of_year=False)
        row = next(row for row in found.rows if row.code == "TS-01")
        return row.target, row.result, row.attained

    assert result("2025Q1") == ("2", "1", "50,00")
    assert result("2025Q2") == ("2", "3", "150,00")


def test_what_was_before_the_product_is_no_result_of_a_quarter(plan, ranked, tree):
    made.baseline(plan, tree.office, "net-increase", 50)
    found = {row.code: row for row in ranked(quarter="2024Q2", is_of_year=False).rows}
    assert found["TS-03"].result == "1"
    assert {row.code: row.result for row in ranked(quarter="2024Q2").rows}["TS-03"] == "51"


# --- what it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("is_of_year", "statements"), [(True, 17), (False, 29)])
def test_two_units_cost_as_many_statements_as_forty(plan, ranked, tree, is_of_year, statements):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            found = ranked(unit=tree.building, is_of_year=is_of_year)
        return len(found.rows), len(queries)

    assert cost() == (2, statements)
    made_more(plan, tree.building)
    assert cost() == (40, statements)


def made_more(plan, parent):
    """38 unions more, each with a target and a report."""
    units = factories._found([factories._unit(f"M-{n}", parent=parent) for n in range(38)])
    for unit in units:
        made.target(plan, unit, "net-increase", 5)
    opened = factories.open_quarter("2024Q4")
    factories.all_accepted(opened, {unit: figures("M", n) for n, unit in enumerate(units)})


def test_the_pages_cost_the_same_for_forty(plan, tree, as_, cast):
    tag = tagged("Cụm 1", tree.truong_son, tree.hon_da)
    client = as_(cast.federation_reviewer)
    live, asked = reverse("standing-list", args=["CDN"]), {"quarter": "2024Q3"}
    made.target(plan, tree.hon_da, "net-increase", 5)

    def publishing():
        publish(question(plan), tree.building, by=cast.federation_reviewer, smallest=0, tag=tag)

    def cost(ask, *asked):
        with CaptureQueriesContext(connection) as queries:
            ask(*asked)
        return len(queries)

    def costs():
        publishing()
        frozen = reverse("standing", args=["CDN", Standing.objects.latest("pk").pk])
        return {
            "live": cost(client.get, live, asked),
            "tagged": cost(client.get, live, {**asked, "tag": "Cụm 1", "span": "quarter"}),
            "publishing": cost(publishing),
            "frozen": cost(client.get, frozen),
        }

    few = costs()
    made_more(plan, tree.building)
    tag.units.add(*Unit.objects.filter(code__startswith="M-"))
    assert len(client.get(live, asked).context["page"].object_list) == 40
    assert costs() == few == {"live": 28, "tagged": 41, "publishing": 22, "frozen": 4}


# --- what is made public -------------------------------------------------------------------------


@pytest.fixture
def published(plan, tree, cast):
    return publish(question(plan), tree.truong_son, by=cast.reviewer, is_of_year=False)


def test_a_published_table_does_not_move(plan, published, tree, cast, as_):
    before, address = rows_of(published), reverse("standing", args=["TS", published.pk])
    page = text(as_(cast.chair).get(address))
    made.target(plan, tree.huong_giang, "net-increase", 6, in_force_on=date(2024, 2, 1))
    report = factories.report(tree.song_lam, Quarter.objects.get(code="2024Q3"))
    actions.return_report(report, by=cast.root, reason="Kiểm tra lại.")
    Unit.objects.filter(pk=tree.office.pk).update(name="CĐCS Văn phòng")

    frozen = Standing.objects.get()
    assert rows_of(frozen) == before
    assert text(as_(cast.chair).get(address)) == page
    again = publish(question(plan), tree.truong_son, by=cast.reviewer, is_of_year=False)
    assert again.pk != frozen.pk
    assert rows_of(again) != before
    assert "CĐCS Văn phòng" in {row.name for row in rows_of(again)}
    assert rows_of(Standing.objects.get(pk=frozen.pk)) == before


def test_publishing_lists_the_units_and_writes_a_line(plan, published, tree, cast):
    assert set(published.units.all()) == set(tree.truong_son.children.all())
    assert (published.line, published.is_of_year) == ("Thực tăng đoàn viên", False)
    line = HistoryEntry.objects.get(kind=HistoryKind.PLAN)
    assert (line.unit, line.by, line.verb) == (
        tree.truong_son,
        cast.reviewer,
        "published the ranking",
    )
    assert line.subject == (
        f"{plan.code} · {tree.truong_son} · Bảng xếp hạng thi đua Quý III/2024 · "
        "Thực tăng đoàn viên"
    )
    assert place_in(published, "TS-01").words == "Bảng xếp hạng thi đua Quý III/2024: hạng 2/4"
    unranked = place_in(published, "TS-08").words
    assert unranked == "Bảng xếp hạng thi đua Quý III/2024: không xếp hạng"
    assert place_in(published, "SO-01") is None


def test_it_is_written_in_the_language_of_the_union(plan, tree, cast):
    with override("en"):
        made_public = publish(question(plan), tree.truong_son, by=cast.reviewer)
    assert made_public.line == "Thực tăng đoàn viên"
    assert rows_of(made_public)[0].words == "5/4 đoàn viên, đạt 125%"


def test_a_draft_and_an_empty_table_are_not_published(plan, tree, cast):
    def refused(match, unit=tree.truong_son, **how):
        with pytest.raises(Refused, match=match):
            publish(question(plan), unit, by=cast.reviewer, **how)
        assert not Standing.objects.exists()
        assert not HistoryEntry.objects.filter(kind=HistoryKind.PLAN).exists()

    refused("Chưa đơn vị nào được xếp hạng, chưa công bố được.", smallest=10_000)
    refused("Kế hoạch không có chỉ tiêu này.", line="density.all")
    refused("Chưa đơn vị nào được xếp hạng", unit=tree.huong_giang)
    plan.status = Plan.Status.DRAFT
    refused("Kế hoạch đang soạn, chưa công bố được.")


# --- the pages -----------------------------------------------------------------------------------

LIVE = reverse("standing-list", args=["TS"])


def test_the_page_of_a_superior(plan, as_, cast):
    shown = text(as_(cast.reviewer).get(LIVE))
    for words in (
        "Thi đua",
        "Trong quý Luỹ kế từ đầu kế hoạch",
        "Không xếp hạng đơn vị dưới … lao động",
        "Bảng xếp hạng thi đua luỹ kế đến Quý III/2024",
        "Thực tăng đoàn viên · 4 đơn vị được xếp hạng · 3 đơn vị không xếp hạng · "
        "2 đơn vị vượt chỉ tiêu",
        "Hạng Đơn vị Mức giao Thực hiện Đạt (%) Lao động Báo cáo Ghi chú "
        "1 CĐCS Cơ quan Tổng công ty 4 5 125,00 200 1/1 Vượt chỉ tiêu",
        "– CĐCS TS-09 2 3 150,00 19 1/1 Dưới 20 lao động, không xếp hạng · Vượt chỉ tiêu",
        "Danh sách đề nghị khen thưởng (Excel)",
        "Công bố cho các đơn vị",
        "Chưa công bố bảng xếp hạng nào.",
    ):
        assert words in shown, (words, shown)
    assert "Công bố cho các đơn vị" not in text(as_(cast.leader).get(LIVE))


def test_the_page_is_asked_by_quarter_line_size_and_tag(plan, tree, as_, cast):
    tagged("Cụm 1", tree.huong_giang, tree.song_lam, tree.weavers)
    tagged("Cụm dệt", tree.weavers)
    client = as_(cast.reviewer)

    def rows(**asked):
        return [row.code for row in client.get(LIVE, asked).context["page"].object_list]

    assert rows(tag="Cụm 1") == ["TS-01", "TS-02"]
    assert rows(tag="Cụm 1", quarter="2024Q2", span="quarter") == ["TS-02", "TS-01"]
    assert rows(over="on") == ["TS-03", "TS-09"]
    assert rows(smallest="5")[0] == "TS-09"
    page = client.get(LIVE, {"tag": "Cụm 1", "smallest": "1.234"})
    assert 'value="1.234"' in page.text
    assert str(tree.truong_son) in page.text
    assert "Cụm dệt" not in page.text


@pytest.mark.parametrize(
    "asked",
    [
        {"line": "density.all"},
        {"line": "không có"},
        {"tag": "Cụm dệt"},
        {"plan": "khac"},
        {"plan": "du-thao"},
        {"quarter": "2031Q1"},
        {"span": "week"},
        {"export": "pdf"},
    ],
)
def test_what_is_not_there_is_not_found(plan, tree, as_, cast, asked):
    tagged("Cụm dệt", tree.weavers)
    made.plan(tree.textiles, code="khac")
    made.plan(tree.building, code="du-thao")
    Plan.objects.filter(code="du-thao").update(status=Plan.Status.DRAFT)
    assert as_(cast.reviewer).get(LIVE, asked).status_code == 404
    publishing = reverse("standing-publish", args=["TS"])
    answer = as_(cast.reviewer).post(publishing, asked)
    assert answer.status_code == 404 or not Standing.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("hai", "Hãy nhập số nguyên, ví dụ 1.234."),
        ("-3", "Số này không thể âm."),
        ("12,5", "Số người không có phần lẻ (đã nhập 12,5)."),
    ],
)
def test_a_size_that_is_none_is_told_and_nothing_published(plan, as_, cast, typed, sentence):
    shown = as_(cast.reviewer).get(LIVE, {"smallest": typed})
    assert sentence in text(shown)
    assert f'value="{typed}"' in shown.text
    assert "Bảng xếp hạng thi đua luỹ kế" not in text(shown)

    publishing = reverse("standing-publish", args=["TS"])
    answer = as_(cast.reviewer).post(publishing, {"smallest": typed}, follow=True)
    assert sentence in text(answer)
    assert not Standing.objects.exists()


def test_a_plan_without_targets_and_no_plan_at_all_are_told(tree, as_, cast, today):
    factories.open_quarter("2024Q3")
    assert "Chưa có kế hoạch nào đang thực hiện." in text(as_(cast.reviewer).get(LIVE))
    made.plan(tree.building)
    shown = text(as_(cast.reviewer).get(LIVE))
    assert "Kế hoạch này chưa có chỉ tiêu" in shown
    publishing = reverse("standing-publish", args=["TS"])
    refused = text(as_(cast.reviewer).post(publishing, follow=True))
    assert "Kế hoạch không có chỉ tiêu này." in refused


def hidden(response) -> dict[str, str]:
    """What the form «Công bố» sends."""
    form = response.text[response.text.index("/publish/") :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_what_is_seen_is_what_is_published(plan, tree, as_, cast):
    cluster = tagged("Cụm 1", tree.huong_giang, tree.office)
    asked = {"tag": "Cụm 1", "span": "quarter", "quarter": "2024Q2", "smallest": "5"}
    client = as_(cast.reviewer)
    page = client.get(LIVE, {**asked, "over": "on"})
    answer = client.post(reverse("standing-publish", args=["TS"]), hidden(page), follow=True)

    frozen = Standing.objects.get()
    assert answer.redirect_chain[0][0] == reverse("standing", args=["TS", frozen.pk])
    assert "Đã công bố cho 2 đơn vị." in text(answer)
    assert (frozen.tag, frozen.quarter.code, frozen.is_of_year) == (cluster, "2024Q2", False)
    assert rows_of(frozen) == list(page.context["ranking"].rows)
    below = text(client.get(LIVE, asked)).split("Bảng xếp hạng đã công bố")[1]
    assert "Bảng xếp hạng thi đua Quý II/2024 Thực tăng đoàn viên · Cụm 1 · công bố lúc" in below


def test_a_chair_reads_the_own_place_and_not_the_table_of_today(published, as_, cast, tree):
    client = as_(cast.chair)
    assert client.get(LIVE).status_code == 404
    page = client.get(reverse("standing", args=["TS", published.pk]))
    shown = text(page)
    assert "CĐCS Công ty CP Xây dựng Hương Giang: hạng 2/4 · 6/5 đoàn viên, đạt 120%" in shown
    assert 'class="is-current" aria-current="true"' in page.text
    assert page.text.count("aria-current") == 1
    assert "/progress/" not in re.sub(r"<header.*?</header>", "", page.text, flags=re.S)
    assert f'href="{LIVE}"' not in page.text

    own = text(client.get(reverse("progress", args=["TS-01"])))
    assert "Bảng xếp hạng thi đua Quý III/2024: hạng 2/4 Thực tăng đoàn viên" in own
    mine = text(client.get(reverse("standing-list", args=["TS-01"])))
    assert "Bảng xếp hạng thi đua Quý III/2024: hạng 2/4" in mine
    assert "Luỹ kế từ đầu kế hoạch" not in mine


def test_of_what_was_published_again_a_chair_reads_the_latest(plan, published, as_, cast, tree):
    made.target(plan, tree.huong_giang, "net-increase", 1, in_force_on=date(2024, 2, 1))
    for span in (False, True):
        publish(question(plan), tree.truong_son, by=cast.reviewer, is_of_year=span)
    shown = text(as_(cast.chair).get(reverse("progress", args=["TS-01"])))
    assert re.findall(r"Bảng xếp hạng[^:]*: hạng \d/\d", shown) == [
        "Bảng xếp hạng thi đua luỹ kế đến Quý III/2024: hạng 1/4",
        "Bảng xếp hạng thi đua Quý III/2024: hạng 1/4",
    ]


def test_names_of_another_branch_stand_only_where_one_is_listed_too(plan, as_, cast, tree):
    cluster = tagged("Cụm 1", tree.huong_giang, tree.hon_da)
    whole = publish(question(plan), tree.building, by=cast.federation_reviewer, smallest=0)
    of_cluster = publish(question(plan), tree.building, by=cast.federation_reviewer, tag=cluster)

    def answers(person):
        pages = (reverse("standing", args=["CDN", one.pk]) for one in (whole, of_cluster))
        return [as_(person).get(page).status_code for page in pages]

    assert answers(cast.chair) == [404, 200]
    assert answers(cast.other_chair) == [404, 404]
    assert answers(cast.reviewer) == [200, 200]
    assert answers(cast.neighbour_chair) == [404, 404]
    assert answers(cast.neighbour_reviewer) == [404, 404]
    wrong = reverse("standing", args=["TS", of_cluster.pk])
    assert as_(cast.chair).get(wrong).status_code == 404
    assert str(tree.hon_da) in text(
        as_(cast.chair).get(reverse("standing", args=["CDN", of_cluster.pk]))
    )
    for address in (reverse("progress", args=["TS-01"]), reverse("standing-list", args=["TS-01"])):
        assert str(tree.hon_da) not in as_(cast.chair).get(address).text
    reviewers = text(as_(cast.reviewer).get(LIVE))
    assert "Cụm 1" in reviewers
    assert str(tree.hon_da) not in reviewers


# --- files ---------------------------------------------------------------------------------------


def test_the_table_as_a_file(plan, as_, cast):
    header, first, *rest = book(as_(cast.reviewer).get(LIVE, {"export": "xlsx"}))
    assert header == [
        "Hạng",
        "Mã",
        "Đơn vị",
        "Công đoàn cấp trên",
        "Lao động",
        "Mức giao",
        "Thực hiện",
        "Đạt (%)",
        "Báo cáo",
        "Ghi chú",
    ]
    office, superior = "CĐCS Cơ quan Tổng công ty", "Công đoàn Tổng công ty Trường Sơn"
    assert first == [1, "TS-03", office, superior, 200, 4, 5, 125, "1/1", None]
    assert [row[5] for row in rest] == [20, 10, 10, 5, 2, "không giao"]
    csv = as_(cast.reviewer).get(LIVE, {"export": "csv", "span": "quarter"})
    assert csv.headers["content-disposition"] == 'attachment; filename="thi-dua-TS-2024Q3.csv"'
    assert "2.5" in csv.content.decode("utf-8-sig")


def test_the_list_proposed_for_commendation(published, as_, cast):
    answer = as_(cast.reviewer).get(LIVE, {"export": "commendations"})
    named = 'attachment; filename="de-nghi-khen-thuong-TS-2024Q3.xlsx"'
    assert answer.headers["content-disposition"] == named
    superior = "Công đoàn Tổng công ty Trường Sơn"
    small = "Dưới 20 lao động, không xếp hạng"
    assert book(answer) == [
        ["Hạng", "Đơn vị", "Mức giao", "Thực hiện", "Kết quả", "Công đoàn cấp trên", "Ghi chú"],
        [1, "CĐCS Cơ quan Tổng công ty", 4, 5, "5/4 đoàn viên, đạt 125%", superior, None],
        [None, "CĐCS TS-09", 2, 3, "3/2 đoàn viên, đạt 150%", superior, small],
    ]
    frozen = reverse("standing", args=["TS", published.pk])
    rows = book(as_(cast.chair).get(frozen, {"export": "commendations"}))
    assert [row[4] for row in rows[1:]] == [
        "4/1 đoàn viên, đạt 400%",
        "6/5 đoàn viên, đạt 120%",
        "2/0,5 đoàn viên, đạt 400%",
    ]
    assert len(book(as_(cast.chair).get(frozen, {"export": "xlsx"}))) == 8
    assert as_(cast.chair).get(frozen, {"export": "pdf"}).status_code == 404
