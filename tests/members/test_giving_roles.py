"""Accounts and roles: who may give what to whom, and what is remembered of it."""

from datetime import date

import pytest
from django.urls import reverse

from members.access import Role
from members.actions import Refused
from members.models import Assignment, HistoryEntry, User
from members.roles import end_role, give_role, guide_of, guides_of, roles_to_give
from tests import factories

DAY = date(2024, 10, 4)


def account_form(**typed):
    return {
        "full_name": "Phạm Văn Mới",
        "phone": "0900 000 777",
        "email": "",
        "unit": "TS-03",
        "role": Role.CHAIR,
        "valid_from": "04/10/2024",
        **typed,
    }


def made_account(client, **typed):
    return client.post(reverse("account-new"), account_form(**typed))


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def people_listed(response):
    return [row.record.person for row in response.context["table"].rows]


def history_of(unit):
    lines = HistoryEntry.objects.filter(unit=unit).order_by("pk")
    return [(line.verb, line.subject, line.by.username) for line in lines]


def test_a_reviewer_makes_an_account_for_a_chair_and_gets_its_link(as_, cast, tree, today):
    response = made_account(as_(cast.reviewer))

    made = User.objects.get(phone="0900000777")
    held = made.assignments.get()
    assert (held.unit, held.role, held.valid_from) == (tree.office, Role.CHAIR, DAY)
    assert not made.has_usable_password()
    assert response.context["address"].startswith("http://testserver/accounts/link/")
    assert response.context["address"] in response.text
    assert "no-store" in response.headers["Cache-Control"]
    assert history_of(tree.office) == [
        ("gave the role", "Phạm Văn Mới", "hoa"),
        ("made a one-time link", "Phạm Văn Mới", "hoa"),
    ]


@pytest.mark.parametrize(
    ("person", "unit", "may_give"),
    [
        ("reviewer", "song_lam", {Role.CHAIR, Role.TYPIST, Role.VIEWER}),
        ("reviewer", "truong_son", {Role.REVIEWER, Role.VIEWER}),
        ("reviewer", "building", set()),
        ("reviewer", "hon_da", set()),
        ("administrator", "truong_son", {Role.REVIEWER, Role.VIEWER, Role.ADMINISTRATOR}),
        ("administrator", "confederation", set()),
        ("chair", "huong_giang", {Role.TYPIST}),
        ("chair", "song_lam", set()),
        ("leader", "truong_son", set()),
        ("root", "huong_giang", {Role.CHAIR, Role.TYPIST, Role.VIEWER}),
    ],
)
def test_roles_are_given_within_the_branch_and_only_an_administrator_makes_another(
    cast, tree, person, unit, may_give
):
    assert roles_to_give(getattr(cast, person), getattr(tree, unit)) == may_give


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            {"role": Role.ADMINISTRATOR, "unit": "TS"},
            {"role": ["Chỉ người quản trị được giao vai trò này."]},
        ),
        (
            {"unit": "SO-01"},
            {"unit": ["Không có đơn vị mã SO-01 trong phạm vi phụ trách."]},
        ),
        (
            {"unit": "NONE"},
            {"unit": ["Không có đơn vị mã NONE trong phạm vi phụ trách."]},
        ),
        ({"phone": "12"}, {"phone": ["Số điện thoại chưa đúng, ví dụ 0900000001."]}),
        ({"phone": ""}, {"__all__": ["Hãy ghi số điện thoại hoặc email để đăng nhập."]}),
        (
            {"valid_from": "31/02/2024"},
            {"valid_from": ["Ngày 31/02/2024 không có trong lịch."]},
        ),
    ],
)
def test_what_cannot_be_is_said_in_words_and_makes_no_account(as_, cast, today, typed, said):
    before = User.objects.count()

    assert errors_of(made_account(as_(cast.reviewer), **typed)) == said
    assert User.objects.count() == before


@pytest.mark.parametrize(
    "typed", [{"phone": "0900000999"}, {"email": "STRANGER@example.org"}], ids=["phone", "email"]
)
def test_a_number_or_address_in_use_is_refused_without_telling_whose_it_is(
    as_, cast, tree, today, typed
):
    factories.person(
        "stranger", tree.spinning, Role.VIEWER, full_name="Người Nơi Khác", phone="0900000999"
    )
    response = made_account(as_(cast.reviewer), **typed)

    said = "Số điện thoại hoặc email này đã có tài khoản. Nhờ công đoàn cấp trên thêm vai trò."
    assert errors_of(response) == {"__all__": [said]}
    assert "Người Nơi Khác" not in response.text


def test_the_same_role_is_not_held_twice(cast, tree):
    with pytest.raises(Refused, match="đang giữ vai trò này"):
        give_role(
            cast.chair, unit=tree.huong_giang, role=Role.CHAIR, valid_from=DAY, by=cast.reviewer
        )

    assert cast.chair.assignments.count() == 1


def test_a_role_ends_on_its_day_and_the_history_says_so(as_, cast, tree, today):
    held = cast.chair.assignments.get()
    response = as_(cast.reviewer).post(
        reverse("role-end", args=[held.pk]), {"valid_to": "15/10/2024"}, follow=True
    )

    held.refresh_from_db()
    assert held.valid_to == date(2024, 10, 15)
    assert set(Assignment.objects.on(date(2024, 10, 14)).filter(user=cast.chair)) == {held}
    assert not Assignment.objects.on(held.valid_to).filter(user=cast.chair).exists()
    said = "Quyền của đồng chí Trần Thị Mai dừng từ ngày 15/10/2024; lịch sử của đơn vị giữ nguyên."
    assert said in response.text
    assert history_of(tree.huong_giang) == [("ended the role", "Trần Thị Mai", "hoa")]


