"""What the indicators of training count, case by case (SEMANTICS 6)."""

from datetime import date

import pytest

from targets.models import Target
from targets.reading import lines
from tests import factories
from tests.targets import made
from training.models import OfficerCount

pytestmark = pytest.mark.usefixtures("world")


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
    return [factories.open_quarter(f"2024Q{number}") for number in (1, 2, 3)]


def line(plan, unit, quarter, indicator, **how):
    found = lines(made.question(plan, quarter, **how), [unit])
    return next(line for line in found if line.indicator.code == indicator)


def figures(plan, unit, quarter, indicator, **how):
    progress = line(plan, unit, quarter, indicator, **how).progress
    return progress.numerator, progress.denominator


def target(plan, unit, indicator, minimum, topics=""):
    made.target(plan, unit, indicator, minimum)
    Target.objects.filter(plan=plan, indicator=indicator).update(topics=topics)


def test_of_two_topics_one_does_not_train(tree, plan, quarters):
    target(plan, tree.building, "full-time-trained", 100, "lý luận,nghiệp vụ")
    both = factories.officer(tree.truong_son, "Đỗ Thị An", is_full_time=True)
    one = factories.officer(tree.truong_son, "Lê Văn Ba", position="staff", is_full_time=True)
    factories.officer(tree.song_lam, "Vũ Văn Cam")  # not full-time
    skills = factories.course(tree.building, "skills", starts_on=date(2024, 2, 5))
    theory = factories.course(tree.building, "theory", starts_on=date(2024, 5, 6))
    factories.attended(skills, both, one)
    factories.attended(theory, both)

    assert [figures(plan, tree.building, q, "full-time-trained") for q in quarters] == [
        (0, 2),
        (1, 2),
        (1, 2),
    ]


def test_counts_stand_beside_names(tree, plan, quarters):
    target(plan, tree.building, "officers-trained", 70, "nghiệp vụ")
    chair = factories.officer(tree.song_lam, "Vũ Văn Cam")
    factories.attended(factories.course(tree.truong_son, starts_on=date(2024, 2, 5)), chair)
    OfficerCount.objects.create(
        unit=tree.huong_giang, quarter=quarters[1], others=10, others_trained=4
    )
    got = [figures(plan, tree.building, q, "officers-trained") for q in quarters]

    assert got == [(1, 1), (5, 11), (5, 11)]
    pieces = line(plan, tree.building, quarters[2], "officers-trained").figures.pieces
    assert (pieces["stated"], pieces["units"]) == (1, 5)


def test_three_officers_look_after_400_units(tree, plan, quarters):
    target(plan, tree.building, "units-per-full-time-officer", 100)
    for n in range(396):
        factories.unit(f"TS-{n + 100}", parent=tree.truong_son)
    for name in ("An", "Ba", "Cam"):
        factories.officer(tree.truong_son, name, position="staff", is_full_time=True)
    progress = line(plan, tree.truong_son, quarters[0], "units-per-full-time-officer").progress

    assert f"{float(progress.actual):.2f}" == "133.33" if progress.denominator == 3 else False
    assert (progress.numerator, progress.denominator) == (400, 3)


def test_classes_and_turns(tree, plan, quarters):
    made.target(plan, tree.building, "training-classes", 10)
    made.target(plan, tree.building, "training-turns", 100)
    chair = factories.officer(tree.song_lam, "Vũ Văn Cam")
    first = factories.course(tree.building, starts_on=date(2024, 2, 5), other_turns=20)
    factories.attended(first, chair)
    factories.attended(factories.course(tree.truong_son, starts_on=date(2024, 5, 6)), chair)
    factories.course(tree.building, starts_on=date(2024, 5, 20), kind="contest", other_turns=50)

    def of(unit):
        return [
            tuple(
                figures(plan, unit, q, code)[0] for code in ("training-classes", "training-turns")
            )
            for q in quarters
        ]

    assert of(tree.building) == [(1, 21), (2, 22), (2, 22)]
    assert of(tree.truong_son) == [(0, 1), (1, 2), (1, 2)]
    assert of(tree.song_lam) == [(0, 1), (0, 2), (0, 2)]
