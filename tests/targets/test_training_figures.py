"""Who is trained, how many classes were held, and how many units an officer looks after."""

from datetime import date

import pytest
from django.utils.translation import override

from members.models import Kind, Placement, Unit
from targets.indicators import SHIPPED, ReadFrom
from targets.models import Target
from targets.reading import lines
from tests import factories
from tests.targets import made
from training.models import Attendance, OfficerCount, Tenure

pytestmark = pytest.mark.usefixtures("world")

BOTH = "lý luận,nghiệp vụ"
DEMAND = {"full-time-trained": BOTH, "new-chairs-trained": BOTH, "officers-trained": "nghiệp vụ"}
CUT_OFFS = ("2024Q1", "2024Q2", "2024Q3")


@pytest.fixture
def plan(tree):
    return made.plan(
        tree.building,
        code="dao-tao",
        starts_on=date(2023, 1, 1),
        ends_on=date(2028, 12, 31),
        title="Kế hoạch đào tạo",
    )


@pytest.fixture
def quarters(tree):
    return [factories.open_quarter(code) for code in CUT_OFFS]


def line(plan, unit, quarter, indicator, **how):
    found = lines(made.question(plan, quarter, **how), [unit])
    return next(line for line in found if line.indicator.code == indicator)


def figures(plan, unit, quarter, indicator, **how):
    progress = line(plan, unit, quarter, indicator, **how).progress
    return progress.numerator, progress.denominator


def target(plan, unit, indicator, minimum=100, topics=None, **facts):
    made.target(plan, unit, indicator, minimum, **facts)
    topics = DEMAND.get(indicator, "") if topics is None else topics
    Target.objects.filter(plan=plan, indicator=indicator).update(topics=topics)


def learn(tree, who, *days_by_topic, unit=None):
    """``("skills", date)``: a class of the federation on that day, completed."""
    for topic, day in days_by_topic:
        factories.attended(factories.course(unit or tree.building, topic, starts_on=day), who)


# --- full-time officers --------------------------------------------------------------------------

JAN, APR, JUL, OCT = (date(2024, month, 10) for month in (1, 4, 7, 10))


@pytest.mark.parametrize(
    ("learnt", "expected"),
    [
        ([], [0, 0, 0]),
        ([("skills", JAN)], [0, 0, 0]),
        ([("skills", JAN), ("theory", APR)], [0, 1, 1]),
        ([("theory", JAN), ("skills", APR)], [0, 1, 1]),
        ([("skills", JAN), ("skills", APR), ("skills", JUL)], [0, 0, 0]),
        ([("skills", JAN), ("theory", APR), ("theory", JUL), ("skills", JUL)], [0, 1, 1]),
        ([("skills", date(2022, 12, 31)), ("theory", JAN)], [0, 0, 0]),
        ([("skills", date(2023, 1, 1)), ("theory", date(2024, 3, 31))], [1, 1, 1]),
        ([("skills", JAN), ("theory", OCT)], [0, 0, 0]),
        ([("skills", JAN), ("membership", APR)], [0, 0, 0]),
    ],
    ids=[
        "nothing learnt",
        "one of two topics",
        "both",
        "in another order",
        "the same three times",
        "one person is one, however often",
        "one of them before the plan",
        "on its first day, and on that of the cut-off",
        "after the cut-off",
        "another topic",
    ],
)
def test_trained_is_who_completed_a_class_of_each_topic(tree, plan, quarters, learnt, expected):
    target(plan, tree.building, "full-time-trained")
    who = factories.officer(tree.truong_son, position="staff", is_full_time=True)
    learn(tree, who, *learnt)
    got = [figures(plan, tree.building, quarter, "full-time-trained") for quarter in quarters]
    assert got == [(number, 1) for number in expected]


def test_where_no_topic_is_named_any_will_do(tree, plan, quarters):
    target(plan, tree.building, "full-time-trained", topics="")
    who = factories.officer(tree.truong_son, position="staff", is_full_time=True)
    learn(tree, who, ("membership", APR))
    assert figures(plan, tree.building, quarters[0], "full-time-trained") == (0, 1)
    assert figures(plan, tree.building, quarters[1], "full-time-trained") == (1, 1)


