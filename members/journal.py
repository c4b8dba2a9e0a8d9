"""The whole history («Nhật ký») of a branch: what a filter leaves of it, line by line, and as rows
of a file.

Unlike the history on the page of one unit, it is read by people far away from it: it names people
and shows no telephone number and no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.history import Change, lines
from members.models import HistoryEntry, HistoryKind, User
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import UNKNOWN, whole_number

if TYPE_CHECKING:
    from members.models.history import HistoryEntryQuerySet

HIDDEN = "•••"
PRIVATE = frozenset({"phone", "email"})  # fields whose values stay on the unit's own page
ADDRESS = re.compile(r"\+?\d(?:[ .]?\d){8,11}|\S+@\S+")  # a telephone number or e-mail address
MOST_ROWS = 50_000  # of a file
HEADER = (
    gettext_lazy("Day"),
    gettext_lazy("Time"),
    gettext_lazy("Done by"),
    gettext_lazy("Kind of change"),
    gettext_lazy("What was done"),
    gettext_lazy("Unit code"),
    gettext_lazy("Unit"),
    gettext_lazy("Quarter"),
    gettext_lazy("Changes"),
    gettext_lazy("Reason"),
)


@dataclass(frozen=True)
class JournalLine:
    """«10:02 05/10/2024 · Lê Văn Hoà · duyệt báo cáo Quý III/2024 của CĐCS …»"""

    entry: HistoryEntry
    sentence: str
    changes: list[Change]
    reason: str

    @property
    def at(self) -> datetime:
        return timezone.localtime(self.entry.at)

    @property
    def time(self) -> str:
        return date_format(self.at, "TIME_FORMAT")

    @property
    def moment(self) -> str:
        return f"{self.time} {in_text(self.at.date())}"

    @property
    def person(self) -> str:
        return person_name(self.entry.by)

    @property
    def kind(self) -> str:
        return str(capfirst(self.entry.get_kind_display()))

    @property
    def told(self) -> list[Change]:
        """On a page a blank that became 0 is no news; a file has it."""
        return [c for c in self.changes if not (c.before == UNKNOWN and c.after == "0")]

    @property
    def url(self) -> str:
        """Whoever sees the line sees its unit; a report has a page of its own."""
        unit, quarter = self.entry.unit, self.entry.quarter
        if unit is None:
            return ""
        if self.entry.kind == HistoryKind.REPORT and quarter is not None:
            return reverse("report-detail", args=[unit.code, quarter.code])
        return unit.get_absolute_url()


def before(entries: HistoryEntryQuerySet, last: HistoryEntry | None) -> HistoryEntryQuerySet:
    """What comes after ``last`` on a page of newest first: found by place, nothing is counted."""
    if last is None:
        return entries
    same_moment = Q(at=last.at, pk__lt=last.pk)
    return entries.filter(Q(at__lt=last.at) | same_moment, at__lte=last.at)


def journal(entries: Iterable[HistoryEntry]) -> list[JournalLine]:
    """Entries read with ``by``, ``unit`` and ``quarter``, in the words of whoever reads them."""
    read = list(entries)
    return [
        JournalLine(
            entry=entry,
            sentence=_sentence(entry, line.verb),
            changes=[_without_addresses(entry, change) for change in line.changes],
            reason=_masked(entry, line.reason),
        )
        for entry, line in zip(read, lines(read), strict=True)
    ]


def rows(entries: HistoryEntryQuerySet) -> Iterator[tuple[str | date, ...]]:
    """The newest ``MOST_ROWS`` as rows of a file; where there are more, a last row says so."""
    found = list(entries[: MOST_ROWS + 1])
    for line in journal(found[:MOST_ROWS]):
        entry = line.entry
        yield (
            line.at.date(),
            line.time,
            line.person,
            line.kind,
            line.sentence,
            entry.unit.code if entry.unit else "",
            entry.unit.name if entry.unit else "",
            str(entry.quarter) if entry.quarter else "",
            "; ".join(map(change_text, line.changes)),
            line.reason,
        )
    if len(found) > MOST_ROWS:
        yield ("", "", "", "", most_rows_words(), "", "", "", "", "")


def most_rows_words() -> str:
    return _("A file holds the newest %(count)s lines; for older ones narrow the filter.") % {
        "count": whole_number(MOST_ROWS)
    }


def change_text(change: Change) -> str:
    """«Tổng số đoàn viên: 203 → 202»"""
    if change.is_new:
        return f"{change.label}: {change.after}"
    return f"{change.label}: {change.before} → {change.after}"


def person_name(user: User) -> str:
    """The name; of an account without one, its user name unless that is a telephone number."""
    return ADDRESS.sub(HIDDEN, str(user))


def _sentence(entry: HistoryEntry, verb: str) -> str:
    subject = _masked(entry, entry.subject)
    if entry.kind == HistoryKind.REPORT and entry.quarter is not None:
        words = _("%(verb)s · %(quarter)s · %(unit)s")
        if verb.endswith(str(HistoryKind.REPORT.label)):
            words = _("%(verb)s of %(quarter)s of %(unit)s")
        return words % {"verb": verb, "quarter": entry.quarter, "unit": subject}
    if entry.kind == HistoryKind.QUARTER and entry.quarter is not None:
        return _("%(verb)s %(quarter)s") % {"verb": verb, "quarter": entry.quarter}
    parts = [verb, str(entry.quarter or ""), subject]
    if entry.unit is not None and entry.unit.name not in subject:
        parts.append(entry.unit.name)
    return " · ".join(filter(None, parts))


def _masked(entry: HistoryEntry, text: str) -> str:
    return ADDRESS.sub(HIDDEN, text) if entry.kind == HistoryKind.ROLE else text


def _without_addresses(entry: HistoryEntry, change: Change) -> Change:
    if change.name in PRIVATE:
        return Change(change.name, change.label, HIDDEN, HIDDEN)
    before_, after = (_masked(entry, text) for text in (change.before, change.after))
    return Change(change.name, change.label, before_, after)
