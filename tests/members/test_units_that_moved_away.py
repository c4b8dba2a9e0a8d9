"""A unit that left a branch: its old reports stay readable there, and nothing else of it does."""

from datetime import date

import pytest
from django.urls import reverse

from members.models import Placement, Unit
from tests import factories
from unionplan.lib.paths import segment

MOVED_ON = date(2024, 10, 2)


@pytest.fixture
def away(tree, quarter, today):
    """Hương Giang, whose report of the quarter is stamped with Trường Sơn, now under Textiles."""
    factories.submitted(tree.huong_giang, quarter, opening=5)
    Placement.objects.filter(unit=tree.huong_giang).update(valid_to=MOVED_ON)
    Placement.objects.create(
        unit=tree.huong_giang, parent=tree.spinning, sector_id="NNN", valid_from=MOVED_ON
    )
    Unit.objects.filter(pk=tree.huong_giang.pk).update(
        parent=tree.spinning,
        path=tree.spinning.path + segment(tree.huong_giang.pk),
        contact_name="Ngô Thị Mận",
        phone="0900000077",
    )
    return tree.huong_giang


@pytest.mark.parametrize("page", ["report-list", "report-detail"])
def test_the_former_branch_reads_figures_and_no_contact(as_, cast, away, page):
    is_list = page == "report-list"
    address = reverse(page, args=[] if is_list else [away.code, "2024Q3"])
    asked = {"status": "submitted"} if is_list else {}

    answer = as_(cast.leader).get(address, asked)

    assert away.name in answer.text
    for secret in ("Ngô Thị Mận", "0900000077", away.get_absolute_url()):
        assert secret not in answer.text


@pytest.mark.parametrize("status", ["due", "returned"])
def test_the_list_of_whom_to_call_leaves_them_out(as_, cast, away, quarter, status):
    stamped = factories.report(away, quarter)
    stamped.status, stamped.return_reason = status, "Sai"
    stamped.save()

    answer = as_(cast.leader).get(reverse("report-list"), {"status": status})

    assert away.name in answer.text
    assert "0900000077" not in answer.text
    assert "Ngô Thị Mận" not in answer.text


def test_the_former_branch_reads_no_targets_of_the_new_one(as_, cast, away):
    answer = as_(cast.leader).get(reverse("report-sent", args=[away.code, "2024Q3"]))

    assert answer.headers["location"] == reverse("report-detail", args=[away.code, "2024Q3"])


@pytest.mark.parametrize("action", ["draft", "submit", "accept", "return", "withdraw", "attach"])
def test_the_former_branch_decides_nothing_any_more(as_, cast, away, action):
    address = reverse("report-detail", args=[away.code, "2024Q3"])

    assert as_(cast.reviewer).post(address, {"action": action, "reason": "Sai"}).status_code == 403


@pytest.mark.parametrize("page", ["unit-detail", "progress", "source"])
def test_the_unit_itself_is_out_of_sight(as_, cast, away, page):
    assert as_(cast.reviewer).get(reverse(page, args=[away.code])).status_code == 404