@pytest.mark.parametrize(
    ("course", "completed"),
    [
        ({"status": "planned"}, False),
        ({"status": "cancelled"}, False),
        ({"kind": "contest"}, True),
        ({}, False),
    ],
    ids=["only planned", "cancelled", "a contest", "not completed"],
)
def test_what_is_no_completed_class_trains_nobody(tree, plan, quarters, course, completed):
    target(plan, tree.building, "full-time-trained", topics="nghiệp vụ")
    who = factories.officer(tree.truong_son, position="staff", is_full_time=True)
    held = factories.course(tree.building, starts_on=JAN, **course)
    factories.attended(held, who, completed=completed)
    assert figures(plan, tree.building, quarters[2], "full-time-trained") == (0, 1)


def test_full_time_officers_of_every_level_count_and_no_others(tree, plan, quarters):
    target(plan, tree.building, "full-time-trained")
    for unit in (tree.building, tree.truong_son, tree.song_lam):
        factories.officer(unit, f"Cán bộ {unit.code}", is_full_time=True)
    factories.officer(tree.hon_da, "Vũ Văn Cam")
    factories.officer(tree.spinning, "Người nơi khác", is_full_time=True)
    units = (tree.building, tree.truong_son, tree.song_lam, tree.hon_da)
    found = [figures(plan, unit, quarters[2], "full-time-trained") for unit in units]
    assert found == [(0, 3), (0, 2), (0, 1), (None, None)]


# --- who serves when and where -------------------------------------------------------------------


@pytest.fixture
def trained(tree, plan, quarters):
    """Somebody at Song Lam who learnt both topics in January 2024."""
    target(plan, tree.building, "full-time-trained")
    who = factories.officer(
        tree.song_lam, "Đỗ Thị An", is_full_time=True, elected_on=date(2023, 6, 1)
    )
    learn(tree, who, ("skills", JAN), ("theory", JAN))
    return who


def end(who, on):
    Tenure.objects.filter(pk=who.pk).update(valid_to=on)


def again(who, unit, since, **facts):
    facts = {"position": "chair", "is_full_time": True, "elected_on": since} | facts
    return factories.officer(unit, officer=who.officer, begins_on=since, **facts)


@pytest.mark.parametrize(
    ("left", "back", "expected"),
    [
        (date(2024, 5, 1), None, [(1, 1), (None, None), (None, None)]),
        (date(2024, 6, 30), None, [(1, 1), (None, None), (None, None)]),  # no longer that day
        (date(2024, 7, 1), None, [(1, 1), (1, 1), (None, None)]),
        (date(2024, 5, 1), date(2024, 9, 1), [(1, 1), (None, None), (1, 1)]),
    ],
    ids=["left", "left on the cut-off", "left after it", "left and came back"],
)
def test_whoever_left_does_not_count_and_whoever_comes_back_is_still_trained(
    tree, plan, quarters, trained, left, back, expected
):
    end(trained, left)
    if back:
        again(trained, tree.song_lam, back)
    found = [figures(plan, tree.building, quarter, "full-time-trained") for quarter in quarters]
    assert found == expected


def test_whoever_moves_takes_along_what_they_learnt(tree, plan, quarters, trained):
    """First within the branch, then out of it."""
    end(trained, date(2024, 5, 1))
    second = again(trained, tree.hon_da, date(2024, 5, 1))
    end(second, date(2024, 8, 1))
    again(trained, tree.weavers, date(2024, 8, 1))
    units = (tree.truong_son, tree.hon_da, tree.building)
    found = [
        [figures(plan, unit, quarter, "full-time-trained") for unit in units]
        for quarter in quarters
    ]
    nobody = (None, None)
    assert found == [[(1, 1), nobody, (1, 1)], [nobody, (1, 1), (1, 1)], [nobody] * 3]


def test_officers_of_a_unit_that_was_wound_up_serve_no_longer(tree, plan, quarters, trained):
    Unit.objects.filter(pk=tree.song_lam.pk).update(ended_on=date(2024, 6, 1))
    found = [figures(plan, tree.building, quarter, "full-time-trained") for quarter in quarters]
    assert found == [(1, 1), (None, None), (None, None)]


@pytest.mark.parametrize(
    ("structure", "within"), [("reported", [True, False, False]), ("current", [False] * 3)]
)
def test_a_unit_that_moved_counts_where_the_structure_says(
    tree, plan, quarters, trained, structure, within
):
    """Song Lam moves from Truong Son to the federation in May."""
    move(tree.song_lam, tree.building, date(2024, 5, 1))
    upper, whole = (
        [
            figures(plan, unit, quarter, "full-time-trained", structure=structure)
            for quarter in quarters
        ]
        for unit in (tree.truong_son, tree.building)
    )
    assert upper == [(1, 1) if counts else (None, None) for counts in within]
    assert whole == [(1, 1)] * 3


