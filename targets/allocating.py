"""Phân bổ chỉ tiêu: a unit splits a target of its own over the units directly below.

The draft is a work sheet of its own and touches no target. «Giao chỉ tiêu» writes the targets, all
of them or none, by :func:`targets.actions.set_targets`. The plan's row is the lock, as for every
change of its targets; whoever saves says which version of the draft they saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.actions import Refused
from members.models import HistoryKind, Kind, SectorGroup, Unit, User
from members.models.history import record
from targets.actions import Done, lock_plan, set_targets, target_subject
from targets.allocation import (
    Balance,
    CannotShare,
    KeptTooMuch,
    Weight,
    share_out_around,
)
from targets.indicators import Indicator, known_among
from targets.lines import Line
from targets.models import (
    Allocation,
    Plan,
    Registration,
    RegistrationRound,
    Share,
    SharedBy,
    Target,
    TargetRevision,
)
from targets.models.allocation import LARGEST
from targets.potential import Potential, Potentials, Sectors, concerned
from unionplan.lib import clock
from unionplan.lib.dates import in_text, moment
from unionplan.lib.numbers import whole_number


@dataclass(frozen=True)
class Cell:
    """What one unit is to get; blank is «không giao»."""

    number: int | None = None
    is_kept: bool = False


NOTHING = Cell()
Cells = Mapping[int, Cell]  # by id of the unit


@dataclass(frozen=True)
class Draft:
    """The sheet as somebody typed it."""

    cells: Cells
    shared_by: str = SharedBy.HEAD_ROOM
    keeps_rest: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Decision:
    number: str
    issued_on: date
    in_force_on: date


class Overtaken(Refused):
    """Somebody saved the sheet since the page was opened; ``allocation`` is as it stands now."""

    def __init__(self, allocation: Allocation) -> None:
        sentence = _(
            "Comrade %(person)s saved this allocation at %(moment)s, after this page was opened. "
            "What is stored stands beside what you typed; choose the right numbers and save again."
        )
        words = {"person": allocation.saved_by, "moment": moment(allocation.saved_at)}
        super().__init__(sentence % words)
        self.allocation = allocation


# --- read ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A unit directly below, with what is known of it and what it is to get."""

    unit: Unit
    potential: Potential
    registration: Registration | None
    in_force: TargetRevision | None
    cell: Cell
    is_drafted: bool

    @property
    def proposal(self) -> int | None:
        """What the superior thinks of, and not what holds already."""
        return self.cell.number if self.is_drafted else None

    @property
    def registered(self) -> int | None:
        return self.registration.number if self.registration else None

    @property
    def assigned(self) -> Decimal | None:
        return self.in_force.minimum if self.in_force else None


@dataclass(frozen=True)
class Sheet:
    """Everything the page and the file show."""

    target: Target
    indicator: Indicator
    number: int
    rows: list[Row]
    result_name: str
    allocation: Allocation | None

    @property
    def version(self) -> int:
        return self.allocation.version if self.allocation else 0

    @property
    def draft(self) -> Draft:
        """As it is stored."""
        return _draft({row.unit.pk: row.cell for row in self.rows}, self.allocation)

    @property
    def balance(self) -> Balance:
        return balance_of(self.number, (row.cell for row in self.rows))

    @property
    def total(self) -> Potential:
        """Of what is known."""
        known = [row.potential for row in self.rows]
        return Potential(
            workers=_total(potential.workers for potential in known),
            members=_total(potential.members for potential in known),
            last_result=_total(potential.last_result for potential in known),
        )

    @property
    def room(self) -> int | None:
        return _total(row.potential.head_room for row in self.rows)

    @property
    def registered(self) -> int | None:
        return _total(row.registered for row in self.rows)

    @property
    def has_targets(self) -> bool:
        return any(row.in_force for row in self.rows)


def sheet_of(target: Target, *, on: date) -> Sheet:
    """In a fixed number of statements, whatever the number of units."""
    split = _Split(target, on)
    plan, known = target.plan, split.indicator
    potentials = Potentials(plan, [(target, known)], split.units, split.sectors)
    registered = registrations_of(target)
    cells = split.cells
    rows = [
        Row(
            unit=unit,
            potential=potentials.of(target, known, unit),
            registration=registered.get(unit.pk),
            in_force=split.in_force.get(unit.pk),
            cell=cells.get(unit.pk, NOTHING),
            is_drafted=split.allocation is not None,
        )
        for unit in split.units
    ]
    return Sheet(target, known, split.number, rows, potentials.result_name, split.allocation)


