"""How units come into being, one or a whole country at once, and how their details change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_noop

from members.models import HistoryEntry, HistoryKind, Placement, Suspension, Tag, Unit, User
from members.models.history import Changes, changes_between, entry
from members.models.units import EARLIEST
from members.periods import add_reports_to_open_quarters
from unionplan.lib.paths import segment
from unionplan.lib.watching import Watch, unwatched

# What may change without a decision; everything else of a unit changes by an event.
DETAILS = ("short_name", "area", "contact_name", "phone", "email")
FOUNDING = ("code", "name", "kind", "sector_id", "founded_on")
BATCH = 1000

Tags = Mapping[str, Sequence[str]]  # code of the unit → names of its tags


@transaction.atomic
def add_units(
    units: Sequence[Unit],
    *,
    by: User,
    tags: Tags | None = None,
    suspended: Mapping[str, date] | None = None,
    watch: Watch = unwatched,
) -> list[Unit]:
    """Add units with their first placement, and their reports to the quarters that are open.

    A unit's ``parent`` may be another unit of the same call, in any order; units come back
    superiors first. ``suspended`` says by code which of them rest, and from which day.
    """
    ordered = _superiors_first(units)
    for unit, pk in zip(ordered, reserve_ids(len(ordered)), strict=True):
        unit.pk = pk
        unit.parent = unit.parent  # its id is known by now
        unit.path = (unit.parent.path if unit.parent else "") + segment(pk)
        unit.name_changed()
    for start in watch(range(0, len(ordered), BATCH)):
        some = ordered[start : start + BATCH]
        Unit.objects.bulk_create(some)
        Placement.objects.bulk_create(map(_first_place, some))
        HistoryEntry.objects.bulk_create(
            _line(unit, gettext_noop("added the unit"), _facts(unit), by) for unit in some
        )
    _tag(ordered, tags or {})
    _suspend(ordered, suspended or {}, by)
    add_reports_to_open_quarters(ordered, by=by)
    return ordered


@transaction.atomic
def change_details(
    details: Mapping[Unit, Mapping[str, Any]], *, by: User, tags: Tags | None = None
) -> None:
    """Change contacts, short names, areas and tags; what stays the same leaves no history."""
    tags = tags or {}
    lines = []
    for unit, facts in details.items():
        changes = changes_between({name: getattr(unit, name) for name in DETAILS}, dict(facts))
        for name in changes:
            setattr(unit, name, facts[name])
        unit.name_changed()
        if unit.code in tags:
            before = ", ".join(sorted(tag.name for tag in unit.tags.all()))
            after = ", ".join(sorted(tags[unit.code]))
            changes |= changes_between({"tags": before}, {"tags": after})
        if changes:
            lines.append(_line(unit, gettext_noop("changed the details of the unit"), changes, by))
    Unit.objects.bulk_update(details, [*DETAILS, "search_text", "sort_key"], batch_size=BATCH)
    tagged = [unit for unit in details if unit.code in tags]
    Unit.tags.through.objects.filter(unit__in=tagged).delete()
    _tag(tagged, tags)
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)


def _superiors_first(units: Iterable[Unit]) -> list[Unit]:
    """By depth among the units given; there is no cycle."""

    def depth(unit: Unit) -> int:
        return 1 + depth(unit.parent) if unit.parent and unit.parent.pk is None else 0

    return sorted(units, key=depth)


def reserve_ids(count: int) -> list[int]:
    """Ids nobody else will get: a path is made of ids, so they must be known before the rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('members_unit', 'id'))"
                " FROM generate_series(1, %s)",
                [count],
            )
            return [pk for (pk,) in cursor.fetchall()]
    # SQLite: a transaction that writes is alone (IMMEDIATE).
    last = Unit.objects.aggregate(last=Max("pk"))["last"] or 0
    return list(range(last + 1, last + 1 + count))


def _first_place(unit: Unit) -> Placement:
    return Placement(
        unit=unit,
        parent_id=unit.parent_id,
        sector_id=unit.sector_id,
        name=unit.name,
        valid_from=unit.founded_on or EARLIEST,
    )


def _suspend(units: Iterable[Unit], suspended: Mapping[str, date], by: User) -> None:
    """Before their reports are made, which then owe nothing."""
    resting = [
        Suspension(unit=unit, starts_on=suspended[unit.code])
        for unit in units
        if unit.code in suspended
    ]
    Suspension.objects.bulk_create(resting, batch_size=BATCH)
    verb = gettext_noop("suspended the unit")
    HistoryEntry.objects.bulk_create(
        _line(rest.unit, verb, changes_between({}, {"starts_on": rest.starts_on}), by)
        for rest in resting
    )


def _tag(units: Iterable[Unit], tags: Tags) -> None:
    names = {name for unit in units for name in tags.get(unit.code, ())}
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
    known = {tag.name: tag for tag in Tag.objects.filter(name__in=names)}
    links = [
        Unit.tags.through(unit=unit, tag=known[name])
        for unit in units
        for name in tags.get(unit.code, ())
    ]
    Unit.tags.through.objects.bulk_create(links, batch_size=BATCH)


def _facts(unit: Unit) -> Changes:
    facts = {name: getattr(unit, name) for name in FOUNDING}
    facts["parent"] = unit.parent.code if unit.parent else None
    return changes_between({}, {name: value for name, value in facts.items() if value})


def _line(unit: Unit, verb: str, changes: Changes, by: User) -> HistoryEntry:
    return entry(HistoryKind.UNIT, verb, by=by, unit=unit, subject=unit.name, changes=changes)