def move(unit, parent, since):
    Placement.objects.filter(unit=unit, valid_to=None).update(valid_to=since)
    Placement.objects.create(
        unit=unit, parent=parent, sector_id=unit.sector_id, name=unit.name, valid_from=since
    )
    path = parent.path + unit.path[len(unit.parent.path) :]
    Unit.objects.filter(pk=unit.pk).update(parent=parent, path=path)


# --- newly elected chairs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"elected_on": date(2023, 1, 1)}, (0, 1)),
        ({"elected_on": date(2022, 12, 31)}, (None, None)),
        (
            {"elected_on": date(2023, 5, 1), "first_elected_on": date(2018, 5, 1)},
            (None, None),
        ),
        ({"elected_on": date(2024, 5, 1), "first_elected_on": date(2023, 5, 1)}, (0, 1)),
        ({"elected_on": date(2023, 5, 1), "position": "vice-chair"}, (None, None)),
        ({"elected_on": date(2023, 5, 1), "left_on": date(2024, 9, 30)}, (None, None)),
    ],
    ids=[
        "on the first day of the plan",
        "before the plan",
        "re-elected",
        "first elected and re-elected since",
        "no chair",
        "has left",
    ],
)
def test_new_is_a_chair_first_elected_since_the_plan_began(tree, plan, quarters, facts, expected):
    target(plan, tree.building, "new-chairs-trained")
    factories.officer(tree.song_lam, **facts)
    assert figures(plan, tree.building, quarters[2], "new-chairs-trained") == expected


def test_a_chair_of_another_unit_before_is_not_new(tree, plan, quarters):
    target(plan, tree.building, "new-chairs-trained")
    was = factories.officer(tree.hon_da, elected_on=date(2019, 3, 1), left_on=date(2024, 2, 1))
    facts = {"position": "chair", "first_elected_on": date(2019, 3, 1)}
    again(was, tree.song_lam, date(2024, 2, 1), **facts)
    assert figures(plan, tree.building, quarters[0], "new-chairs-trained") == (None, None)


def test_chairs_of_superiors_are_no_new_chairs(tree, plan, quarters):
    target(plan, tree.building, "new-chairs-trained")
    factories.officer(tree.truong_son, elected_on=date(2024, 1, 5))
    factories.officer(tree.masons, elected_on=date(2024, 1, 5))  # an occupational union
    assert figures(plan, tree.building, quarters[0], "new-chairs-trained") == (0, 1)


# --- all officers, by name and by number ---------------------------------------------------------


def stated(unit, quarter, others, trained, **facts):
    OfficerCount.objects.create(
        unit=unit, quarter=quarter, others=others, others_trained=trained, **facts
    )


def test_counts_stand_beside_names_and_the_last_statement_is_carried(tree, plan, quarters):
    target(plan, tree.building, "officers-trained", 70)
    chair = factories.officer(tree.song_lam, "Vũ Văn Cam")
    learn(tree, chair, ("skills", date(2024, 2, 5)), unit=tree.truong_son)
    stated(tree.huong_giang, quarters[1], 10, 4)
    stated(tree.office, quarters[0], 5, 5)
    stated(tree.office, quarters[2], 8, 2)
    stated(tree.hon_da, quarters[0], 100, 100, is_draft=True)
    stated(tree.weavers, quarters[0], 100, 0)
    found = [figures(plan, tree.building, quarter, "officers-trained") for quarter in quarters]
    assert found == [(1 + 5, 1 + 5), (1 + 5 + 4, 1 + 5 + 10), (1 + 2 + 4, 1 + 8 + 10)]
    pieces = line(plan, tree.building, quarters[2], "officers-trained").figures.pieces
    assert pieces == {
        "listed": 1,
        "listed_trained": 1,
        "others": 18,
        "others_trained": 6,
        "stated": 2,
        "units": 5,
    }


def test_a_statement_ends_with_its_unit_and_moves_with_it(tree, plan, quarters):
    target(plan, tree.building, "officers-trained", 70)
    stated(tree.office, quarters[0], 6, 3)
    stated(tree.song_lam, quarters[0], 4, 4)
    Unit.objects.filter(pk=tree.office.pk).update(ended_on=date(2024, 5, 1))
    move(tree.song_lam, tree.building, date(2024, 8, 1))
    found = [figures(plan, tree.truong_son, quarter, "officers-trained") for quarter in quarters]
    assert found == [(7, 10), (4, 4), (None, None)]
    assert figures(plan, tree.building, quarters[2], "officers-trained") == (4, 4)


