"""Finding units, reading what is known of one, and keeping its contact."""

from datetime import date

import pytest
from django.urls import reverse

from members.models import HistoryEntry, HistoryKind, Placement
from members.models.history import record
from members.roles import give_role
from tests import factories


def units_listed(client, **asked):
    table = client.get(reverse("unit-list"), asked).context["table"]
    return [row.record.code for row in table.rows]


def links(page):
    return {part.split('"')[0] for part in page.split('href="')[1:]}


def test_everybody_lists_their_branch_in_vietnamese_order(as_, cast):
    # CĐCS Công ty, CĐCS Cơ quan, CĐCS Nhà máy, Công đoàn, Nghiệp đoàn: ơ comes after ô
    assert units_listed(as_(cast.reviewer)) == ["TS-01", "TS-03", "TS-02", "TS", "ND-01"]
    assert units_listed(as_(cast.chair)) == ["TS-01"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "gach song lam"}, ["TS-02"]),
        ({"q": "Lam GẠCH"}, ["TS-02"]),
        ({"q": "ts-03"}, ["TS-03"]),
        ({"kind": "occupational"}, ["ND-01"]),
        ({"sector": "NN"}, ["TS-02"]),
        ({"parent": "TS"}, ["TS-01", "TS-03", "TS-02", "ND-01"]),
        ({"parent": "TS", "sector": "HC"}, ["TS-03"]),
        ({"parent": "CDN"}, []),
        ({"parent": "SO"}, []),
        ({"kind": "nonsense"}, []),
        ({"q": "det dong do"}, []),
    ],
)
def test_units_are_found_without_accents_and_by_kind_sector_and_superior(as_, cast, asked, found):
    assert units_listed(as_(cast.reviewer), **asked) == found


def test_a_superior_out_of_sight_is_read_but_not_linked(as_, cast, tree):
    page = as_(cast.chair).get(reverse("unit-list")).text

    assert tree.truong_son.name in page
    assert tree.truong_son.get_absolute_url() not in links(page)


@pytest.mark.parametrize("more", [1, 30])
def test_the_list_costs_the_same_however_many_units_there_are(
    as_, cast, tree, django_assert_num_queries, more
):
    for number in range(more):
        factories.unit(f"X-{number}", parent=tree.truong_son)
    client = as_(cast.reviewer)

    # session, user, roles; choices of sectors and of superiors; count, page, suspensions
    with django_assert_num_queries(9):
        client.get(reverse("unit-list"))


def test_a_unit_shows_its_chain_and_links_only_what_is_in_sight(as_, cast, tree):
    response = as_(cast.reviewer).get(tree.huong_giang.get_absolute_url())

    assert [(unit.code, seen) for unit, seen in response.context["superiors"]] == [
        ("TLD", False),
        ("CDN", False),
        ("TS", True),
    ]
    assert tree.building.name in response.text
    assert tree.building.get_absolute_url() not in links(response.text)
    assert tree.truong_son.get_absolute_url() in links(response.text)


def test_a_unit_shows_its_people_its_reports_and_its_past_places(as_, cast, tree, quarter):
    Placement.objects.filter(unit=tree.huong_giang).update(valid_from="2023-01-01")
    Placement.objects.create(
        unit=tree.huong_giang,
        parent=tree.building,
        sector_id="NN",
        name="CĐCS Xí nghiệp Hương Giang",
        valid_from="2010-01-01",
        valid_to="2023-01-01",
    )
    response = as_(cast.reviewer).get(tree.huong_giang.get_absolute_url())

    context = response.context
    assert [h.held.user for h in context["office"].holdings] == [cast.chair]
    assert [report.quarter for report in context["reports"]] == [quarter]
    assert [place.name for place in context["placements"]] == [
        tree.huong_giang.name,
        "CĐCS Xí nghiệp Hương Giang",
    ]
    assert "01/01/2023" in response.text


def test_a_superior_unit_lists_those_directly_below_it(as_, cast, tree):
    context = as_(cast.leader).get(tree.building.get_absolute_url()).context

    assert [unit.code for unit in context["children"]] == ["HD-01", "TS"]
    assert context["children_count"] == 2


@pytest.mark.parametrize("more", [1, 30])
def test_a_unit_costs_the_same_however_many_hang_below_it(
    as_, cast, tree, quarter, django_assert_num_queries, more
):
    for number in range(more):
        factories.unit(f"X-{number}", parent=tree.truong_son)
        factories.person(f"p{number}", tree.truong_son, "viewer")
    client = as_(cast.reviewer)

    # session, user, roles; unit, suspension, chain, children and their count, placements; people
    # and whom one manages; reminders, history
    with django_assert_num_queries(15):
        client.get(tree.truong_son.get_absolute_url())


def test_the_contact_is_kept_and_its_change_is_in_the_history(as_, cast, tree):
    typed = {"contact_name": "Trần Thị  Mai", "phone": "+84 900 000 123", "email": "mai@hg.vn"}
    client = as_(cast.reviewer)
    client.post(reverse("unit-contact", args=["TS-01"]), typed)
    client.post(reverse("unit-contact", args=["TS-01"]), typed)

    tree.huong_giang.refresh_from_db()
    kept = (tree.huong_giang.contact_name, tree.huong_giang.phone, tree.huong_giang.email)
    assert kept == ("Trần Thị Mai", "0900000123", "mai@hg.vn")
    line = HistoryEntry.objects.get(unit=tree.huong_giang)
    assert (line.verb, line.by, line.changes) == (
        "changed the contact",
        cast.reviewer,
        {
            "contact_name": ["", "Trần Thị Mai"],
            "phone": ["", "0900000123"],
            "email": ["", "mai@hg.vn"],
        },
    )
    assert "sửa thông tin liên hệ" in client.get(tree.huong_giang.get_absolute_url()).text


def test_the_history_is_told_in_words(as_, cast, tree):
    give_role(
        cast.other_chair,
        unit=tree.huong_giang,
        role="viewer",
        valid_from=date(2024, 10, 4),
        by=cast.reviewer,
    )

    (line,) = as_(cast.reviewer).get(tree.huong_giang.get_absolute_url()).context["lines"]
    assert (line.verb, line.subject, str(line.by)) == (
        "giao vai trò",
        "Nguyễn Văn Nam",
        "Lê Văn Hoà",
    )
    assert [(change.label, change.after, change.is_new) for change in line.changes] == [
        ("Vai trò", "Lãnh đạo, theo dõi", True),
        ("Từ ngày", "04/10/2024", True),
    ]


def test_the_history_of_a_target_is_told_in_words_on_the_page_of_its_unit(as_, cast, tree):
    record(
        HistoryKind.TARGET,
        "revised the target",
        by=cast.administrator,
        unit=tree.truong_son,
        subject="Thực tăng",
        changes={"minimum": ["5000.0000", "5493.5000"], "in_force_on": [None, "2024-02-05"]},
    )

    (line,) = as_(cast.reviewer).get(tree.truong_son.get_absolute_url()).context["lines"]
    assert [(change.before, change.after) for change in line.changes] == [
        ("5.000", "5.493,5"),
        ("–", "05/02/2024"),
    ]
    assert not any("_" in change.label for change in line.changes)
