"""The pages of plans and targets, as each person meets them."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import gettext as _

from members.models import SectorGroup
from targets import actions
from targets.lines import Line
from targets.models import Plan, Target, Term
from tests import factories

JANUARY = date(2024, 1, 1)
HEAD = {
    "code": "kh-2025",
    "title": "Kế hoạch phát triển đoàn viên năm 2025",
    "unit": "CDN",
    "term": "2023-2028",
    "number": "12/KH-CĐN",
    "issued_on": "20/01/2024",
    "starts_on": "2025-01-01",
    "ends_on": "2025-12-31",
}


@pytest.fixture(autouse=True)
def _today(today):
    """4 October 2024."""


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
def plan(draft, tree, cast):
    """In force, with a target of the federation and one of the upper-level union."""
    lines = [
        Line(tree.building, "net-increase", Decimal(5493), JANUARY),
        Line(tree.truong_son, "density", Decimal("95.5"), JANUARY, sector_group="agencies"),
    ]
    actions.set_targets(draft, lines, by=cast.administrator)
    return actions.put_in_force(draft, by=cast.administrator)


def pages(plan):
    pk = plan.targets.order_by("pk").first().pk
    at = f"/plans/{plan.code}"
    return [
        "/plans/",
        f"{at}/",
        "/plans/new/",
        f"{at}/edit/",
        f"{at}/copy/",
        f"{at}/end/",
        f"{at}/targets/new/",
        f"{at}/targets/{pk}/revise/",
    ]


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        ("administrator", [200] * 8),
        ("federation_reviewer", [200, 200, *[403] * 6]),
        ("leader", [200, 200, *[403] * 6]),
        ("reviewer", [200, 200, *[403] * 6]),
        ("chair", [200, 200, *[403] * 6]),
        ("neighbour_reviewer", [200, 404, 403, *[404] * 5]),
        ("neighbour_chair", [200, 404, 403, *[404] * 5]),
    ],
)
def test_who_may_open_which_page(plan, cast, as_, who, answers):
    client = as_(getattr(cast, who))
    assert [client.get(page).status_code for page in pages(plan)] == answers


def test_visitors_are_sent_to_the_login_page(plan, client):
    answers = [client.get(page) for page in pages(plan)]
    assert {(r.status_code, r.url.split("?")[0]) for r in answers} == {(302, "/accounts/login/")}


@pytest.mark.parametrize(
    ("who", "answer"), [("reviewer", 403), ("neighbour_reviewer", 404), ("leader", 403)]
)
def test_only_who_plans_changes_anything(plan, cast, as_, who, answer):
    pk = plan.targets.first().pk
    client = as_(getattr(cast, who))
    answers = [
        client.post(f"/plans/kh-2024/{page}", {}).status_code
        for page in ("start/", "end/", "edit/", "targets/new/", f"targets/{pk}/remove/")
    ]
    assert answers == [answer] * 5
    assert Target.objects.count() == 2
    assert Plan.objects.get().is_in_force


def test_the_list_shows_the_plans_that_bind(plan, cast, as_):
    assert [p for p, _span in as_(cast.reviewer).get("/plans/").context["plans"]] == [plan]
    assert as_(cast.neighbour_reviewer).get("/plans/").context["plans"] == []


def test_a_draft_is_out_of_sight_below(draft, cast, as_):
    assert as_(cast.leader).get("/plans/kh-2024/").status_code == 200
    assert as_(cast.reviewer).get("/plans/kh-2024/").status_code == 404


def test_a_reviewer_reads_the_plan_and_the_targets_of_the_branch_only(plan, tree, cast, as_):
    other = factories.unit("BD", kind="upper", parent=tree.building)
    line = Line(other, "net-increase", Decimal(77), JANUARY)
    actions.set_target(plan, line, by=cast.administrator)
    seen = as_(cast.reviewer).get("/plans/kh-2024/")
    assert [row.target.unit for row in seen.context["own"].rows] == [tree.building]
    assert [row.target.unit for row in seen.context["below"].rows] == [tree.truong_son]
    assert other.name not in seen.content.decode()
    everything = as_(cast.leader).get("/plans/kh-2024/")
    assert [row.target.unit for row in everything.context["below"].rows] == [other, tree.truong_son]


def test_values_are_written_as_people_write_them(plan, cast, as_):
    context = as_(cast.administrator).get("/plans/kh-2024/").context
    assert [row.current.minimum for row in context["own"].rows] == ["5.493"]
    assert [row.current.minimum for row in context["below"].rows] == ["95,5%"]
    assert context["span"] == "{} – {}".format(
        _("Quarter %(number)s/%(year)s") % {"number": "I", "year": 2024},
        _("Quarter %(number)s/%(year)s") % {"number": "IV", "year": 2024},
    )


def test_units_are_found_without_accents(plan, tree, cast, as_):
    client = as_(cast.administrator)
    found = client.get("/plans/kh-2024/", {"q": "truong son"}).context["below"].rows
    assert [row.target.unit for row in found] == [tree.truong_son]
    assert client.get("/plans/kh-2024/", {"q": "song da"}).context["below"].rows == []


def test_an_administrator_makes_a_plan(tree, cast, as_):
    answer = as_(cast.administrator).post("/plans/new/", HEAD)
    assert answer.url == "/plans/kh-2025/"
    plan = Plan.objects.get()
    assert (plan.unit, plan.number, plan.issued_on, plan.status) == (
        tree.building,
        "12/KH-CĐN",
        date(2024, 1, 20),
        Plan.Status.DRAFT,
    )
    assert (plan.starts_on, plan.ends_on) == (date(2025, 1, 1), date(2025, 12, 31))
    assert Term.objects.get().ends_on == date(2028, 12, 31)


def test_the_owner_may_be_named_by_its_whole_name(tree, cast, as_):
    as_(cast.administrator).post("/plans/new/", {**HEAD, "unit": tree.truong_son.name})
    assert Plan.objects.get().unit == tree.truong_son


@pytest.mark.parametrize(
    ("slip", "field"),
    [
        ({"unit": "DM"}, "unit"),  # textiles: another branch
        ({"unit": "nobody"}, "unit"),
        ({"code": "kế hoạch"}, "code"),
        ({"code": "KH-2024"}, "code"),
        ({"code": "new"}, "code"),
        ({"term": "2023"}, "term"),
        ({"term": "2025-2030", "starts_on": "2024-10-01"}, "term"),
        ({"starts_on": "2025-10-01", "ends_on": "2025-09-30"}, "ends_on"),
        ({"starts_on": "2025-01-02"}, "starts_on"),
        ({"issued_on": "31/02/2024"}, "issued_on"),
    ],
)
def test_a_slip_in_the_head_is_told_and_nothing_lost(draft, cast, as_, slip, field):
    answer = as_(cast.administrator).post("/plans/new/", {**HEAD, **slip})
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert form["title"].value() == HEAD["title"]
    assert Plan.objects.get() == draft


def test_an_administrator_edits_the_head_but_not_the_owner(draft, tree, cast, as_):
    as_(cast.administrator).post(
        "/plans/kh-2024/edit/",
        {**HEAD, "title": "Tên mới", "unit": "TS", "starts_on": "2024-01-01"},
    )
    plan = Plan.objects.get()
    assert (plan.code, plan.title, plan.unit) == ("kh-2024", "Tên mới", tree.building)
    assert (plan.starts_on, plan.ends_on) == (JANUARY, date(2025, 12, 31))


def test_days_that_are_no_edge_of_a_quarter_survive_an_edit(draft, cast, as_):
    actions.edit_plan(draft, {"starts_on": date(2024, 5, 18)}, by=cast.administrator)
    client = as_(cast.administrator)
    form = client.get("/plans/kh-2024/edit/").context["form"]
    assert ("2024-05-18", "18/5/2024") in form.fields["starts_on"].choices
    edited = {"title": "Tên mới", "starts_on": "2024-05-18", "ends_on": "2024-12-31"}
    client.post("/plans/kh-2024/edit/", edited)
    plan = Plan.objects.get()
    assert (plan.title, plan.starts_on) == ("Tên mới", date(2024, 5, 18))


def test_next_years_plan_is_copied_from_this_years(plan, tree, cast, as_):
    client = as_(cast.administrator)
    form = client.get("/plans/kh-2024/copy/").context["form"]
    assert (form["starts_on"].value(), form["ends_on"].value()) == (
        date(2025, 1, 1),
        date(2025, 12, 31),
    )
    assert client.post("/plans/kh-2024/copy/", HEAD).url == "/plans/kh-2025/"
    copy = Plan.objects.get(code="kh-2025")
    assert (copy.unit, copy.targets.count(), copy.is_draft) == (tree.building, 2, True)


def test_a_plan_is_put_in_force_and_ended(draft, cast, as_):
    client = as_(cast.administrator)
    client.post("/plans/kh-2024/start/")
    assert Plan.objects.get().is_in_force
    ending = {"ended_on": "30/06/2024", "reason": "Đại hội sớm"}
    client.post("/plans/kh-2024/end/", {**ending, "reason": ""})
    assert Plan.objects.get().is_in_force
    client.post("/plans/kh-2024/end/", ending)
    assert Plan.objects.get().ended_on == date(2024, 6, 30)
    page = client.get("/plans/kh-2024/").content.decode()
    assert "Đại hội sớm" in page
    assert "/plans/kh-2024/copy/" in page
    assert "/plans/kh-2024/edit/" not in page
    assert "/targets/new/" not in page


TARGET = {
    "unit": "TS-01",
    "indicator": "net-increase",
    "sector_group": SectorGroup.ALL,
    "minimum": "5.493",
    "in_force_on": "01/01/2024",
}


@pytest.mark.parametrize(
    ("typed", "minimum"),
    [
        ({"minimum": "5.493"}, 5493),
        ({"minimum": "5493"}, 5493),
        ({"indicator": "density", "minimum": "95,5"}, Decimal("95.5")),
        ({"indicator": "density", "minimum": "95.5"}, Decimal("95.5")),
        ({"indicator": "density", "minimum": "95,5%"}, Decimal("95.5")),
    ],
)
def test_a_target_is_added_as_people_write_numbers(draft, tree, cast, as_, typed, minimum):
    answer = as_(cast.administrator).post("/plans/kh-2024/targets/new/", {**TARGET, **typed})
    assert answer.url == "/plans/kh-2024/"
    target = Target.objects.as_of(JANUARY).get()
    assert (target.unit, target.minimum) == (tree.huong_giang, minimum)


@pytest.mark.parametrize(
    ("slip", "field", "sentence"),
    [
        ({"minimum": "12,5"}, "minimum", None),
        ({"minimum": "5.49"}, "minimum", None),
        ({"minimum": "nhiều"}, "minimum", None),
        ({"minimum": "-3"}, "minimum", None),
        (
            {"indicator": "density", "minimum": "100,5"},
            "minimum",
            "A ratio cannot be above 100%.",
        ),
        ({"desired": "12"}, "desired", "The desired value is below the minimum."),
        ({"unit": "SO-01"}, "unit", None),
        ({"indicator": "happiness"}, "indicator", None),
        ({"in_force_on": "31/12/2023"}, "in_force_on", None),
        (
            {"unit": "CDN", "minimum": "20"},
            "__all__",
            "This target already exists for the same unit, sector group and due day.",
        ),
    ],
)
def test_a_slip_in_a_target_is_told_beside_its_field(draft, tree, cast, as_, slip, field, sentence):
    known = Line(tree.building, "net-increase", Decimal(5493), JANUARY)
    actions.set_target(draft, known, by=cast.administrator)
    answer = as_(cast.administrator).post("/plans/kh-2024/targets/new/", {**TARGET, **slip})
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    if sentence:
        assert errors[field] == [_(sentence)]
    assert Target.objects.count() == 1


def test_a_value_is_corrected_while_the_plan_is_a_draft(draft, tree, cast, as_):
    known = Line(tree.building, "density", Decimal("95.5"), JANUARY, sector_group="agencies")
    actions.set_target(draft, known, by=cast.administrator)
    client = as_(cast.administrator)
    target = Target.objects.get()
    page = f"/plans/kh-2024/targets/{target.pk}/revise/"
    assert client.get(page).context["form"]["minimum"].value() == "95,5"
    client.post(page, {"minimum": "96,25", "decision_no": "7/QĐ"})
    value = target.revisions.get()
    assert (value.minimum, value.decision_no) == (Decimal("96.25"), "7/QĐ")
    client.post(f"/plans/kh-2024/targets/{target.pk}/remove/")
    assert not Target.objects.exists()


def test_a_target_in_force_is_revised_by_decision(plan, tree, cast, as_):
    client = as_(cast.administrator)
    target = Target.objects.get(unit=tree.building)
    page = f"/plans/kh-2024/targets/{target.pk}/revise/"
    typed = {"minimum": "5.000", "in_force_on": "01/07/2024", "decision_no": "", "reason": ""}
    assert list(client.post(page, typed).context["form"].errors) == ["decision_no", "reason"]
    dated = {**typed, "decision_on": "28/6/2024", "reason": "Hai đơn vị chuyển đi"}
    assert list(client.post(page, dated).context["form"].errors) == ["decision_no"]
    client.post(page, {**dated, "decision_no": "44/QĐ-CĐN"})
    values = target.revisions.order_by("pk").values_list("minimum", "in_force_on", "by")
    assert list(values) == [
        (5493, JANUARY, cast.administrator.pk),
        (5000, date(2024, 7, 1), cast.administrator.pk),
    ]
    row = client.get("/plans/kh-2024/").context["own"].rows[0]
    assert row.current.minimum == "5.000"
    assert [value.minimum for value in row.values] == ["5.000", "5.493"]
    assert row.current.revision.decision_on == date(2024, 6, 28)


def test_the_history_tells_of_the_plan_and_its_owners_targets(plan, tree, cast, as_):
    line = Line(
        tree.building,
        "net-increase",
        Decimal(5000),
        date(2024, 7, 1),
        decision_no="44/QĐ",
        reason="Hai đơn vị chuyển đi",
    )
    actions.set_target(plan, line, by=cast.administrator)
    history = as_(cast.leader).get("/plans/kh-2024/").context["history"]
    assert [entry.verb for entry in history] == [
        _("changed the target"),
        _("put the plan in force"),
        _("set the target"),
        _("made the plan"),
    ]
    last = history[0]
    assert (last.by, last.reason) == (cast.administrator, "Hai đơn vị chuyển đi")
    assert tree.building.name in last.subject
    assert (last.changes[0].before, last.changes[0].after) == ("5.493", "5.000")
    assert as_(cast.reviewer).get("/plans/kh-2024/").context["history"] == []


def test_a_revision_to_come_does_not_hold_yet(plan, tree, cast, as_):
    line = Line(
        tree.building,
        "net-increase",
        Decimal(6000),
        date(2024, 12, 1),
        decision_no="1/QĐ",
        reason="Thêm doanh nghiệp",
    )
    actions.set_target(plan, line, by=cast.administrator)
    row = as_(cast.administrator).get("/plans/kh-2024/").context["own"].rows[0]
    assert row.current.minimum == "5.493"


def test_a_target_of_another_plan_is_not_found(plan, tree, cast, as_):
    other = actions.copy_plan(
        plan, code="p2", starts_on=JANUARY, ends_on=date(2024, 12, 31), by=cast.administrator
    )
    page = f"/plans/p2/targets/{plan.targets.first().pk}/revise/"
    assert as_(cast.administrator).get(page).status_code == 404
    page = f"/plans/p2/targets/{other.targets.first().pk}/revise/"
    assert as_(cast.administrator).get(page).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_a_plan_costs_the_same_whatever_it_holds(
    draft, tree, cast, as_, count, django_assert_num_queries
):
    units = [tree.building]
    units += [factories.unit(f"U{number}", parent=tree.truong_son) for number in range(count)]
    for unit in units:
        line = Line(unit, "net-increase", Decimal(unit.pk), JANUARY)
        actions.set_target(draft, line, by=cast.administrator)
    client = as_(cast.administrator)
    with django_assert_num_queries(12):
        page = client.get("/plans/kh-2024/")
    assert len(page.context["below"].rows) == count


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_whatever_it_holds(
    tree, cast, as_, count, django_assert_num_queries
):
    for number in range(count):
        plan = Plan(
            code=f"p{number}",
            title="P",
            unit=tree.building,
            starts_on=JANUARY,
            ends_on=date(2024, 12, 31),
        )
        actions.create_plan(plan, by=cast.administrator)
    client = as_(cast.administrator)
    with django_assert_num_queries(7):
        page = client.get("/plans/")
    assert len(page.context["plans"]) == count
