"""«Đơn vị cần tập trung»: who is listed, how many people each lacks, and what is said of them."""

from __future__ import annotations

import io
import random
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.utils.html import strip_tags
from django.utils.translation import override

from members.charges import put_in_charge
from members.models import Kind, QuarterlyReport, Tag, Unit
from members.suspending import suspend
from targets.focus import focus_on
from tests import factories
from tests.targets import made

pytestmark = pytest.mark.usefixtures("world")
TODAY = date(2024, 10, 4)


def text(response) -> str:
    html = re.sub(r'<span aria-hidden="true">.*?</span>', "", response.content.decode())
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


def book(response) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def rows_of(focus, reports=None) -> list[Any]:
    reports = focus.reports if reports is None else reports
    below = focus.standing_of(reports).below
    return list(focus.rows(reports, last=below, on=TODAY))


@pytest.fixture
def plan(tree, today):
    """90 % of other enterprises, 95 % of the state's; nobody has sent anything yet."""
    found = made.plan(tree.building)
    made.target(found, tree.building, "density", 90, group="other-enterprises")
    made.target(found, tree.building, "density", 95, group="state-enterprises")
    return found


@pytest.fixture
def story(tree, plan):
    """Quý II, and Quý III in which Hương Giang fell, Sông Lam waits for a check, the rest is late.

    | unit  | workers | members | threshold | missing |
    | TS-01 |     300 |     150 |        90 |     120 |
    | TS-02 |   1.000 |     920 |        95 |      30 | as of Quý II
    | HD-01 |     100 |      99 |        90 |       0 | as of Quý II
    """
    second = factories.open_quarter("2024Q2")
    stated = {
        tree.huong_giang: {"opening": 240, "workers": 300},
        tree.song_lam: {"opening": 920, "workers": 1_000},
        tree.hon_da: {"opening": 99, "workers": 100},
    }
    factories.all_accepted(second, stated)
    third = factories.open_quarter("2024Q3")
    factories.accepted(tree.huong_giang, third, left_job=90, workers=300)
    factories.submitted(tree.song_lam, third, admitted=5, workers=1_000)
    return third


@pytest.fixture
def page(as_, cast):
    def of(query: str = "", *, code: str = "CDN", person=cast.leader, status: int = 200):
        response = as_(person).get(f"/progress/{code}/focus/?{query}")
        assert response.status_code == status, query
        return response

    return of


def codes(response) -> list[str]:
    return [row.record.unit.code for row in response.context["table"].rows]


# --- thresholds and gaps --------------------------------------------------------------------------


def test_the_gap_is_the_least_number_with_which_the_threshold_is_met(tree, plan):
    """Own thresholds with four decimals, of units of every size."""
    chance, quarter = random.Random(7), factories.open_quarter("2024Q3")
    stated = {}
    for number in range(40):
        unit = factories.unit(f"R-{number}", parent=tree.truong_son)
        made.target(
            plan,
            unit,
            "density",
            str(Decimal(chance.randint(1, 1_000_000)).scaleb(-4)),
            group="other-enterprises",
        )
    quarter = factories.open_quarter("2024Q4")
    for unit in tree.truong_son.children.filter(code__startswith="R-"):
        workers = chance.choice([0, 1, 7, chance.randint(1, 2_000_000_000)])
        stated[unit] = {"opening": chance.randint(0, workers), "workers": workers}
    factories.all_accepted(quarter, stated)
    focus = focus_on(made.question(plan, quarter), tree.truong_son)
    rows = {row.unit.code: row for row in rows_of(focus)}
    assert len(rows) > 10
    for unit, numbers in stated.items():
        minimum = Fraction(unit.targets.get().revisions.get().minimum)
        workers, members = numbers["workers"], numbers["opening"]
        row = rows.get(unit.code)
        if row is None:
            assert members * 100 >= minimum * workers
        else:
            assert row.binding.minimum == minimum
            assert (members + row.gap) * 100 >= minimum * workers
            assert (members + row.gap - 1) * 100 < minimum * workers


