"""Figures that no report states: unions founded, enterprises, ratings, what is typed by hand."""

from datetime import date, datetime
from fractions import Fraction
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.enterprises import add_enterprises
from members.models import (
    Enterprise,
    EnterpriseStatus,
    Kind,
    Placement,
    Rating,
    RatingLevel,
    Unit,
)
from members.ratings import keep_scale
from members.scales import SCALES
from targets.models import ManualFigure, ManualIndicator
from targets.reading import lines
from tests import factories
from tests.targets import made

pytestmark = pytest.mark.usefixtures("world")

AT = datetime(2024, 10, 2, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def plan(tree):
    return made.plan(tree.building)


@pytest.fixture
def quarters(tree):
    return [factories.open_quarter(f"2024Q{number}") for number in (1, 2, 3)]


def line_of(plan, unit, quarter, indicator, **how):
    found = lines(made.question(plan, quarter, **how), [unit])
    return next(line for line in found if line.indicator.code == indicator)


def figures(plan, unit, quarter, indicator, **how):
    progress = line_of(plan, unit, quarter, indicator, **how).progress
    return progress.numerator, progress.denominator


# --- unions founded and ended --------------------------------------------------------------------


@pytest.fixture
def founded(tree, plan, quarters):
    """Two founded under Trường Sơn, one of them ended; one directly under the federation."""
    made.target(plan, tree.building, "units-founded", 4)
    made.target(plan, tree.building, "units-net", 2)
    t = SimpleNamespace()
    t.early = factories.unit("TS-11", parent=tree.truong_son, founded_on=date(2024, 2, 10))
    t.ended = factories.unit(
        "TS-12", parent=tree.truong_son, founded_on=date(2024, 4, 2), ended_on=date(2024, 8, 15)
    )
    Placement.objects.filter(unit=t.ended).update(valid_to=date(2024, 8, 15))
    t.state = factories.unit(
        "CDN-11", parent=tree.building, sector="NN", founded_on=date(2024, 9, 30)
    )
    factories.unit("TS-13", parent=tree.truong_son, founded_on=date(2023, 12, 31))
    factories.unit("TS-14", parent=tree.truong_son, founded_on=date(2024, 10, 1))
    factories.unit("SO-11", parent=tree.spinning, founded_on=date(2024, 5, 5))
    return t


def test_unions_founded_are_counted_by_their_day(plan, tree, founded, quarters):
    counted = [
        [figures(plan, unit, quarter, "units-founded")[0] for quarter in quarters]
        for unit in (tree.building, tree.truong_son, founded.early)
    ]
    assert counted == [[1, 2, 3], [1, 2, 2], [1, 1, 1]]


def test_those_that_ended_are_taken_off_the_net(plan, tree, founded, quarters):
    net = [figures(plan, tree.building, quarter, "units-net")[0] for quarter in quarters]
    assert net == [1, 2, 2]
    line = line_of(plan, tree.building, quarters[2], "units-net")
    assert line.figures.pieces == {"founded": 3, "ended": 1}
    assert line.coverage is None


def test_a_union_founded_counts_in_its_sector(plan, tree, founded, quarters):
    made.target(plan, tree.building, "units-founded", 1, group="state-enterprises")
    found = lines(made.question(plan, quarters[2]), [tree.building])
    assert {ln.group.code: ln.progress.numerator for ln in found[:2]} == {
        "all": 3,
        "state-enterprises": 1,
    }


def test_a_union_that_moved_counts_where_the_structure_says(plan, tree, founded, quarters):
    """Moved in August: founded under Trường Sơn as reported, under the federation as of now."""
    Placement.objects.filter(unit=founded.early).update(valid_to=date(2024, 8, 1))
    Placement.objects.create(
        unit=founded.early,
        parent=tree.building,
        sector_id="NNN",
        name=founded.early.name,
        valid_from=date(2024, 8, 1),
    )
    Unit.objects.filter(pk=founded.early.pk).update(parent=tree.building)
    read = {
        structure: figures(
            plan, tree.truong_son, quarters[2], "units-founded", structure=structure
        )[0]
        for structure in ("reported", "current")
    }
    assert read == {"reported": 2, "current": 1}
    assert figures(plan, tree.building, quarters[2], "units-founded") == (3, None)


def test_a_result_from_before_stands_for_what_was_before_the_first_quarter(tree):
    """Thái Nguyên CTr 04: founded 67, ended 64 by April 2021; here reports begin in 2024."""
    plan = made.plan(tree.building, code="nhiem-ky", starts_on=date(2018, 1, 1))
    made.target(plan, tree.building, "units-net", 10)
    made.baseline(plan, tree.building, "units-net", 3)
    factories.unit("TS-21", parent=tree.truong_son, founded_on=date(2019, 3, 1))
    factories.unit("TS-22", parent=tree.truong_son, founded_on=date(2024, 2, 1))
    quarter = factories.open_quarter("2024Q1")
    line = line_of(plan, tree.building, quarter, "units-net")
    assert line.progress.numerator == 3 + 1
    assert line.before_value == 3


# --- enterprises ---------------------------------------------------------------------------------


def enterprise(number, responsible, *, workers=30, unit=None, sector="NNN", **facts):
    return Enterprise(
        tax_code=f"{number:010d}",
        name=f"Công ty {number}",
        sector_id=sector,
        workers=workers,
        responsible_unit=responsible,
        unit=unit,
        status=EnterpriseStatus.FOUNDED if unit else EnterpriseStatus.NOT_APPROACHED,
        **facts,
    )


@pytest.fixture
def register(tree, plan, cast, quarters):
    """Huong Giang is linked; Song Lam, of 100 workers, and Hon Da, of 19, are in no register."""
    made.target(plan, tree.building, "enterprise-coverage", 100)
    target = plan.targets.get(indicator="enterprise-coverage")
    target.parameter = 20
    target.save()
    for at in quarters[:1]:
        factories.accepted(tree.song_lam, at, opening=80, workers=100)
        factories.accepted(tree.hon_da, at, opening=10, workers=19)
        factories.accepted(tree.office, at, opening=40, workers=50)
    ts, cdn = tree.truong_son, tree.building
    add_enterprises(
        [
            enterprise(1, ts, workers=250, unit=tree.huong_giang),
            enterprise(2, ts, workers=20),
            enterprise(3, ts, workers=19),
            enterprise(4, cdn, workers=500, is_eligible=False),
            enterprise(5, cdn, workers=500, is_operating=False),
            enterprise(6, cdn, workers=None),
            enterprise(7, cdn, workers=60, founded_on=date(2024, 5, 1)),
        ],
        by=cast.administrator,
    )


def test_enterprises_with_a_union_out_of_those_large_enough(plan, tree, register, quarters):
    first, second, third = quarters
    assert figures(plan, tree.truong_son, first, "enterprise-coverage") == (2, 3)
    assert figures(plan, tree.building, first, "enterprise-coverage") == (2, 3)
    assert figures(plan, tree.building, second, "enterprise-coverage") == (2, 4)
    line = line_of(plan, tree.building, third, "enterprise-coverage")
    assert line.progress.actual == Fraction(50)
    assert line.progress.gap_people == 2
    assert line.figures.pieces["unlinked"] == 1
    assert figures(plan, tree.huong_giang, third, "enterprise-coverage") == (1, 1)
    assert figures(plan, tree.song_lam, third, "enterprise-coverage") == (1, 1)
    assert figures(plan, tree.hon_da, third, "enterprise-coverage") == (None, None)


def test_another_size_counts_other_enterprises(plan, tree, register, quarters):
    plan.targets.update(parameter=19)
    assert figures(plan, tree.building, quarters[2], "enterprise-coverage") == (3, 6)
    plan.targets.update(parameter=None)
    assert figures(plan, tree.building, quarters[2], "enterprise-coverage") == (3, 7)


def test_a_union_that_ended_is_none(plan, tree, register, quarters):
    Unit.objects.filter(pk=tree.huong_giang.pk).update(ended_on=date(2024, 6, 1))
    assert figures(plan, tree.truong_son, quarters[0], "enterprise-coverage") == (2, 3)
    assert figures(plan, tree.truong_son, quarters[1], "enterprise-coverage") == (1, 3)


# --- ratings -------------------------------------------------------------------------------------


@pytest.fixture
def rated(tree, plan, cast, quarters):
    """Of 2023: Song Lam good, Huong Giang fair, the Office not eligible, Hon Da not rated."""
    made.target(plan, tree.building, "units-rated-well", 80)
    made.target(plan, tree.building, "superiors-rated-well", 95)
    keep_scale(2023, SCALES[0].levels, by=cast.administrator)
    levels = {level.code: level for level in RatingLevel.objects.all()}
    decided = {"decided_by": cast.reviewer, "decided_at": AT, "year": 2023}
    for unit, level in (
        (tree.song_lam, "strong"),
        (tree.huong_giang, "fair"),
        (tree.truong_son, "strong"),
    ):
        Rating.objects.create(unit=unit, level=levels[level], **decided)
    Rating.objects.create(unit=tree.office, is_eligible=False, **decided)
    Rating.objects.create(unit=tree.hon_da, year=2023, self_level=levels["strong"])


def test_ratings_of_the_year_before_are_read_until_the_fourth_quarter(plan, tree, rated, quarters):
    """Masons and Hon Da are eligible and not rated; nobody's own word counts."""
    line = line_of(plan, tree.building, quarters[2], "units-rated-well")
    assert (line.progress.numerator, line.progress.denominator) == (1, 4)
    assert line.figures.pieces == {"year": 2023, "unrated": 2, "unfit": 1}
    assert figures(plan, tree.truong_son, quarters[2], "units-rated-well") == (1, 3)
    fourth = factories.open_quarter("2024Q4")
    line = line_of(plan, tree.building, fourth, "units-rated-well")
    assert (line.progress.numerator, line.progress.denominator) == (None, None)
    assert line.figures.pieces["year"] == 2024


def test_superiors_are_counted_apart(plan, tree, rated, quarters):
    assert figures(plan, tree.building, quarters[2], "superiors-rated-well") == (1, 1)
    assert figures(plan, tree.truong_son, quarters[2], "superiors-rated-well") == (1, 1)


def test_a_unit_has_its_own_rating(plan, tree, rated, quarters):
    own = [
        figures(plan, unit, quarters[2], "units-rated-well")
        for unit in (tree.song_lam, tree.huong_giang, tree.office, tree.hon_da)
    ]
    assert own == [(1, 1), (0, 1), (None, None), (None, None)]


def test_a_unit_founded_after_the_year_is_not_counted(plan, tree, rated, quarters):
    factories.unit("TS-31", parent=tree.truong_son, founded_on=date(2024, 1, 1))
    assert figures(plan, tree.building, quarters[2], "units-rated-well") == (1, 4)
    factories.unit("TS-32", parent=tree.truong_son, founded_on=date(2023, 12, 31))
    assert figures(plan, tree.building, quarters[2], "units-rated-well") == (1, 5)


# --- typed by hand -------------------------------------------------------------------------------


def manual(code, kind, **facts):
    return ManualIndicator.objects.create(
        code=code, name=f"Chỉ tiêu {code}", kind=kind, counted_in="đoàn viên", **facts
    )


def typed(indicator, unit, quarter, part, whole=None, *, status="accepted"):
    superior = unit if unit.is_superior else unit.parent
    by = factories.superuser()
    return ManualFigure.objects.create(
        indicator=indicator,
        unit=unit,
        quarter=quarter,
        status=status,
        numerator=part,
        denominator=whole,
        return_reason="Sai" if status == "returned" else "",
        superior=superior,
        sector_id=unit.sector_id,
        path=superior.path,
        saved_by=by,
        saved_at=AT,
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("flow", (9, None)), ("stock", (6, None)), ("ratio", (6, 30))],
)
def test_what_is_typed_adds_up_as_its_kind_says(plan, tree, quarters, kind, expected):
    """Flows add; of stock and ratio each unit's last figure counts, also an older one."""
    indicator = manual("dang-vien", kind)
    made.target(plan, tree.building, "dang-vien", 50)
    first, second, third = quarters
    typed(indicator, tree.huong_giang, first, 3, 10)
    typed(indicator, tree.huong_giang, second, 4, 20)
    typed(indicator, tree.hon_da, first, 2, 10)
    typed(indicator, tree.song_lam, second, 100, 100, status="draft")
    typed(indicator, tree.song_lam, third, 100, 100, status="returned")
    typed(indicator, tree.weavers, second, 100, 100)
    assert figures(plan, tree.building, third, "dang-vien") == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("flow", [(5, None), (5, None), (5, None)]),
        ("stock", [(5, None), (2, None), (2, None)]),
        ("ratio", [(5, 20), (2, 10), (2, 10)]),
    ],
)
def test_of_a_unit_that_ended_only_what_it_won_stays(plan, tree, quarters, kind, expected):
    indicator = manual("dang-vien", kind)
    made.target(plan, tree.building, "dang-vien", 50)
    typed(indicator, tree.huong_giang, quarters[0], 3, 10)
    typed(indicator, tree.hon_da, quarters[0], 2, 10)
    Unit.objects.filter(pk=tree.huong_giang.pk).update(ended_on=date(2024, 5, 1))
    read = [figures(plan, tree.building, quarter, "dang-vien") for quarter in quarters]
    assert read == expected