def balance_of(number: int, cells: Iterable[Cell]) -> Balance:
    return Balance(number, sum(cell.number or 0 for cell in cells))


def can_be_split(target: Target, indicator: Indicator | None) -> bool:
    """Counts of a superior unit; a sector rule is inherited, and no ratio adds up."""
    return target.unit.is_superior and indicator is not None and not indicator.is_ratio


def registrations_of(target: Target) -> dict[int, Registration]:
    """Of the latest round in which the units below were asked, by id of the unit."""
    rounds = RegistrationRound.objects.filter(plan=target.plan_id, unit=target.unit_id)
    latest = rounds.order_by("-opened_at", "-pk").values("pk")[:1]
    found = Registration.objects.filter(target=target, round=latest)
    return {registration.unit_id: registration for registration in found}


def held_below(target: Target) -> dict[int, Target]:
    """The same line of the units directly below, by their ids, with its values; two statements."""
    below = target.plan.targets.filter(
        unit__parent=target.unit_id,
        indicator=target.indicator,
        sector_group=target.sector_group_id,
        due_on=target.due_on,
    )
    return {held.unit_id: held for held in below.with_values()}


def values_of(held: Mapping[int, Target], *, on: date, plan: Plan) -> dict[int, TargetRevision]:
    """Their values in force, by id of the unit."""
    found = {unit: value_of(target, on=on, plan=plan) for unit, target in held.items()}
    return {unit: revision for unit, revision in found.items() if revision is not None}


def value_of(target: Target, *, on: date, plan: Plan) -> TargetRevision | None:
    """In force that day, or on the first day of a plan still to come; of a draft the latest."""
    revisions = sorted(target.revisions.all(), key=attrgetter("in_force_on", "pk"), reverse=True)
    if plan.is_draft:
        return next(iter(revisions), None)
    day = max(on, plan.starts_on)
    return next((revision for revision in revisions if revision.in_force_on <= day), None)


def line_name(target: Target, indicator: Indicator) -> str:
    """«thực tăng», «thực tăng, doanh nghiệp nhà nước (đến 30/6/2024)»: within a sentence."""
    names = [_small(str(indicator.short_label))]
    if target.sector_group_id != SectorGroup.ALL:
        names.append(_small(str(target.sector_group)))
    name = ", ".join(names)
    if target.due_on:
        name += f" ({_('until %(day)s') % {'day': in_text(target.due_on)}})"
    return name


def keeping_words(unit: Unit) -> str:
    """«Giữ lại ở cấp ngành»."""
    if unit.kind == Kind.FEDERATION:
        return _("Keep the rest at the level of the federation")
    return _("Keep the rest at this level")


def _small(name: str) -> str:
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _total(figures: Iterable[int | None]) -> int | None:
    stated = [figure for figure in figures if figure is not None]
    return sum(stated) if stated else None


class _Split:
    """A target that can be split, the units it is split over, and the draft as it is stored."""

    def __init__(self, target: Target, on: date) -> None:
        known = known_among([target.indicator]).get(target.indicator)
        if known is None or not can_be_split(target, known):
            raise Refused(
                _(
                    "Only a number can be split over the units below; a ratio holds for "
                    "all of them as it is."
                )
            )
        value = value_of(target, on=on, plan=target.plan)
        if value is None:
            raise Refused(_("The target has no value in force yet."))
        self.target, self.indicator, self.number = target, known, int(value.minimum)
        self.sectors = Sectors()
        children = target.unit.children.living().by_name()
        self.units = concerned(children, target, known, self.sectors)
        self.held = held_below(target)
        self.in_force = values_of(self.held, on=on, plan=target.plan)
        allocations = Allocation.objects.select_related("saved_by").prefetch_related("shares")
        self.allocation = allocations.filter(target=target).first()

    @property
    def cells(self) -> dict[int, Cell]:
        """Those of the draft; before there is one, the values in force."""
        below = {unit.pk for unit in self.units}
        if self.allocation is None:
            cells = {unit: Cell(int(held.minimum)) for unit, held in self.in_force.items()}
        else:
            shares = self.allocation.shares.all()
            cells = {share.unit_id: Cell(share.number, share.is_kept) for share in shares}
        return {unit: cell for unit, cell in cells.items() if unit in below}

    def stored(self) -> Draft:
        return _draft(self.cells, self.allocation)

    def refuse(self, version: int | None) -> None:
        if self.target.plan.has_ended:
            raise Refused(_("The plan has ended; nothing in it changes any more."))
        stored = self.allocation
        if version is not None and stored is not None and stored.version != version:
            raise Overtaken(stored)


