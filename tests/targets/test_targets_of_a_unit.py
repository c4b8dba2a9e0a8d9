"""Page «Chỉ tiêu» of a unit that reports, as its chair reads it (walk 1, step 10)."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.utils.html import strip_tags

from members import actions
from tests import factories
from tests.targets import made

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def report(tree, cast):
    """Walk 1: 188 members at the end of 2023, 195 of 238 workers in Quý II, 202 of 231 are sent."""
    plan = made.plan(tree.building, number="12/KH-CĐN", issued_on=date(2024, 1, 20))
    made.target(plan, tree.building, "density", 90, group="other-enterprises")
    assigned = made.target(plan, tree.huong_giang, "net-increase", 20, decision_no="15/QĐ-CĐTCT")
    assigned.revisions.update(decision_on=date(2024, 2, 5))
    for code, workers, admitted, left in (
        ("2023Q4", 232, 0, 0),
        ("2024Q1", 235, 3, 1),
        ("2024Q2", 238, 6, 1),
    ):
        quarter = factories.open_quarter(code)
        typed = {"admitted": admitted, "left_job": left, "workers": workers}
        factories.accepted(tree.huong_giang, quarter, opening=188, **typed)
    quarter = factories.open_quarter("2024Q3")
    typed = {"workers": 231, "admitted": 12, "transferred_in": 1, "left_job": 6}
    return factories.submitted(tree.huong_giang, quarter, by=cast.chair, **typed)


def text(response) -> str:
    html = re.sub(r'<span aria-hidden="true">.*?</span>', "", response.content.decode())
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


def test_a_chair_reads_her_targets(report, cast, as_, today):
    client = as_(cast.chair)
    before = text(client.get("/progress/TS-01/"))
    assert "Thực tăng 7/20 đoàn viên, đạt 35,00%" in before
    waiting = text(client.get("/progress/TS-01/?basis=submitted"))
    assert waiting.count("(chờ kiểm tra)") == 2
    actions.accept([report], by=cast.reviewer)
    shown = text(client.get("/progress/TS-01/"))
    for words in (
        "Tỷ lệ đoàn viên 87,45% (202/231), còn thiếu 6 đoàn viên",
        "Còn thiếu: 6 đoàn viên · Lộ trình 87,76%",
        "Thực tăng 14/20 đoàn viên, đạt 70,00% · Có nguy cơ không đạt",
        "Còn thiếu: 6 đoàn viên · Ước cả năm 18",
        "Quyết định số 15/QĐ-CĐTCT ngày 05/02/2024",
        "Cách tính: Thực tăng đoàn viên",
        "Cách tính: Tỷ lệ đoàn viên",
    ):
        assert shown.count(words) == 1, (words, shown)
    assert "(chờ kiểm tra)" not in shown