def test_figures_waiting_count_where_the_basis_says_so(plan, tree, quarters):
    indicator = manual("doi-thoai", "flow")
    made.target(plan, tree.building, "doi-thoai", 50)
    typed(indicator, tree.huong_giang, quarters[0], 3)
    typed(indicator, tree.huong_giang, quarters[1], 4, status="submitted")
    read = [
        figures(plan, unit, quarters[2], "doi-thoai", basis=basis)[0]
        for basis in ("accepted", "submitted")
        for unit in (tree.building, tree.huong_giang)
    ]
    assert read == [3, 3, 7, 7]


def test_nothing_typed_is_not_known(plan, tree, quarters):
    manual("thoa-uoc", "flow")
    made.target(plan, tree.building, "thoa-uoc", 50)
    line = line_of(plan, tree.building, quarters[2], "thoa-uoc")
    assert (line.progress.numerator, line.progress.status) == (None, "no_data")


def test_a_sum_of_money_lacks_no_people(plan, tree, quarters):
    indicator = ManualIndicator.objects.get(code="training-budget-share")
    made.target(plan, tree.building, "training-budget-share", 15)
    fourth = factories.open_quarter("2024Q4")
    typed(indicator, tree.truong_son, fourth, 10_000_000, 100_000_000)
    line = line_of(plan, tree.building, fourth, "training-budget-share")
    assert line.progress.actual == 10
    assert line.progress.gap_people is None


