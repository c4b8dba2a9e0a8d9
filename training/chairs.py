"""The chair by account and the chair among the officers are one person, kept in step.

Who becomes chair by «Đổi chủ tịch» or a hand-over is elected that day and stands in the list of
officers from then on. Who merely gets an account may have held the office for years, so nobody
is written down for it; an officer of that name there is the same person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_noop

from members.access import Permission
from members.models import Unit, User
from members.models.history import changes_between
from training.accounts import is_called, with_officer
from training.models import Officer, Position, Tenure
from training.officers import Service, line, locked_chairs, new_tenure, since_first_time, told
from unionplan.lib import clock


def chair_changed(unit: Unit, user: User, *, on: date, by: User) -> None:
    """Whoever was in office has left it that day; the new chair is in the list."""
    chairs = locked_chairs([unit.pk]).get(unit.pk, [])
    officer = _officer_of(user, unit, on)
    holding = [held for held in chairs if held.valid_to is None or held.valid_to > on]
    others = [held for held in holding if held.officer_id != officer.pk]
    if len(others) < len(holding) or any(held.valid_from >= on for held in others):
        return  # in office already, or somebody is written down for that time: left to people
    for held in others:
        before = told(held)
        held.valid_to = on
        held.save(update_fields=["valid_to"])
        changes = changes_between(before, told(held))
        line(held, gettext_noop("ended the service of the officer"), changes, by=by).save()
    _begin_office(officer, unit, on, by=by)


def chairs_got_accounts(chairs: Sequence[tuple[Unit, User]]) -> None:
    """Join accounts with officers of the same name; in three statements."""
    today = clock.today()
    units = [unit.pk for unit, _user in chairs]
    listed = Tenure.objects.chairs().at(today).filter(unit__in=units, officer__account=None)
    by_unit = {held.unit_id: held.officer for held in listed.select_related("officer")}
    taken = with_officer(user.pk for _unit, user in chairs)
    joined = []
    for unit, user in chairs:
        officer = by_unit.get(unit.pk)
        if officer is not None and user.pk not in taken and is_called(user, officer.name):
            officer.account = user
            taken.add(user.pk)
            joined.append(officer)
    Officer.objects.bulk_update(joined, ["account"])


def _officer_of(user: User, unit: Unit, on: date) -> Officer:
    """Known by the account, else by the name among those who serve at the unit, else new."""
    officer = Officer.objects.filter(account=user).first()
    if officer is None:
        serving = Tenure.objects.at(on).filter(unit=unit, officer__account=None)
        officers = (held.officer for held in serving.select_related("officer"))
        officer = next((known for known in officers if is_called(user, known.name)), None)
    if officer is None:
        officer = Officer(name=user.full_name or user.username)
        officer.name_changed()
    officer.account = user
    officer.save()
    return officer


def _begin_office(officer: Officer, unit: Unit, on: date, *, by: User) -> None:
    position = Position.objects.get(pk=Position.CHAIR)
    held = officer.tenures.filter(Q(valid_to=None) | Q(valid_to__gt=on))
    serving = held.select_related("unit", "position").order_by("-valid_from").first()
    service = Service(unit, position, on)
    if serving is not None:
        is_own = serving.unit_id == unit.pk or by.may(Permission.OFFICERS, serving.unit)
        if serving.valid_from >= on or not is_own:
            return  # left to people: whoever keeps the list there hands the officer over
        known = Service.of(serving)
        known = replace(known, unit=unit, position=position, left_on=None)
        service = replace(known, elected_on=on, first_elected_on=None)
        before = told(serving)
        serving.valid_to = on
        serving.save(update_fields=["valid_to"])
        if serving.unit_id != unit.pk:
            changes = changes_between(before, told(serving))
            line(serving, gettext_noop("handed the officer over"), changes, by=by).save()
    tenure = new_tenure(officer, since_first_time(officer, service), on)
    tenure.save()
    verb = gettext_noop("wrote the chair into the list of officers")
    line(tenure, verb, changes_between({}, told(tenure)), by=by).save()