def test_a_role_cannot_end_before_it_begins_nor_twice(cast):
    held = cast.chair.assignments.get()
    with pytest.raises(Refused, match="trước ngày bắt đầu"):
        end_role(held, on=date(2019, 12, 31), by=cast.reviewer)
    end_role(held, on=DAY, by=cast.reviewer)
    with pytest.raises(Refused, match="đã có ngày kết thúc"):
        end_role(held, on=DAY, by=cast.reviewer)


def test_nobody_ends_a_role_of_their_own(as_, cast):
    own = cast.reviewer.assignments.get()

    response = as_(cast.reviewer).post(
        reverse("role-end", args=[own.pk]), {"valid_to": "15/10/2024"}
    )

    own.refresh_from_db()
    assert (response.status_code, own.valid_to) == (403, None)


def test_a_second_role_is_added_to_an_account(as_, cast, tree, today):
    typed = {"unit": "TS-03", "role": Role.CHAIR, "valid_from": "05/10/2024"}
    as_(cast.reviewer).post(reverse("role-new", args=[cast.chair.pk]), typed)

    held = cast.chair.assignments.order_by("pk").values_list("unit__code", "role")
    assert list(held) == [("TS-01", Role.CHAIR), ("TS-03", Role.CHAIR)]


def test_a_closed_account_cannot_go_on_and_can_be_opened_again(as_, cast, tree, client):
    as_(cast.reviewer).post(reverse("account-close", args=[cast.chair.pk]))
    cast.chair.refresh_from_db()
    assert not cast.chair.is_active

    as_(cast.reviewer).post(reverse("account-reopen", args=[cast.chair.pk]))
    cast.chair.refresh_from_db()
    assert cast.chair.is_active
    assert [verb for verb, *_rest in history_of(tree.huong_giang)] == [
        "closed the account",
        "opened the account again",
    ]


@pytest.mark.parametrize("verb", ["account-link", "account-close"])
def test_nobody_takes_over_an_account_with_more_rights_than_they_could_give(as_, cast, tree, verb):
    """The administrator also has a role in the reviewer's branch, so the reviewer sees them."""
    give_role(
        cast.administrator, unit=tree.truong_son, role=Role.VIEWER, valid_from=DAY, by=cast.root
    )
    before = User.objects.get(pk=cast.administrator.pk)

    response = as_(cast.reviewer).post(reverse(verb, args=[cast.administrator.pk]))

    after = User.objects.get(pk=cast.administrator.pk)
    assert response.status_code == 403
    assert (after.password, after.is_active) == (before.password, True)


def test_the_list_holds_the_people_of_the_branch_by_given_name(as_, cast, today):
    # Lê Văn Hoà, Trần Thị Mai, Nguyễn Văn Nam: by the last word
    assert people_listed(as_(cast.reviewer).get(reverse("account-list"))) == [
        "Lê Văn Hoà",
        "Trần Thị Mai",
        "Nguyễn Văn Nam",
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("tran thi", ["Trần Thị Mai"]),
        ("0900000001", ["Lê Văn Hoà"]),
        ("gach song lam", ["Nguyễn Văn Nam"]),
        ("nobody", []),
    ],
)
def test_people_are_found_without_accents_by_name_number_and_unit(as_, cast, asked, found):
    assert people_listed(as_(cast.reviewer).get(reverse("account-list"), {"q": asked})) == found


def test_ended_roles_are_listed_apart(as_, cast, today):
    end_role(cast.chair.assignments.get(), on=DAY, by=cast.reviewer)
    client = as_(cast.reviewer)

    today_held = people_listed(client.get(reverse("account-list"), {"role": Role.CHAIR}))
    ended = people_listed(client.get(reverse("account-list"), {"held": "ended"}))
    assert (today_held, ended) == (["Nguyễn Văn Nam"], ["Trần Thị Mai"])


@pytest.mark.parametrize("more", [1, 30])
def test_the_list_costs_the_same_however_many_people_there_are(
    as_, cast, tree, django_assert_num_queries, more
):
    for number in range(more):
        factories.person(f"p{number}", tree.song_lam, Role.VIEWER)
    client = as_(cast.reviewer)

    with django_assert_num_queries(6):  # session, user, roles; people, states, hand-overs
        client.get(reverse("account-list"))


def test_the_guide_of_a_unit_is_the_reviewer_of_the_nearest_superior_that_has_one(cast, tree):
    assert guide_of(tree.huong_giang, on=DAY) == cast.reviewer
    assert guide_of(tree.hon_da, on=DAY) == cast.federation_reviewer

    cast.reviewer.is_active = False
    cast.reviewer.save()
    assert guide_of(tree.huong_giang, on=DAY) == cast.federation_reviewer


def test_the_guides_of_many_units_are_those_of_each(cast, tree, django_assert_num_queries):
    second = factories.person("second", tree.truong_son, Role.REVIEWER)
    second.charges.create(unit=tree.song_lam)
    units = [tree.huong_giang, tree.song_lam, tree.hon_da, tree.weavers, tree.building]

    with django_assert_num_queries(2):
        found = guides_of(units, on=DAY)
    assert [found.get(unit.pk) for unit in units] == [guide_of(u, on=DAY) for u in units]
    assert found[tree.song_lam.pk] == second
    assert tree.building.pk not in found