def test_a_unit_reads_its_own_officers(tree, plan, quarters):
    target(plan, tree.building, "officers-trained", 70)
    chair = factories.officer(tree.song_lam, "Vũ Văn Cam")
    factories.officer(tree.song_lam, "Lê Thị Dung", position="team-leader")
    learn(tree, chair, ("skills", JAN))
    stated(tree.song_lam, quarters[1], 8, 2)
    found = [figures(plan, tree.song_lam, quarter, "officers-trained") for quarter in quarters]
    assert found == [(1, 2), (3, 10), (3, 10)]
    assert figures(plan, tree.huong_giang, quarters[2], "officers-trained") == (None, None)
    assert line(plan, tree.huong_giang, quarters[2], "officers-trained").progress.status is None


def test_a_line_of_a_sector_group_leaves_superiors_out(tree, plan, quarters):
    """Superiors have no sector: they count where every sector does."""
    target(plan, tree.building, "full-time-trained")
    target(plan, tree.building, "full-time-trained", group="state-enterprises")
    for unit in (tree.truong_son, tree.song_lam, tree.hon_da):
        factories.officer(unit, f"Cán bộ {unit.code}", is_full_time=True)
    found = lines(made.question(plan, quarters[0]), [tree.building])
    assert {one.group.code: one.progress.denominator for one in found} == {
        "all": 3,
        "state-enterprises": 1,  # Song Lam
    }


def test_a_recurring_line_counts_what_was_learnt_in_its_year(tree, plan, quarters):
    target(plan, tree.building, "officers-trained", 70)
    plan.targets.update(is_recurring=True)
    before = factories.officer(tree.song_lam, "Vũ Văn Cam")
    now = factories.officer(tree.hon_da, "Lê Thị Dung")
    learn(tree, before, ("skills", date(2023, 12, 20)))
    learn(tree, now, ("skills", APR))
    found = [figures(plan, tree.building, quarter, "officers-trained") for quarter in quarters]
    assert found == [(0, 2), (1, 2), (1, 2)]


# --- education -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("education", "degree", "postgraduate"),
    [
        ("below-degree", (0, 1), (0, 1)),
        ("degree", (1, 1), (0, 1)),
        ("postgraduate", (1, 1), (1, 1)),
        ("", (None, None), (None, None)),
    ],
)
def test_a_postgraduate_degree_is_a_degree(tree, plan, quarters, education, degree, postgraduate):
    for code in ("full-time-degree", "full-time-postgraduate"):
        target(plan, tree.building, code)
    factories.officer(tree.truong_son, is_full_time=True, education=education)
    factories.officer(tree.song_lam, "Kiêm nhiệm", education="postgraduate")
    found = [
        figures(plan, tree.building, quarters[0], code)
        for code in ("full-time-degree", "full-time-postgraduate")
    ]
    assert found == [degree, postgraduate]


def test_whose_education_is_not_known_counts_among_all_and_is_told(tree, plan, quarters):
    target(plan, tree.building, "full-time-degree")
    for place, education in enumerate(("degree", "", "", "below-degree")):
        position = "chair" if place == 0 else "staff"
        factories.officer(
            tree.truong_son,
            f"Số {place}",
            position=position,
            is_full_time=True,
            education=education,
        )
    found = line(plan, tree.building, quarters[0], "full-time-degree")
    assert (found.progress.numerator, found.progress.denominator) == (1, 4)
    assert found.figures.pieces == {"listed": 4, "unknown": 2}