def test_what_is_typed_once_a_year_is_read_like_a_rating(plan, tree):
    """The fourth quarter reads its own year and nothing older, the others the year before."""
    indicator = manual("kinh-phi", "ratio", is_yearly=True)
    made.target(plan, tree.building, "kinh-phi", 15)
    opened = {code: factories.open_quarter(code) for code in ("2023Q4", "2024Q1", "2024Q4")}
    typed(indicator, tree.truong_son, opened["2023Q4"], 20, 100)
    read = [figures(plan, tree.building, quarter, "kinh-phi") for quarter in opened.values()]
    assert read == [(20, 100), (20, 100), (None, None)]
    typed(indicator, tree.hon_da, opened["2024Q4"], 1, 10)
    assert figures(plan, tree.building, opened["2024Q4"], "kinh-phi") == (1, 10)


# --- every year anew -----------------------------------------------------------------------------


def test_a_recurring_target_begins_anew_with_each_year(tree):
    """Admitted 5 and 7 in 2023, 4 in 2024: the year's flow is not the plan's."""
    plan = made.plan(
        tree.building, code="nhiem-ky", starts_on=date(2023, 1, 1), ends_on=date(2025, 12, 31)
    )
    made.target(plan, tree.building, "admissions", 10)
    made.target(plan, tree.building, "net-increase", 100)
    plan.targets.filter(indicator="admissions").update(is_recurring=True)
    quarters = []
    for code, admitted in (("2023Q3", 5), ("2023Q4", 7), ("2024Q1", 4)):
        quarters.append(factories.open_quarter(code))
        factories.accepted(tree.huong_giang, quarters[-1], opening=100, admitted=admitted)
    read = [
        (
            figures(plan, tree.building, quarter, "admissions")[0],
            figures(plan, tree.building, quarter, "net-increase")[0],
        )
        for quarter in quarters
    ]
    assert read == [(5, 5), (12, 12), (4, 16)]
    last = line_of(plan, tree.building, quarters[2], "admissions").progress
    assert (last.span.starts_on, last.span.quarters) == (date(2024, 1, 1), 4)
    assert last.expected_by_now == Fraction(10, 4)
    year_before = line_of(plan, tree.building, quarters[1], "admissions").progress
    assert year_before.status == "met"