def test_a_report_is_read_where_and_as_what_it_was_stamped(tree, plan, story):
    """Sông Lam has become another enterprise and hangs under the federation, since the report."""
    made.target(plan, tree.truong_son, "density", 99, group="state-enterprises")
    moved = tree.building.path + tree.song_lam.path[-4:]
    Unit.objects.filter(code="TS-02").update(parent=tree.building, sector="NNN", path=moved)
    found = {}
    for structure in ("reported", "current"):
        for unit in (tree.building, tree.truong_son):
            focus = focus_on(made.question(plan, story, structure=structure), unit)
            listed = {row.unit.code: row for row in rows_of(focus)}
            row = listed.get("TS-02")
            found[structure, unit.code] = row and (row.binding.minimum, row.gap)
    assert found == {
        ("reported", "CDN"): (99, 70),
        ("reported", "TS"): (99, 70),
        ("current", "CDN"): None,  # 90 % are met
        ("current", "TS"): None,
    }


def test_who_looks_after_a_unit_elsewhere_is_not_named(tree, plan, story, cast, page):
    away = tree.spinning.path + tree.huong_giang.path.removeprefix(tree.truong_son.path)
    moving = Unit.objects.filter(pk=tree.huong_giang.pk)
    moving.update(parent=tree.spinning, path=away)
    put_in_charge([moving.get()], cast.neighbour_reviewer, by=cast.root)
    assert codes(page())[0] == "TS-01"
    assert str(cast.neighbour_reviewer) not in text(page())
    assert str(cast.neighbour_reviewer) not in str(book(page("export=xlsx")))


def test_a_branch_that_moved_is_read_where_it_hung(tree, plan, story):
    branch = Unit.objects.get(code="TS")
    branch.placements.update(valid_to=date(2024, 10, 2))
    branch.placements.create(
        parent=tree.textiles, sector=None, name=branch.name, valid_from=date(2024, 10, 2)
    )
    moved = tree.textiles.path + branch.path[-4:]
    for unit in branch.children.all():
        Unit.objects.filter(pk=unit.pk).update(path=moved + unit.path[-4:])
    branch.parent, branch.path = tree.textiles, moved
    branch.save()
    made.target(plan, branch, "density", 80, group="other-enterprises")
    for unit in (branch, tree.building):
        focus = focus_on(made.question(plan, story), unit)
        listed = {row.unit.code: (row.binding.minimum, row.gap) for row in rows_of(focus)}
        assert listed == {"TS-01": (80, 90), "TS-02": (95, 30)}, unit


def test_of_several_due_dates_the_next_one_binds(tree, plan, story):
    for due_on, minimum in ((date(2024, 6, 30), 60), (date(2024, 9, 30), 70)):
        made.target(
            plan, tree.truong_son, "density", minimum, group="other-enterprises", due_on=due_on
        )
    found = {}
    for code in ("2024Q2", "2024Q3"):
        quarter = QuarterlyReport.objects.filter(quarter__code=code)[0].quarter
        listed = rows_of(focus_on(made.question(plan, quarter), tree.truong_son))
        found[code] = {row.unit.code: (row.binding.minimum, row.gap) for row in listed}
    assert found == {
        "2024Q2": {"TS-02": (95, 30)},
        "2024Q3": {"TS-01": (70, 60), "TS-02": (95, 30)},
    }


# --- the page ------------------------------------------------------------------------------------


