"""Training from below: a chair says what the union needs, the organiser plans a class, fills it
from the list of the untrained, holds it and says who completed it; the federation's percentage
moves.
"""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from targets.actions import load_plan
from targets.shipped import shipped_plan
from tests import factories
from tests.browser.pages import go, must_say, press, sideways, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLAN = "cdxd-training-2023-2028"
PROGRESS = f"/progress/CDN/?plan={PLAN}&quarter=2024Q4"
TITLE = "Bồi dưỡng lý luận cho chủ tịch CĐCS bầu mới"
NEW_CHAIRS = "Chủ tịch CĐCS bầu mới được đào tạo, bồi dưỡng"


@pytest.fixture
def office(_transactional_reference, tree, cast, stand_at) -> SimpleNamespace:
    """Three newly elected chairs who have learnt their skills and no theory; it is 04/10/2024."""
    people = {
        "mai": factories.officer(tree.huong_giang, "Trần Thị Mai", elected_on=date(2023, 6, 1)),
        "nam": factories.officer(tree.song_lam, "Nguyễn Văn Nam", elected_on=date(2023, 8, 1)),
        "tam": factories.officer(tree.hon_da, "Lý Văn Tâm", elected_on=date(2024, 2, 1)),
    }
    factories.officer(tree.weavers, "Phạm Thị Dệt")
    skills = factories.course(tree.building, "skills", starts_on=date(2024, 5, 6))
    factories.attended(skills, *people.values())
    shipped = shipped_plan(PLAN)
    assert shipped is not None
    load_plan(shipped, tree.building, code=PLAN, by=cast.administrator)
    for code in ("2024Q3", "2024Q4"):
        factories.open_quarter(code)
    return SimpleNamespace(**vars(cast), **people)


def test_from_a_need_to_a_class(office, visit, stand_at):
    federation, hoa = visit(PROGRESS, as_=office.leader), visit("/", as_=office.reviewer)
    _line_says(federation, "0,00%", "0/3 cán bộ", "còn thiếu 3 cán bộ")
    _the_chair_states_her_needs(visit("/", as_=office.chair, width=360))
    _the_organiser_sees_them(hoa)
    _and_plans_a_class(hoa)
    _fills_it_from_the_list_of_the_untrained(hoa)
    stand_at(18, 9, 0)
    _holds_it_and_says_who_completed_it(hoa)
    federation.reload()
    _line_says(federation, "33,33%", "1/3 cán bộ", "còn thiếu 2 cán bộ")
    _the_chair_sees_what_she_learnt(visit("/training/", as_=office.chair, width=360))
    _and_nobody_elsewhere_does(visit("/training/courses/?year=2024", as_=office.neighbour_reviewer))


def _line_says(page, *sentences):
    must_say(page, NEW_CHAIRS)
    line = page.locator(".plan-line", has_text=NEW_CHAIRS).first
    said = words(page, where=f".plan-line:has-text('{NEW_CHAIRS}')")
    assert line.is_visible()
    assert [sentence for sentence in sentences if sentence not in said] == [], said


def _the_chair_states_her_needs(page):
    go(page, "Đào tạo, bồi dưỡng: cán bộ, nhu cầu, lớp")
    must_say(page, "Nhu cầu đào tạo, bồi dưỡng năm 2025", "Chưa nêu nhu cầu")
    go(page, "Nêu nhu cầu")
    press(page, "Lưu nhu cầu")
    must_say(page, "Chưa lưu được")
    topic = page.get_by_role("group", name="Nghiệp vụ", exact=True)
    topic.get_by_label("Tổ trưởng, tổ phó", exact=True).fill("4")
    topic.get_by_label("Uỷ viên BCH, UBKT", exact=True).fill("3")
    press(page, "Lưu nhu cầu")
    must_say(page, "Đã lưu nhu cầu năm 2025: 7 người, 1 chuyên đề.")
    assert sideways(page) <= 0


def _the_organiser_sees_them(page):
    go(page, "Đào tạo", where="header")
    must_say(page, "Đã có nhu cầu của 1/4 đơn vị", "Tổng nhu cầu các chuyên đề: 7 người")
    go(page, "Nhu cầu và kế hoạch")
    must_say(page, "Nghiệp vụ 7 0 0 0,00% 7")


def _and_plans_a_class(page):
    page.goto("/training/courses/?year=2024")
    go(page, "Thêm lớp")
    page.get_by_label("Tên lớp", exact=True).fill(TITLE)
    page.get_by_label("Chuyên đề", exact=True).select_option("theory")
    page.get_by_label("Đối tượng", exact=True).select_option("new-chairs")
    page.get_by_label("Ngày khai mạc", exact=True).fill("15/10/2024")
    page.get_by_label("Ngày bế mạc", exact=True).fill("14/10/2024")
    press(page, "Đưa vào lịch")
    must_say(page, "Ngày bế mạc trước ngày khai mạc.")
    page.get_by_label("Ngày bế mạc", exact=True).fill("16/10/2024")
    press(page, "Đưa vào lịch")
    must_say(page, TITLE, "Dự kiến", "15/10/2024 – 16/10/2024")


def _fills_it_from_the_list_of_the_untrained(page):
    page.goto(PROGRESS.replace("CDN", "TS"))
    line = page.locator(".plan-line", has_text=NEW_CHAIRS).first
    line.get_by_role("link", name="Ai chưa được đào tạo, bồi dưỡng").click()
    must_say(
        page,
        "2 cán bộ trong danh sách chưa được đào tạo, bồi dưỡng",
        "Trần Thị Mai",
        "Nguyễn Văn Nam",
    )
    assert "Lý Văn Tâm" not in words(page)  # of a union directly below the federation
    for name in ("Trần Thị Mai", "Nguyễn Văn Nam"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_label("Lớp dự kiến").select_option(label=f"Lý luận · 15/10/2024 · {TITLE}")
    page.locator("button[data-select-words]").click()
    must_say(page, f"Đã cử 2 cán bộ vào lớp “{TITLE}”.")


def _holds_it_and_says_who_completed_it(page):
    page.goto("/training/courses/?year=2024")
    go(page, TITLE)
    must_say(page, "Trần Thị Mai", "Nguyễn Văn Nam")
    go(page, "Xác nhận đã tổ chức")
    press(page, "Xác nhận đã tổ chức")
    must_say(page, "Đã ghi lớp đã tổ chức. Tiếp theo, chọn những người hoàn thành.")
    page.get_by_role("checkbox", name="Trần Thị Mai").check()
    page.get_by_label("Ngày hoàn thành", exact=True).fill("14/10/2024")
    press(page, "Lưu kết quả hoàn thành")
    must_say(page, "Ngày hoàn thành 14/10/2024 trước ngày khai mạc 15/10/2024.")
    page.get_by_label("Ngày hoàn thành", exact=True).fill("16/10/2024")
    press(page, "Lưu kết quả hoàn thành")
    must_say(page, "16/10/2024", "Đã lưu")


def _the_chair_sees_what_she_learnt(page):
    go(page, "Danh sách cán bộ")
    must_say(page, "Trần Thị Mai", "Lý luận 16/10/2024", "Nghiệp vụ 06/5/2024")
    assert sideways(page) <= 0


def _and_nobody_elsewhere_does(page):
    must_say(page, "Lớp đào tạo, bồi dưỡng năm 2024", "Kế hoạch và thực hiện")
    assert TITLE not in words(page)
    page.goto("/training/officers/")
    must_say(page, "Phạm Thị Dệt")
    assert "Trần Thị Mai" not in words(page)
