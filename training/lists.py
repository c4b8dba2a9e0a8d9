"""Reference data of training that an administrator keeps: topics, audiences, positions.

A code is made of the name and stays: plans and files mean it. What is in use is not removed, and
whether a position leads a union stays as it is once somebody holds it, so that past quarters keep
their figures. The chair stays the chair.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from members.access import Permission
from members.actions import Refused
from members.models import HistoryKind, Unit, User
from members.models.history import Changes, record
from training.models import Audience, Course, Position, Tenure, Topic, TrainingNeed
from training.trained import plain, split_topics
from unionplan.lib.vietnamese import search_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_CODE = 36  # with room for a number behind it

Row = Topic | Audience | Position


@dataclass(frozen=True)
class Item:
    """A row of a list; one that is new has no code yet."""

    code: str
    name: str
    name_en: str = ""
    is_leading: bool = False


@dataclass(frozen=True)
class ListKind:
    """One of the lists, and where it is used."""

    key: str
    title: StrOrPromise
    model: type[Topic] | type[Audience] | type[Position]
    kind: HistoryKind
    verb: str
    uses: Sequence[tuple[type[Model], str]]  # models and their fields
    has_leading: bool = False

    def items(self) -> list[Item]:
        return [_item(row) for row in self.model._default_manager.order_by("rank", "pk")]

    def used(self) -> set[str]:
        """Codes that are in use; the chair always is."""
        codes = {Position.CHAIR} if self.model is Position else set()
        for model, name in self.uses:
            found = model._default_manager.order_by().values_list(f"{name}_id", flat=True)
            codes |= set(found.distinct())
        return codes - {None}


TOPICS = ListKind(
    "topics",
    gettext_lazy("Topics"),
    Topic,
    HistoryKind.COURSE,
    gettext_noop("changed the list of topics"),
    uses=[(Course, "topic"), (TrainingNeed, "topic")],
)
AUDIENCES = ListKind(
    "audiences",
    gettext_lazy("Audiences"),
    Audience,
    HistoryKind.COURSE,
    gettext_noop("changed the list of audiences"),
    uses=[(Course, "audience"), (TrainingNeed, "audience")],
)
POSITIONS = ListKind(
    "positions",
    gettext_lazy("Positions of officers"),
    Position,
    HistoryKind.OFFICER,
    gettext_noop("changed the list of positions"),
    uses=[(Tenure, "position")],
    has_leading=True,
)
LISTS = {known.key: known for known in (TOPICS, AUDIENCES, POSITIONS)}

# Apps further up say which codes they mean, by the key of the list.
_named: list[Callable[[str], Iterable[str]]] = []


def also_used(codes_of: Callable[[str], Iterable[str]]) -> None:
    """``codes_of`` tells of a list which of its codes an app further up names."""
    _named[:] = [codes_of]


def may_keep_lists(user: User) -> bool:
    """They are of the whole tree, so it takes the permission at its root."""
    return user.may_at_root(Permission.PLAN)


def in_use(of: ListKind) -> set[str]:
    return of.used() | {code for codes_of in _named for code in codes_of(of.key)}


@transaction.atomic
def keep_list(
    of: ListKind, items: Sequence[Item], *, removed: Collection[str] = (), by: User
) -> bool:
    """Keep a list as it is said, in this order; whether anything changed. Every row there is is
    said or ``removed``, else somebody else changed the list meanwhile."""
    rows = of.model._default_manager.order_by("rank", "pk").select_for_update(no_key=True)
    known: dict[str, Row] = {row.pk: row for row in rows}
    _refuse(of, items, known, removed)
    before = {code: _told(row) for code, row in known.items()}
    after: dict[str, str] = {}
    for rank, item in enumerate(_with_codes(items, taken=known)):
        row = known.get(item.code) or of.model(code=item.code)
        row.name, row.name_en, row.rank = item.name, item.name_en, rank
        if isinstance(row, Position):
            row.is_leading = item.is_leading
        row.save()
        after[item.code] = _told(row)
    of.model._default_manager.filter(pk__in=removed).delete()
    changes = _changes(before, after)
    if changes:
        root = Unit.objects.roots().order_by("pk").first()
        record(of.kind, of.verb, by=by, unit=root, subject=str(of.title), changes=changes)
    return bool(changes)


def _with_codes(items: Iterable[Item], *, taken: Iterable[str]) -> list[Item]:
    """New ones get a code that nobody has: «doi-thoai», «doi-thoai-2»."""
    used, found = set(taken), []
    for item in items:
        found.append(item if item.code else replace(item, code=_code(item.name, used)))
        used.add(found[-1].code)
    return found


def _code(name: str, used: Collection[str]) -> str:
    plain_name = re.sub(r"[^a-z0-9]+", "-", search_text(name))[:LONGEST_CODE].strip("-") or "x"
    numbered = (f"{plain_name}-{number}" for number in count(2))
    return next(code for code in chain([plain_name], numbered) if code not in used)


def _refuse(
    of: ListKind, items: Sequence[Item], known: Mapping[str, Row], removed: Collection[str]
) -> None:
    if not items:
        raise Refused(_("A list has at least one row."))
    codes = [item.code for item in items if item.code]
    if sorted([*codes, *removed]) != sorted(known):
        raise Refused(_("The list was changed meanwhile. Look at it again and change it then."))
    names: dict[str, int] = {}
    for place, item in enumerate(items):
        # files mean a row by its code and by either name
        for text in {plain(text) for text in (item.name, item.name_en, item.code)} - {""}:
            if names.setdefault(text, place) != place:
                raise Refused(_("“%(text)s” stands in the list twice.") % {"text": item.name})
    if of is TOPICS and (parted := [item for item in items if len(split_topics(item.name)) > 1]):
        words = _("“%(name)s”: files part topics by commas and semicolons; write it without them.")
        raise Refused(words % {"name": parted[0].name})
    used = in_use(of)
    if gone := [known[code] for code in removed if code in used]:
        words = _("“%(name)s” is in use and stays in the list.")
        raise Refused(words % {"name": gone[0]})
    for item in items:
        row = known.get(item.code)
        if isinstance(row, Position) and row.is_leading != item.is_leading and row.pk in used:
            words = _("“%(name)s” is in use: whether it leads a union stays as it is.")
            raise Refused(words % {"name": row})


def _item(row: Row) -> Item:
    return Item(row.code, row.name, row.name_en, getattr(row, "is_leading", False))


def _told(row: Row) -> str:
    """«1. Chủ tịch (Chair) ✓», where the tick is «lãnh đạo công đoàn»."""
    english = f" ({row.name_en})" if row.name_en else ""
    return f"{row.rank + 1}. {row.name}{english}{' ✓' if getattr(row, 'is_leading', False) else ''}"


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    return {
        code: [before.get(code), after.get(code)]
        for code in (*before, *(code for code in after if code not in before))
        if before.get(code) != after.get(code)
    }
