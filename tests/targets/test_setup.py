"""«Thiết lập ban đầu»: six steps whose state is read off the data."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from members.models import Calendar, Unit
from members.suspending import suspend
from targets.setup import State, steps
from tests import factories
from tests.targets import made

TODAY = date(2024, 10, 4)
TITLES = [
    "1. Đơn vị",
    "2. Kỳ báo cáo",
    "3. Số liệu ban đầu",
    "4. Kế hoạch, chỉ tiêu",
    "5. Tài khoản",
    "6. Mở kỳ báo cáo đầu tiên",
]


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.text.replace("<", " <"))).split())


def states(user):
    return [step.state for step in steps(user, on=TODAY)]


def test_a_superuser_of_an_empty_database_begins_here(db, as_, today):
    answer = as_(factories.superuser()).get("/", follow=True)

    assert answer.redirect_chain == [(reverse("setup"), 302)]
    shown = text(answer)
    assert "Thiết lập ban đầu" in shown
    assert [title for title in TITLES if title in shown] == TITLES
    assert [step.state for step in answer.context["steps"]] == [State.TODO] * 6
    assert shown.count("Chưa làm") == 6
    assert "Chưa có đơn vị nào." in shown
    assert "Bỏ qua" not in shown  # there is nothing yet to state figures of
    links = {link.url for step in answer.context["steps"] for link in step.links}
    assert {as_(factories.superuser()).get(link).status_code for link in links} == {200}


def test_the_unit_at_the_top_is_typed_on_the_first_day(db, as_):
    root = factories.superuser()
    typed = {"name": "Công đoàn ngành Xây dựng", "code": "CDN", "kind": "federation"}
    done = as_(root).post(reverse("unit-import"), typed, follow=True)

    assert "Đã thêm Công đoàn ngành Xây dựng." in text(done)
    assert "Chọn tệp" in text(done)
    assert [(unit.code, unit.parent) for unit in Unit.objects.all()] == [("CDN", None)]
    assert states(root)[0] == State.TODO  # nothing hangs below it yet


def test_the_state_follows_the_data_of_the_tree(tree, cast, today):
    assert states(cast.root) == ["done", "todo", "todo", "todo", "doing", "todo"]

    suspend(tree.hon_da, on=date(2024, 8, 1), by=cast.root)
    Calendar.objects.create()
    Unit.objects.filter(code="TS-01").update(opening_members=195)
    made.plan(tree.building)
    factories.open_quarter("2024Q3")
    found = steps(cast.root, on=TODAY)
    assert [step.state for step in found] == ["done", "done", "doing", "done", "doing", "done"]
    assert found[0].words == (
        "2 LĐLĐ tỉnh, công đoàn ngành, 2 công đoàn cấp trên trực tiếp cơ sở, "
        "5 CĐCS (1 tạm ngừng), 1 nghiệp đoàn."
    )
    assert found[1].words == "Theo năm dương lịch (31/3, 30/6, 30/9, 31/12)."
    assert found[2].words == (
        "1/5 đơn vị có số đoàn viên ban đầu · 0 kết quả trước khi dùng phần mềm."
    )
    assert found[4].words == "Chưa có 2 · Đã gửi đường dẫn 0 · Đã nhận 3"
    assert found[5].words.startswith("Quý III/2024 mở ngày ")

    Unit.objects.reporting().update(opening_members=5)
    assert states(cast.root)[2] == State.DONE


def test_a_step_that_somebody_else_does_has_no_link(tree, cast, today):
    """Quarters are of the whole tree, and Bảo administers one federation of it."""
    found = steps(cast.administrator, on=TODAY)

    assert [step.title for step in found if not step.links] == [TITLES[1], TITLES[5]]
    assert found[0].words == "1 công đoàn cấp trên trực tiếp cơ sở, 4 CĐCS, 1 nghiệp đoàn."


def test_starting_figures_may_be_skipped(tree, cast, as_, today):
    client, page = as_(cast.administrator), reverse("setup")
    assert "Bỏ qua" in text(client.get(page))

    shown = text(client.post(page, follow=True))
    said = "Chưa có số liệu ban đầu: luỹ kế nhiệm kỳ chỉ tính từ Quý III/2024."
    assert said in shown
    assert "Bỏ qua" not in shown
    assert states(cast.administrator)[2] == State.DONE
    assert states(cast.root)[2] == State.TODO  # another tree is not done by it

    Unit.objects.filter(code="TS-01").update(opening_members=195)
    assert said not in text(client.get(page))


@pytest.mark.parametrize("more", [0, 3])
def test_the_page_costs_the_same_for_any_number_of_units(
    tree, cast, as_, today, django_assert_num_queries, more
):
    for n in range(more):
        factories.unit(f"X-{n}", parent=tree.truong_son)
    client = as_(cast.administrator)
    client.get(reverse("setup"))

    with django_assert_num_queries(15):
        response = client.get(reverse("setup"))
    assert re.search(r"TS-0\d", response.text) is None
