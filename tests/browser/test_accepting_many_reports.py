"""The reviewer's queue: what is not ticked is not accepted. The rest is in walk 2."""

from datetime import date

import pytest

from members import actions
from members.access import Role
from members.models import Assignment
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
