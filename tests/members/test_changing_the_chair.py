"""A new chair: named from above, or by the chair who leaves. One chair on any day."""

from datetime import date

import pytest
from django.urls import reverse

from members.access import Permission, Role
from members.actions import Refused
from members.handing_over import (
    add_typist,
    ask_hand_over,
    change_chair,
    confirm_hand_over,
    current_hand_over,
    refuse_hand_over,
)
from members.links import Standing, find_link, standing, use_link
from members.models import Assignment, HandOver, HistoryEntry, OneTimeLink, Unit, User
from members.roles import Person, give_role
from tests import factories

pytestmark = pytest.mark.usefixtures("world")

DAY = date(2024, 10, 4)
LATER = date(2024, 10, 15)
TYPED = {"full_name": "Phạm Văn Mới", "phone": "0900 000 777", "valid_from": "15/10/2024"}
NEW_CHAIR = Person("Phạm Văn Mới", "0900000777")
NEW = "hoa-phuong-2024"


@pytest.fixture
def cast(world, db, today):
    return world.cast


def chairs(unit):
    held = Assignment.objects.filter(unit=unit, role=Role.CHAIR).order_by("valid_from", "pk")
    return [(str(h.user), h.valid_from, h.valid_to) for h in held.select_related("user")]


def changed(client, **typed):
    return client.post(reverse("chair-change", args=["TS-01"]), {**TYPED, **typed}, follow=True)


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def test_the_old_role_ends_on_the_day_the_new_one_begins(as_, cast, tree):
    page = changed(as_(cast.reviewer))

    assert chairs(tree.huong_giang) == [
        ("Trần Thị Mai", date(2020, 1, 1), LATER),
        ("Phạm Văn Mới", LATER, None),
    ]
    said = "Quyền của đồng chí Trần Thị Mai dừng từ ngày 15/10/2024; lịch sử của đơn vị giữ nguyên."
    assert said in page.text
    assert "mời đồng chí Phạm Văn Mới nhận tài khoản báo cáo của CĐCS" in page.context["text"]
    unit = Unit.objects.get(code="TS-01")
    assert (unit.contact_name, unit.phone) == ("Phạm Văn Mới", "0900000777")
    assert [line.verb for line in HistoryEntry.objects.filter(unit=unit).order_by("pk")] == [
        "ended the role",
        "gave the role",
        "wrote the chair into the list of officers",
        "changed the contact",
        "made a one-time link",
    ]
    # whoever comes on the 15th may take the account before
    user = use_link(page.context["address"].split("/")[-2], NEW)
    assert (str(user), user.may(Permission.VIEW, unit)) == ("Phạm Văn Mới", False)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"phone": "0900000999"}, "đã có tài khoản"),
        ({"valid_from": "01/01/2019"}, "có chủ tịch khác: đồng chí Trần Thị Mai"),
    ],
    ids=["number in use elsewhere", "before the present chair began"],
)
def test_what_cannot_be_changes_nothing(as_, cast, tree, typed, said):
    factories.person(
        "stranger", tree.spinning, Role.VIEWER, full_name="Người Nơi Khác", phone="0900000999"
    )
    page = changed(as_(cast.reviewer), **typed)

    assert said in str(errors_of(page))
    assert "Người Nơi Khác" not in page.text
    assert chairs(tree.huong_giang) == [("Trần Thị Mai", date(2020, 1, 1), None)]
    assert not User.objects.filter(phone="0900000777").exists()


def test_an_account_the_reviewer_sees_is_used_again(cast, tree):
    known = factories.person("known", tree.office, Role.CHAIR, phone="0900000777")

    done = change_chair(tree.huong_giang, NEW_CHAIR, valid_from=LATER, by=cast.reviewer)

    assert (done.chair, done.made is not None) == (known, True)
    assert known.assignments.count() == 2


def test_a_chair_who_named_a_typist_does_not_sign_in_as_the_next_chair(cast, tree):
    made = add_typist(tree.huong_giang, NEW_CHAIR, may_send=False, by=cast.chair)
    use_link(made.token, NEW)

    done = change_chair(tree.office, NEW_CHAIR, valid_from=DAY, by=cast.reviewer)

    assert done.chair == made.link.user
    assert not User.objects.get(pk=done.chair.pk).check_password(NEW)
    assert standing(find_link(done.made.token), on=DAY) == Standing.WORKS


def test_no_link_is_made_for_an_account_with_more_rights(cast, tree):
    """It could sign in as the administrator, who also looks after this branch."""
    User.objects.filter(pk=cast.administrator.pk).update(phone="0900000777")
    give_role(
        cast.administrator, unit=tree.truong_son, role=Role.VIEWER, valid_from=DAY, by=cast.root
    )

    done = change_chair(tree.huong_giang, NEW_CHAIR, valid_from=LATER, by=cast.reviewer)

    assert (done.chair, done.made) == (cast.administrator, None)
    assert not OneTimeLink.objects.exists()


@pytest.mark.parametrize("day", [DAY, LATER, date(2020, 1, 1)])
def test_a_unit_has_one_chair_on_any_day(cast, tree, day):
    """Mai until the 15th, the new chair from then on: no day is left for a third."""
    change_chair(tree.huong_giang, NEW_CHAIR, valid_from=LATER, by=cast.reviewer)
    third = factories.person("third")

    with pytest.raises(Refused, match="đã có chủ tịch"):
        give_role(third, unit=tree.huong_giang, role=Role.CHAIR, valid_from=day, by=cast.reviewer)
    with pytest.raises(Refused):
        change_chair(
            tree.huong_giang,
            Person("Người Thứ Ba", "0900000778"),
            valid_from=DAY,
            by=cast.reviewer,
        )


