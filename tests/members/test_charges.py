"""«Phân công phụ trách»: an officer and besides a member of the committee for each unit."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.access import Role
from members.actions import Refused
from members.charges import candidates, end_charges, people_in_charge, put_in_charge
from members.models import Charge, HistoryEntry, Unit
from members.roles import guide_of
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
PAGE = reverse("charge-list")


@pytest.fixture
def cast(world, db, today):
    return world.cast


@pytest.fixture
def colleague(tree):
    return factories.person("lan", tree.truong_son, Role.REVIEWER, full_name="Vũ Thị Lan")


def in_charge(unit) -> list[str]:
    return list(unit.charges.order_by("user__username").values_list("user__username", flat=True))


def test_another_of_the_same_kind_replaces_and_one_of_the_other_stands_beside(
    cast, tree, colleague, today
):
    unit = tree.huong_giang
    put_in_charge([unit], cast.reviewer, by=cast.administrator)
    put_in_charge([unit], cast.leader, by=cast.administrator)
    assert in_charge(unit) == ["hoa", "leader"]
    put_in_charge([unit], colleague, by=cast.reviewer)
    assert in_charge(unit) == ["lan", "leader"]
    other = factories.person("other", tree.building, Role.VIEWER)
    put_in_charge([unit], other, by=cast.administrator)
    assert in_charge(unit) == ["lan", "other"]
    assert people_in_charge([unit], on=today) == {unit.pk: [colleague, other]}
    assert guide_of(unit, on=today) == colleague

    lines = HistoryEntry.objects.filter(unit=unit, kind="role").order_by("pk")
    assert [(line.verb, line.subject, line.changes["in_charge"]) for line in lines][2:] == [
        ("put in charge of the unit", "Vũ Thị Lan", ["Lê Văn Hoà", "Vũ Thị Lan"]),
        ("put in charge of the unit", "other", ["leader", "other"]),
    ]


def test_nobody_is_put_in_charge_without_a_role_above_the_unit(cast, tree):
    with pytest.raises(Refused, match="không có vai trò ở công đoàn cấp trên"):
        put_in_charge([tree.hon_da], cast.reviewer, by=cast.administrator)
    with pytest.raises(PermissionDenied):
        put_in_charge([tree.weavers], cast.neighbour_reviewer, by=cast.reviewer)
    assert Charge.objects.count() == 0


def test_a_charge_without_a_role_counts_no_more_and_makes_room(cast, tree, colleague, today):
    put_in_charge([tree.office], colleague, by=cast.reviewer)
    colleague.assignments.update(valid_to=today)
    assert people_in_charge([tree.office], on=today) == {}
    put_in_charge([tree.office], cast.leader, by=cast.administrator)
    assert in_charge(tree.office) == ["leader"]


def test_a_reviewer_ends_charges_but_not_of_those_further_up(cast, tree, colleague):
    for person in (colleague, cast.leader):
        put_in_charge([tree.office, tree.masons], person, by=cast.administrator)
    assert end_charges([tree.office, tree.masons], by=cast.reviewer) == 2
    assert in_charge(tree.office) == ["leader"]
    assert end_charges([tree.office], by=cast.administrator, user=cast.leader) == 1
    assert (in_charge(tree.office), in_charge(tree.masons)) == ([], ["leader"])


def test_people_to_choose_from_hold_a_role_within_the_branch(cast, tree, colleague, today):
    chosen = {
        person.username: [candidate.user.username for candidate in candidates(person, on=today)]
        for person in (cast.reviewer, cast.administrator, cast.neighbour_reviewer)
    }
    assert {name: set(people) for name, people in chosen.items()} == {
        "hoa": {"hoa", "lan"},
        "bao": {"hoa", "lan", "huong", "leader", "bao"},
        "far": {"far"},
    }


def test_ticked_units_are_given_and_taken_on_the_page(as_, cast, tree, colleague):
    client = as_(cast.reviewer)
    ticked = {"units": [tree.huong_giang.pk, tree.song_lam.pk, tree.weavers.pk, "x"]}
    answer = client.post(f"{PAGE}?person=nobody", ticked | {"action": "give", "person": ""})
    assert answer.headers["Location"] == f"{PAGE}?person=nobody"
    client.post(PAGE, ticked | {"action": "give", "person": colleague.pk})
    client.post(PAGE, {"action": "give", "person": colleague.pk})
    client.post(PAGE, ticked | {"action": "give", "person": cast.leader.pk})
    page = client.get(PAGE)
    assert [str(message) for message in page.context["messages"]] == [
        "Hãy chọn người phụ trách.",
        "Đã giao đồng chí Vũ Thị Lan phụ trách thêm 2 đơn vị.",
        "Chưa chọn đơn vị nào.",
        "Hãy chọn người phụ trách.",  # the leader of the federation is not theirs to put in charge
    ]
    assert set(Charge.objects.values_list("unit__code", "user__username")) == {
        ("TS-01", "lan"),
        ("TS-02", "lan"),
    }
    shown = client.get(PAGE).content.decode()
    assert (shown.count("<td >Vũ Thị Lan</td>"), shown.count("<td >–</td>")) == (2, 2)
    for query, codes in (
        ("person=nobody", {"TS-03", "ND-01"}),
        (f"person={colleague.pk}", {"TS-01", "TS-02"}),
        ("sector=NN", {"TS-02"}),
        ("parent=TS", {"TS-01", "TS-02", "TS-03", "ND-01"}),
        ("parent=SO", set()),
        ("q=song+lam", {"TS-02"}),
    ):
        rows = client.get(f"{PAGE}?{query}").context["table"].page.object_list
        assert {row.record.code for row in rows} == codes, query
    client.post(PAGE, ticked | {"action": "end", "person": ""})
    assert Charge.objects.count() == 0


def test_1500_units_are_given_in_as_many_statements_as_one(as_, cast, tree, colleague):
    units = factories._found(
        [factories._unit(f"X-{n}", parent=tree.truong_son) for n in range(1500)]
    )
    put_in_charge(units, cast.reviewer, by=cast.administrator)

    def cost(some, person):
        chosen = Unit.objects.filter(pk__in=[unit.pk for unit in some])
        with CaptureQueriesContext(connection) as queries:
            assert put_in_charge(chosen, person, by=cast.administrator) == len(some)
        # SQLite inserts no more than some hundred rows in one statement
        return len([q for q in queries if not q["sql"].startswith("INSERT")])

    assert cost(units[:900], colleague) == cost(units[900:901], colleague) == 7
    client = as_(cast.reviewer)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    assert len(queries) == 11
