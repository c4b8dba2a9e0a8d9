"""A unit asks those below what they can promise, and these answer, until a day."""

from datetime import date
from decimal import Decimal

import pytest

from members.access import Role
from members.actions import Refused
from members.models import HistoryEntry, Unit
from targets import actions
from targets.allocating import sheet_of
from targets.lines import Line
from targets.models import Plan, Registration, RegistrationRound
from targets.registering import (
    Promise,
    asked_of,
    end_round,
    invitations,
    latest_round,
    lines_of,
    may_register,
    open_round,
    open_rounds,
    prolong_round,
    register,
    register_all,
)
from tests import factories
from tests.targets import made

pytestmark = pytest.mark.usefixtures("world")

ON = date(2024, 10, 4)
UNTIL = date(2024, 11, 20)


@pytest.fixture(autouse=True)
def _today(today):
    """4 October 2024."""


@pytest.fixture
def plan(tree, cast):
    """Next year's, still a draft, with two numbers and a ratio of the federation."""
    head = {"code": "kh-2025", "title": "Kế hoạch năm 2025", "unit": tree.building}
    days = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
    plan = actions.create_plan(Plan(**head, **days), by=cast.administrator)
    lines = [
        Line(tree.building, "net-increase", Decimal(100), plan.starts_on),
        Line(tree.building, "admissions", Decimal(60), plan.starts_on, sector_group="agencies"),
        Line(tree.building, "density", Decimal(90), plan.starts_on),
    ]
    actions.set_targets(plan, lines, by=cast.administrator)
    return plan


@pytest.fixture
def asking(plan, tree, cast):
    return open_round(plan, tree.building, closes_on=UNTIL, by=cast.administrator, on=ON)


def line(plan, indicator="net-increase"):
    return plan.targets.get(unit=plan.unit, indicator=indicator)


# --- the round -----------------------------------------------------------------------------------


def test_a_round_is_opened_with_its_line_of_history(asking, plan, tree, cast):
    assert (asking.plan, asking.unit, asking.opened_by) == (plan, tree.building, cast.administrator)
    assert asking.is_open(ON)
    assert asking.is_open(UNTIL)
    assert not asking.is_open(date(2024, 11, 21))
    told = HistoryEntry.objects.get(verb="opened the registration of targets")
    assert (told.unit, told.changes) == (tree.building, {"closes_on": [None, "2024-11-20"]})
    assert asking.get_absolute_url() == "/plans/kh-2025/registration/CDN/"


def test_only_numbers_are_registered(plan, tree):
    assert [target.indicator for target, _known in lines_of(plan, tree.building)] == [
        "net-increase",
        "admissions",
    ]


@pytest.mark.parametrize(
    ("closes_on", "sentence"),
    [
        (date(2024, 10, 3), "Hạn đăng ký đã qua; chọn từ hôm nay trở đi."),
        (date(2026, 1, 1), "Hạn đăng ký sau ngày kết thúc kế hoạch (31/12/2025)."),
    ],
)
def test_the_last_day_lies_ahead_and_within_the_plan(plan, tree, cast, closes_on, sentence):
    with pytest.raises(Refused) as refused:
        open_round(plan, tree.building, closes_on=closes_on, by=cast.administrator, on=ON)
    assert str(refused.value) == sentence
    assert not RegistrationRound.objects.exists()


def test_there_is_one_open_round_of_a_plan_and_a_unit(asking, plan, tree, cast):
    with pytest.raises(Refused, match="Đợt đăng ký đang mở, hạn 20/11/2024"):
        open_round(plan, tree.building, closes_on=UNTIL, by=cast.administrator, on=ON)
    end_round(asking, by=cast.administrator)
    second = open_round(plan, tree.building, closes_on=UNTIL, by=cast.administrator, on=ON)
    assert latest_round(plan, tree.building) == second