def test_a_plan_that_ended_early_is_read_and_judged_as_it_stood(tree, quarters):
    plan = made.plan(tree.building, ended_on=date(2024, 7, 15))
    made.target(plan, tree.building, "admissions", 10)
    for quarter, admitted in zip(quarters, (3, 3, 50), strict=True):
        factories.accepted(tree.huong_giang, quarter, opening=100, admitted=admitted)
    progress = line_of(plan, tree.building, quarters[2], "admissions").progress
    assert (progress.numerator, progress.status) == (6, "on_track")


# --- cost ----------------------------------------------------------------------------------------


def test_ten_indicators_cost_the_same_for_two_children_and_for_three_hundred(tree, cast):
    """300 children × 10 indicators × 8 quarters, with the trend, in one number of statements."""
    plan = made.plan(
        tree.building, code="nhiem-ky", starts_on=date(2023, 1, 1), ends_on=date(2025, 12, 31)
    )
    manual("dang-vien", "stock")
    for indicator in (
        "members",
        "net-increase",
        "admissions",
        "density",
        "units-founded",
        "units-net",
        "enterprise-coverage",
        "units-rated-well",
        "superiors-rated-well",
        "dang-vien",
    ):
        made.target(plan, tree.building, indicator, 90)
    plan.targets.filter(indicator="units-rated-well").update(is_recurring=True)
    few = factories.unit("FF", kind=Kind.UPPER, parent=tree.building)
    many = factories.unit("MM", kind=Kind.UPPER, parent=tree.building)
    for superior, count in ((few, 2), (many, 300)):
        for number in range(count):
            factories.unit(f"{superior.code}-{number:03d}", parent=superior)
    years = [f"{year}Q{number}" for year in (2023, 2024) for number in (1, 2, 3, 4)]
    quarters = [factories.open_quarter(code) for code in years]
    counted = []
    for superior in (few, many):
        units = [superior, *superior.children.order_by("pk")]
        with CaptureQueriesContext(connection) as queries:
            found = lines(made.question(plan, quarters[-1]), units)
        assert len(found) == 10 * len(units)
        counted.append(len(queries))
    assert counted == [25, 25]