def test_a_degree_holds_from_its_day_on(tree, plan, quarters):
    """The past keeps what was true then."""
    target(plan, tree.building, "full-time-degree")
    who = factories.officer(
        tree.truong_son, is_full_time=True, education="below-degree", left_on=date(2024, 5, 1)
    )
    again(who, tree.truong_son, date(2024, 5, 1), education="degree")
    found = [figures(plan, tree.building, quarter, "full-time-degree") for quarter in quarters]
    assert found == [(0, 1), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("position", "unit", "theory", "expected"),
    [
        ("chair", "truong_son", "intermediate", (1, 1)),
        ("vice-chair", "truong_son", "advanced", (1, 1)),
        ("head", "building", "advanced", (1, 1)),
        ("deputy-head", "building", "elementary", (0, 1)),
        ("chair", "truong_son", "none", (0, 1)),
        ("chair", "truong_son", "", (None, None)),
        ("staff", "truong_son", "advanced", (None, None)),
        ("executive-member", "truong_son", "advanced", (None, None)),
        ("chair", "song_lam", "advanced", (None, None)),
    ],
)
def test_leaders_lead_a_superior_union(tree, plan, quarters, position, unit, theory, expected):
    target(plan, tree.building, "leaders-political-theory")
    factories.officer(getattr(tree, unit), position=position, political_theory=theory)
    assert figures(plan, tree.building, quarters[0], "leaders-political-theory") == expected


# --- nobody --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "full-time-trained",
        "new-chairs-trained",
        "officers-trained",
        "full-time-degree",
        "full-time-postgraduate",
        "leaders-political-theory",
        "units-per-full-time-officer",
    ],
)
def test_where_there_is_nobody_nothing_is_known(tree, plan, quarters, code):
    target(plan, tree.building, code)
    found = line(plan, tree.building, quarters[2], code)
    assert (found.progress.numerator, found.progress.status) == (None, "no_data")


# --- the path ------------------------------------------------------------------------------------


def test_who_is_trained_starts_at_nothing(tree, plan, quarters):
    """Counted from the start of the plan: seven quarters of twenty-four on 30/9/2024."""
    target(plan, tree.building, "full-time-trained")
    factories.officer(tree.truong_son, is_full_time=True)
    progress = line(plan, tree.building, quarters[2], "full-time-trained").progress
    assert (progress.start, round(float(progress.expected_by_now), 2)) == (0, 29.17)
    assert (progress.gap_people, progress.status) == (1, "behind")


# --- workload ------------------------------------------------------------------------------------


def test_three_officers_look_after_400_units(tree, plan, quarters):
    target(plan, tree.building, "units-per-full-time-officer")
    for number in range(396):
        factories.unit(f"TS-{number + 100}", parent=tree.truong_son)
    for name in ("An", "Ba", "Cam"):
        factories.officer(tree.truong_son, name, position="staff", is_full_time=True)
    progress = line(plan, tree.truong_son, quarters[0], "units-per-full-time-officer").progress

    assert (progress.numerator, progress.denominator) == (400, 3)
    assert f"{float(progress.actual):.2f}" == "133.33"


def test_the_workload_is_better_the_lower_it_is(tree, plan, quarters):
    """Five units under the federation, one of them ended in May; no target of a single unit."""
    target(plan, tree.building, "units-per-full-time-officer", 2)
    Unit.objects.filter(pk=tree.office.pk).update(ended_on=date(2024, 5, 1))
    for place, day in enumerate((date(2023, 6, 1), date(2024, 8, 1))):
        factories.officer(
            tree.truong_son, f"Số {place}", position="staff", is_full_time=True, elected_on=day
        )
    found = [
        line(plan, tree.building, quarter, "units-per-full-time-officer") for quarter in quarters
    ]
    assert [float(one.progress.actual) for one in found] == [5, 4, 2]
    assert [one.progress.status for one in found] == ["behind", "behind", "met"]
    assert {one.progress.gap_people for one in found} == {None}
    own = line(plan, tree.song_lam, quarters[0], "units-per-full-time-officer")
    assert own.progress.actual is None


# --- classes and turns ---------------------------------------------------------------------------


def test_classes_and_turns(tree, plan, quarters):
    """Classes count for the union that holds them, turns where people serve."""
    target(plan, tree.building, "training-classes", 10)
    target(plan, tree.building, "training-turns")
    chair = factories.officer(tree.song_lam, "Vũ Văn Cam")
    first = factories.course(tree.building, starts_on=date(2024, 2, 5), other_turns=20)
    factories.attended(first, chair)
    factories.attended(factories.course(tree.truong_son, starts_on=date(2024, 5, 6)), chair)
    factories.course(tree.building, starts_on=date(2024, 5, 20), kind="contest", other_turns=50)
    factories.course(tree.building, starts_on=date(2024, 5, 21), status="planned")
    factories.course(tree.building, starts_on=date(2022, 5, 21))  # before the plan

    def of(unit):
        codes = ("training-classes", "training-turns")
        return [
            tuple(figures(plan, unit, quarter, code)[0] for code in codes) for quarter in quarters
        ]

    assert of(tree.building) == [(1, 21), (2, 22), (2, 22)]
    assert of(tree.truong_son) == [(0, 1), (1, 2), (1, 2)]
    assert of(tree.song_lam) == [(0, 1), (0, 2), (0, 2)]
    assert of(tree.hon_da) == [(0, 0)] * 3


