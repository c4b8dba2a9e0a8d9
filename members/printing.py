"""One report as a sheet of paper: to be signed, stamped and filed.

Everything fits one A4 page, whatever the unit wrote: the more words, the smaller the print.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from members.models import QuarterlyReport
from members.models.quarters import ROMAN
from members.queues import label_of
from members.wording import chair_of, on_behalf_words
from unionplan.lib import clock
from unionplan.lib.dates import in_text, moment
from unionplan.lib.numbers import percent_text, signed, whole_number

MOVES = (
    "admitted",
    "transferred_in",
    "transferred_out",
    "left_job",
    "left_retired",
    "left_other",
    "left_reorganised",
)
BY_EVENTS = ("event_in", "event_out")  # printed where there are any
WORDS = ("note", "adjustment_reason", "remarks")
# From how many letters on the sheet is printed smaller.
DENSITIES = ((1700, "paper-tiny"), (500, "paper-dense"), (100, "paper-small"), (0, ""))
LETTERS_OF_A_LINE = 60  # the last line of a sentence is seldom full
LETTERS_OF_A_NAME = 4  # names stand in narrow columns: a letter takes the room of so many


@dataclass(frozen=True)
class PaperRow:
    """A figure, or the heading of those below it (no figure)."""

    number: str
    label: str
    measure: str = ""
    figure: str = ""

    @property
    def is_heading(self) -> bool:
        return not self.measure


@dataclass(frozen=True)
class PaperWords:
    label: str
    words: str


@dataclass(frozen=True)
class PaperSheet:
    report: QuarterlyReport
    superior: str
    symbol: str  # after the number, which is written by hand
    title: str
    as_of: str
    year: int
    rows: list[PaperRow]
    words: list[PaperWords]
    signatory: str
    banner: str  # entered on behalf
    foot: str

    @property
    def density(self) -> str:
        letters = sum(LETTERS_OF_A_LINE + len(item.words) for item in self.words)
        names = len(self.superior) + len(self.report.name)
        letters += LETTERS_OF_A_NAME * max(0, names - 80)
        letters += len(self.banner)
        return next(name for least, name in DENSITIES if letters >= least)


def sheet_of(report: QuarterlyReport, *, names_chair: bool = True) -> PaperSheet:
    """As the report stands now; one that is not sent says that it is a draft. Who is the chair of
    a unit that moved away is not for the branch it left."""
    quarter, chair = report.quarter, chair_of(report.unit) if names_chair else None
    said = [PaperWords(_label(name), " ".join(getattr(report, name).split())) for name in WORDS]
    return PaperSheet(
        report=report,
        superior=report.parent.name,
        symbol="/BC-NĐ" if report.unit.is_occupational else "/BC-CĐCS",
        title=_("REPORT ON MEMBERS AND WORKERS, QUARTER %(number)s OF %(year)s")
        % {"number": ROMAN[quarter.number - 1], "year": quarter.year},
        as_of=_("Figures as of %(day)s") % {"day": in_text(quarter.cut_off_on)},
        year=clock.today().year,
        rows=list(_rows(report)),
        words=[item for item in said if item.words],
        signatory=str(chair) if chair else "",
        banner=on_behalf_words(report) if report.received_on else "",
        foot=_foot(report),
    )


def _foot(report: QuarterlyReport) -> str:
    at = moment(clock.now())
    if not report.is_sent:
        return _("Printed from the software at %(moment)s, a draft that is not sent yet") % {
            "moment": at
        }
    return _("Printed from the software at %(moment)s, sending no. %(times)s") % {
        "moment": at,
        "times": report.times_sent,
    }


def _rows(report: QuarterlyReport) -> Iterator[PaperRow]:
    persons, members = _("persons"), _("members")
    starts_on = in_text(
        report.covers_from, with_year=report.covers_from.year != report.quarter.cut_off_on.year
    )
    span = {"starts_on": starts_on, "cut_off": in_text(report.quarter.cut_off_on)}
    yield PaperRow("I", _("Workers"))
    yield PaperRow("1", _("Workers in all"), persons, whole_number(report.workers))
    yield PaperRow("", _("– Of whom women"), persons, whole_number(report.women_workers))
    yield PaperRow("II", _("Changes of members from %(starts_on)s to %(cut_off)s") % span)
    opening = whole_number(report.opening_members)
    yield PaperRow("2", _("Members at the start of the quarter"), members, opening)
    events = [name for name in BY_EVENTS if getattr(report, name)]
    number = 2
    for number, name in enumerate((*MOVES, *events), start=3):
        figure = whole_number(getattr(report, name))
        yield PaperRow(str(number), _label(name), members, figure)
    adjustment = signed(report.adjustment)
    yield PaperRow(str(number + 1), _label("adjustment"), members, adjustment)
    yield PaperRow("III", _("Members at the end of the quarter"))
    closing = whole_number(report.members)
    yield PaperRow(str(number + 2), _("Members in all"), members, closing)
    yield PaperRow("", _("– Of whom women"), members, whole_number(report.women_members))
    if not report.unit.is_occupational:
        share = _("Share of members among workers")
        yield PaperRow(str(number + 3), share, "%", percent_text(_density(report)))


def _density(report: QuarterlyReport) -> Fraction | None:
    if report.members is None or not report.workers:
        return None
    return Fraction(report.members * 100, report.workers)


def _label(name: str) -> str:
    return _("Difficulties, proposals") if name == "remarks" else label_of(name)
