"""Several people write of the same officers and courses at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, connections

from members.actions import Refused
from members.models import HistoryEntry, Kind
from tests import factories
from training import counts, courses, officers
from training.counts import Others
from training.models import OfficerCount, Position, Tenure
from training.officers import Newcomer, Service

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_transactional_reference"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in"),
]

MAY = date(2024, 5, 1)


def run(*tasks: Callable[[], object]) -> list[str]:
    """How each ended: «done», or refused with a sentence; anything else is an error."""

    def one(task: Callable[[], object]) -> str:
        try:
            task()
        except Refused:
            return "refused"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(tasks)) as pool:
        return sorted(future.result(60) for future in [pool.submit(one, task) for task in tasks])


@pytest.fixture
def units():
    top = factories.unit("CDN", kind=Kind.FEDERATION)
    return [factories.unit(f"TS-{n}", parent=top) for n in range(6)]


def test_of_eight_who_are_made_chair_one_is(units):
    by, unit = factories.superuser(), units[0]
    is_chair = Position.objects.get(pk="chair")
    office = Service(unit, is_chair, MAY)
    newcomers = [Newcomer(f"Mới {n}", office) for n in range(4)]
    vices = [factories.officer(unit, f"Phó {n}", position="vice-chair") for n in range(2)]
    gone = [factories.officer(unit, f"Cũ {n}", position="staff", left_on=MAY) for n in range(2)]
    told = run(
        *(lambda one=one: officers.add_officers([one], by=by) for one in newcomers),
        *(
            lambda vice=vice: officers.change(
                vice, replace(Service.of(vice), position=is_chair), since=MAY, by=by
            )
            for vice in vices
        ),
        *(lambda one=one: officers.come_back(one.officer, office, by=by) for one in gone),
    )
    assert told == ["done", *["refused"] * 7]
    assert Tenure.objects.chairs().filter(unit=unit, valid_to=None).count() == 1


def test_an_officer_moves_to_one_place(units):
    by = factories.superuser()
    held = factories.officer(units[0], position="staff")

    def moved(n: int) -> Callable[[], object]:
        there = replace(Service.of(held), unit=units[n])
        return lambda: officers.change(held, there, since=date(2024, 5, 10 - n), by=by)

    told = run(*(moved(n) for n in range(1, 6)))
    assert told == ["done", *["refused"] * 4]
    assert held.officer.tenures.filter(valid_to=None).count() == 1


def test_who_comes_back_has_left(units):
    """One writes that somebody serves again elsewhere, another that they never left."""
    by = factories.superuser()
    for n in range(5):
        held = factories.officer(units[0], f"Người {n}", position="staff", left_on=MAY)
        stays = replace(Service.of(held), left_on=None)
        back = Service(units[1], Position.objects.get(pk="staff"), date(2024, 6, 1))
        told = run(
            lambda held=held, back=back: officers.come_back(held.officer, back, by=by),
            lambda held=held, stays=stays: officers.correct(
                held, stays, name=held.officer.name, gender="", by=by
            ),
        )
        assert told == ["done", "refused"]
        assert held.officer.tenures.filter(valid_to=None).count() == 1


def test_the_first_numbers_of_a_quarter_by_a_file_and_on_the_page(units):
    by = factories.superuser()
    quarter = factories.open_quarter("2024Q1", by=by)
    stated = [{unit: Others(10 + n, n) for unit in units[n:] + units[:n]} for n in range(6)]

    told = run(*(lambda said=said: counts.state(said, quarter, by=by) for said in stated))

    assert told == ["done"] * 6
    rows = OfficerCount.objects.values_list("others", "others_trained")
    assert len(rows) == 6
    assert {others - trained for others, trained in rows} == {10}


def test_a_course_is_held_or_cancelled(units):
    by = factories.superuser()
    held = factories.officer(units[0], elected_on=date(2023, 1, 1))
    for n in range(5):
        day = date(2024, 5, n + 1)
        course = factories.course(units[0].parent, starts_on=day, status="planned")
        (sent,) = courses.send(course, [held.officer], by=by)
        facts = {"starts_on": day, "ends_on": day, "other_turns": None}
        told = run(
            lambda course=course, facts=facts: courses.hold(course, **facts, by=by),
            lambda course=course: courses.hold_as_planned([course], by=by),
            lambda course=course: courses.cancel(course, reason="Thử", by=by),
        )
        assert told == ["done", "refused", "refused"]
        course.refresh_from_db()
        told = run(
            lambda sent=sent: courses.take_back(sent, by=by),
            lambda course=course, sent=sent, day=day: courses.complete(
                course, {sent.pk: day}, by=by
            ),
        )
        left = course.attendances.first()
        assert left is None or (left.completed_on == day) is course.is_held
    assert HistoryEntry.objects.exists()
