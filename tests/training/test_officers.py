"""Who serves where and as what: the verbs, and what they refuse."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from members.actions import Refused
from members.models import HistoryEntry
from tests import factories
from training import officers
from training.models import Officer, Position, Tenure
from training.officers import Newcomer, Service, UnfitService
from training.trained import Population, served

MAY = date(2024, 5, 1)
ELECTED = date(2023, 6, 1)


@pytest.fixture
def unit(tree):
    return tree.huong_giang


def service(unit, position="chair", elected_on=ELECTED, **facts):
    return Service(unit, Position.objects.get(pk=position), elected_on, **facts)


def added(unit, name="Trần Văn Bình", *, by, position="chair", elected_on=ELECTED, **facts):
    newcomer = Newcomer(name, service(unit, position, elected_on, **facts))
    return officers.add_officers([newcomer], by=by)[0]


def stretches(officer):
    """Unit, position, from, to: by time."""
    rows = officer.tenures.by_time()
    return list(rows.values_list("unit__code", "position", "valid_from", "valid_to"))


def corrected(tenure, *, by, **facts):
    officer = tenure.officer
    said = {"name": officer.name, "gender": officer.gender}
    said |= {name: facts.pop(name) for name in ("name", "gender") if name in facts}
    return officers.correct(tenure, replace(Service.of(tenure), **facts), **said, by=by)


def changed(tenure, since, *, by, **facts):
    return officers.change(tenure, replace(Service.of(tenure), **facts), since=since, by=by)


def last_line():
    return HistoryEntry.objects.order_by("-pk")[0]


@pytest.mark.usefixtures("today")
class TestWhoServes:
    def test_somebody_is_added_and_the_unit_reads_of_it(self, cast, unit):
        held = added(unit, "  Trần  Văn Bình ", by=cast.chair, duties="Tổ chức")
        assert stretches(held.officer) == [("TS-01", "chair", ELECTED, None)]
        assert held.officer.name == "Trần Văn Bình"
        line = last_line()
        assert (line.verb, line.unit, line.subject) == ("added the officer", unit, "Trần Văn Bình")
        assert line.changes["duties"] == [None, "Tổ chức"]

    def test_a_chair_elected_again_serves_since_the_first_time(self, cast, unit):
        held = added(unit, by=cast.chair, first_elected_on=date(2018, 6, 1))
        assert (held.valid_from, held.newly_elected_on) == (date(2018, 6, 1),) * 2

    def test_unless_another_held_the_office_between(self, cast, unit):
        between = {"elected_on": date(2019, 1, 1), "left_on": ELECTED}
        added(unit, "Lê An", by=cast.chair, **between)
        held = added(unit, by=cast.chair, first_elected_on=date(2015, 6, 1))
        assert held.valid_from == ELECTED

    @pytest.mark.parametrize(
        ("facts", "field", "words"),
        [
            ({"elected_on": date(2024, 10, 5)}, "elected_on", "chưa đến"),
            ({"first_elected_on": date(2024, 1, 1)}, "first_elected_on", "sau"),
            ({"left_on": ELECTED}, "left_on", ""),
        ],
    )
    def test_days_that_cannot_be(self, cast, unit, facts, field, words):
        with pytest.raises(UnfitService) as refused:
            added(unit, by=cast.chair, **facts)
        assert refused.value.field == field
        assert words in str(refused.value)
        assert not Tenure.objects.exists()

    def test_a_unit_that_has_ended_takes_nobody(self, cast, unit):
        type(unit).objects.filter(pk=unit.pk).update(ended_on=MAY)
        unit.refresh_from_db()
        with pytest.raises(UnfitService) as refused:
            added(unit, by=cast.root, elected_on=MAY)
        assert refused.value.field == "unit"
        assert added(unit, "Lê An", by=cast.root).valid_from == ELECTED

    def test_others_may_not(self, cast, unit, tree):
        for nobody in (cast.other_chair, cast.leader, cast.neighbour_reviewer):
            with pytest.raises(PermissionDenied):
                added(unit, by=nobody)


@pytest.mark.usefixtures("today")
class TestTwoChairsAtOnce:
    def test_the_second_is_refused_and_told_of_the_first(self, cast, unit):
        added(unit, "Lê An", by=cast.chair)
        with pytest.raises(UnfitService) as refused:
            added(unit, elected_on=MAY, by=cast.chair)
        assert refused.value.field == "position"
        assert "Lê An" in str(refused.value)
        assert "01/6/2023" in str(refused.value)

    def test_two_of_one_list_are_refused_both(self, cast, unit):
        both = [Newcomer(name, service(unit)) for name in ("Lê An", "Lê Bình")]
        with pytest.raises(Refused):
            officers.add_officers(both, by=cast.chair)
        assert not Officer.objects.exists()

    def test_one_after_the_other(self, cast, unit):
        first = added(unit, "Lê An", by=cast.chair)
        officers.leave(first, on=MAY, by=cast.chair)
        second = added(unit, elected_on=MAY, by=cast.chair)
        assert second.valid_from == MAY
        with pytest.raises(UnfitService):  # before the first had left
            corrected(second, elected_on=date(2024, 4, 1), by=cast.chair)
        with pytest.raises(UnfitService):
            corrected(Tenure.objects.get(pk=first.pk), left_on=None, by=cast.chair)

    def test_a_vice_chair_becomes_chair_once_there_is_none(self, cast, unit):
        chair = added(unit, "Lê An", by=cast.chair)
        vice = added(unit, position="vice-chair", by=cast.chair)
        is_chair = Position.objects.get(pk="chair")
        with pytest.raises(UnfitService):
            changed(vice, MAY, position=is_chair, by=cast.chair)
        officers.leave(chair, on=MAY, by=cast.chair)
        now = changed(vice, MAY, position=is_chair, elected_on=MAY, by=cast.chair)
        assert now.newly_elected_on == MAY

    def test_nor_by_taking_somebody_back_or_over(self, cast, unit, tree):
        gone = added(unit, "Lê An", left_on=MAY, by=cast.reviewer)
        elsewhere = added(tree.song_lam, "Lê Bình", by=cast.reviewer)
        added(unit, elected_on=MAY, by=cast.reviewer)
        with pytest.raises(UnfitService):
            officers.come_back(gone.officer, service(unit, elected_on=MAY), by=cast.reviewer)
        with pytest.raises(UnfitService):
            changed(elsewhere, date(2024, 6, 1), unit=unit, by=cast.reviewer)


@pytest.mark.usefixtures("today")
class TestCorrecting:
    def test_what_was_always_so(self, cast, unit):
        held = added(unit, by=cast.chair)
        now = corrected(held, education="degree", name="Trần Văn Bính", by=cast.chair)
        assert (now.education, now.valid_from) == ("degree", ELECTED)
        assert last_line().changes == {
            "name": ["Trần Văn Bình", "Trần Văn Bính"],
            "education": ["", "degree"],
        }
        assert Officer.objects.search("binh").get().sort_key == now.officer.sort_key

    def test_nothing_corrected_leaves_no_line(self, cast, unit):
        held = added(unit, by=cast.chair)
        before = HistoryEntry.objects.count()
        corrected(held, by=cast.chair)
        assert HistoryEntry.objects.count() == before

    def test_it_began_with_the_election(self, cast, unit):
        held = added(unit, by=cast.chair)
        assert corrected(held, elected_on=MAY, by=cast.chair).valid_from == MAY
        first = date(2019, 1, 1)
        assert corrected(held, first_elected_on=first, by=cast.chair).valid_from == first

    def test_it_reaches_the_stretches_before_that_say_the_same(self, cast, unit):
        held = added(unit, by=cast.chair)
        now = changed(held, MAY, is_full_time=True, by=cast.chair)
        corrected(now, education="degree", elected_on=date(2023, 5, 1), by=cast.chair)
        rows = held.officer.tenures.by_time()
        facts = rows.values_list("valid_from", "elected_on", "is_full_time", "education")
        assert list(facts) == [
            (date(2023, 5, 1), date(2023, 5, 1), False, "degree"),
            (MAY, date(2023, 5, 1), True, "degree"),
        ]

    def test_and_leaves_what_was_otherwise(self, cast, unit):
        held = added(unit, by=cast.chair, education="below-degree")
        now = changed(held, MAY, education="degree", by=cast.chair)
        corrected(now, education="postgraduate", by=cast.chair)
        facts = held.officer.tenures.by_time().values_list("education", flat=True)
        assert list(facts) == ["below-degree", "postgraduate"]

    def test_where_a_stretch_began_with_an_election_the_one_before_follows(self, cast, unit):
        held = added(unit, position="vice-chair", by=cast.chair)
        is_chair = Position.objects.get(pk="chair")
        now = changed(held, MAY, position=is_chair, elected_on=MAY, by=cast.chair)
        april = date(2024, 4, 20)
        corrected(now, elected_on=april, by=cast.chair)
        assert stretches(held.officer) == [
            ("TS-01", "vice-chair", ELECTED, april),
            ("TS-01", "chair", april, None),
        ]

    def test_a_name_is_corrected_where_the_person_serves_now(self, cast, unit, tree):
        held = added(unit, position="staff", by=cast.root)
        changed(held, MAY, unit=tree.weavers, by=cast.root)
        gone = Tenure.objects.get(pk=held.pk)
        with pytest.raises(PermissionDenied):
            corrected(gone, name="Khác", by=cast.chair)
        assert corrected(gone, education="degree", by=cast.chair).education == "degree"


@pytest.mark.usefixtures("today")
class TestChanging:
    def test_the_past_stays_as_it_was(self, cast, unit):
        held = added(unit, by=cast.chair)
        changed(held, MAY, is_full_time=True, by=cast.chair)
        assert stretches(held.officer) == [
            ("TS-01", "chair", ELECTED, MAY),
            ("TS-01", "chair", MAY, None),
        ]
        line = last_line()
        assert line.changes == {"is_full_time": [False, True], "valid_from": [None, str(MAY)]}

    @pytest.mark.parametrize(
        ("since", "facts", "field"),
        [
            (ELECTED, {"is_full_time": True}, "since"),
            (date(2024, 10, 5), {"is_full_time": True}, "since"),
            (MAY, {}, "mode"),
        ],
    )
    def test_days_on_which_nothing_can_change(self, cast, unit, since, facts, field):
        held = added(unit, by=cast.chair)
        with pytest.raises(UnfitService) as refused:
            changed(held, since, **facts, by=cast.chair)
        assert refused.value.field == field

    def test_not_after_having_left(self, cast, unit):
        held = added(unit, left_on=MAY, by=cast.chair)
        with pytest.raises(UnfitService):
            changed(held, date(2024, 6, 1), is_full_time=True, by=cast.chair)
        now = changed(held, date(2024, 1, 1), is_full_time=True, by=cast.chair)
        assert now.valid_to == MAY

    def test_whoever_becomes_chair_is_new_in_that_office(self, cast, unit):
        first = date(2010, 1, 1)
        held = added(unit, position="vice-chair", first_elected_on=first, by=cast.chair)
        is_chair = Position.objects.get(pk="chair")
        now = changed(held, MAY, position=is_chair, elected_on=MAY, by=cast.chair)
        assert now.newly_elected_on == MAY
        mine = served(Q(officer=held.officer), until=MAY)
        assert [s.is_among(Population.NEW_CHAIRS, date(2024, 1, 1)) for s in mine] == [False, True]

    def test_either_unit_reads_of_its_own_service(self, cast, unit, tree):
        held = added(unit, position="staff", by=cast.reviewer)
        changed(held, MAY, unit=tree.song_lam, duties="Nữ công", by=cast.reviewer)
        assert stretches(held.officer) == [
            ("TS-01", "staff", ELECTED, MAY),
            ("TS-02", "staff", MAY, None),
        ]
        taken, handed = HistoryEntry.objects.order_by("-pk")[:2]
        assert (handed.unit, handed.changes) == (unit, {"valid_to": [None, str(MAY)]})
        assert taken.unit == tree.song_lam
        assert unit.name not in str(taken.changes)

    def test_only_to_a_unit_of_the_own_branch(self, cast, unit, tree):
        held = added(unit, by=cast.reviewer)
        with pytest.raises(PermissionDenied):
            changed(held, MAY, unit=tree.weavers, by=cast.reviewer)


@pytest.mark.usefixtures("today")
class TestLeavingAndComingBack:
    def test_the_day_is_the_first_out_of_office(self, cast, unit):
        held = added(unit, by=cast.chair)
        officers.leave(held, on=MAY, by=cast.chair)
        assert not Tenure.objects.at(MAY).exists()
        assert Tenure.objects.at(date(2024, 4, 30)).exists()
        with pytest.raises(UnfitService):
            officers.leave(held, on=ELECTED, by=cast.chair)

    def test_whoever_comes_back_as_chair_is_not_new(self, cast, unit, tree):
        held = added(unit, left_on=date(2024, 1, 1), by=cast.reviewer)
        back = service(tree.song_lam, elected_on=MAY)
        now = officers.come_back(held.officer, back, by=cast.reviewer)
        assert (now.valid_from, now.newly_elected_on) == (MAY, ELECTED)
        assert stretches(held.officer)[1] == ("TS-02", "chair", MAY, None)

    def test_nobody_serves_in_two_places(self, cast, unit, tree):
        held = added(unit, by=cast.reviewer)
        back = service(tree.song_lam, elected_on=MAY)
        with pytest.raises(Refused):
            officers.come_back(held.officer, back, by=cast.reviewer)

    def test_who_has_left_is_listed_once(self, cast, unit, tree, today):
        held = added(unit, position="staff", by=cast.root)
        changed(held, MAY, unit=tree.song_lam, by=cast.root)
        gone = added(unit, "Lê An", left_on=MAY, by=cast.root)
        assert list(Tenure.objects.left(today)) == [gone]
        of_unit = Tenure.objects.visible_to(cast.chair).left(today)
        assert {held.officer.name for held in of_unit} == {"Trần Văn Bình", "Lê An"}

    def test_units_without_a_chair(self, cast, unit, tree, today):
        units = type(unit).objects.within(tree.truong_son)
        lacking = set(officers.without_chair(units, today))
        held = added(unit, by=cast.chair)
        assert lacking - set(officers.without_chair(units, today)) == {unit}
        officers.leave(held, on=MAY, by=cast.chair)
        assert set(officers.without_chair(units, today)) == lacking


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.django_db
def test_many_are_added_in_the_same_number_of_statements(django_assert_num_queries, tree, count):
    by = factories.superuser()
    who = [Newcomer(f"Người {n}", service(tree.office, "staff")) for n in range(count)]
    # the unit, its chairs, the people, their service, the history; three savepoints around
    with django_assert_num_queries(7):
        officers.add_officers(who, by=by)