def test_a_plan_that_has_ended_asks_nobody(plan, tree, cast):
    Plan.objects.update(status=Plan.Status.ENDED, ended_on=ON)
    with pytest.raises(Refused):
        open_round(plan, tree.building, closes_on=UNTIL, by=cast.administrator, on=ON)


def test_a_unit_outside_the_plan_or_without_a_number_asks_nobody(plan, tree, cast):
    for unit in (tree.textiles, tree.truong_son):
        with pytest.raises(Refused):
            open_round(plan, unit, closes_on=UNTIL, by=cast.root, on=ON)
    assert not RegistrationRound.objects.exists()


def test_a_plan_with_an_open_round_does_not_end(asking, plan, tree, cast):
    actions.put_in_force(plan, by=cast.administrator)
    assert [r.unit for r in open_rounds(plan)] == [tree.building]
    end = {"by": cast.administrator, "on": date(2025, 6, 30), "reason": "Đại hội sớm"}
    with pytest.raises(Refused):
        actions.end_plan(plan, **end)
    end_round(asking, by=cast.administrator)
    assert not open_rounds(plan).exists()
    assert actions.end_plan(plan, **end).has_ended


def test_the_last_day_can_be_moved_until_the_round_is_ended(asking, cast):
    later = date(2024, 11, 30)
    prolong_round(asking, closes_on=later, by=cast.administrator, on=date(2024, 11, 25))
    asking.refresh_from_db()
    assert asking.closes_on == later
    with pytest.raises(Refused):
        prolong_round(asking, closes_on=ON, by=cast.administrator, on=date(2024, 11, 25))
    end_round(asking, by=cast.administrator)
    for verb in (
        lambda: end_round(asking, by=cast.administrator),
        lambda: prolong_round(asking, closes_on=later, by=cast.administrator, on=ON),
    ):
        with pytest.raises(Refused, match="Đợt đăng ký đã kết thúc"):
            verb()


# --- registering ---------------------------------------------------------------------------------


def test_a_unit_registers_a_number_and_a_sentence(asking, plan, tree, cast):
    register(asking, line(plan), tree.truong_son, 55, "Mở xưởng 2", by=cast.reviewer, on=ON)
    said = Registration.objects.get()
    assert (said.unit, said.number, said.sentence) == (tree.truong_son, 55, "Mở xưởng 2")
    told = HistoryEntry.objects.get(verb="registered for the target")
    assert (told.unit, told.by) == (tree.truong_son, cast.reviewer)
    assert told.changes == {"number": [None, 55], "sentence": [None, "Mở xưởng 2"]}
    rows = {row.unit.code: row.registered for row in sheet_of(line(plan), on=ON).rows}
    assert rows == {"HD-01": None, "TS": 55}


def test_what_is_said_again_replaces_and_blank_takes_back(asking, plan, tree, cast):
    def say(number, sentence=""):
        register(asking, line(plan), tree.truong_son, number, sentence, by=cast.reviewer, on=ON)

    say(55)
    say(55)
    say(60, "Thêm 5")
    assert Registration.objects.get().number == 60
    assert HistoryEntry.objects.filter(verb="registered for the target").count() == 2
    say(None)
    assert not Registration.objects.exists()
    assert HistoryEntry.objects.filter(verb__startswith="took back").count() == 1


def test_nobody_registers_late(asking, plan, tree, cast):
    def say(on):
        register(asking, line(plan), tree.truong_son, 55, by=cast.reviewer, on=on)

    with pytest.raises(Refused, match=r"Đã hết hạn đăng ký \(20/11/2024\)."):
        say(date(2024, 11, 21))
    end_round(asking, by=cast.administrator)
    with pytest.raises(Refused, match="Đợt đăng ký đã kết thúc"):
        say(ON)
    assert not Registration.objects.exists()


