"""The chair who signs in and the chair in the list of officers are one person."""

from datetime import date

import pytest

from members.access import Role
from members.handing_over import change_chair
from members.inviting import invite_chairs
from members.models import Unit
from members.roles import Person, replace_chair
from tests import factories
from training import officers
from training.models import Officer, Position, Tenure
from training.officers import Newcomer, Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "today")]

DAY = date(2024, 10, 4)
NEW = Person("Đỗ Thị Hạnh", "0911222333")


def chairs_of(unit):
    held = Tenure.objects.chairs().filter(unit=unit).by_time()
    return [(t.officer.name, t.valid_from, t.valid_to, t.officer.account_id) for t in held]


def service(unit, position="chair", elected_on=date(2021, 5, 10)):
    return Service(unit, Position.objects.get(pk=position), elected_on)


def test_a_change_of_chair_is_one_step(tree, cast):
    factories.officer(tree.huong_giang, "Trần Thị Mai", elected_on=date(2020, 1, 5))

    done = change_chair(tree.huong_giang, NEW, valid_from=DAY, by=cast.reviewer)

    assert chairs_of(tree.huong_giang) == [
        ("Trần Thị Mai", date(2020, 1, 5), DAY, None),
        ("Đỗ Thị Hạnh", DAY, None, done.chair.pk),
    ]
    assert Tenure.objects.get(officer__account=done.chair).newly_elected_on == DAY


def test_a_vice_chair_who_becomes_chair_stays_the_same_person(tree, cast):
    factories.officer(tree.huong_giang, "Trần Thị Mai", elected_on=date(2020, 1, 5))
    vice = factories.officer(
        tree.huong_giang,
        "Đỗ Thị Hạnh",
        position="vice-chair",
        elected_on=date(2022, 3, 1),
        education="degree",
    )

    change_chair(tree.huong_giang, NEW, valid_from=DAY, by=cast.reviewer)

    now = vice.officer.tenures.get(valid_to=None)
    assert (now.position_id, now.elected_on, now.education) == ("chair", DAY, "degree")
    assert now.newly_elected_on == DAY
    assert Officer.objects.filter(name="Đỗ Thị Hạnh").count() == 1


def test_a_vice_chair_who_takes_over_by_a_link_acts_in_their_own_name(tree, cast):
    factories.officer(tree.huong_giang, "Trần Thị Mai", elected_on=date(2020, 1, 5))
    vice = factories.officer(
        tree.huong_giang, "Đỗ Thị Hạnh", position="vice-chair", elected_on=date(2022, 3, 1)
    )
    successor = factories.person("hanh", full_name="Đỗ Thị Hạnh")
    assert not successor.roles  # read before the office was taken

    replace_chair(successor, unit=tree.huong_giang, valid_from=DAY, by=successor)

    assert vice.officer.tenures.get(valid_to=None).position_id == "chair"


def test_a_chair_of_another_union_before_is_not_newly_elected(tree, cast):
    before = factories.officer(
        tree.song_lam, "Đỗ Thị Hạnh", elected_on=date(2019, 3, 1), left_on=date(2023, 1, 1)
    )
    known = factories.person("hanh", full_name="Đỗ Thị Hạnh")
    before.officer.account = known
    before.officer.save()

    replace_chair(known, unit=tree.huong_giang, valid_from=DAY, by=cast.root)

    held = Tenure.objects.get(unit=tree.huong_giang, officer=before.officer)
    assert (held.elected_on, held.newly_elected_on) == (DAY, date(2019, 3, 1))


def test_an_account_for_a_chair_in_office_writes_nobody_down(tree, cast):
    Unit.objects.filter(pk__in=[tree.office.pk, tree.hon_da.pk]).update(phone="")
    Unit.objects.filter(pk=tree.office.pk).update(contact_name="Lý  văn Tâm", phone="0911222444")
    Unit.objects.filter(pk=tree.hon_da.pk).update(contact_name="Hồ Thị Na", phone="0911222555")
    listed = factories.officer(tree.office, "Lý Văn Tâm", elected_on=date(2018, 5, 5))

    units = Unit.objects.filter(pk__in=[tree.office.pk, tree.hon_da.pk])
    made = invite_chairs(units, on=DAY, by=cast.root)

    accounts = {one.unit: one.person.pk for one in made.invitations}
    assert chairs_of(tree.office) == [("Lý Văn Tâm", date(2018, 5, 5), None, accounts[tree.office])]
    assert chairs_of(tree.hon_da) == []
    assert listed.newly_elected_on == date(2018, 5, 5)


