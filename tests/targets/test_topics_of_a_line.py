"""The topics of a line: named in any way, kept in one, and read by their names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override

from members.actions import Refused
from targets import actions
from targets.imports import bring_in_targets
from targets.lines import Line
from targets.models import Plan, Target, Term
from targets.shipped import shipped_plan
from targets.spans import term_began_on
from targets.topics import Topics
from tests import factories
from tests.targets import made
from training.models import Topic
from training.terms import term_began_on as running_term
from unionplan.lib.spreadsheets import Invalid

pytestmark = pytest.mark.usefixtures("world")

HEADER = "unit,indicator,sector_group,minimum,topics"


@pytest.fixture
def plan(tree):
    found = made.plan(tree.building, code="dao-tao", ends_on=date(2028, 12, 31))
    Plan.objects.filter(pk=found.pk).update(status=Plan.Status.DRAFT)
    found.refresh_from_db()
    return found


def kept(plan):
    return list(plan.targets.order_by("pk").values_list("topics", flat=True))


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("", ""),
        ("skills", "skills"),
        ("nghiệp vụ, lý luận", "theory,skills"),
        ("Nghiep vu;THEORY|ly luan", "theory,skills"),
        ("Union skills, Đối thoại - tiền lương", "skills,dialogue-wages"),
        (" theory , , skills,", "theory,skills"),
    ],
)
def test_topics_are_kept_by_their_codes(plan, tree, typed, codes):
    rows = f'{HEADER}\nCDN,full-time-trained,all,100,"{typed}"\n'
    bring_in_targets(rows.encode(), plan, by=factories.superuser())
    assert kept(plan) == [codes]


def test_an_unknown_topic_is_refused_and_the_known_ones_are_named(plan):
    rows = f'{HEADER}\nCDN,full-time-trained,all,100,"nghiệp vụ, kế toán"\n'
    with pytest.raises(Invalid) as error:
        bring_in_targets(rows.encode(), plan, by=factories.superuser())
    assert str(error.value) == (
        "dòng 2, cột topics: Không có chuyên đề “kế toán”; các chuyên đề hiện có: Lý luận, "
        "Nghiệp vụ, Đối thoại – tiền lương, Phát triển đoàn viên, Chuyên đề khác."
    )
    assert not kept(plan)


def test_two_spellings_of_the_same_topics_are_one_line(plan, tree):
    rows = (
        f"{HEADER}\n"
        'CDN,full-time-trained,all,100,"nghiệp vụ; lý luận"\n'
        'TS,full-time-trained,all,90,"theory,skills"\n'
        "HD-01,full-time-trained,all,80,\n"
    )
    bring_in_targets(rows.encode(), plan, by=factories.superuser())
    assert kept(plan) == ["theory,skills"] * 3
    other = f'{HEADER}\nTS-01,full-time-trained,all,90,"skills"\n'
    with pytest.raises(Invalid):
        bring_in_targets(other.encode(), plan, by=factories.superuser())


def test_what_was_stored_before_is_read_and_can_still_be_revised(plan, tree):
    target = made.target(plan, tree.building, "full-time-trained", 90)
    Target.objects.filter(pk=target.pk).update(topics="Nghiệp vụ, lớp cũ")
    changed = Line(tree.building, "full-time-trained", Decimal(95), date(2024, 1, 1))
    actions.set_target(plan, changed, by=factories.superuser())
    assert target.revisions.latest("pk").minimum == 95
    with override("vi"):
        assert Topics().names("Nghiệp vụ, lớp cũ") == ["Nghiệp vụ", "lớp cũ"]


def test_a_shipped_plan_keeps_codes(tree):
    shipped = shipped_plan("cdxd-training-2023-2028")
    made_plan = actions.load_plan(shipped, tree.building, code="dt", by=factories.superuser())
    assert kept(made_plan) == ["theory,skills", "theory,skills", "skills"]


def test_a_topic_called_as_another_is_coded_does_not_take_its_place(plan):
    Topic.objects.create(code="moi", name="skills", rank=0)
    assert Topics().codes("skills") == ("skills",)


def test_a_line_without_topics_has_none(plan, tree):
    asked = Line(tree.building, "density", Decimal(90), date(2024, 1, 1), topics="nghiệp vụ")
    with pytest.raises(Refused):
        actions.set_target(plan, asked, by=factories.superuser())


# --- as people tick and read them ----------------------------------------------------------------

TYPED = {
    "unit": "CDN",
    "indicator": "officers-trained",
    "sector_group": "all",
    "minimum": "70",
    "in_force_on": "01/01/2024",
}


def test_topics_are_ticked_and_shown_by_name(plan, cast, as_):
    client = as_(cast.administrator)
    client.post("/plans/dao-tao/targets/new/", {**TYPED, "topics": ["skills", "theory"]})
    assert kept(plan) == ["theory,skills"]
    page = client.get("/plans/dao-tao/").content.decode()
    assert "chuyên đề: Lý luận, Nghiệp vụ" in page


@pytest.mark.parametrize(
    ("slip", "field"),
    [
        ({"topics": ["accounting"]}, "topics"),
        ({"indicator": "density", "topics": ["skills"]}, "topics"),
        ({"minimum": "100,5"}, "minimum"),
        ({"indicator": "units-per-full-time-officer", "minimum": "100%"}, "minimum"),
        ({"indicator": "units-per-full-time-officer", "minimum": "nhiều"}, "minimum"),
    ],
)
def test_a_slip_is_told_beside_its_field(plan, cast, as_, slip, field):
    answer = as_(cast.administrator).post("/plans/dao-tao/targets/new/", {**TYPED, **slip})
    assert list(answer.context["form"].errors) == [field]
    assert not kept(plan)


@pytest.mark.parametrize(
    ("typed", "minimum"),
    [("133,5", Decimal("133.5")), ("133.5", Decimal("133.5")), ("1.000", 1000), ("120", 120)],
)
def test_a_quotient_may_be_over_a_hundred(plan, cast, as_, typed, minimum):
    facts = {"indicator": "units-per-full-time-officer", "minimum": typed}
    as_(cast.administrator).post("/plans/dao-tao/targets/new/", {**TYPED, **facts})
    assert Target.objects.as_of(date(2024, 1, 1)).get().minimum == minimum
    page = as_(cast.administrator).get("/plans/dao-tao/").content.decode()
    assert "không quá" in page


def test_a_file_says_a_quotient_as_a_number(plan):
    rows = 'unit,indicator,sector_group,minimum\nCDN,units-per-full-time-officer,all,"133,5"\n'
    bring_in_targets(rows.encode(), plan, by=factories.superuser())
    assert Target.objects.as_of(date(2024, 1, 1)).get().minimum == Decimal("133.5")


# --- the term in which nobody learns a topic twice -----------------------------------------------


def test_the_term_that_runs_is_the_one_that_began_last(db):
    for code, first in (("2018-2023", 2018), ("2023-2028", 2023)):
        Term.objects.create(code=code, starts_on=date(first, 1, 1), ends_on=date(first + 5, 12, 31))
    assert term_began_on(date(2022, 5, 1)) == date(2018, 1, 1)
    assert term_began_on(date(2023, 5, 1)) == running_term(date(2023, 5, 1)) == date(2023, 1, 1)
    assert term_began_on(date(2029, 1, 1)) is None
    assert running_term(date(2029, 1, 15)) == date(2024, 1, 15)