def _draft(cells: Cells, stored: Allocation | None) -> Draft:
    typed = {unit: cell for unit, cell in cells.items() if cell != NOTHING}
    if stored is None:
        return Draft(typed)
    return Draft(typed, stored.shared_by, stored.keeps_rest, stored.reason)


# --- the draft -----------------------------------------------------------------------------------


@transaction.atomic
def save_draft(
    target: Target, draft: Draft, *, by: User, on: date, version: int | None = None
) -> Allocation:
    """Keep what is typed so far; nothing has to add up yet."""
    split = _locked(target, on, version)
    return _save(split, draft, by=by)


@transaction.atomic
def share_draft(
    target: Target, draft: Draft, *, by: User, on: date, version: int | None = None
) -> Allocation:
    """Split the number over the units by ``draft.shared_by``, around those that keep theirs.

    Of a unit whose weight is not known nothing is said: it stays blank.
    """
    split = _locked(target, on, version)
    weights = _weights(split, draft.shared_by)
    cells = [draft.cells.get(unit.pk, NOTHING) for unit in split.units]
    weights = [
        None if cell.is_kept else weight for cell, weight in zip(cells, weights, strict=True)
    ]
    kept = {place: cell.number or 0 for place, cell in enumerate(cells) if cell.is_kept}
    try:
        shares = share_out_around(split.number, weights, kept)
    except KeptTooMuch as told:
        sentence = _("What is kept as it is exceeds the assigned number by %(over)s.")
        raise Refused(sentence % {"over": whole_number(told.over)}) from None
    except CannotShare:
        sentence = _("“%(by)s” cannot be split by: it is 0 or not known of every unit left.")
        raise Refused(sentence % {"by": SharedBy(draft.shared_by).label}) from None
    shared = {
        unit.pk: cell if cell.is_kept else Cell(None if weight is None else number)
        for unit, cell, weight, number in zip(split.units, cells, weights, shares, strict=True)
    }
    return _save(split, replace(draft, cells=shared), by=by)


def _weights(split: _Split, shared_by: str) -> Sequence[Weight | None]:
    if shared_by == SharedBy.EQUALLY:
        return [1] * len(split.units)
    potentials = Potentials(
        split.target.plan, [(split.target, split.indicator)], split.units, split.sectors
    )
    known = [potentials.of(split.target, split.indicator, unit) for unit in split.units]
    match shared_by:
        case SharedBy.WORKERS:
            return [potential.workers for potential in known]
        case SharedBy.LAST_RESULT:  # whoever lost members last year weighs nothing
            results = [potential.last_result for potential in known]
            return [None if result is None else max(0, result) for result in results]
        case _:
            return [potential.head_room for potential in known]


def _locked(target: Target, on: date, version: int | None) -> _Split:
    """The sheet as it stands now, ours until the transaction ends."""
    plan = lock_plan(target.plan)
    target = Target.objects.with_values().get(pk=target.pk)
    target.plan = plan
    split = _Split(target, on)
    split.refuse(version)
    return split


def _save(split: _Split, draft: Draft, *, by: User) -> Allocation:
    _refuse_cells(split, draft.cells)
    allocation = split.allocation or Allocation(target=split.target)
    if split.allocation and _is_same(split, draft):
        return allocation
    for name in ("shared_by", "keeps_rest", "reason"):
        setattr(allocation, name, getattr(draft, name))
    allocation.version += 1
    allocation.saved_by, allocation.saved_at = by, clock.now()
    allocation.save()
    allocation.shares.all().delete()
    Share.objects.bulk_create(
        Share(allocation=allocation, unit=unit, number=cell.number, is_kept=cell.is_kept)
        for unit in split.units
        if (cell := draft.cells.get(unit.pk, NOTHING)) != NOTHING
    )
    _record(split, draft.cells, gettext_noop("saved the draft of the allocation"), by=by)
    return allocation


def _refuse_cells(split: _Split, cells: Cells) -> None:
    if cells.keys() - {unit.pk for unit in split.units}:
        sentence = _("One of these units is not directly below %(unit)s.")
        raise Refused(sentence % {"unit": split.target.unit})
    numbers = [cell.number for cell in cells.values() if cell.number is not None]
    if any(number < 0 for number in numbers):
        raise Refused(_("A target cannot be negative."))
    if any(number > LARGEST for number in numbers):
        raise Refused(_("This number is too large."))


def _is_same(split: _Split, draft: Draft) -> bool:
    typed = {unit: cell for unit, cell in draft.cells.items() if cell != NOTHING}
    return split.stored() == replace(draft, cells=typed)


