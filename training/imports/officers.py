"""Officers from a file: new ones, and what has become of those who are known; all or nothing.

A person is known by unit and name. What a row says of the past is corrected in place (days of
election and of leaving, gender, duties); a position, full-time service, education or political
theory that differs holds from ``changed_on`` (else today), so that past quarters keep their
figures. Whoever is elected again after having left is the same person who came back, and whoever
leaves one unit of the file on the very day of being elected at another is one person who moved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.access import Permission
from members.actions import Refused
from members.imports.units import units_by_code
from members.models import Unit, User
from training.imports.officer_rows import OFFICER_COLUMNS, Said, Words, is_left_empty, said_in
from training.models import Officer, Tenure
from training.officers import (
    BATCH,
    Newcomer,
    Service,
    add_officers,
    begins,
    change,
    come_back,
    correct,
    leave,
    locked_chairs,
    one_at_a_time,
    refusal_of,
)
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Row, Sheet, read
from unionplan.lib.vietnamese import same_name

# Beside which column it is told what a verb refuses.
COLUMN_OF = {
    **{name: name for name in ("unit", "position", "elected_on", "first_elected_on", "left_on")},
    "since": "changed_on",
    "on": "left_on",
}
# What holds from a day on, and what is corrected in place; a blank says nothing.
DATED = ("position", "is_full_time", "education", "political_theory")
IN_PLACE = ("duties", "is_in_planning")


@dataclass(frozen=True)
class OfficersBroughtIn:
    added: list[Tenure]
    changed: list[Tenure]  # as they are now
    unchanged: int
    left_empty: int = 0  # rows of a table that was downloaded here, with nobody in them

    def lines(self) -> Iterator[str]:
        for sign, tenures in (("+", self.added), ("~", self.changed)):
            for held in tenures:
                yield f"{sign} {held.unit.code} {held.officer} · {held.position}"

    def summary(self) -> str:
        words = _("Officers added: %(added)s. Changed: %(changed)s. Unchanged: %(unchanged)s.")
        return words % {
            "added": whole_number(len(self.added)),
            "changed": whole_number(len(self.changed)),
            "unchanged": whole_number(self.unchanged),
        }

    def sentence(self) -> str:
        sentences = []
        if self.added:
            words = ngettext(
                "Brought in %(count)s officer.", "Brought in %(count)s officers.", len(self.added)
            )
            sentences.append(words % {"count": whole_number(len(self.added))})
        if self.changed:
            words = ngettext(
                "Changed %(count)s officer.", "Changed %(count)s officers.", len(self.changed)
            )
            sentences.append(words % {"count": whole_number(len(self.changed))})
        return " ".join(sentences) or _("All of it is there already.")


@transaction.atomic
def bring_in_officers(content: bytes, *, by: User, dry_run: bool = False) -> OfficersBroughtIn:
    """Add and follow the officers of a file; :class:`Invalid` says all errors."""
    sheet = read(content, OFFICER_COLUMNS)
    found = _OfficerFile(sheet, by)
    sheet.stop_if_wrong()
    done = found.write()
    sheet.stop_if_wrong()
    if dry_run:
        transaction.set_rollback(True)
    return done


# --- against each other and against the list -----------------------------------------------------


@dataclass
class _Stretch:
    """A stretch of service as it will be; ``tenure`` is the stored one it comes from."""

    service: Service
    begins_on: date
    tenure: Tenure | None = None
    row: Row | None = None

    @property
    def ends_on(self) -> date | None:
        return self.service.left_on

    def overlaps(self, other: _Stretch) -> bool:
        return (other.ends_on is None or self.begins_on < other.ends_on) and (
            self.ends_on is None or other.begins_on < self.ends_on
        )

    def tenure_of(self, officer: Officer) -> Tenure:
        """As rules ask for it, not to be stored."""
        return Tenure(
            officer=officer,
            **self.service.stated,
            valid_from=self.begins_on,
            valid_to=self.ends_on,
        )


@dataclass(eq=False)
class _Person:
    officer: Officer
    stretches: list[_Stretch] = field(default_factory=list)  # by time, at whatever unit

    @property
    def is_known(self) -> bool:
        return self.officer.pk is not None

    def at(self, unit: Unit) -> list[_Stretch]:
        return [stretch for stretch in self.stretches if stretch.service.unit == unit]

    def meant_by(self, said: Said) -> _Stretch | None:
        """Which stretch the row speaks of: that of this election, else the last one that had not
        ended by then; ``None`` where somebody begins to serve."""
        here = self.at(said.unit)
        equal = [held for held in here if held.service.elected_on == said.elected_on]
        running = [
            held
            for held in here
            if (held.ends_on is None or held.ends_on > said.elected_on)
            and (said.left_on is None or held.begins_on < said.left_on)
        ]
        return next(reversed(equal or running), None)

    def insert(self, stretch: _Stretch) -> None:
        self.stretches.append(stretch)
        self.stretches.sort(key=lambda held: held.begins_on)


def _known_people(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], list[_Person]]:
    """Those who serve or served at these units under these names, with all their stretches."""
    units, found = sorted({unit for unit, _name in wanted}), defaultdict(set)
    for start in range(0, len(units), BATCH):
        here = Tenure.objects.filter(unit__in=units[start : start + BATCH])
        for unit, officer, name in here.values_list("unit_id", "officer_id", "officer__name"):
            if (key := (unit, same_name(name))) in wanted:
                found[key].add(officer)
    people = _people(sorted({officer for officers in found.values() for officer in officers}))
    return {key: [people[officer] for officer in sorted(some)] for key, some in found.items()}


def _people(officers: Sequence[int]) -> dict[int, _Person]:
    people: dict[int, _Person] = {}
    for start in range(0, len(officers), BATCH):
        held = Tenure.objects.filter(officer__in=officers[start : start + BATCH]).by_time()
        for tenure in held.select_related("officer", "unit", "position"):
            person = people.setdefault(tenure.officer_id, _Person(tenure.officer))
            stretch = _Stretch(Service.of(tenure), tenure.valid_from, tenure)
            person.stretches.append(stretch)
    return people


@dataclass(frozen=True)
class _Kept:
    """What becomes of a stored stretch, in the order in which it is written."""

    said: Said
    tenure: Tenure
    corrected: Service | None
    changes: list[tuple[Service, date]]
    leaves_on: date | None
    final: Service


class _OfficerFile:
    """The rows of the file, in the order of the elections."""

    def __init__(self, sheet: Sheet, by: User) -> None:
        self.by, self.today = by, clock.today()
        units = units_by_code({row.text("unit") for row in sheet.rows})
        words = Words()
        filled = [row for row in sheet.rows if not is_left_empty(row)]
        self.left_empty = len(sheet.rows) - len(filled)
        read_rows = [said for row in filled if (said := said_in(row, words, units, by))]
        self.rows = sorted(read_rows, key=lambda said: (said.elected_on, said.row.number))
        in_question = {said.unit.pk for said in self.rows}
        self.stored = locked_chairs(in_question)
        self.known = _known_people({(said.unit.pk, same_name(said.name)) for said in self.rows})
        self.people: dict[tuple[int, str], _Person] = {}  # those who are new
        self.called: dict[str, list[_Person]] = defaultdict(list)
        for (_unit, name), people in self.known.items():
            self.called[name] += people
        self.newcomers: list[tuple[Said, _Person]] = []
        self.kept: list[_Kept] = []
        self.returns: list[tuple[Said, _Person]] = []
        self.unchanged = 0
        self.touched: list[tuple[_Person, _Stretch]] = []
        self.chairs = _Chairs(self.stored)
        for said in self.rows:
            self._plan(said)
        self._refuse_two_places()
        self._refuse_two_chairs()

    # what each row comes to

    def _plan(self, said: Said) -> None:
        before = len(said.row.sheet.problems)
        person = self._person(said)
        if len(said.row.sheet.problems) > before:
            return
        if person is None:
            self._plan_new(said)
            return
        meant = person.meant_by(said)
        if meant is None:
            self._plan_return(said, person)
        elif meant.row is not None:
            first, second = sorted((meant.row, said.row), key=lambda row: row.number)
            words = _("this officer stands in row %(row)s already.")
            second.error("name", words % {"row": first.number})
        else:
            self._plan_kept(said, person, meant)

    def _person(self, said: Said) -> _Person | None:
        key = (said.unit.pk, same_name(said.name))
        known = self.known.get(key, [])
        if len(known) > 1:
            known = self._told_apart(said, known)
        if known:
            return known[0]
        if key not in self.people and (moved := self._moved_here(said)) is not None:
            self.people[key] = moved
        return self.people.get(key)

    def _moved_here(self, said: Said) -> _Person | None:
        """The one of this name who leaves another unit of the file on the day of the election."""
        moved = [
            person
            for person in self.called[same_name(said.name)]
            if person.stretches
            and person.stretches[-1].ends_on == said.elected_on
            and person.stretches[-1].service.unit != said.unit
        ]
        return moved[0] if len({id(person) for person in moved}) == 1 else None

    def _told_apart(self, said: Said, known: list[_Person]) -> list[_Person]:
        """Two people of one name: by the day of election, else by who serves."""
        elected = [
            person
            for person in known
            if any(held.service.elected_on == said.elected_on for held in person.at(said.unit))
        ]
        serving = [p for p in known if any(h.ends_on is None for h in p.at(said.unit))]
        for some in (elected, serving):
            if len(some) == 1:
                return some
        words = _("two officers of this unit bear this name; change them on their pages.")
        said.row.error("name", words)
        return known

    def _plan_new(self, said: Said) -> None:
        person = _Person(Officer(name=said.name, gender=said.gender))
        self.people[said.unit.pk, same_name(said.name)] = person
        self.called[same_name(said.name)].append(person)
        self.newcomers.append((said, person))
        self._begin(said, person, begins(said.service, self.chairs.but(person)))

    def _plan_return(self, said: Said, person: _Person) -> None:
        self.returns.append((said, person))
        self._begin(said, person, said.elected_on)

    def _begin(self, said: Said, person: _Person, begins_on: date) -> None:
        stretch = _Stretch(said.service, begins_on, row=said.row)
        person.insert(stretch)
        self._keep(said.row, person, stretch)

    def _keep(self, row: Row, person: _Person, stretch: _Stretch) -> None:
        """Check what does not depend on others; the chairs are compared at the end."""
        if refusal := refusal_of(stretch.service, stretch.begins_on, {}):
            row.error(refusal.field, refusal.words)
        stretch.row = row
        self.touched.append((person, stretch))
        self.chairs.add(person, stretch)

    def _plan_kept(self, said: Said, person: _Person, held: _Stretch) -> None:
        held.row = said.row
        old, tenure = held.service, held.tenure
        if tenure is None:
            return
        corrected, leaves_on = self._corrected(said, old)
        steps, corrected = self._steps(said, person, held, corrected, leaves_on)
        if self._says_nothing_new(said, person, old, corrected, steps, leaves_on):
            self.unchanged += 1
            return
        begins_on = self._begins_on(person, held, corrected)
        self.chairs.remove(held)
        person.stretches.remove(held)
        service = corrected
        for changed, since in steps:
            before = _Stretch(replace(service, left_on=since), begins_on, tenure)
            person.insert(before)
            self._keep(said.row, person, before)
            service, begins_on = changed, since
        final = replace(service, left_on=leaves_on or old.left_on)
        last = _Stretch(final, begins_on, tenure)
        person.insert(last)
        self._keep(said.row, person, last)
        is_corrected = corrected != old or bool(
            said.gender and said.gender != person.officer.gender
        )
        new_leave = leaves_on if leaves_on != old.left_on else None
        self.kept.append(
            _Kept(said, tenure, corrected if is_corrected else None, steps, new_leave, final)
        )

    def _begins_on(self, person: _Person, held: _Stretch, corrected: Service) -> date:
        """Where it began with an election, it follows that; what was before it ends then."""
        old, begins_on = held.service, held.begins_on
        before = next((one for one in person.at(old.unit) if one.ends_on == begins_on), None)
        if before is not None and begins_on == old.elected_on:
            begins_on = corrected.elected_on
            before.service = replace(before.service, left_on=begins_on)
        elif before is None and begins_on in (old.elected_on, old.first_elected_on):
            begins_on = begins(corrected, self.chairs.but(person))
        return begins_on

    def _corrected(self, said: Said, old: Service) -> tuple[Service, date | None]:
        """What the row says of what was always so, and of the day of leaving."""
        facts: dict[str, Any] = {name: said.facts[name] for name in IN_PLACE if name in said.facts}
        leaves_on = said.left_on or old.left_on
        is_later = said.elected_on > old.elected_on
        if is_later and said.facts["position"] != old.position:  # the change tells of it
            return replace(old, **facts), leaves_on
        first = said.first_elected_on or old.first_elected_on
        if is_later:  # elected again
            first = first or old.elected_on
        elif first and not said.first_elected_on and first > said.elected_on:
            first = None
        facts |= {"elected_on": said.elected_on, "first_elected_on": first}
        return replace(old, **facts), leaves_on

    def _steps(
        self,
        said: Said,
        person: _Person,
        held: _Stretch,
        service: Service,
        leaves_on: date | None,
    ) -> tuple[list[tuple[Service, date]], Service]:
        """What holds from a day on; what cannot is corrected with the rest."""
        steps: list[tuple[Service, date]] = []
        now = service
        if said.facts["position"] != now.position and said.elected_on > now.elected_on:
            now = replace(
                now,
                position=said.facts["position"],
                elected_on=said.elected_on,
                first_elected_on=said.first_elected_on,
            )
            steps.append((now, said.changed_on or said.elected_on))
        dated = {name: said.facts[name] for name in DATED if name in said.facts}
        then = replace(now, **dated)
        if then == now:
            return steps, service
        since = said.changed_on or self.today
        if steps and (since <= steps[0][1] or (leaves_on and leaves_on <= since)):
            return [(then, steps[0][1])], service
        if self._is_in_place(said, person, held, since, leaves_on):
            return steps, replace(service, **dated)
        return [*steps, (then, since)], service

    def _is_in_place(
        self, said: Said, person: _Person, held: _Stretch, since: date, leaves_on: date | None
    ) -> bool:
        """With the service itself, or of somebody who has left and whom no day changes."""
        if since > self.today:
            said.row.error("changed_on", _("this day lies in the future."))
        if since <= held.begins_on:
            before = [one for one in person.at(said.unit) if one.ends_on == held.begins_on]
            if said.changed_on and since < held.begins_on and before:
                words = _("the last change is of %(day)s; change what was before on the page.")
                said.row.error("changed_on", words % {"day": in_text(held.begins_on)})
            return True
        if leaves_on is None or since < leaves_on:
            return False
        if said.changed_on:
            words = _("%(person)s left before that day.")
            said.row.error("changed_on", words % {"person": person.officer})
        return True

    def _says_nothing_new(
        self,
        said: Said,
        person: _Person,
        old: Service,
        corrected: Service,
        steps: list[tuple[Service, date]],
        leaves_on: date | None,
    ) -> bool:
        if said.gender and said.gender != person.officer.gender:
            if not self.by.may(Permission.OFFICERS, person.stretches[-1].service.unit):
                said.row.error("gender", _("this person serves elsewhere now."))
            return False
        return corrected == old and not steps and leaves_on == old.left_on

    # the whole of it

    def _refuse_two_places(self) -> None:
        for person, stretch in self.touched:
            if not person.is_known or stretch.row is None:
                continue
            others = (held for held in person.stretches if held is not stretch)
            if any(stretch.overlaps(other) and other.row is not stretch.row for other in others):
                stretch.row.error("elected_on", one_at_a_time())

    def _refuse_two_chairs(self) -> None:
        told: set[int] = set()
        for person, stretch in self.touched:
            row = stretch.row
            if row is None or not stretch.service.is_chair or row.number in told:
                continue
            others = self.chairs.but(person, until_row=row.number)
            refusal = refusal_of(stretch.service, stretch.begins_on, others)
            if refusal is not None and refusal.field == "position":
                told.add(row.number)
                row.error("position", refusal.words)

    # written

    def write(self) -> OfficersBroughtIn:
        """Those who leave the chair make room for those who take it."""
        by_room = sorted(
            self.kept, key=lambda kept: kept.final.is_chair and kept.final.left_on is None
        )
        changed = [
            held for kept in by_room if (held := self._attempt(kept.said, self._follow, kept))
        ]
        added = self._add()
        for said, person in self.returns:
            if held := self._attempt(said, self._take_back, said, person):
                changed.append(held)
        return OfficersBroughtIn(added, changed, self.unchanged, self.left_empty)

    def _attempt(self, said: Said, verb: Any, *facts: Any) -> Tenure | None:
        try:
            held: Tenure = verb(*facts)
        except Refused as refused:
            said.row.error(COLUMN_OF.get(getattr(refused, "field", ""), "name"), str(refused))
            return None
        return held

    def _follow(self, kept: _Kept) -> Tenure:
        held, by = kept.tenure, self.by
        if kept.corrected is not None:
            officer = held.officer
            is_leaving = kept.leaves_on is not None and held.valid_to is None
            left_on = held.valid_to if is_leaving or kept.leaves_on is None else kept.leaves_on
            service = replace(kept.corrected, left_on=left_on)
            gender = kept.said.gender or officer.gender
            held = correct(held, service, name=officer.name, gender=gender, by=by)
        for service, since in kept.changes:
            held = change(held, replace(service, left_on=held.valid_to), since=since, by=by)
        if kept.leaves_on is not None and held.valid_to != kept.leaves_on:
            held = leave(held, on=kept.leaves_on, by=by)
        return held

    def _add(self) -> list[Tenure]:
        newcomers = [
            Newcomer(said.name, said.service, said.gender) for said, _person in self.newcomers
        ]
        if not newcomers:
            return []
        added = add_officers(newcomers, by=self.by)
        for held, (_said, person) in zip(added, self.newcomers, strict=True):
            person.officer = held.officer
        return added

    def _take_back(self, said: Said, person: _Person) -> Tenure:
        return come_back(person.officer, said.service, by=self.by)


class _Chairs:
    """Who will be chair of which unit, when: as stored, and as rows change it."""

    def __init__(self, stored: Mapping[int, list[Tenure]]) -> None:
        self._stored = {unit: {held.pk: held for held in some} for unit, some in stored.items()}
        self._planned: dict[int, list[tuple[_Person, _Stretch]]] = defaultdict(list)

    def remove(self, stretch: _Stretch) -> None:
        """What is stored of it is not so any more."""
        if stretch.tenure is not None:
            self._stored.get(stretch.service.unit.pk, {}).pop(stretch.tenure.pk, None)

    def add(self, person: _Person, stretch: _Stretch) -> None:
        if stretch.service.is_chair:
            self._planned[stretch.service.unit.pk].append((person, stretch))

    def but(self, person: _Person, *, until_row: int | None = None) -> _ChairsOfOthers:
        return _ChairsOfOthers(self._stored, self._planned, person, until_row)


@dataclass(frozen=True)
class _ChairsOfOthers(Mapping[int, list[Tenure]]):
    """Of two rows that are at odds, the later one is told."""

    stored: Mapping[int, Mapping[int, Tenure]]
    planned: Mapping[int, list[tuple[_Person, _Stretch]]]
    person: _Person
    until_row: int | None

    def __getitem__(self, unit: int) -> list[Tenure]:
        me = self.person.officer.pk
        stored = (held for held in self.stored.get(unit, {}).values() if held.officer_id != me)
        planned = (
            stretch.tenure_of(person.officer)
            for person, stretch in self.planned.get(unit, ())
            if person is not self.person
            and (self.until_row is None or (stretch.row and stretch.row.number < self.until_row))
        )
        return [*stored, *planned]

    def __iter__(self) -> Iterator[int]:
        return iter({*self.stored, *self.planned})

    def __len__(self) -> int:
        return len({*self.stored, *self.planned})