def test_only_units_directly_below_register_and_only_lines_of_theirs(asking, plan, tree, cast):
    other = made.target(made.plan(tree.building, code="other"), tree.building, "net-increase", 9)
    wrong = [
        (line(plan), tree.huong_giang),
        (line(plan), tree.weavers),
        (line(plan), tree.building),
        (line(plan, "density"), tree.truong_son),
        (line(plan, "admissions"), tree.hon_da),  # an enterprise; the line is of agencies
        (other, tree.truong_son),
    ]
    for target, unit in wrong:
        with pytest.raises(Refused):
            register(asking, target, unit, 5, by=cast.root, on=ON)
    Unit.objects.filter(pk=tree.hon_da.pk).update(ended_on=ON)
    ended = Unit.objects.get(pk=tree.hon_da.pk)
    with pytest.raises(Refused):
        register(asking, line(plan), ended, 5, by=cast.root, on=ON)
    assert not Registration.objects.exists()


@pytest.mark.parametrize("number", [-1, 10**15])
def test_every_line_is_registered_or_none(asking, plan, tree, cast, number):
    promises = [Promise(line(plan), 5), Promise(line(plan, "admissions"), number)]
    with pytest.raises(Refused):
        register_all(asking, tree.truong_son, promises, by=cast.reviewer, on=ON)
    assert not Registration.objects.exists()
    assert not HistoryEntry.objects.filter(verb="registered for the target").exists()


def test_a_page_opened_before_takes_nothing_back(asking, plan, tree, cast):
    """Two tabs: the stale one, its field still blank, does not delete what the other registered."""
    register(asking, line(plan), tree.truong_son, 25, by=cast.reviewer, on=ON)
    stale = Promise(line(plan), None, seen="")
    with pytest.raises(Refused, match="đã được sửa thành 25"):
        register_all(asking, tree.truong_son, [stale], by=cast.reviewer, on=ON)
    assert Registration.objects.get().number == 25
    aware = Promise(line(plan), None, seen="25")
    register_all(asking, tree.truong_son, [aware], by=cast.reviewer, on=ON)
    assert not Registration.objects.exists()


def test_a_new_round_begins_with_nothing_registered(asking, plan, tree, cast):
    register(asking, line(plan), tree.truong_son, 55, by=cast.reviewer, on=ON)
    end_round(asking, by=cast.administrator)
    open_round(plan, tree.building, closes_on=UNTIL, by=cast.administrator, on=ON)
    assert {row.registered for row in sheet_of(line(plan), on=ON).rows} == {None}


def test_who_may_register(tree, cast):
    typist = factories.person("typist", tree.huong_giang, Role.TYPIST)
    assert may_register(cast.chair, tree.huong_giang)
    assert not may_register(typist, tree.huong_giang)
    assert not may_register(cast.reviewer, tree.huong_giang)
    assert may_register(cast.reviewer, tree.truong_son)
    assert not may_register(cast.leader, tree.truong_son)
    assert not may_register(cast.neighbour_chair, tree.huong_giang)


def test_a_unit_is_asked_for_the_lines_that_concern_it(asking, tree):
    asked = asked_of(asking, tree.hon_da)
    assert [one.target.indicator for one in asked.lines] == ["net-increase"]
    asked = asked_of(asking, tree.truong_son)
    assert [one.target.indicator for one in asked.lines] == ["net-increase", "admissions"]


def test_only_open_rounds_invite(asking, plan, tree, cast):
    units = [tree.truong_son, tree.hon_da, tree.huong_giang]
    register(asking, line(plan), tree.hon_da, 5, by=cast.root, on=ON)
    found = [(one.unit, one.has_registered) for one in invitations(units, on=ON)]
    assert found == [(tree.truong_son, False), (tree.hon_da, True)]
    assert invitations(units, on=date(2024, 11, 21)) == []
    end_round(asking, by=cast.administrator)
    assert invitations(units, on=ON) == []


@pytest.mark.parametrize("count", [1, 30])
def test_invitations_cost_the_same(asking, tree, count, django_assert_num_queries):
    units = [factories.unit(f"X-{n}", parent=tree.building) for n in range(count)]
    with django_assert_num_queries(2):
        assert len(invitations(units, on=ON)) == count