def test_who_lacks_most_comes_first_with_all_that_is_to_be_known(page, story, tree, cast):
    put_in_charge([tree.huong_giang], cast.reviewer, by=cast.administrator)
    response = page()
    shown = text(response)
    for words in (
        "Đơn vị cần tập trung",
        "2 đơn vị chưa đạt mức giao, còn thiếu 150 đoàn viên",
        "Lao động chưa vào công đoàn Còn thiếu Tình trạng báo cáo Tỷ lệ Mức giao",
        "CĐCS Công ty CP Xây dựng Hương Giang 150 120 Đã duyệt đoàn viên giảm 37,50%"
        " 50,00% 150/300 90% 80,00% Lê Văn Hoà",
        "CĐCS Nhà máy Gạch Sông Lam 80 30 Đã gửi, chờ kiểm tra tạm lấy số Quý II/2024"
        " 92,00% 920/1.000 95% 100,00% –",
        "Thiếu chung của nhóm doanh nghiệp nhà nước: 30 đoàn viên; cộng riêng từng đơn vị chưa"
        " đạt: 30 đoàn viên",
        "Thiếu chung của nhóm doanh nghiệp khác: 111 đoàn viên; cộng riêng từng đơn vị chưa đạt:"
        " 120 đoàn viên",
        "Vì sao khác nhau?",
    ):
        assert words in shown, (words, shown)
    assert codes(response) == ["TS-01", "TS-02"]


def test_every_number_opens_its_source_or_its_report(page, story, as_, cast):
    html = unescape(page().content.decode())
    links = re.findall(r'href="(/(?:progress|reports)/(?:TS|HD)-\d\d/[^"]*)"', html)
    asked = "plan=ke-hoach-2024&quarter=2024Q3"
    assert sorted(set(links)) == [
        f"/progress/TS-01/?{asked}",
        f"/progress/TS-01/source/?{asked}&indicator=density&group=other-enterprises",
        f"/progress/TS-02/?{asked}",
        f"/progress/TS-02/source/?{asked}&indicator=density&group=state-enterprises",
        "/reports/TS-01/2024Q3/",
        "/reports/TS-02/2024Q2/",  # whose figures stand in
        "/reports/TS-02/2024Q3/",
    ]
    assert {as_(cast.leader).get(link).status_code for link in links} == {200}


def test_together_is_the_number_of_the_progress_page(page, story, as_, cast):
    lines = as_(cast.leader).get("/progress/CDN/").context["board"].lines
    together = {line.group.code: line.progress.gap_people for line in lines}
    gaps = page().context["focus"].gaps
    assert {gap.line.group.code: gap.together for gap in gaps} == together


def test_the_basis_and_the_quarter_are_those_asked_for(page, story):
    found = {}
    for query in ("basis=submitted", "quarter=2024Q2", "structure=current"):
        rows = page(query).context["table"].rows
        found[query] = [(row.record.unit.code, row.record.gap) for row in rows]
    assert found == {
        "basis=submitted": [("TS-01", 120), ("TS-02", 25)],
        "quarter=2024Q2": [("TS-01", 30), ("TS-02", 30)],
        "structure=current": [("TS-01", 120), ("TS-02", 30)],
    }


def test_a_suspended_unit_is_said_to_be_one(page, story, tree, cast):
    factories.open_quarter("2024Q4")
    suspend(tree.song_lam, on=date(2024, 10, 1), by=cast.root)
    assert "Gạch Sông Lam 80 30 Tạm ngừng tạm lấy số Quý II/2024" in text(page())
    assert codes(page("wrong=unsent")) == ["TS-01"]


def test_figures_of_long_ago_are_flagged(tree, plan, page):
    factories.accepted(tree.huong_giang, factories.open_quarter("2023Q3"), opening=10, workers=100)
    for code in ("2023Q4", "2024Q1", "2024Q2", "2024Q3"):
        factories.open_quarter(code)
    assert "số liệu đã cũ, từ 4 quý trước" in text(page())
    assert codes(page("wrong=stale")) == ["TS-01"]
    assert "số liệu đã cũ" not in text(page("quarter=2024Q2"))
    assert codes(page("wrong=stale&quarter=2024Q2")) == []


@pytest.mark.parametrize("now", [211, 210, 209])
def test_a_fall_by_three_tenths_is_sudden(tree, plan, page, now):
    """In the list as in the filter, of workers and of members."""
    factories.accepted(tree.huong_giang, factories.open_quarter("2024Q2"), opening=150, workers=300)
    quarter = factories.open_quarter("2024Q3")
    factories.submitted(tree.huong_giang, quarter, workers=now)
    is_sudden = now <= 210
    assert codes(page("wrong=fallen")) == (["TS-01"] if is_sudden else [])
    assert ("lao động giảm" in text(page())) == is_sudden


