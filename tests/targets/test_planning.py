"""Making plans, setting their targets, and what may not stand in them."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import gettext as _

from members.access import Role
from members.actions import Refused
from members.models import HistoryEntry, SectorGroup
from targets import actions
from targets.lines import Book, Line, plan_problems
from targets.models import Plan, Target, Term
from tests import factories
from unionplan.lib import clock

JANUARY, JULY = date(2024, 1, 1), date(2024, 7, 1)


@pytest.fixture
def draft(tree, cast):
    plan = Plan(
        code="kh-2024",
        title="Kế hoạch 2024",
        unit=tree.building,
        starts_on=JANUARY,
        ends_on=date(2024, 12, 31),
    )
    return actions.create_plan(plan, by=cast.administrator)


@pytest.fixture
def running(draft, cast):
    return actions.put_in_force(draft, by=cast.administrator)


def line(unit, indicator="net-increase", minimum=20, **facts):
    facts = {"in_force_on": JANUARY, **facts}
    return Line(unit=unit, indicator=indicator, minimum=Decimal(minimum), **facts)


def revision(unit, minimum, **facts):
    facts = {"decision_no": "15/QĐ", "reason": "Thị trường khó khăn", **facts}
    return line(unit, minimum=minimum, **{"in_force_on": JULY, **facts})


def values(target):
    by_day = target.revisions.order_by("in_force_on", "pk")
    return [(r.in_force_on, r.minimum, r.decision_no) for r in by_day]


def fields_at_fault(plan, *lines):
    return [problem.field for _place, problem in Book(plan).problems_of(lines)]


def told(plan):
    """The history of a plan, oldest first."""
    lines = HistoryEntry.objects.filter(actions.history_of(plan)).order_by("pk")
    return [(entry.verb, entry.unit_id, entry.by_id) for entry in lines]


def test_a_new_plan_is_a_draft_and_in_the_history(draft, tree, cast):
    assert Plan.objects.get().status == Plan.Status.DRAFT
    entry = HistoryEntry.objects.filter(actions.history_of(draft)).get()
    assert (entry.kind, entry.verb, entry.unit, entry.by) == (
        "plan",
        "made the plan",
        tree.building,
        cast.administrator,
    )
    assert entry.changes["starts_on"] == [None, "2024-01-01"]


@pytest.mark.parametrize("code", ["kh-2024", "KH-2024", "new"])
def test_a_code_is_taken_once_whatever_its_capitals(draft, tree, cast, code):
    again = Plan(code=code, title="x", unit=tree.building, starts_on=JANUARY, ends_on=draft.ends_on)
    with pytest.raises(Refused, match=_("This plan code is already used.")):
        actions.create_plan(again, by=cast.administrator)
    assert Plan.objects.count() == 1


def test_setting_a_target_writes_line_value_and_history(draft, tree, cast):
    done = actions.set_target(
        draft, line(tree.truong_son, desired=Decimal(25)), by=cast.administrator
    )
    target = Target.objects.get()
    assert done.created == [target]
    assert values(target) == [(JANUARY, 20, "")]
    entry = HistoryEntry.objects.get(kind="target")
    assert (entry.verb, entry.unit) == ("set the target", tree.building)  # out of sight below
    assert str(tree.truong_son) in entry.subject
    assert entry.changes == {
        "minimum": [None, 20],
        "desired": [None, 25],
        "decision_no": [None, ""],
        "in_force_on": [None, "2024-01-01"],
    }


def test_the_same_value_writes_nothing(running, tree, cast):
    actions.set_target(running, line(tree.truong_son), by=cast.administrator)
    before = told(running)
    done = actions.set_target(
        running, line(tree.truong_son, in_force_on=JULY), by=cast.administrator
    )
    assert (len(done.created), len(done.changed), len(done.unchanged)) == (0, 0, 1)
    assert values(Target.objects.get()) == [(JANUARY, 20, "")]
    assert told(running) == before


def test_a_draft_corrects_its_values(draft, tree, cast):
    actions.set_target(draft, line(tree.truong_son), by=cast.administrator)
    actions.set_target(
        draft, line(tree.truong_son, minimum=30, decision_no="7/QĐ"), by=cast.administrator
    )
    assert values(Target.objects.get()) == [(JANUARY, 30, "7/QĐ")]
    assert told(draft)[-1] == ("changed the target", tree.building.pk, cast.administrator.pk)


def test_a_plan_in_force_keeps_every_value(running, tree, cast):
    actions.set_target(running, line(tree.truong_son), by=cast.administrator)
    actions.set_target(running, revision(tree.truong_son, 15), by=cast.administrator)
    target = Target.objects.get()
    assert values(target) == [(JANUARY, 20, ""), (JULY, 15, "15/QĐ")]
    as_of = Target.objects.as_of
    assert as_of(date(2024, 6, 30)).get().minimum == 20
    assert as_of(JULY).get().minimum == 15
    entry = HistoryEntry.objects.filter(kind="target").latest("pk")
    assert entry.reason == "Thị trường khó khăn"
    assert entry.changes["minimum"] == [20, 15]


def test_what_was_drafted_is_told_to_the_units_when_it_holds(draft, tree, cast):
    """A plan that is drafted is out of their sight, its numbers in the history too."""
    actions.set_target(draft, line(tree.truong_son, minimum=4_321), by=cast.administrator)
    seen = HistoryEntry.objects.visible_to(cast.reviewer)
    assert not seen.exists()
    actions.put_in_force(draft, by=cast.administrator)
    entry = seen.get()
    assert (entry.verb, entry.unit, entry.by) == (
        "set the target",
        tree.truong_son,
        cast.administrator,
    )
    assert entry.changes["minimum"] == [None, 4_321]


@pytest.mark.parametrize(
    ("missing", "fields"),
    [
        ({"decision_no": ""}, ["decision_no"]),
        ({"reason": ""}, ["reason"]),
        ({"decision_no": "", "reason": ""}, ["decision_no", "reason"]),
    ],
)
def test_a_promise_in_force_changes_by_decision_and_for_a_reason(
    running, tree, cast, missing, fields
):
    actions.set_target(running, line(tree.truong_son), by=cast.administrator)
    assert fields_at_fault(running, revision(tree.truong_son, 15, **missing)) == fields
    with pytest.raises(Refused):
        actions.set_target(running, revision(tree.truong_son, 15, **missing), by=cast.administrator)
    assert values(Target.objects.get()) == [(JANUARY, 20, "")]


def test_a_second_revision_of_the_same_day_holds(running, tree, cast):
    actions.set_target(running, line(tree.truong_son), by=cast.administrator)
    for minimum in (15, 16):
        actions.set_target(running, revision(tree.truong_son, minimum), by=cast.administrator)
    assert Target.objects.as_of(JULY).get().minimum == 16
    done = actions.set_target(running, revision(tree.truong_son, 16), by=cast.administrator)
    assert len(done.unchanged) == 1


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"indicator": "density", "minimum": 100}, []),
        ({"indicator": "density", "minimum": "100.01"}, ["minimum"]),
        ({"indicator": "density", "minimum": "95.5"}, []),
        ({"indicator": "density", "minimum": "95.12345"}, ["minimum"]),
        ({"indicator": "density", "minimum": 90, "desired": Decimal(101)}, ["desired"]),
        ({"minimum": "12.5"}, ["minimum"]),
        ({"minimum": 5493}, []),
        ({"minimum": -1}, ["minimum"]),
        ({"minimum": 10**15}, ["minimum"]),
        ({"minimum": 20, "desired": Decimal(19)}, ["desired"]),
        ({"indicator": "happiness"}, ["indicator"]),
        ({"sector_group": "nobody"}, ["sector_group"]),
        ({"in_force_on": date(2023, 12, 31)}, ["in_force_on"]),
        ({"in_force_on": date(2025, 1, 1)}, ["in_force_on"]),
        ({"due_on": date(2025, 1, 1)}, ["due_on"]),
        ({"due_on": date(2024, 12, 31)}, []),
    ],
)
def test_what_may_stand_in_a_line(draft, tree, facts, fields):
    assert fields_at_fault(draft, line(tree.truong_son, **facts)) == fields


def test_a_target_is_for_a_unit_of_the_owners_branch(draft, tree):
    assert fields_at_fault(draft, line(tree.building)) == []
    assert fields_at_fault(draft, line(tree.huong_giang)) == []
    assert fields_at_fault(draft, line(tree.confederation)) == ["unit"]
    assert fields_at_fault(draft, line(tree.weavers)) == ["unit"]


def density(unit, group, minimum=90, **facts):
    return line(unit, indicator="density", minimum=minimum, sector_group=group, **facts)


def test_two_density_targets_of_a_unit_share_no_sector(draft, tree, cast):
    actions.set_target(draft, density(tree.building, "state-enterprises"), by=cast.administrator)
    assert fields_at_fault(draft, density(tree.building, "state")) == ["sector_group"]
    # a group of other sectors, everything else, another unit, another milestone, a count
    assert fields_at_fault(draft, density(tree.building, "agencies")) == []
    assert fields_at_fault(draft, density(tree.building, SectorGroup.ALL)) == []
    assert fields_at_fault(draft, density(tree.truong_son, "state")) == []
    assert fields_at_fault(draft, density(tree.building, "state-enterprises", due_on=JULY)) == []
    assert fields_at_fault(draft, line(tree.building, sector_group="state")) == []


def test_lines_of_one_file_are_held_against_each_other(draft, tree):
    lines = [density(tree.building, "state"), density(tree.building, "agencies")]
    problems = Book(draft).problems_of(lines)
    assert [(place, problem.field) for place, problem in problems] == [(1, "sector_group")]


def test_all_lines_are_set_or_none(draft, tree, cast):
    lines = [line(tree.building), line(tree.weavers)]
    with pytest.raises(Refused):
        actions.set_targets(draft, lines, by=cast.administrator)
    assert not Target.objects.exists()


def test_a_line_named_twice_in_a_file_gets_both_values(draft, tree, cast):
    lines = [line(tree.building), line(tree.building, minimum=30, in_force_on=JULY)]
    done = actions.set_targets(draft, lines, by=cast.administrator)
    target = Target.objects.get()
    assert (done.created, done.changed) == ([target], [target])
    assert values(target) == [(JANUARY, 20, ""), (JULY, 30, "")]


@pytest.mark.parametrize("count", [1, 30])
def test_setting_targets_costs_the_same_whatever_their_number(
    draft, tree, cast, count, django_assert_num_queries
):
    tree.building.path  # noqa: B018
    milestones = [
        date(2024, 2, day + 1) if day < 28 else date(2024, 3, day) for day in range(count)
    ]
    lines = [line(tree.building, due_on=day) for day in milestones]
    # transaction 2, plan, targets, groups and sectors 2, targets, revisions and history written
    with django_assert_num_queries(10):
        actions.set_targets(draft, lines, by=cast.administrator)
    assert Target.objects.count() == count


def test_a_target_leaves_a_draft_and_stays_in_force(draft, tree, cast):
    actions.set_target(draft, line(tree.truong_son), by=cast.administrator)
    actions.set_target(draft, line(tree.building), by=cast.administrator)
    actions.remove_target(draft.targets.get(unit=tree.truong_son), by=cast.administrator)
    assert [target.unit for target in draft.targets.all()] == [tree.building]
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.verb, entry.unit) == ("removed the target", tree.building)
    assert entry.changes["minimum"] == [20, None]
    actions.put_in_force(draft, by=cast.administrator)
    with pytest.raises(Refused):
        actions.remove_target(draft.targets.get(), by=cast.administrator)
    assert draft.targets.count() == 1


def test_a_plan_goes_from_draft_to_force_to_end(draft, tree, cast):
    by = cast.administrator
    with pytest.raises(Refused):
        actions.end_plan(draft, by=by, on=JULY, reason="Đại hội sớm")
    actions.put_in_force(draft, by=by)
    with pytest.raises(Refused):
        actions.put_in_force(draft, by=by)
    with pytest.raises(Refused):
        actions.end_plan(draft, by=by, on=JULY, reason=" ")
    with pytest.raises(Refused):
        actions.end_plan(draft, by=by, on=date(2023, 12, 31), reason="Đại hội sớm")
    ended = actions.end_plan(draft, by=by, on=JULY, reason="Đại hội sớm")
    assert (ended.status, ended.ended_on) == (Plan.Status.ENDED, JULY)
    assert [verb for verb, *_who in told(draft)] == [
        "made the plan",
        "put the plan in force",
        "ended the plan",
    ]
    with pytest.raises(Refused):
        actions.set_target(draft, line(tree.building), by=by)
    with pytest.raises(Refused):
        actions.edit_plan(draft, {"title": "Khác"}, by=by)


def test_an_edit_writes_what_changed_and_only_that(draft, cast):
    actions.edit_plan(draft, {"number": "12/KH-CĐN"}, by=cast.administrator)
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.verb, entry.changes) == ("changed the plan", {"number": [None, "12/KH-CĐN"]})
    actions.edit_plan(draft, {"number": "12/KH-CĐN"}, by=cast.administrator)
    assert HistoryEntry.objects.latest("pk") == entry
    actions.edit_plan(draft, {"number": ""}, by=cast.administrator)
    assert HistoryEntry.objects.latest("pk").changes == {"number": ["12/KH-CĐN", None]}


def test_a_plan_lies_within_its_term(tree):
    term = Term(code="2023-2028", starts_on=date(2023, 1, 1), ends_on=date(2028, 12, 31))
    facts = {"code": "p", "unit": tree.building, "term": term}
    within = Plan(starts_on=JANUARY, ends_on=date(2028, 12, 31), **facts)
    beyond = Plan(starts_on=JANUARY, ends_on=date(2029, 1, 1), **facts)
    before = Plan(starts_on=date(2022, 12, 31), ends_on=date(2024, 12, 31), **facts)
    backwards = Plan(starts_on=JANUARY, ends_on=JANUARY, **facts)
    found = [[p.field for p in plan_problems(plan)] for plan in (within, beyond, before, backwards)]
    assert found == [[], ["term"], ["term"], ["ends_on"]]


def test_a_plan_keeps_its_targets_within_its_span(draft, tree, cast):
    actions.set_target(draft, line(tree.building, due_on=date(2024, 12, 31)), by=cast.administrator)
    with pytest.raises(Refused):
        actions.edit_plan(draft, {"starts_on": date(2024, 2, 1)}, by=cast.administrator)
    with pytest.raises(Refused):
        actions.edit_plan(draft, {"ends_on": date(2024, 11, 30)}, by=cast.administrator)
    later = actions.edit_plan(draft, {"ends_on": date(2025, 3, 31)}, by=cast.administrator)
    assert later.ends_on == date(2025, 3, 31)


def test_a_copy_starts_with_the_latest_values(running, tree, cast):
    by = cast.administrator
    milestone = date(2024, 2, 29)
    actions.set_targets(
        running,
        [
            line(tree.building),
            line(tree.truong_son),
            density(tree.building, "state", due_on=milestone),
            density(tree.truong_son, "agencies"),
        ],
        by=by,
    )
    actions.set_target(running, revision(tree.building, 15), by=by)
    copy = actions.copy_plan(
        running,
        code="kh-2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
        number="3/KH",
        by=by,
    )
    assert (copy.status, copy.title, copy.unit) == (
        Plan.Status.DRAFT,
        "Kế hoạch 2024",
        tree.building,
    )
    copied = {
        (target.unit, target.indicator, target.due_on): values(target)
        for target in copy.targets.all()
    }
    assert copied == {
        (tree.building, "net-increase", None): [(date(2025, 1, 1), 15, "3/KH")],
        (tree.building, "density", date(2025, 2, 28)): [(date(2025, 1, 1), 90, "3/KH")],
        (tree.truong_son, "density", None): [(date(2025, 1, 1), 90, "3/KH")],
    }  # the number of Trường Sơn is allocated anew


def test_a_milestone_outside_the_new_span_is_left_out(running, tree, cast):
    lines = [line(tree.building), line(tree.building, due_on=date(2024, 12, 31))]
    actions.set_targets(running, lines, by=cast.administrator)
    copy = actions.copy_plan(
        running,
        code="half",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 6, 30),
        by=cast.administrator,
    )
    assert [target.due_on for target in copy.targets.all()] == [None]


def test_a_new_term_is_saved_with_its_plan(tree, cast):
    term = Term(code="2023-2028", starts_on=date(2023, 1, 1), ends_on=date(2028, 12, 31))
    plan = Plan(code="p", title="P", unit=tree.building, starts_on=JANUARY, ends_on=JULY, term=term)
    actions.create_plan(plan, by=cast.administrator)
    assert Plan.objects.get().term == Term.objects.get()


def test_a_plan_does_not_end_while_units_are_asked_to_register(running, tree, cast):
    asking = running.rounds.create(
        unit=tree.building, closes_on=date(2024, 11, 20), opened_by=cast.root, opened_at=clock.now()
    )
    with pytest.raises(Refused, match="còn đợt đăng ký chỉ tiêu đang mở"):
        actions.end_plan(running, by=cast.administrator, on=JULY, reason="Kết thúc sớm")
    asking.ended_at = clock.now()
    asking.save()
    actions.end_plan(running, by=cast.administrator, on=JULY, reason="Kết thúc sớm")
    assert Plan.objects.get().ended_early


def test_what_is_told_beside_a_value_changes_without_a_decision(running, tree, cast):
    actions.set_target(running, line(tree.building, owner="Ban Tổ chức"), by=cast.administrator)
    told_again = line(tree.building, owner="Ban Công tác", rationale="Khảo sát 2023")
    done = actions.set_target(running, told_again, by=cast.administrator)
    target = Target.objects.get()
    assert (len(done.changed), target.owner, target.rationale) == (
        1,
        "Ban Công tác",
        "Khảo sát 2023",
    )
    assert target.revisions.count() == 1
    entry = HistoryEntry.objects.filter(actions.history_of(running)).latest("pk")
    assert entry.changes == {
        "owner": ["Ban Tổ chức", "Ban Công tác"],
        "rationale": ["", "Khảo sát 2023"],
    }
    assert actions.set_target(running, told_again, by=cast.administrator).unchanged == [target]


def test_a_copy_counts_its_lines_as_the_plan_did(draft, tree, cast):
    first = line(tree.building, "enterprise-coverage", 90, parameter=25, is_recurring=True)
    actions.set_target(draft, first, by=cast.administrator)
    copy = actions.copy_plan(
        draft,
        code="kh-2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
        by=cast.administrator,
    )
    copied = copy.targets.get()
    assert (copied.parameter, copied.is_recurring) == (25, True)


def test_an_upper_level_union_owns_a_plan_of_its_own(tree):
    """Its administrator makes it; it binds its branch alone."""
    own = factories.person("linh", tree.truong_son, Role.ADMINISTRATOR)
    plan = Plan(
        code="kh-ts", title="x", unit=tree.truong_son, starts_on=JANUARY, ends_on=date(2024, 12, 31)
    )
    actions.create_plan(plan, by=own)
    actions.set_target(plan, line(tree.huong_giang), by=own)
    with pytest.raises(Refused):
        actions.set_target(plan, line(tree.hon_da), by=own)
    actions.put_in_force(plan, by=own)
    assert plan in Plan.objects.binding(tree.huong_giang)
    assert plan not in Plan.objects.binding(tree.building)
    assert plan not in Plan.objects.binding(tree.hon_da)
