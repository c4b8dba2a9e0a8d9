"""The register of enterprises: notes, a union founded at one, and what a chair proposes."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from members import totals
from members.actions import Refused
from members.enterprises import (
    add_enterprises,
    change_enterprises,
    found,
    link,
    note_on,
    officers_of,
    propose,
    refuse_proposal,
    take_up,
    taken_words,
    tax_code_of,
)
from members.models import Enterprise, EnterpriseStatus, HistoryEntry, QuarterlyReport, Sector, Unit
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
HELP, DIFFICULT = EnterpriseStatus.HELP, EnterpriseStatus.DIFFICULT
DAY = date(2024, 10, 1)


@pytest.fixture
def cast(world, db, today):
    return world.cast


def enterprise(unit, *, by, code="0101234567", **facts):
    facts = {"name": "Công ty May Sông Thao", "sector_id": "FDI", "workers": 640, **facts}
    made = Enterprise(tax_code=code, responsible_unit=unit, **facts)
    add_enterprises([made], by=by)
    return made


@pytest.fixture
def garment(tree, cast):
    return enterprise(tree.truong_son, by=cast.reviewer)


def union(tree, **facts):
    made = {
        "code": "TS-09",
        "name": "CĐCS May Sông Thao",
        "parent": tree.truong_son,
        "founded_on": date(2024, 9, 20),
    }
    return Unit(**made | facts)


def stored(made):
    return Enterprise.objects.get(pk=made.pk)


def lines(unit):
    kept = HistoryEntry.objects.filter(unit=unit, kind="enterprise").order_by("pk")
    return [line.verb for line in kept]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0101234567", "0101234567"),
        ("0101 234 567", "0101234567"),
        ("0101234567-001", "0101234567-001"),
        ("0101234567001", "0101234567-001"),
        ("101234567", ""),
        ("0101234567-1", ""),
        ("MST 01", ""),
    ],
)
def test_a_tax_code_is_ten_digits_or_those_of_a_branch(typed, code):
    assert tax_code_of(typed) == code


def test_the_status_follows_the_latest_note_by_its_day(cast, tree, garment):
    note_on(garment, day=DAY, status=DIFFICULT, text="Chủ doanh nghiệp hẹn", by=cast.reviewer)
    earlier = date(2024, 9, 1)
    note_on(garment, day=earlier, status=EnterpriseStatus.APPROACHED, by=cast.reviewer)

    assert stored(garment).status == DIFFICULT
    assert lines(tree.truong_son) == ["added the enterprise", *["noted on the enterprise"] * 2]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"status": HELP}, "ghi đề nghị ai và trước ngày nào"),
        ({"status": HELP, "supporter": "LĐLĐ tỉnh"}, "ghi đề nghị ai và trước ngày nào"),
        ({"status": HELP, "supporter": "A", "support_on": date(2024, 9, 1)}, "trước ngày ghi chú"),
        ({"status": EnterpriseStatus.FOUNDED}, "ở trang riêng"),
        ({"status": DIFFICULT, "day": date(2024, 10, 5)}, "Ngày ghi chú chưa đến"),
    ],
)
def test_a_note_that_cannot_be_leaves_nothing(cast, garment, facts, sentence):
    with pytest.raises(Refused, match=sentence):
        note_on(garment, **{"day": DAY, **facts}, by=cast.reviewer)
    assert stored(garment).status == EnterpriseStatus.NOT_APPROACHED
    assert not garment.notes.exists()


def test_founding_makes_the_union_its_report_and_the_link_in_one_step(cast, tree, garment):
    quarter = factories.open_quarter("2024Q3")
    made = found(garment, union(tree), decision_no="12/QĐ", is_from_below=True, by=cast.reviewer)

    assert (made.kind, made.sector_id, made.parent) == ("grassroots", "FDI", tree.truong_son)
    kept = stored(garment)
    assert (kept.unit, kept.status, kept.is_from_below) == (made, "founded", True)
    assert [(note.status, note.day) for note in kept.notes.all()] == [("founded", made.founded_on)]
    report = factories.report(made, quarter)
    assert (report.is_new_unit, report.expected_opening) == (True, 0)
    assert list(totals.differences()) == []
    line = HistoryEntry.objects.get(unit=tree.truong_son, verb="founded a union at the enterprise")
    assert line.changes["decision_no"] == [None, "12/QĐ"]
    assert line.changes["unit"] == [None, made.name]
    assert lines(made) == ["founded a union at the enterprise"]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"code": "SO-01"}, "đã dùng cho đơn vị khác"),
        ({"founded_on": date(2024, 10, 5)}, "Ngày thành lập chưa đến"),
        ({"parent": "building"}, "phải là công đoàn phụ trách"),
        ({"parent": "song_lam"}, "không có đơn vị trực thuộc"),
    ],
)
def test_a_founding_that_cannot_be_leaves_nothing(cast, tree, garment, facts, sentence):
    if "parent" in facts:
        facts = {"parent": getattr(tree, facts["parent"])}
    before = Unit.objects.count()
    with pytest.raises(Refused, match=sentence):
        found(
            garment,
            union(tree, **facts),
            decision_no="1",
            is_from_below=False,
            by=cast.administrator,
        )
    assert Unit.objects.count() == before
    assert stored(garment).unit is None


def test_a_union_is_founded_once(cast, tree, garment):
    found(garment, union(tree), decision_no="1", is_from_below=False, by=cast.reviewer)
    again = union(tree, code="TS-10")
    with pytest.raises(Refused, match="đã có công đoàn"):
        found(garment, again, decision_no="2", is_from_below=False, by=cast.reviewer)
    with pytest.raises(Refused, match="đã có công đoàn"):
        note_on(garment, day=DAY, status=DIFFICULT, by=cast.reviewer)
    assert not Unit.objects.filter(code="TS-10").exists()
    assert not QuarterlyReport.objects.exists()


def test_where_the_union_has_ended_the_work_begins_again(cast, tree, garment, today):
    made = found(garment, union(tree), decision_no="1", is_from_below=False, by=cast.reviewer)
    assert list(Enterprise.objects.without_union()) == []
    Unit.objects.filter(pk=made.pk).update(ended_on=today)
    assert list(Enterprise.objects.without_union()) == [garment]

    note_on(garment, day=DAY, status=DIFFICULT, by=cast.reviewer)
    kept = stored(garment)
    assert (kept.unit, kept.status) == (None, DIFFICULT)


def test_a_union_of_the_branch_covers_several_enterprises(cast, tree, garment):
    second = enterprise(tree.truong_son, by=cast.reviewer, code="0101234567-001")
    link(garment, tree.huong_giang, by=cast.reviewer)
    link(second, tree.huong_giang, by=cast.reviewer)

    assert set(tree.huong_giang.covers.all()) == {garment, second}
    third = enterprise(tree.truong_son, by=cast.reviewer, code="0101234567-002")
    with pytest.raises(PermissionDenied):
        link(third, tree.weavers, by=cast.reviewer)


def test_one_tax_code_stands_once_and_tells_nothing_of_other_branches(cast, tree, garment):
    with pytest.raises(Refused, match="đã có trong danh sách"):
        enterprise(tree.spinning, by=cast.neighbour_reviewer)
    assert garment.name in taken_words("0101234567", by=cast.reviewer)
    assert taken_words("0101234567", by=cast.neighbour_reviewer) == (
        "Mã số thuế này đã có trong danh sách."
    )
    assert taken_words("0101234567", by=cast.reviewer, but=garment.pk) == ""


def test_another_union_becomes_responsible_where_one_keeps_both(cast, tree, garment):
    change_enterprises({garment: {"responsible_unit": tree.building}}, by=cast.administrator)
    assert stored(garment).responsible_unit == tree.building
    for unit in (tree.building, tree.truong_son):
        assert "changed the enterprise" in lines(unit)
    with pytest.raises(PermissionDenied):
        change_enterprises({garment: {"workers": 1}}, by=cast.reviewer)
    with pytest.raises(PermissionDenied):
        change_enterprises({garment: {"responsible_unit": tree.spinning}}, by=cast.administrator)
    assert change_enterprises({stored(garment): {"workers": 640}}, by=cast.administrator) == []


def test_what_a_chair_proposes_waits_at_the_direct_superior(cast, tree):
    fdi = Sector.objects.get(code="FDI")
    made = Enterprise(tax_code="0109999999", name="Công ty Gốm", sector=fdi)
    propose(made, tree.huong_giang, by=cast.chair)
    assert (made.responsible_unit, made.is_proposed) == (tree.truong_son, True)
    assert made in Enterprise.objects.visible_to(cast.chair)
    assert made not in Enterprise.objects.visible_to(cast.other_chair)
    assert made not in Enterprise.objects.confirmed()
    with pytest.raises(Refused, match="tiếp nhận trước"):
        note_on(made, day=DAY, status=DIFFICULT, by=cast.reviewer)
    with pytest.raises(PermissionDenied):
        take_up(made, by=cast.chair)
    take_up(made, by=cast.reviewer)
    assert made in Enterprise.objects.confirmed()
    with pytest.raises(Refused, match="đã có trong danh sách"):
        refuse_proposal(made, reason="trùng", by=cast.reviewer)
    assert lines(tree.huong_giang) == ["took up the enterprise"]


def test_a_refused_proposal_is_gone_and_the_history_says_why(cast, tree):
    made = Enterprise(tax_code="0109999999", name="Công ty Gốm", sector_id="FDI")
    propose(made, tree.huong_giang, by=cast.chair)
    refuse_proposal(made, reason="Đã giải thể", by=cast.reviewer)
    assert not Enterprise.objects.exists()
    for unit in (tree.truong_son, tree.huong_giang):
        line = HistoryEntry.objects.get(unit=unit, verb="refused the enterprise")
        assert (line.reason, line.subject) == ("Đã giải thể", "Công ty Gốm (0109999999)")


def test_the_reviewers_of_the_responsible_union_see_to_it(cast, tree, garment, today):
    assert officers_of([garment], on=today) == {tree.truong_son.pk: [cast.reviewer]}