# --- the filter ----------------------------------------------------------------------------------


@pytest.fixture
def varied(story, tree, cast):
    """Tags, areas and people in charge."""
    block = Tag.objects.create(name="Khối xây lắp")
    tree.huong_giang.tags.add(block)
    tree.hon_da.tags.add(block)
    Tag.objects.create(name="Khối dệt may").units.add(tree.weavers)
    Unit.objects.filter(code="TS-02").update(area="Nghệ An")
    Unit.objects.filter(code="SO-01").update(area="Nam Định")
    put_in_charge([tree.song_lam], cast.reviewer, by=cast.administrator)
    return story


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=song lam", ["TS-02"]),
        ("q=TS-0", ["TS-01", "TS-02"]),
        ("tag=Khối+xây+lắp", ["TS-01"]),
        ("size_from=301", ["TS-02"]),
        ("size_from=300&size_to=300", ["TS-01"]),
        ("size_to=999", ["TS-01"]),
        ("group=state-enterprises", ["TS-02"]),
        ("sector=NNN", ["TS-01"]),
        ("area=Nghệ+An", ["TS-02"]),
        ("wrong=fallen", ["TS-01"]),
        ("wrong=unsent", []),
        ("tag=Khối+xây+lắp&group=state-enterprises", []),
        ("size_from=abc", []),
        ("size_from=10&size_to=5", []),
        ("tag=Khối+dệt+may", []),
        ("area=Nam+Định", []),
        ("person=999999", []),
        ("wrong=x", []),
    ],
)
def test_the_list_narrows(varied, page, query, found):
    response = page(query)
    assert codes(response) == found
    assert ("Không có đơn vị nào phù hợp." in text(response)) == (not found)
    assert "Bỏ lọc" in text(response)
    assert len(book(page(f"{query}&export=xlsx"))) == 1 + len(found)


def test_what_is_wrong_with_a_filter_is_said(varied, page):
    assert "Hãy nhập số nguyên, ví dụ 1.234." in text(page("size_from=abc"))
    assert "Quy mô “đến” nhỏ hơn quy mô “từ”." in text(page("size_from=10&size_to=5"))


def test_a_person_in_charge_narrows_the_list(varied, page, cast):
    assert codes(page(f"person={cast.reviewer.pk}")) == ["TS-02"]


def test_nothing_of_a_neighbour_is_offered(varied, page, cast):
    fields = page().context["form"].fields
    assert [tag.name for tag in fields["tag"].queryset] == ["Khối xây lắp"]
    assert [value for value, _label in fields["area"].choices] == ["", "Nghệ An"]
    assert [value for value, _label in fields["person"].choices] == ["", str(cast.reviewer.pk)]


def test_a_filter_keeps_the_question_and_clearing_keeps_it_too(varied, page):
    html = page("quarter=2024Q2&q=song").content.decode()
    assert '<input type="hidden" name="quarter" value="2024Q2">' in html
    assert 'href="?plan=ke-hoach-2024&amp;quarter=2024Q2"' in html


def test_the_share_is_that_of_the_whole_branch(varied, page):
    [row] = page("tag=Khối+xây+lắp").context["table"].rows
    assert row.record.share == 80


# --- the sentence --------------------------------------------------------------------------------


def briefing(response) -> str:
    return response.context["briefing"]


def test_the_whole_branch_is_told_of_by_its_own_lines(varied, page, plan, tree):
    made.target(plan, tree.building, "net-increase", 100)
    assert briefing(page()) == (
        "Công đoàn ngành Xây dựng: thực giảm 90 đoàn viên; tỷ lệ đoàn viên 83,50%, còn thiếu 141"
        " đoàn viên; 2 đơn vị chậm tiến độ."
    )


