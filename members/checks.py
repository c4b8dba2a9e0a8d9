"""What is wrong with the figures of a report, and what has to be explained (pure).

An *error* must be mended before the report can be sent; a *query* must be mended or explained by
one sentence (``note``). The sentences show the arithmetic, so that a chair sees where the slip is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from django.utils.translation import gettext as _

from unionplan.lib.numbers import points, signed, whole_number

# A change on last quarter from which a sentence is asked for: a building site that ends is some
# 30 % of a company, while seasonal change stays well below a quarter.
LARGE_CHANGE = Fraction(25, 100)


@dataclass(frozen=True)
class Figures:
    """The figures of a report as typed; ``None`` is «not stated»."""

    opening_members: int | None = None
    workers: int | None = None
    women_workers: int | None = None
    members: int | None = None
    women_members: int | None = None
    admitted: int | None = None
    transferred_in: int | None = None
    transferred_out: int | None = None
    left_job: int | None = None
    left_retired: int | None = None
    left_other: int | None = None
    left_reorganised: int | None = None
    adjustment: int | None = None
    event_in: int | None = None
    event_out: int | None = None
    note: str = ""
    adjustment_reason: str = ""

    @property
    def left(self) -> int:
        """Members lost, whatever the reason; blank counts 0."""
        lost = (self.left_job, self.left_retired, self.left_other, self.left_reorganised)
        return sum(number or 0 for number in lost)


@dataclass(frozen=True)
class Situation:
    """What a report is compared with: the unit's last report sent, and what the unit is."""

    previous: Figures | None = None
    previous_quarter: str = ""  # «Quý II»
    is_first: bool = False
    is_new_unit: bool = False  # founded since it reports: it starts from 0
    opening_is_typed: bool = False  # the first report of an older unit
    is_occupational: bool = False
    has_attachment: bool = False
    is_on_behalf: bool = False  # sent by somebody else than a chair of the unit
    skipped_quarter: str = ""  # quarters in between that were never sent
    waiting_quarter: str = ""  # an earlier report that nobody has decided on

    @property
    def known_opening(self) -> int | None:
        if self.is_new_unit:
            return 0
        return self.previous.members if self.previous else None


@dataclass(frozen=True)
class Finding:
    """``short`` is for the reviewer's queue, ``flag`` for the check page, ``message`` for the
    chair."""

    field: str
    code: str
    kind: Literal["error", "query"]
    message: str
    short: str
    flag: str = ""

    @property
    def is_error(self) -> bool:
        return self.kind == "error"


def check(figures: Figures, situation: Situation) -> list[Finding]:
    """All that is wrong or odd, in the order of the form."""
    rules = (_workers, _opening, _members, _women, _adjustment, _changes)
    return [finding for rule in rules for finding in rule(figures, situation)]


def blocking(findings: list[Finding], note: str) -> list[Finding]:
    """What keeps the report from being sent: errors, and queries nobody has explained."""
    return [found for found in findings if found.is_error or not note.strip()]


def hints(figures: Figures, situation: Situation) -> list[str]:
    """What is worth saying and keeps nobody from sending."""
    if figures.admitted and not situation.has_attachment:
        return [
            _("Members were admitted but no decision is attached. You can send; attach it later.")
        ]
    return []


def concerns(figures: Figures, situation: Situation) -> list[str]:
    """Why a reviewer should look closely, in words; none: figures agree and changes are small."""
    found = [finding.short for finding in check(figures, situation)]
    if situation.waiting_quarter:
        found.append(_("%(quarter)s waits for a check") % {"quarter": situation.waiting_quarter})
    if situation.is_first:
        found.append(_("first report"))
    if figures.adjustment:
        found.append(_("with an adjustment"))
    if situation.is_on_behalf:
        found.append(_("entered on behalf"))
    if situation.skipped_quarter:
        found.append(_("%(quarter)s not sent") % {"quarter": situation.skipped_quarter})
    return found


def closing(figures: Figures, situation: Situation) -> int | None:
    """The members that follow from opening and changes; ``None`` without an opening."""
    opening = _opening_of(figures, situation)
    if opening is None:
        return None
    won = (figures.admitted or 0) + (figures.transferred_in or 0) + (figures.event_in or 0)
    lost = (figures.transferred_out or 0) + figures.left + (figures.event_out or 0)
    return opening + won - lost + (figures.adjustment or 0)


def arithmetic(figures: Figures, situation: Situation) -> str:
    """«195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm = 203»"""
    rare = (
        (figures.event_in, _(" + %(count)s received")),
        (figures.event_out, _(" − %(count)s handed over")),
    )
    more = "".join(words % {"count": whole_number(count)} for count, words in rare if count)
    if adjustment := figures.adjustment:
        words = _(" + %(count)s adjusted") if adjustment > 0 else _(" − %(count)s adjusted")
        more += words % {"count": whole_number(abs(adjustment))}
    return _(
        "%(opening)s at the start + %(admitted)s admitted + %(transferred_in)s transferred in"
        " − %(transferred_out)s transferred out − %(left)s left%(more)s = %(closing)s"
    ) % {
        "opening": whole_number(_opening_of(figures, situation)),
        "admitted": whole_number(figures.admitted or 0),
        "transferred_in": whole_number(figures.transferred_in or 0),
        "transferred_out": whole_number(figures.transferred_out or 0),
        "left": whole_number(figures.left),
        "more": more,
        "closing": whole_number(closing(figures, situation)),
    }


def _opening_of(figures: Figures, situation: Situation) -> int | None:
    typed = figures.opening_members
    return situation.known_opening if typed is None else typed


