"""The register of enterprises: who is in it, what was done there, and founding a union at one.

One enterprise has one responsible union, and one place in the register: its tax code. A grassroots
chair proposes one to the direct superior, where it is taken up or refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import Permission, Role
from members.actions import Refused
from members.charges import people_in_charge
from members.founding import add_units
from members.models import (
    Assignment,
    Enterprise,
    EnterpriseNote,
    EnterpriseStatus,
    HistoryEntry,
    HistoryKind,
    Kind,
    Unit,
    User,
)
from members.models.history import Changes, changes_between, entry
from unionplan.lib import clock

Facts = Mapping[str, Any]  # fields of an enterprise; its unions and its sector as objects

PLAIN = (
    "tax_code",
    "name",
    "workers",
    "founded_on",
    "is_operating",
    "is_eligible",
    "area",
    "surveyed_on",
    "status",
    "is_proposed",
)
STORED = (*PLAIN, "sector", "responsible_unit", "unit", "search_text", "sort_key")
BATCH = 1000


def tax_code_of(text: str) -> str:
    """«0101234567», or «0101234567-001» of a branch; empty when the text is no tax code."""
    code = re.sub(r"[\s.]", "", unicodedata.normalize("NFKC", text))
    code = re.sub(r"^(\d{10})(\d{3})$", r"\1-\2", code)
    return code if re.fullmatch(r"[0-9]{10}(-[0-9]{3})?", code) else ""


def taken_words(tax_code: str, *, by: User, but: int | None = None) -> str:
    """Why this tax code cannot be used; of an enterprise out of sight nothing is told."""
    others = Enterprise.objects.filter(tax_code=tax_code)
    if but is not None:
        others = others.exclude(pk=but)
    if not others.exists():
        return ""
    seen = Enterprise.objects.visible_to(by).filter(tax_code=tax_code).first()
    if seen is None:
        return _taken()
    return _("This tax code is that of %(enterprise)s, which is in the list already.") % {
        "enterprise": seen
    }


def _taken() -> str:
    return _("This tax code is in the list already.")


# --- the register --------------------------------------------------------------------------------


@transaction.atomic
def add_enterprises(enterprises: Sequence[Enterprise], *, by: User) -> None:
    """Put enterprises into the register, each at its responsible union."""
    for enterprise in enterprises:
        by.require(Permission.ENTERPRISES, enterprise.responsible_unit)
    _add(enterprises, gettext_noop("added the enterprise"), by=by)


def _add(enterprises: Sequence[Enterprise], verb: str, *, by: User) -> None:
    for enterprise in enterprises:
        enterprise.added_by, enterprise.added_at = by, clock.now()
        enterprise.name_changed()
    try:
        with transaction.atomic():
            Enterprise.objects.bulk_create(enterprises, batch_size=BATCH)
    except IntegrityError:  # somebody was faster with the same tax code
        raise Refused(_taken()) from None
    lines = [_line(e, verb, changes_between({}, _told(e)), by=by) for e in enterprises]
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)


@transaction.atomic
def change_enterprises(
    facts: Mapping[Enterprise, Facts], *, by: User, verb: str = ""
) -> list[Enterprise]:
    """Change what is known of enterprises, their responsible union too; gives those that differ.

    A status that changes here, and not by a note, is noted as of today.
    """
    verb = verb or gettext_noop("changed the enterprise")
    asked = {enterprise.pk: values for enterprise, values in facts.items()}
    changed, moved_on, lines = [], [], []
    for enterprise in _locked(asked):
        by.require(Permission.ENTERPRISES, enterprise.responsible_unit)
        before, unit, status = _told(enterprise), enterprise.responsible_unit, enterprise.status
        for name, value in asked[enterprise.pk].items():
            setattr(enterprise, name, value)
        enterprise.name_changed()
        changes = changes_between(before, _told(enterprise))
        if not changes:
            continue
        by.require(Permission.ENTERPRISES, enterprise.responsible_unit)
        changed.append(enterprise)
        lines.append(_line(enterprise, verb, changes, by=by))
        if enterprise.responsible_unit != unit:
            lines.append(_line(enterprise, verb, changes, by=by, unit=unit))
        if enterprise.status != status:
            moved_on.append(enterprise)
    try:
        with transaction.atomic():
            Enterprise.objects.bulk_update(changed, STORED, batch_size=BATCH)
    except IntegrityError:
        raise Refused(_taken()) from None
    _note_today(moved_on, by=by)
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)
    return changed


# --- proposals -----------------------------------------------------------------------------------


@transaction.atomic
def propose(enterprise: Enterprise, unit: Unit, *, by: User) -> Enterprise:
    """A grassroots union tells its direct superior of an enterprise."""
    by.require(Permission.PROPOSE, unit)
    if unit.parent is None or unit.ended_on is not None:
        raise Refused(_("The unit has ended."))
    enterprise.proposed_by, enterprise.responsible_unit = unit, unit.parent
    enterprise.is_proposed = True
    _add([enterprise], gettext_noop("proposed the enterprise"), by=by)
    return enterprise


@transaction.atomic
def take_up(enterprise: Enterprise, *, by: User) -> Enterprise:
    held = _proposal(enterprise, by=by)
    held.is_proposed = False
    held.save(update_fields=["is_proposed"])
    _tell(held, gettext_noop("took up the enterprise"), by=by)
    return held


@transaction.atomic
def refuse_proposal(enterprise: Enterprise, *, reason: str, by: User) -> None:
    """Nothing stays of it in the register; the history says who refused it, and why."""
    held = _proposal(enterprise, by=by)
    held.delete()
    _tell(held, gettext_noop("refused the enterprise"), by=by, reason=reason)


def _proposal(enterprise: Enterprise, *, by: User) -> Enterprise:
    held = _one_locked(enterprise, by=by)
    if not held.is_proposed:
        raise Refused(_("The enterprise is in the register already."))
    return held


def _tell(enterprise: Enterprise, verb: str, *, by: User, reason: str = "") -> None:
    """At the responsible union, and at the unit that proposed it."""
    units = [enterprise.responsible_unit, enterprise.proposed_by]
    HistoryEntry.objects.bulk_create(
        _line(enterprise, verb, {}, by=by, unit=unit, reason=reason) for unit in units if unit
    )


# --- what was done there -------------------------------------------------------------------------


@transaction.atomic
def note_on(
    enterprise: Enterprise,
    *,
    day: date,
    status: str,
    text: str = "",
    supporter: str = "",
    support_on: date | None = None,
    by: User,
) -> EnterpriseNote:
    """Write what was done on a day; the enterprise has the status of its latest note."""
    held = _one_locked(enterprise, by=by)
    _refuse_to_work_on(held)
    if status == EnterpriseStatus.FOUNDED:
        raise Refused(_("A union is founded, or linked, on a page of its own."))
    if day > clock.today():
        raise Refused(_("The day of the note lies in the future."))
    if status == EnterpriseStatus.HELP and not (supporter and support_on):
        raise Refused(_("Where help is asked for, write of whom and by which day."))
    if support_on is not None and support_on < day:
        raise Refused(_("The day of the support lies before that of the note."))
    facts = {"day": day, "status": status, "text": text}
    facts |= {"supporter": supporter, "support_on": support_on}
    note = EnterpriseNote.objects.create(enterprise=held, **facts, by=by, at=clock.now())
    before = held.status
    notes = held.notes.exclude(status=EnterpriseStatus.FOUNDED)  # that union has ended
    held.status = notes.order_by("-day", "-at", "-pk")[0].status
    held.unit = None
    held.save(update_fields=["status", "unit"])
    changes = changes_between({}, {name: value for name, value in facts.items() if value})
    changes["status"] = [before, status]
    verb = gettext_noop("noted on the enterprise")
    _line(held, verb, changes, by=by).save()
    return note


# --- founding ------------------------------------------------------------------------------------


@transaction.atomic
def found(
    enterprise: Enterprise, union: Unit, *, decision_no: str, is_from_below: bool, by: User
) -> Unit:
    """Found a grassroots union at the enterprise, under its responsible union or one below it.

    ``union`` is not stored yet; its sector is the enterprise's. It owes the reports of the
    quarters that are open.
    """
    held = _one_locked(enterprise, by=by)
    _refuse_to_work_on(held)
    parent, founded_on = union.parent, union.founded_on
    if founded_on is None or founded_on > clock.today():
        raise Refused(_("The day of founding lies in the future."))
    if parent is None or not parent.path.startswith(held.responsible_unit.path):
        raise Refused(_("The superior union is the responsible union or one below it."))
    if not parent.is_superior or parent.ended_on is not None:
        raise Refused(_("No unit hangs below %(unit)s.") % {"unit": parent})
    if Unit.objects.filter(code=union.code).exists():
        raise Refused(_code_taken())
    union.kind, union.sector_id = Kind.GRASSROOTS, held.sector_id
    try:
        with transaction.atomic():
            add_units([union], by=by)
    except IntegrityError:
        raise Refused(_code_taken()) from None
    verb = gettext_noop("founded a union at the enterprise")
    _link(held, union, verb, founded_on, decision_no, is_from_below=is_from_below, by=by)
    return union


@transaction.atomic
def link(enterprise: Enterprise, union: Unit, *, is_from_below: bool = False, by: User) -> None:
    """The enterprise has a union already, which is a unit of the branch."""
    held = _one_locked(enterprise, by=by)
    by.require(Permission.ENTERPRISES, union)
    _refuse_to_work_on(held)
    if not union.is_reporting or union.ended_on is not None:
        raise Refused(_("%(unit)s is no living grassroots union.") % {"unit": union})
    verb = gettext_noop("linked the enterprise with its union")
    _link(held, union, verb, clock.today(), "", is_from_below=is_from_below, by=by)


def _link(
    enterprise: Enterprise,
    union: Unit,
    verb: str,
    day: date,
    decision_no: str,
    *,
    is_from_below: bool,
    by: User,
) -> None:
    before = _told(enterprise)
    enterprise.unit, enterprise.status = union, EnterpriseStatus.FOUNDED
    enterprise.is_from_below = is_from_below
    enterprise.save(update_fields=["unit", "status", "is_from_below"])
    EnterpriseNote.objects.create(
        enterprise=enterprise,
        day=day,
        status=enterprise.status,
        text=union.name,
        by=by,
        at=clock.now(),
    )
    changes = changes_between(before, _told(enterprise))
    facts = {"decision_no": decision_no, "is_from_below": is_from_below}
    changes |= changes_between({}, {name: value for name, value in facts.items() if value})
    units = (enterprise.responsible_unit, union)
    HistoryEntry.objects.bulk_create(
        _line(enterprise, verb, changes, by=by, unit=unit) for unit in units
    )


def _refuse_to_work_on(enterprise: Enterprise) -> None:
    if enterprise.is_proposed:
        raise Refused(_("The enterprise is only proposed; take it up first."))
    if enterprise.has_union:
        raise Refused(_("The enterprise has a union already."))


def _code_taken() -> str:
    return _("This code is used by another unit.")


# --- who sees to it ------------------------------------------------------------------------------


def officers_of(enterprises: Iterable[Enterprise], *, on: date) -> dict[int, list[User]]:
    """By id of the responsible union: who is in charge of it, else its own reviewers."""
    units = {e.responsible_unit_id: e.responsible_unit for e in enterprises}
    found = defaultdict(list, people_in_charge(units.values(), on=on))
    without = units.keys() - found.keys()
    reviewers = Assignment.objects.on(on).filter(
        role=Role.REVIEWER, user__is_active=True, unit__in=without
    )
    for role in reviewers.select_related("user").order_by("pk"):
        found[role.unit_id].append(role.user)
    return dict(found)


# --- the parts -----------------------------------------------------------------------------------


def _locked(ids: Iterable[int]) -> list[Enterprise]:
    """In one order, so that two who write many wait for each other."""
    pks = sorted(ids)
    rows = Enterprise.objects.select_related("responsible_unit", "unit").order_by("pk")
    found: list[Enterprise] = []
    for start in range(0, len(pks), BATCH):
        some = rows.filter(pk__in=pks[start : start + BATCH])
        found += some.select_for_update(of=("self",), no_key=True)
    return found


def _one_locked(enterprise: Enterprise, *, by: User) -> Enterprise:
    found = _locked([enterprise.pk])
    if not found:
        raise Refused(_("The enterprise is not in the register any more."))
    by.require(Permission.ENTERPRISES, found[0].responsible_unit)
    return found[0]


def _note_today(enterprises: Iterable[Enterprise], *, by: User) -> None:
    notes = [
        EnterpriseNote(enterprise=e, day=clock.today(), status=e.status, by=by, at=clock.now())
        for e in enterprises
    ]
    EnterpriseNote.objects.bulk_create(notes, batch_size=BATCH)


def _told(enterprise: Enterprise) -> dict[str, Any]:
    """What the history keeps of it: of unions their names, of days what JSON has."""
    facts = {name: getattr(enterprise, name) for name in PLAIN}
    return {
        **{name: str(v) if isinstance(v, date) else v for name, v in facts.items()},
        "sector": enterprise.sector_id,
        "responsible_unit": enterprise.responsible_unit.name,
        "unit": enterprise.unit.name if enterprise.unit else None,
    }


def _line(
    enterprise: Enterprise,
    verb: str,
    changes: Changes,
    *,
    by: User,
    unit: Unit | None = None,
    reason: str = "",
) -> HistoryEntry:
    return entry(
        HistoryKind.ENTERPRISE,
        verb,
        by=by,
        unit=unit or enterprise.responsible_unit,
        subject=f"{enterprise.name} ({enterprise.tax_code})",
        changes=changes,
        reason=reason,
    )
