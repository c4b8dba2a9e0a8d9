"""The reviewer's queue: what agrees is accepted together, what is odd one by one."""

from datetime import date

import pytest

from members import actions
from members.access import Role
from members.models import Assignment, QuarterlyReport, Status
from tests import factories
from tests.browser.pages import must_say, press, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ELEVEN = range(11, 22)


@pytest.fixture
def queue(tree, cast, stand_at, visit):
    """The reviewer before eleven reports that agree and one that is odd."""
    units = [factories.unit(f"TS-{n}", parent=tree.truong_son) for n in ELEVEN]
    busy = factories.person("busy", units[0], Role.CHAIR)
    for unit in units[1:]:
        Assignment.objects.create(
            user=busy, unit=unit, role=Role.CHAIR, valid_from=date(2020, 1, 1)
        )
    before, now = map(factories.open_quarter, ("2024Q2", "2024Q3"))
    for quarter, flows in ((before, {}), (now, {"admitted": 4, "left_job": 2})):
        figures = factories.figures(100, workers=120, **flows)
        pairs = [(factories.report(unit, quarter), figures) for unit in units]
        actions.submit_all(pairs, by=busy, accept=quarter == before)
    factories.accepted(tree.song_lam, before, opening=310, workers=329)
    odd = factories.figures(310, workers=231) | {"note": "Kết thúc công trình."}
    actions.submit(factories.report(tree.song_lam, now), odd, by=cast.other_chair)
    return visit("/reports/", as_=cast.reviewer)


def accepted():
    return QuarterlyReport.objects.filter(quarter__code="2024Q3", status=Status.ACCEPTED).count()


def test_eleven_reports_are_accepted_together(queue):
    """Walk 2, step 2."""
    must_say(
        queue,
        "Báo cáo chờ kiểm tra (12)",
        "Khớp số liệu, biến động nhỏ (11)",
        "Cần kiểm tra kỹ (1)",
        "đoàn viên nhiều hơn lao động",
        "lao động giảm 29,79%",
    )
    assert queue.locator("[name=reports]:checked").count() == 11

    press(queue, "Duyệt 11 báo cáo")
    must_say(
        queue,
        "Duyệt 11 báo cáo?",
        "Lao động 1.320 · đoàn viên 1.122 · kết nạp mới 44 · giảm 22.",
    )
    assert accepted() == 0
    press(queue, "Duyệt 11 báo cáo")
    must_say(queue, "Đã duyệt 11 báo cáo. Còn 1 báo cáo cần kiểm tra kỹ.")
    assert accepted() == 11


def test_what_is_not_ticked_waits(queue):
    queue.locator("[name=reports]").first.uncheck()
    press(queue, "Duyệt 10 báo cáo")
    must_say(queue, "Duyệt 10 báo cáo?")
    press(queue, "Duyệt 10 báo cáo")
    must_say(queue, "Đã duyệt 10 báo cáo.", "Báo cáo chờ kiểm tra (2)")

    queue.locator("[data-select-all]").check()
    assert queue.locator("[name=reports]:checked").count() == 1
    queue.locator("[data-select-all]").uncheck()
    assert words(queue, "[data-select-words]") == "Duyệt 0 báo cáo"


def test_an_odd_report_is_returned_and_the_list_goes_on(queue, cast, visit):
    """Walk 2, steps 3 and 4; then the chair reads it at the figure."""
    queue.click("a:has-text('Gạch Sông Lam')")
    must_say(
        queue,
        "CĐCS Nhà máy Gạch Sông Lam",
        "329 231 −98 (−29,79%)",
        "310 310 0",
        "Cần giải trình: đoàn viên nhiều hơn lao động 79",
        "Kết thúc công trình.",
    )
    queue.click("summary:has-text('Trả lại')")
    queue.get_by_label("Tổng số đoàn viên", exact=True).check()
    queue.fill("[name=reason]", "Lao động giảm 98 nhưng đoàn viên không giảm.")
    press(queue, "Trả lại")
    must_say(queue, "Đã trả lại.", "Báo cáo chờ kiểm tra (11)")

    chair = visit("/reports/TS-02/2024Q3/", as_=cast.other_chair, width=360)
    assert "Lao động giảm 98" in words(chair, ".field:has([name=members])")