def test_some_units_are_told_of_together(varied, page, plan, tree):
    """«Khối xây lắp»: Hương Giang lacks 120, Hòn Đá has 9 more than its target."""
    for unit in (tree.huong_giang, tree.hon_da):
        made.target(plan, unit, "net-increase", 20)
    factories.accepted(tree.hon_da, varied, admitted=100, workers=300)
    made.target(plan, tree.building, "net-increase", 100)
    assert briefing(page("tag=Khối+xây+lắp")) == (
        "Khối xây lắp: thực tăng 10/40 đoàn viên, đạt 25,00%; tỷ lệ đoàn viên 58,17%, còn thiếu"
        " 191 đoàn viên; 2 đơn vị chậm tiến độ."
    )


def test_only_those_with_a_target_are_compared_with_it(varied, page, plan, tree):
    made.target(plan, tree.building, "net-increase", 100)
    made.target(plan, tree.hon_da, "net-increase", 20)
    factories.accepted(tree.hon_da, varied, admitted=5, workers=104)
    found = briefing(page("tag=Khối+xây+lắp&size_from=100"))
    assert found.startswith(
        "Khối xây lắp, từ 100 lao động: thực tăng 5/20 đoàn viên, đạt 25,00% (1 đơn vị được giao);"
    )


def test_what_is_not_known_is_left_out(tree, plan, page, quarter):
    assert briefing(page("sector=NN")) == ""
    assert briefing(page()) == ""
    assert "Chưa đơn vị nào có số liệu." in text(page())


def test_a_filter_that_holds_everybody_says_what_the_branch_says(varied, page, plan, tree):
    made.target(plan, tree.building, "net-increase", 100)
    made.target(plan, tree.huong_giang, "net-increase", 10)
    whole, some = briefing(page()), briefing(page("size_from=0"))
    assert whole.split("; ")[1:] == some.split("; ")[1:]


def test_a_tag_that_is_no_block_by_name_becomes_one(varied, page, tree):
    Tag.objects.filter(name="Khối xây lắp").update(name="Xây lắp")
    assert briefing(page("tag=Xây+lắp")).startswith("Khối xây lắp:")


def test_results_from_before_the_product_count(varied, page, plan, tree):
    for unit, value in ((tree.building, 100), (tree.hon_da, 7)):
        made.target(plan, unit, "net-increase", 20)
        made.baseline(plan, unit, "net-increase", value)
    assert briefing(page("q=HD-01")).startswith(
        "Công đoàn ngành Xây dựng, “HD-01”: thực tăng 7/20 đoàn viên, đạt 35,00%;"
    )


# --- nothing to show -----------------------------------------------------------------------------


def test_a_plan_without_density_says_so(tree, today, page, quarter):
    made.target(made.plan(tree.building), tree.building, "net-increase", 40)
    assert "Kế hoạch này không giao tỷ lệ đoàn viên" in text(page())


def test_without_a_plan_or_a_quarter_the_page_says_what_is_missing(tree, today, page):
    assert "Chưa có kế hoạch nào đang thực hiện." in text(page())
    made.target(made.plan(tree.building), tree.building, "density", 90)
    assert "Chưa mở kỳ báo cáo nào." in text(page())


def test_nobody_below_is_good_news(tree, plan, page, quarter):
    factories.accepted(tree.huong_giang, quarter, opening=100, workers=100)
    shown = text(page())
    assert "Mọi đơn vị đã có số liệu đều đạt mức giao về tỷ lệ đoàn viên." in shown
    assert "2 đơn vị chưa có số liệu, không có trong danh sách này." in shown


@pytest.mark.parametrize("code", ["TS-01", "ND-01", "TLD", "DM", "SO"])
def test_units_that_report_and_units_out_of_sight_are_not_found(plan, story, page, code):
    page(code=code, status=404)


# --- files, languages, cost ----------------------------------------------------------------------


