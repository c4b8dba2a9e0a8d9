"""Units counted by kind, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Kind, Unit
from members.models.units import REPORTING_KINDS
from unionplan.lib.numbers import whole_number


class KindCounts(dict[str, int]):
    """How many units there are of each kind, and how many of those are suspended."""

    def __init__(
        self, counts: Mapping[str, int] | None = None, suspended: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(counts or {})
        self.suspended = dict(suspended or {})

    @classmethod
    def of(cls, units: Iterable[Unit], suspended: frozenset[str]) -> KindCounts:
        """``suspended`` are codes."""
        found = cls()
        for unit in units:
            found[unit.kind] = found.get(unit.kind, 0) + 1
            if unit.code in suspended:
                found.suspended[unit.kind] = found.suspended.get(unit.kind, 0) + 1
        return found

    @property
    def reporting(self) -> int:
        return sum(self.get(kind, 0) for kind in REPORTING_KINDS)

    @property
    def words(self) -> str:
        """«24 công đoàn cấp trên trực tiếp cơ sở, 1.284 CĐCS (6 tạm ngừng), 2 nghiệp đoàn»."""
        return ", ".join(self._words(kind) for kind in Kind if self.get(kind))

    def _words(self, kind: Kind) -> str:
        words = _counted(kind, self[kind])
        if not (suspended := self.suspended.get(kind)):
            return words
        resting = {"units": words, "suspended": whole_number(suspended)}
        return _("%(units)s (%(suspended)s suspended)") % resting


def _counted(kind: Kind, count: int) -> str:
    match kind:
        case Kind.CONFEDERATION:
            words = ngettext("%(count)s confederation", "%(count)s confederations", count)
        case Kind.FEDERATION:
            words = ngettext("%(count)s federation", "%(count)s federations", count)
        case Kind.UPPER:
            words = ngettext("%(count)s upper-level union", "%(count)s upper-level unions", count)
        case Kind.GRASSROOTS:
            words = ngettext("%(count)s grassroots union", "%(count)s grassroots unions", count)
        case Kind.OCCUPATIONAL:
            words = ngettext("%(count)s occupational union", "%(count)s occupational unions", count)
    return words % {"count": whole_number(count)}