def _record(split: _Split, cells: Cells, verb: str, *, by: User, **facts: Any) -> None:
    """One line at the unit itself: «… · 5.373/5.493»."""
    balance = balance_of(split.number, cells.values())
    numbers = f"{whole_number(balance.allocated)}/{whole_number(balance.assigned)}"
    target, indicators = split.target, {split.indicator.code: split.indicator}
    subject = f"{target_subject(target, indicators)} · {numbers}"
    record(HistoryKind.TARGET, verb, by=by, unit=target.unit, subject=subject, **facts)


# --- assigning -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Assigned:
    """What «Giao chỉ tiêu» did."""

    done: Done
    units: int
    left_alone: list[Unit] = field(default_factory=list)  # blank: they keep what they have


@transaction.atomic
def assign(
    target: Target,
    decision: Decision,
    *,
    by: User,
    on: date,
    draft: Draft | None = None,
    version: int | None = None,
) -> Assigned:
    """Write the targets of the units below as the draft says, or as it was typed just now.

    New targets, and revisions where a unit has another value; a blank is no target, and takes away
    none. All in one transaction: what is refused leaves nothing behind.
    """
    split = _locked(target, on, version)
    draft = split.stored() if draft is None else draft
    _save(split, draft, by=by)
    _refuse_unbalanced(split, draft)
    if not decision.number:
        raise Refused(_("Enter the number of the decision."))
    numbers = {u: draft.cells[u.pk].number for u in split.units if u.pk in draft.cells}
    lines = [
        _line(split, unit, number, decision)
        for unit, number in numbers.items()
        if number is not None and not _is_already(split, unit, number, decision)
    ]
    done = set_targets(split.target.plan, lines, by=by)
    if not (done.created or done.changed):
        raise Refused(_("Every unit has exactly this number already."))
    _record(
        split,
        draft.cells,
        gettext_noop("assigned the target to the units below"),
        by=by,
        changes={
            "decision_no": [None, decision.number],
            "decision_on": [None, decision.issued_on.isoformat()],
            "in_force_on": [None, decision.in_force_on.isoformat()],
        },
        reason=draft.reason,
    )
    given = {unit for unit, number in numbers.items() if number is not None}
    left_alone = [unit for unit in split.units if unit.pk in split.held and unit not in given]
    return Assigned(done, len(given), left_alone)


def _refuse_unbalanced(split: _Split, draft: Draft) -> None:
    """Over or under the number only for a reason, and what is left only where it is kept."""
    balance = balance_of(split.number, draft.cells.values())
    keep, left = keeping_words(split.target.unit), whole_number(balance.left)
    if not any(cell.number is not None for cell in draft.cells.values()):
        raise Refused(_("No unit has a number yet."))
    if balance.over and not draft.reason:
        sentence = _(
            "%(over)s more is allocated than was assigned. Take some back, or write the reason."
        )
        raise Refused(sentence % {"over": whole_number(balance.over)})
    if balance.left > 0 and not draft.keeps_rest:
        sentence = _(
            "%(left)s left, so nothing can be assigned yet. Allocate all of it, or choose "
            "“%(keep)s” and write the reason."
        )
        raise Refused(sentence % {"left": left, "keep": keep})
    if balance.left > 0 and not draft.reason:
        sentence = _("Write the reason why %(left)s stays at this level.")
        raise Refused(sentence % {"left": left})


def _is_already(split: _Split, unit: Unit, number: int, decision: Decision) -> bool:
    """Assigned from a later day; another number from a later day stands in the way."""
    held = split.held.get(unit.pk)
    latest = held.revisions.all()[0] if held else None  # the newest first: ``held_below``
    if latest is None or latest.in_force_on <= decision.in_force_on:
        return False
    if latest.minimum != number:
        sentence = _("%(unit)s has a value in force from %(day)s already, later than this one.")
        raise Refused(sentence % {"unit": unit, "day": in_text(latest.in_force_on)})
    return True


def _line(split: _Split, unit: Unit, number: int, decision: Decision) -> Line:
    target = split.target
    said = {"number": decision.number, "day": in_text(decision.issued_on)}
    return Line(
        unit=unit,
        indicator=target.indicator,
        sector_group=target.sector_group.code,
        due_on=target.due_on,
        is_recurring=target.is_recurring,
        parameter=target.parameter,
        topics=target.topics,
        minimum=Decimal(number),
        in_force_on=decision.in_force_on,
        decision_no=decision.number,
        decision_on=decision.issued_on,
        reason=_("Allocated by Decision No. %(number)s of %(day)s") % said,
    )