def test_a_turn_stays_where_the_person_served_and_the_unit_hung(tree, plan, quarters):
    target(plan, tree.building, "training-turns")
    chair = factories.officer(tree.song_lam, "Vũ Văn Cam")
    learn(tree, chair, ("skills", JAN))
    end(chair, date(2024, 5, 1))
    again(chair, tree.hon_da, date(2024, 5, 1))
    move(tree.song_lam, tree.building, date(2024, 8, 1))
    found = {
        structure: [
            figures(plan, tree.truong_son, quarter, "training-turns", structure=structure)[0]
            for quarter in quarters
        ]
        for structure in ("reported", "current")
    }
    assert found == {"reported": [1, 1, 1], "current": [0, 0, 0]}


def test_what_a_superior_held_before_it_moved_away_stays(tree, plan, quarters):
    """Asked with and without its trend, the figure is the same."""
    target(plan, tree.building, "training-classes", 10)
    upper = factories.unit("UP", kind=Kind.UPPER, parent=tree.building)
    factories.course(upper, starts_on=APR)
    move(upper, tree.textiles, date(2024, 8, 1))
    assert figures(plan, tree.building, quarters[2], "training-classes") == (1, None)


# --- later changes -------------------------------------------------------------------------------


def test_past_quarters_stay_as_they_were_whatever_happens_later(tree, plan, quarters):
    """Everything changes in August; the first two quarters say what they said."""
    for code in (*DEMAND, "full-time-degree", "leaders-political-theory", "training-turns"):
        target(plan, tree.building, code)
    target(plan, tree.building, "units-per-full-time-officer")
    target(plan, tree.building, "training-classes", 10)
    head = factories.officer(
        tree.truong_son, "Đỗ Thị An", is_full_time=True, education="degree", political_theory="none"
    )
    chair = factories.officer(tree.song_lam, "Vũ Văn Cam", elected_on=date(2023, 5, 1))
    learn(tree, head, ("skills", JAN), ("theory", APR))
    learn(tree, chair, ("skills", APR), unit=tree.truong_son)
    stated(tree.huong_giang, quarters[0], 10, 4)

    def all_of(quarter):
        units = (tree.building, tree.truong_son, tree.song_lam, tree.huong_giang, tree.hon_da)
        return [
            (one.unit.code, one.indicator.code, one.progress.numerator, one.progress.denominator)
            for one in lines(made.question(plan, quarter), units)
        ]

    first, second = all_of(quarters[0]), all_of(quarters[1])
    august = date(2024, 8, 1)
    end(head, august)
    again(head, tree.weavers, august, education="postgraduate", political_theory="advanced")
    end(chair, august)
    again(chair, tree.hon_da, august, first_elected_on=date(2023, 5, 1))
    factories.officer(tree.truong_son, "Người mới", position="staff", elected_on=august)
    stated(tree.huong_giang, quarters[2], 99, 99)
    Unit.objects.filter(pk=tree.office.pk).update(ended_on=august)
    move(tree.song_lam, tree.building, august)
    move(tree.huong_giang, tree.spinning, august)
    learn(tree, chair, ("theory", JUL))
    assert (all_of(quarters[0]), all_of(quarters[1])) == (first, second)
    assert all_of(quarters[2]) != second


def test_completion_counts_for_the_day_the_class_began(tree, plan, quarters):
    """SEMANTICS 6: ``starts_on`` within the plan's start and the cut-off."""
    target(plan, tree.building, "officers-trained", 70)
    chair = factories.officer(tree.song_lam)
    course = factories.course(tree.building, starts_on=date(2024, 3, 30), ends_on=date(2024, 4, 9))
    factories.attended(course, chair)
    assert Attendance.objects.get().completed_on == date(2024, 4, 9)
    assert figures(plan, tree.building, quarters[0], "officers-trained") == (1, 1)


def test_indicators_say_how_they_are_counted():
    with override("vi"):
        for known in SHIPPED.values():
            if known.read_from == ReadFrom.TRAINING:
                assert "ngày chốt số liệu" in str(known.method), known.code
