"""A unit splits a target over the units directly below, and assigns it to them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import gettext as _
from django.utils.translation import override

from members.actions import Refused
from members.models import HistoryEntry, Quarter, Unit
from targets import actions, manual
from targets.allocating import (
    Cell,
    Decision,
    Draft,
    Overtaken,
    assign,
    line_name,
    save_draft,
    share_draft,
    sheet_of,
)
from targets.lines import Line
from targets.models import (
    Allocation,
    ManualIndicator,
    Plan,
    Share,
    SharedBy,
    Target,
    TargetRevision,
)
from tests import factories
from tests.targets import made

pytestmark = pytest.mark.usefixtures("world")

ON = date(2024, 10, 4)
JANUARY = date(2024, 1, 1)
DECISION = Decision("12/QĐ-CĐN", date(2024, 1, 20), JANUARY)


@pytest.fixture(autouse=True)
def _today(today):
    """4 October 2024."""


@pytest.fixture
def figures(tree):
    """Truong Son has 150 workers, 110 members and won 10 last year; Hon Da 90, 55 and 5."""
    quarter = factories.open_quarter("2023Q4")
    typed = {
        tree.huong_giang: {"opening": 100, "admitted": 10, "workers": 150},
        tree.hon_da: {"opening": 50, "admitted": 5, "workers": 90},
    }
    factories.all_accepted(quarter, typed)
    return quarter


@pytest.fixture
def plan(tree):
    return made.plan(tree.building)


@pytest.fixture
def target(plan, tree):
    """The federation of Building is to win 100 members."""
    return made.target(plan, tree.building, "net-increase", 100)


def draft(by_unit, **facts):
    cells = {u.pk: n if isinstance(n, Cell) else Cell(n) for u, n in by_unit.items()}
    return Draft(cells, **facts)


def numbers(sheet):
    return {row.unit.code: row.cell.number for row in sheet.rows}


def held(plan):
    """What the units below have, by their codes."""
    targets = plan.targets.as_of(ON).exclude(unit=plan.unit)
    return {t.unit.code: int(t.minimum) for t in targets.select_related("unit")}


# --- the sheet -----------------------------------------------------------------------------------


def test_the_sheet_knows_each_unit_directly_below(target, figures):
    sheet = sheet_of(target, on=ON)
    rows = [(row.unit.code, row.potential) for row in sheet.rows]
    known = [(code, p.workers, p.members, p.head_room, p.last_result) for code, p in rows]
    assert known == [("HD-01", 90, 55, 35, 5), ("TS", 150, 110, 40, 10)]
    assert sheet.number == 100
    assert (sheet.total.workers, sheet.total.members, sheet.room) == (240, 165, 75)
    assert (sheet.balance.allocated, sheet.balance.left) == (0, 100)


def test_what_nobody_reported_is_unknown(target):
    known = [row.potential for row in sheet_of(target, on=ON).rows]
    assert {(p.workers, p.members, p.head_room, p.last_result) for p in known} == {(None,) * 4}


@pytest.mark.parametrize(
    ("quarters", "name"),
    [
        ([], "Result of 2023"),
        (["2023Q1", "2023Q2", "2023Q3", "2023Q4"], "Result of 2023"),
        (["2023Q4"], "Result of 2023 (Quarter IV)"),
        (["2023Q1", "2023Q2", "2023Q3"], "Result of 2023 (Quarter I – Quarter III)"),
    ],
)
def test_last_year_says_what_it_covers(target, quarters, name):
    for code in quarters:
        factories.open_quarter(code)
    with override("en"):
        assert sheet_of(target, on=ON).result_name == name


def test_figures_are_of_the_latest_quarter_and_results_of_last_year(target, tree, figures):
    quarter = factories.open_quarter("2024Q1")
    factories.accepted(tree.hon_da, quarter, admitted=20, workers=99)
    row = sheet_of(target, on=ON).rows[0]
    assert (row.potential.workers, row.potential.members) == (99, 75)
    assert row.potential.last_result == 5


def test_results_come_from_wherever_the_indicator_reads_them(plan, tree, cast, figures):
    factories.unit("TS-09", parent=tree.truong_son, founded_on=date(2023, 11, 1))
    founded = made.target(plan, tree.building, "units-founded", 9)
    assert [r.potential.last_result for r in sheet_of(founded, on=ON).rows] == [0, 1]
    known = ManualIndicator(code="uu-tu", name="Giới thiệu cho Đảng", kind="flow")
    known.counted_in, known.unit = "người", tree.building
    manual.define(known, by=cast.administrator)
    typed = [manual.Typed(known, 3)]
    (sent,) = manual.send(tree.hon_da, figures, typed, by=cast.root)
    manual.accept({sent.pk: sent.version}, by=cast.federation_reviewer, on=ON)
    target = made.target(plan, tree.building, "uu-tu", 20)
    assert [r.potential.last_result for r in sheet_of(target, on=ON).rows] == [3, None]


def test_a_target_of_some_sectors_concerns_their_units_only(plan, tree, figures):
    target = made.target(plan, tree.truong_son, "admissions", 30, group="state-enterprises")
    assert [row.unit for row in sheet_of(target, on=ON).rows] == [tree.song_lam]


def test_units_that_ended_are_left_out(target, tree):
    Unit.objects.filter(pk=tree.hon_da.pk).update(ended_on=date(2024, 6, 1))
    assert [row.unit for row in sheet_of(target, on=ON).rows] == [tree.truong_son]


def test_a_ratio_is_not_split(plan, tree):
    target = made.target(plan, tree.building, "density", 90)
    with pytest.raises(Refused) as refused:
        sheet_of(target, on=ON)
    assert str(refused.value).startswith("Chỉ phân bổ được chỉ tiêu số lượng")


def test_the_number_is_the_one_in_force(target, plan, tree):
    made.target(plan, tree.building, "net-increase", 120, in_force_on=date(2024, 7, 1))
    made.target(plan, tree.building, "net-increase", 200, in_force_on=date(2024, 12, 1))
    assert sheet_of(target, on=ON).number == 120
    assert sheet_of(target, on=date(2024, 3, 1)).number == 100
    Plan.objects.update(status=Plan.Status.DRAFT)
    target.plan.refresh_from_db()
    assert sheet_of(target, on=ON).number == 200


def test_before_there_is_a_draft_the_values_in_force_stand_there(target, plan, tree):
    made.target(plan, tree.hon_da, "net-increase", 20)
    assert numbers(sheet_of(target, on=ON)) == {"HD-01": 20, "TS": None}


def test_a_line_is_named_within_a_sentence(plan, tree):
    target = made.target(
        plan, tree.building, "admissions", 9, group="agencies", due_on=date(2024, 6, 30)
    )
    name = line_name(target, sheet_of(target, on=ON).indicator)
    assert name.endswith("(đến 30/6/2024)")
    assert name[0].islower()


# --- the draft -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shared_by", "hon_da", "truong_son"),
    [
        (SharedBy.HEAD_ROOM, 47, 53),
        (SharedBy.WORKERS, 38, 62),
        (SharedBy.LAST_RESULT, 33, 67),
        (SharedBy.EQUALLY, 50, 50),
    ],
)
def test_the_number_is_split_by(target, cast, figures, shared_by, hon_da, truong_son):
    share_draft(target, draft({}, shared_by=shared_by), by=cast.administrator, on=ON)
    sheet = sheet_of(target, on=ON)
    assert numbers(sheet) == {"HD-01": hon_da, "TS": truong_son}
    assert sheet.allocation.shared_by == shared_by
    assert sheet.balance.left == 0


def test_kept_units_stay_and_the_others_share_the_rest(target, tree, cast, figures):
    extra = factories.unit("HD-02", parent=tree.building)
    typed = {tree.hon_da: Cell(30, is_kept=True), extra: Cell(None, is_kept=True)}
    share_draft(target, draft(typed), by=cast.administrator, on=ON)
    sheet = sheet_of(target, on=ON)
    assert numbers(sheet) == {"HD-01": 30, "HD-02": None, "TS": 70}
    assert {row.unit.code for row in sheet.rows if row.cell.is_kept} == {"HD-01", "HD-02"}


def test_a_unit_that_never_reported_stays_blank(target, tree, cast, figures):
    factories.unit("HD-02", parent=tree.building)
    share_draft(target, draft({}), by=cast.administrator, on=ON)
    assert numbers(sheet_of(target, on=ON)) == {"HD-01": 47, "HD-02": None, "TS": 53}


def test_more_kept_than_assigned_is_refused(target, tree, cast, figures):
    typed = draft({tree.hon_da: Cell(107, is_kept=True)})
    sentence = _("What is kept as it is exceeds the assigned number by %(over)s.") % {"over": 7}
    with pytest.raises(Refused) as refused:
        share_draft(target, typed, by=cast.administrator, on=ON)
    assert str(refused.value) == sentence
    assert not Allocation.objects.exists()


def test_nothing_known_cannot_be_split_by(target, cast):
    with pytest.raises(Refused):
        share_draft(target, draft({}), by=cast.administrator, on=ON)
    assert not Allocation.objects.exists()
    share_draft(target, draft({}, shared_by=SharedBy.EQUALLY), by=cast.administrator, on=ON)
    assert numbers(sheet_of(target, on=ON)) == {"HD-01": 50, "TS": 50}


def test_a_draft_is_kept_with_its_line_of_history(target, plan, tree, cast):
    typed = draft({tree.hon_da: Cell(40, is_kept=True)}, keeps_rest=True, reason="Dự phòng")
    saved = save_draft(target, typed, by=cast.administrator, on=ON)
    assert (saved.version, saved.keeps_rest, saved.reason) == (1, True, "Dự phòng")
    assert sheet_of(target, on=ON).draft == typed
    assert held(plan) == {}
    told = HistoryEntry.objects.get(verb="saved the draft of the allocation")
    assert (told.unit, told.by) == (tree.building, cast.administrator)
    assert told.subject.endswith(" · 40/100")


def test_the_same_draft_again_writes_nothing(target, tree, cast):
    typed = draft({tree.hon_da: 40})
    save_draft(target, typed, by=cast.administrator, on=ON)
    save_draft(target, typed, by=cast.root, on=ON, version=1)
    assert Allocation.objects.get().version == 1
    assert HistoryEntry.objects.filter(verb__startswith="saved the draft").count() == 1


def test_two_people_do_not_overwrite_each_other(target, tree, cast):
    save_draft(target, draft({tree.hon_da: 40}), by=cast.administrator, on=ON, version=0)
    with pytest.raises(Overtaken) as overtaken:
        save_draft(target, draft({tree.hon_da: 60}), by=cast.root, on=ON, version=0)
    assert str(cast.administrator) in str(overtaken.value)
    assert numbers(sheet_of(target, on=ON))["HD-01"] == 40


@pytest.mark.parametrize("verb", [save_draft, share_draft])
def test_only_units_directly_below_are_on_the_sheet(target, tree, cast, figures, verb):
    for forged in (tree.weavers, tree.huong_giang, tree.building):
        cells = draft({forged: Cell(5, is_kept=True)})
        if verb is share_draft:
            verb(target, cells, by=cast.administrator, on=ON)
            assert not Share.objects.filter(unit=forged).exists()
        else:
            with pytest.raises(Refused):
                verb(target, cells, by=cast.administrator, on=ON)


@pytest.mark.parametrize("number", [-1, 10**15])
def test_impossible_numbers_are_refused(target, tree, cast, number):
    with pytest.raises(Refused):
        save_draft(target, draft({tree.hon_da: number}), by=cast.administrator, on=ON)
    assert not Allocation.objects.exists()


# --- assigning -----------------------------------------------------------------------------------


def both(tree, hon_da, truong_son, **facts):
    return draft({tree.hon_da: hon_da, tree.truong_son: truong_son}, **facts)


def test_the_target_is_assigned_to_each_unit(target, plan, tree, cast):
    done = assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 40, 60))
    assert (done.units, done.left_alone) == (2, [])
    assert held(plan) == {"HD-01": 40, "TS": 60}
    value = TargetRevision.objects.get(target__unit=tree.hon_da)
    assert (value.decision_no, value.decision_on) == ("12/QĐ-CĐN", date(2024, 1, 20))
    assert (value.in_force_on, value.by) == (JANUARY, cast.administrator)
    told = HistoryEntry.objects.get(verb="assigned the target to the units below")
    assert (told.unit, told.changes["decision_no"]) == (tree.building, [None, "12/QĐ-CĐN"])
    assert HistoryEntry.objects.filter(verb="set the target").count() == 2


def test_the_saved_draft_is_assigned(target, plan, tree, cast):
    save_draft(target, both(tree, 40, 60), by=cast.administrator, on=ON)
    assign(target, DECISION, by=cast.administrator, on=ON, version=1)
    assert held(plan) == {"HD-01": 40, "TS": 60}


def test_the_line_below_is_defined_as_the_line_above(plan, tree, cast):
    target = made.target(
        plan, tree.building, "admissions", 50, group="other-enterprises", due_on=date(2024, 6, 30)
    )
    assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 20, 30))
    below = Target.objects.get(unit=tree.hon_da)
    assert (below.indicator, below.sector_group_id, below.due_on) == (
        "admissions",
        "other-enterprises",
        date(2024, 6, 30),
    )


def test_what_recurs_above_recurs_below(plan, tree, cast):
    target = made.target(plan, tree.building, "admissions", 50)
    Target.objects.filter(pk=target.pk).update(is_recurring=True)
    assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 20, 30))
    assert Target.objects.get(unit=tree.hon_da).is_recurring


def test_another_number_is_a_revision_and_the_same_writes_nothing(target, plan, tree, cast):
    assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 40, 60))
    made.target(plan, tree.building, "net-increase", 110, in_force_on=date(2024, 7, 1))
    later = Decision("44/QĐ-CĐN", date(2024, 6, 28), date(2024, 7, 1))
    done = assign(target, later, by=cast.administrator, on=ON, draft=both(tree, 50, 60))
    assert held(plan) == {"HD-01": 50, "TS": 60}
    assert [t.unit for t in done.done.changed] == [tree.hon_da]
    assert TargetRevision.objects.filter(target__unit=tree.hon_da).count() == 2
    assert TargetRevision.objects.filter(target__unit=tree.truong_son).count() == 1
    latest = TargetRevision.objects.filter(target__unit=tree.hon_da).latest("in_force_on")
    assert "44/QĐ-CĐN" in latest.reason


def test_blank_is_no_target_and_takes_none_away(target, plan, tree, cast):
    done = assign(target, DECISION, by=cast.administrator, on=ON, draft=draft({tree.hon_da: 100}))
    assert held(plan) == {"HD-01": 100}
    assert (done.units, done.left_alone) == (1, [])
    again = assign(
        target,
        Decision("44/QĐ-CĐN", date(2024, 6, 28), date(2024, 7, 1)),
        by=cast.administrator,
        on=ON,
        draft=draft({tree.truong_son: 100}),
    )
    assert held(plan) == {"HD-01": 100, "TS": 100}
    assert again.left_alone == [tree.hon_da]


def test_zero_is_a_target(target, plan, tree, cast):
    assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 0, 100))
    assert held(plan) == {"HD-01": 0, "TS": 100}


@pytest.mark.parametrize(
    ("hon_da", "truong_son", "facts", "sentence"),
    [
        (
            40,
            40,
            {},
            "Còn lại 20, chưa giao được. Phân bổ hết, hoặc chọn “Giữ lại ở cấp ngành” "
            "và ghi lý do.",
        ),
        (40, 40, {"reason": "Dự phòng"}, "Còn lại 20, chưa giao được."),
        (40, 40, {"keeps_rest": True}, "Hãy ghi lý do giữ lại 20."),
        (40, 90, {}, "Đã phân bổ vượt mức giao 30."),
        (40, 90, {"keeps_rest": True}, "Đã phân bổ vượt mức giao 30."),
        (None, None, {"keeps_rest": True, "reason": "Dự phòng"}, "Chưa đơn vị nào có mức giao."),
    ],
)
def test_over_or_under_needs_a_reason(
    target, plan, tree, cast, hon_da, truong_son, facts, sentence
):
    typed = both(tree, hon_da, truong_son, **facts)
    with pytest.raises(Refused) as refused:
        assign(target, DECISION, by=cast.administrator, on=ON, draft=typed)
    assert str(refused.value).startswith(sentence)
    assert held(plan) == {}
    assert not Allocation.objects.exists()
    assert not HistoryEntry.objects.filter(kind="target").exists()


@pytest.mark.parametrize(
    ("hon_da", "truong_son", "facts"),
    [
        (40, 40, {"keeps_rest": True, "reason": "Dự phòng"}),
        (40, 90, {"reason": "Phấn đấu vượt"}),
    ],
)
def test_with_a_reason_it_is_assigned(target, plan, tree, cast, hon_da, truong_son, facts):
    typed = both(tree, hon_da, truong_son, **facts)
    assign(target, DECISION, by=cast.administrator, on=ON, draft=typed)
    assert held(plan) == {"HD-01": hon_da, "TS": truong_son}
    told = HistoryEntry.objects.get(verb="assigned the target to the units below")
    assert told.reason == facts["reason"]


@pytest.mark.parametrize(
    "decision",
    [
        replace(DECISION, number=""),
        replace(DECISION, in_force_on=date(2023, 12, 31)),
        replace(DECISION, in_force_on=date(2025, 1, 1)),
    ],
)
def test_without_a_decision_that_fits_nothing_is_written(target, plan, tree, cast, decision):
    with pytest.raises(Refused):
        assign(target, decision, by=cast.administrator, on=ON, draft=both(tree, 40, 60))
    assert held(plan) == {}
    assert not Allocation.objects.exists()


def test_a_value_from_a_later_day_stands_in_the_way(target, plan, tree, cast):
    made.target(plan, tree.hon_da, "net-increase", 30, in_force_on=date(2024, 7, 1))
    with pytest.raises(Refused, match="01/7/2024"):
        assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 40, 60))
    assert held(plan) == {"HD-01": 30}
    done = assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 30, 70))
    assert held(plan) == {"HD-01": 30, "TS": 70}
    assert done.units == 2


def test_in_a_draft_of_a_plan_targets_are_corrected(tree, cast):
    head = {"code": "kh-2025", "title": "Kế hoạch 2025", "unit": tree.building}
    plan = Plan(**head, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    plan = actions.create_plan(plan, by=cast.administrator)
    line = Line(tree.building, "net-increase", Decimal(100), plan.starts_on)
    actions.set_target(plan, line, by=cast.administrator)
    target = plan.targets.select_related("unit", "sector_group").get()
    decision = Decision("3/QĐ-CĐN", date(2025, 1, 5), plan.starts_on)
    for hon_da in (40, 45):
        typed = both(tree, hon_da, 100 - hon_da)
        assign(target, decision, by=cast.administrator, on=ON, draft=typed)
    assert TargetRevision.objects.get(target__unit=tree.hon_da).minimum == 45


def test_in_a_plan_that_has_ended_nothing_is_split(target, plan, tree, cast):
    actions.end_plan(plan, by=cast.administrator, on=ON, reason="Đại hội sớm")
    for verb in (save_draft, share_draft):
        with pytest.raises(Refused):
            verb(target, both(tree, 40, 60), by=cast.administrator, on=ON)
    with pytest.raises(Refused):
        assign(target, DECISION, by=cast.administrator, on=ON, draft=both(tree, 40, 60))
    assert not Allocation.objects.exists()


def test_a_unit_that_moved_away_is_no_longer_on_the_sheet(target, plan, tree, cast):
    save_draft(target, both(tree, 40, 60), by=cast.administrator, on=ON)
    Unit.objects.filter(pk=tree.hon_da.pk).update(parent=tree.truong_son)
    sheet = sheet_of(target, on=ON)
    assert numbers(sheet) == {"TS": 60}
    typed = draft({tree.truong_son: 100})
    assign(target, DECISION, by=cast.administrator, on=ON, draft=typed)
    assert held(plan) == {"TS": 100}


# --- what it costs -------------------------------------------------------------------------------


def many(tree, count):
    """A federation's children: as many grassroots unions, with figures of last year."""
    units = [factories.unit(f"X-{n:04d}", parent=tree.building) for n in range(count)]
    quarter = Quarter.objects.filter(code="2023Q4").first() or factories.open_quarter("2023Q4")
    typed = {unit: {"opening": 10, "admitted": 1, "workers": 20} for unit in units[:9]}
    factories.all_accepted(quarter, typed)
    return units


@pytest.mark.parametrize("count", [2, 300])
def test_the_sheet_costs_the_same_whatever_it_holds(target, tree, count, django_assert_num_queries):
    many(tree, count)
    with django_assert_num_queries(13):
        sheet = sheet_of(target, on=ON)
    assert len(sheet.rows) == count + 2


@pytest.mark.parametrize("count", [2, 300])
def test_assigning_reads_the_same_whatever_it_holds(
    target, tree, cast, count, django_assert_max_num_queries
):
    """SQLite takes some hundred rows a statement, so only what is not an INSERT is counted."""
    units = many(tree, count)
    typed = draft(dict.fromkeys(units, 1), keeps_rest=True, reason="Dự phòng")
    if count > 100:
        typed = replace(typed, keeps_rest=False)
    with django_assert_max_num_queries(200) as seen:
        assign(target, DECISION, by=cast.administrator, on=ON, draft=typed)
    others = [q["sql"] for q in seen.captured_queries if not q["sql"].startswith("INSERT")]
    assert len(others) == 19
    assert Target.objects.count() == count + 1
