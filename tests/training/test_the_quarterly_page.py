"""Officers who are not kept by name: two numbers on the page of the quarterly report."""

import pytest

from members.models import QuarterlyReport, Status
from tests import factories
from training.models import OfficerCount

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

TYPED = {"workers": "231", "admitted": "12", "members": "12", "others": "9", "others_trained": "4"}


def stated(unit):
    rows = OfficerCount.objects.filter(unit=unit).order_by("quarter__cut_off_on")
    return [(r.quarter.code, r.others, r.others_trained, r.is_draft) for r in rows]


def test_the_numbers_go_with_the_report(as_, cast, tree, quarter):
    address = "/reports/TS-01/2024Q3/"

    as_(cast.chair).post(address, {**TYPED, "opening_members": "0", "action": "submit"})

    assert QuarterlyReport.objects.get(unit=tree.huong_giang).status == Status.SUBMITTED
    assert stated(tree.huong_giang) == [("2024Q3", 9, 4, False)]
    text = as_(cast.reviewer).get(address).content.decode()
    assert "Cán bộ ngoài danh sách (người)" in text


def test_a_draft_counts_nowhere_and_is_there_again(as_, cast, tree, quarter):
    address = "/reports/TS-01/2024Q3/"
    as_(cast.chair).post(address, {**TYPED, "action": "draft"})

    assert stated(tree.huong_giang) == [("2024Q3", 9, 4, True)]
    form = as_(cast.chair).get(address).context["form"]
    assert [form[name].value() for name in ("others", "others_trained")] == ["9", "4"]


def test_the_last_statement_is_the_proposal(as_, cast, tree, quarter):
    later = factories.open_quarter("2024Q4")
    OfficerCount.objects.create(unit=tree.huong_giang, quarter=quarter, others=7, others_trained=2)
    field = as_(cast.chair).get(f"/reports/TS-01/{later.code}/").context["form"]["others"]

    assert (field.value(), field.field.note) == ("7", "Quý III: 7")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"others": "3", "others_trained": "4"}, "Số đã được đào tạo (4) nhiều hơn số cán bộ (3)."),
        ({"others": "3", "others_trained": ""}, "Ghi cả hai số, hoặc để trống cả hai."),
        ({"others": "ba"}, "Hãy nhập số nguyên, ví dụ 1.234."),
        ({"others": "-3"}, "Số này không thể âm."),
    ],
)
def test_what_cannot_be_keeps_the_report_back(as_, cast, tree, quarter, typed, said):
    address = "/reports/TS-01/2024Q3/"
    data = {**TYPED, "opening_members": "0", **typed, "action": "submit"}
    answer = as_(cast.chair).post(address, data)

    assert said in answer.content.decode()
    assert QuarterlyReport.objects.get(unit=tree.huong_giang).status == Status.DUE
    assert stated(tree.huong_giang) == []


def test_blank_is_not_stated(as_, cast, tree, quarter):
    data = {**TYPED, "opening_members": "0", "others": "", "others_trained": ""}
    as_(cast.chair).post("/reports/TS-01/2024Q3/", {**data, "action": "submit"})

    assert QuarterlyReport.objects.get(unit=tree.huong_giang).status == Status.SUBMITTED
    assert stated(tree.huong_giang) == []


def test_no_change_keeps_what_stood_on_the_page(as_, cast, tree, quarter):
    factories.accepted(tree.huong_giang, quarter, workers=30, admitted=20)
    OfficerCount.objects.create(unit=tree.huong_giang, quarter=quarter, others=7, others_trained=2)
    factories.open_quarter("2024Q4")
    data = {"others": "7", "others_trained": "2", "action": "unchanged"}
    as_(cast.chair).post("/reports/TS-01/2024Q4/", data)

    assert stated(tree.huong_giang) == [("2024Q3", 7, 2, False), ("2024Q4", 7, 2, False)]