def test_the_file_holds_what_is_shown_with_numbers_as_numbers(varied, page, cast):
    header, *rows = book(page("export=xlsx"))
    assert header == [
        *("Đơn vị", "Mã", "Lao động", "Đoàn viên", "Lao động chưa vào công đoàn", "Còn thiếu"),
        *("Tình trạng báo cáo", "Cần chú ý", "Tỷ lệ đoàn viên (%)", "Mức giao (%)"),
        *("Luỹ kế phần thiếu (%)", "Cán bộ phụ trách"),
    ]
    assert rows == [
        [
            *("CĐCS Công ty CP Xây dựng Hương Giang", "TS-01", 300, 150, 150, 120, "Đã duyệt"),
            *("đoàn viên giảm 37,50%", 50, 90, 80, None),
        ],
        [
            *("CĐCS Nhà máy Gạch Sông Lam", "TS-02", 1000, 920, 80, 30, "Đã gửi, chờ kiểm tra"),
            *("tạm lấy số Quý II/2024", 92, 95, 100, "Lê Văn Hoà"),
        ],
    ]
    assert page("export=csv").content.decode().count("\n") == 3


def test_the_page_speaks_english_too(varied, page, client):
    client.cookies["django_language"] = "en"
    with override("en"):
        shown = text(page("tag=Khối+xây+lắp"))
    assert "Units to focus on" in shown
    assert "1 unit below its target, 120 members missing" in shown


@pytest.fixture
def crowd(tree, plan, cast):
    """An upper-level union with 2 units below their threshold, and one with 300."""
    made.target(plan, tree.building, "net-increase", 100)
    unions = {
        count: factories.unit(f"U{count}", kind=Kind.UPPER, parent=tree.building)
        for count in (2, 300)
    }
    block = Tag.objects.create(name="Khối xây lắp")
    stated = {}
    for count, union in unions.items():
        made.target(plan, union, "density", 88, group="other-enterprises")
        for number in range(count):
            unit = factories.unit(f"U{count}-{number}", parent=union)
            stated[unit] = {"opening": 10 + number % 7, "workers": 100 + number}
        put_in_charge(union.children.all(), cast.federation_reviewer, by=cast.root)
        Tag.units.through.objects.bulk_create(
            Tag.units.through(tag=block, unit=unit) for unit in union.children.all()
        )
    factories.all_accepted(factories.open_quarter("2024Q3"), stated)
    return unions


def test_the_list_costs_the_same_for_2_and_for_300_units(
    crowd, as_, cast, django_assert_num_queries
):
    client = as_(cast.leader)
    costs = {"": 49, "tag=Khối+xây+lắp&size_from=1": 54, "export=xlsx": 35}
    client.get("/progress/U2/focus/")
    for query, statements in costs.items():
        for count in (2, 300):
            with django_assert_num_queries(statements):
                client.get(f"/progress/U{count}/focus/?{query}")


def test_equals_stand_on_one_page_only(tree, plan, page):
    """Below one superior and lacking the same, accepted in another order than they were made."""
    union = factories.unit("U120", kind=Kind.UPPER, parent=tree.building)
    units = [factories.unit(f"U120-{number}", parent=union) for number in range(120)]
    third = factories.open_quarter("2024Q3")
    for some in (units[1::2], units[::2]):
        stated = {unit: {"opening": 10, "workers": 100} for unit in reversed(some)}
        factories.all_accepted(third, stated)
    found = [code for number in (1, 2, 3) for code in codes(page(f"page={number}", code="U120"))]
    reports = QuarterlyReport.objects.filter(unit__in=units).order_by("pk")
    assert found == list(reports.values_list("unit__code", flat=True))


def test_pages_go_on_where_the_one_before_ended(crowd, page):
    pages = [page(f"page={number}", code="U300") for number in (1, 2, 3, 4, 5, 6)]
    rows = [row.record for response in pages for row in response.context["table"].rows]
    assert len({row.unit.code for row in rows}) == len(rows) == 300
    assert [row.gap for row in rows] == sorted((row.gap for row in rows), reverse=True)
    so_far = 0
    for row in rows:
        so_far += row.gap
        assert row.so_far == so_far
    assert rows[-1].share == 100
    assert len(book(page("export=xlsx", code="U300"))) == 301