def _error(field: str, code: str, message: str, short: str) -> Finding:
    return Finding(field, code, "error", message, short, message)


def _query(field: str, code: str, flag: str, short: str, example: str) -> Finding:
    message = _("%(flag)s. If this is right, write one sentence, for example: “%(example)s”")
    return Finding(field, code, "query", message % {"flag": flag, "example": example}, short, flag)


# --- the rules -----------------------------------------------------------------------------------


def _workers(figures: Figures, situation: Situation) -> Iterator[Finding]:
    if figures.workers is None and not situation.is_occupational:
        yield _error(
            "workers",
            "workers_missing",
            _("Enter the number of workers at the end of the quarter."),
            _("workers missing"),
        )


def _opening(figures: Figures, situation: Situation) -> Iterator[Finding]:
    typed, known = figures.opening_members, situation.known_opening
    if typed is None and known is None:
        yield _error(
            "opening_members",
            "opening_missing",
            _("Enter the members at the start: this is the unit’s first report."),
            _("opening missing"),
        )
    elif typed is not None and known is not None and typed != known:
        yield _error(
            "opening_members",
            "opening_differs",
            _other_opening(typed, known, situation),
            _("opening differs"),
        )


def _other_opening(typed: int, known: int, situation: Situation) -> str:
    if situation.is_new_unit:
        return _("A new unit starts from 0; its first members are written as admitted.")
    return _(
        "Members at the start: %(typed)s entered, but the report of %(quarter)s closed with"
        " %(known)s."
    ) % {
        "typed": whole_number(typed),
        "known": whole_number(known),
        "quarter": situation.previous_quarter,
    }


def _members(figures: Figures, situation: Situation) -> Iterator[Finding]:
    members, expected = figures.members, closing(figures, situation)
    if members is None:
        yield _error(
            "members",
            "members_missing",
            _("Enter the number of members at the end of the quarter."),
            _("members missing"),
        )
    elif expected is not None and members != expected:
        difference = members - expected
        too_many = _(
            "%(arithmetic)s. You entered %(members)s, %(difference)s too many. Check the changes"
            " or the number at the end."
        )
        too_few = _(
            "%(arithmetic)s. You entered %(members)s, %(difference)s too few. Check the changes"
            " or the number at the end."
        )
        yield _error(
            "members",
            "identity",
            (too_many if difference > 0 else too_few)
            % {
                "arithmetic": arithmetic(figures, situation),
                "members": whole_number(members),
                "difference": whole_number(abs(difference)),
            },
            _("figures do not add up: %(difference)s") % {"difference": signed(difference)},
        )


def _women(figures: Figures, situation: Situation) -> Iterator[Finding]:
    pairs = (
        ("women_workers", figures.women_workers, figures.workers),
        ("women_members", figures.women_members, figures.members),
    )
    for field, women, total in pairs:
        if women is not None and total is not None and women > total:
            message = _("The number of women (%(women)s) exceeds the total (%(total)s).")
            numbers = {"women": whole_number(women), "total": whole_number(total)}
            yield _error(field, f"{field}_above_total", message % numbers, _("more women than all"))


def _adjustment(figures: Figures, situation: Situation) -> Iterator[Finding]:
    if figures.adjustment and not (figures.adjustment_reason.strip() or figures.note.strip()):
        yield _error(
            "adjustment_reason",
            "adjustment_without_reason",
            _("Write the reason of the adjustment."),
            _("adjustment without a reason"),
        )


def _changes(figures: Figures, situation: Situation) -> Iterator[Finding]:
    workers, members = figures.workers, figures.members
    excess = (members or 0) - workers if workers is not None else 0
    if members is not None and excess > 0 and not situation.is_occupational:
        words = {"count": whole_number(excess)}
        yield _query(
            "members",
            "more_members_than_workers",
            _("To be explained: %(count)s more members than workers") % words,
            _("more members than workers"),
            _("%(count)s members on unpaid leave still belong to the union.") % words,
        )
    before = situation.previous
    if before is not None:
        yield from _large_change("workers", before.workers, workers, situation)
        yield from _large_change("members", before.members, members, situation)


def _large_change(
    field: str, before: int | None, now: int | None, situation: Situation
) -> Iterator[Finding]:
    if not before or now is None or abs(now - before) < LARGE_CHANGE * before:
        return
    numbers = {
        "count": whole_number(abs(now - before)),
        "percent": points(Fraction(abs(now - before) * 100, before)) + "%",
        "quarter": situation.previous_quarter,
    }
    flag, short, example = _change_words()[field, now > before]
    yield _query(field, f"{field}_changed", flag % numbers, short % numbers, example % numbers)


def _change_words() -> dict[tuple[str, bool], tuple[str, str, str]]:
    return {
        ("workers", False): (
            _("To be explained: workers fell by %(count)s (%(percent)s) on %(quarter)s"),
            _("workers fell by %(percent)s"),
            _("The building site ended, %(count)s seasonal workers left."),
        ),
        ("workers", True): (
            _("To be explained: workers rose by %(count)s (%(percent)s) on %(quarter)s"),
            _("workers rose by %(percent)s"),
            _("A new building site opened, %(count)s workers were hired."),
        ),
        ("members", False): (
            _("To be explained: members fell by %(count)s (%(percent)s) on %(quarter)s"),
            _("members fell by %(percent)s"),
            _("%(count)s members left at the end of their contracts."),
        ),
        ("members", True): (
            _("To be explained: members rose by %(count)s (%(percent)s) on %(quarter)s"),
            _("members rose by %(percent)s"),
            _("%(count)s workers who had waited were admitted at once."),
        ),
    }