def test_a_chair_who_signs_in_is_the_officer_of_that_name(tree, cast):
    added = officers.add_officers(
        [
            Newcomer("trần thị  MAI", service(tree.huong_giang)),
            Newcomer("Người Khác", service(tree.song_lam)),
        ],
        by=cast.administrator,
    )

    assert [held.officer.account for held in added] == [cast.chair, None]


def test_who_is_written_down_for_later_stays(tree, cast):
    factories.officer(tree.huong_giang, "Vũ Văn Sau", elected_on=date(2024, 10, 20))

    change_chair(tree.huong_giang, NEW, valid_from=DAY, by=cast.reviewer)

    assert [name for name, *_ in chairs_of(tree.huong_giang)] == ["Vũ Văn Sau"]


def test_whoever_was_to_leave_later_holds_one_office_at_a_time(tree, cast):
    vice = factories.officer(
        tree.huong_giang, "Đỗ Thị Hạnh", position="vice-chair", left_on=date(2024, 12, 31)
    )

    change_chair(tree.huong_giang, NEW, valid_from=DAY, by=cast.reviewer)

    held = vice.officer.tenures.by_time().values_list("position", "valid_to")
    assert list(held) == [("vice-chair", DAY), ("chair", None)]


def test_nobody_takes_an_officer_from_another_branch_by_an_account(tree, cast):
    far = factories.officer(tree.weavers, "Đỗ Thị Hạnh", education="degree")
    known = factories.person("hanh", tree.song_lam, Role.TYPIST, full_name="Đỗ Thị Hạnh")
    far.officer.account = known
    far.officer.save()

    replace_chair(known, unit=tree.huong_giang, valid_from=DAY, by=cast.reviewer)

    assert [held.unit for held in far.officer.tenures.filter(valid_to=None)] == [tree.weavers]
    assert chairs_of(tree.huong_giang) == []


# --- on the page ---------------------------------------------------------------------------------


def test_a_chair_who_signs_in_is_offered_for_the_list(as_, cast, tree):
    page = as_(cast.reviewer).get("/training/units/TS-01/")
    said = "Đồng chí Trần Thị Mai có tài khoản chủ tịch nhưng chưa có trong danh sách cán bộ."
    address = "/training/officers/new/?unit=TS-01&amp;position=chair&amp;name=Tr"
    assert said in page.content.decode()
    assert address in page.content.decode()

    form = as_(cast.reviewer).get(
        "/training/officers/new/?unit=TS-01&position=chair&name=Trần Thị Mai"
    )
    data = {**form.context["form"].initial, "elected_on": "10/5/2021", "is_full_time": ""}
    as_(cast.reviewer).post("/training/officers/new/?unit=TS-01", data)

    assert chairs_of(tree.huong_giang) == [("Trần Thị Mai", date(2021, 5, 10), None, cast.chair.pk)]
    assert said not in as_(cast.reviewer).get("/training/units/TS-01/").content.decode()


def test_another_chair_in_the_list_than_by_account_is_told(as_, cast, tree):
    data = {"unit": "TS-01", "position": "chair", "name": "Hồ Văn Khác", "elected_on": "10/5/2021"}
    page = as_(cast.reviewer).post("/training/officers/new/?unit=TS-01", data, follow=True)

    assert "Tài khoản chủ tịch của CĐCS Công ty CP Xây dựng Hương Giang vẫn là của đồng chí" in (
        page.content.decode()
    )


def test_a_name_with_another_tone_is_another_person(tree, cast):
    factories.officer(tree.huong_giang, "Đỗ Thị Hánh", elected_on=date(2020, 1, 5))

    done = change_chair(tree.huong_giang, NEW, valid_from=DAY, by=cast.reviewer)

    assert chairs_of(tree.huong_giang) == [
        ("Đỗ Thị Hánh", date(2020, 1, 5), DAY, None),
        ("Đỗ Thị Hạnh", DAY, None, done.chair.pk),
    ]