# --- the chair leaves ----------------------------------------------------------------------------


def asked(cast, tree, valid_from=LATER):
    return ask_hand_over(tree.huong_giang, NEW_CHAIR, valid_from=valid_from, by=cast.chair)


def test_the_chair_asks_and_keeps_the_office_meanwhile(as_, cast, tree):
    client = as_(cast.chair)
    page = client.get(reverse("hand-over", args=["TS-01"]))
    assert [f.label for f in page.context["form"]] == [
        "Họ tên chủ tịch mới",
        "Điện thoại",
        "Từ ngày",
    ]
    assert "Đề nghị bàn giao" in page.text

    page = client.post(reverse("hand-over", args=["TS-01"]), TYPED, follow=True)

    said = "Đã báo công đoàn cấp trên. Tài khoản của đồng chí dùng được đến khi người mới nhận."
    assert said in page.text
    assert chairs(tree.huong_giang) == [("Trần Thị Mai", date(2020, 1, 1), None)]
    again = client.post(reverse("hand-over", args=["TS-01"]), TYPED)
    assert errors_of(again) == {"__all__": ["Đã có một đề nghị bàn giao đang chờ xử lý."]}
    listed = as_(cast.reviewer).get(reverse("account-list")).text
    assert "Đồng chí Trần Thị Mai bàn giao cho đồng chí Phạm Văn Mới" in listed
    assert "Phạm Văn Mới" in as_(cast.reviewer).get(tree.huong_giang.get_absolute_url()).text
    assert "Phạm Văn Mới" not in as_(cast.neighbour_reviewer).get(reverse("account-list")).text


@pytest.mark.parametrize(
    ("valid_from", "begins"), [(LATER, LATER), (date(2024, 9, 1), DAY)], ids=["later", "past"]
)
def test_the_office_changes_when_the_successor_takes_the_account(
    as_, client, cast, tree, valid_from, begins
):
    hand_over = asked(cast, tree, valid_from)
    page = as_(cast.reviewer).post(reverse("hand-over", args=["TS-01"]), {"action": "confirm"})
    successor = User.objects.get(phone="0900000777")
    assert not successor.assignments.exists()
    assert chairs(tree.huong_giang) == [("Trần Thị Mai", date(2020, 1, 1), None)]

    Unit.objects.filter(code="TS-01").update(email=cast.chair.email)

    client.logout()
    client.post(page.context["address"], {"new_password1": NEW, "new_password2": NEW})

    assert Unit.objects.get(code="TS-01").email == ""  # letters no longer go to the old chair
    assert chairs(tree.huong_giang) == [
        ("Trần Thị Mai", date(2020, 1, 1), begins),
        ("Phạm Văn Mới", begins, None),
    ]
    assert current_hand_over(tree.huong_giang) is None
    with pytest.raises(Refused, match="đã nhận tài khoản"):
        refuse_hand_over(hand_over, by=cast.reviewer)


def test_a_refused_hand_over_kills_its_link_and_the_number_stays_usable(as_, cast, tree):
    hand_over = asked(cast, tree)
    made = confirm_hand_over(hand_over, by=cast.reviewer)
    assert standing(find_link(made.token), on=DAY) == Standing.WORKS

    as_(cast.reviewer).post(reverse("hand-over", args=["TS-01"]), {"action": "refuse"})

    assert standing(find_link(made.token), on=DAY) == Standing.OVER
    with pytest.raises(Refused):
        use_link(made.token, NEW)
    done = change_chair(tree.huong_giang, NEW_CHAIR, valid_from=LATER, by=cast.reviewer)
    assert done.chair == made.link.user


def test_a_lost_link_is_made_again_for_the_same_person(cast, tree):
    hand_over = asked(cast, tree)
    first = confirm_hand_over(hand_over, by=cast.reviewer)
    second = confirm_hand_over(hand_over, by=cast.reviewer)

    assert first.link.user == second.link.user
    assert standing(find_link(first.token), on=DAY) == Standing.OVER
    assert standing(find_link(second.token), on=DAY) == Standing.WORKS


def test_no_other_link_is_made_once_the_successor_has_more_rights(cast, tree):
    hand_over = asked(cast, tree)
    successor = confirm_hand_over(hand_over, by=cast.reviewer).link.user
    give_role(successor, unit=tree.building, role=Role.ADMINISTRATOR, valid_from=DAY, by=cast.root)

    with pytest.raises(Refused, match="Phạm Văn Mới"):
        confirm_hand_over(hand_over, by=cast.reviewer)


def test_another_change_of_chair_settles_what_was_asked_for(cast, tree):
    hand_over = asked(cast, tree)
    change_chair(
        tree.huong_giang, Person("Người Khác", "0900000778"), valid_from=DAY, by=cast.reviewer
    )

    assert HandOver.objects.get(pk=hand_over.pk).is_refused
    assert current_hand_over(tree.huong_giang) is None


def test_a_chair_takes_the_request_back(as_, cast, tree):
    asked(cast, tree)
    as_(cast.chair).post(reverse("hand-over", args=["TS-01"]), {"action": "refuse"})

    assert current_hand_over(tree.huong_giang) is None
    asked(cast, tree)  # and may ask again


def test_a_typist_hands_nothing_over(as_, cast, tree):
    typist = factories.person("typist", tree.huong_giang, Role.TYPIST)

    for name in ("hand-over", "typist-new", "chair-change"):
        assert as_(typist).post(reverse(name, args=["TS-01"]), TYPED).status_code == 403
    assert not HandOver.objects.exists()
