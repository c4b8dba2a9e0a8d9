"""What a line of a plan says in words, for pages and for sentences to be copied."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from django.utils.translation import ngettext

from members.models import Kind
from targets.baselines import late_words
from targets.indicators import Indicator, ReadFrom
from targets.progress import Number, Status
from targets.results import Line, Pieces
from targets.topics import told as told_topics
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import UNKNOWN, percent_text, points, whole_number


@dataclass(frozen=True)
class Bullet:
    """Places on the bar, in percent of its width; ``None`` is not drawn."""

    actual: float | None
    expected: float | None
    target: float | None


@dataclass(frozen=True)
class PlanLine:
    """A line with the texts of its row on the dashboard; the template only lays them out."""

    line: Line
    bullet: Bullet

    @property
    def label(self) -> str:
        return self.line.label

    @property
    def small(self) -> str:
        """What the value is made of, in short."""
        if not self.line.indicator.is_read_from_reports:
            return " · ".join(source_words(self.line)[:2])
        progress, pieces = self.line.progress, self.line.pieces
        if self.line.indicator.is_ratio:
            return "" if progress.denominator is None else parts_text(self.line)
        if self.line.indicator.code.startswith("net-increase") and pieces.net_increase is not None:
            if pieces.transfer_balance:
                return _(
                    "Admitted %(admitted)s + transferred in %(transferred_in)s "
                    "− transferred out %(transferred_out)s − left %(left)s"
                ) % _numbers(pieces)
            return _("Admitted %(admitted)s − left %(left)s") % _numbers(pieces)
        return ""

    @property
    def source_query(self) -> str:
        """The line as «Nguồn và cách tính» is asked for it."""
        asked = {"indicator": self.line.indicator.code, "group": self.line.group.code}
        if self.line.due_on:
            asked["due_on"] = self.line.due_on.isoformat()
        return urlencode(asked)

    @property
    def has_untrained(self) -> bool:
        """Whether somebody is to be trained still, whom a list names."""
        progress = self.line.progress
        return self.line.indicator.has_topics and (progress.numerator or 0) < (
            progress.denominator or 0
        )

    @property
    def remark(self) -> str:
        """«chuyên đề: Nghiệp vụ · Hằng năm · thời hạn 31/12/2025 · chủ trì: Ban Tổ chức»: how the
        line is defined."""
        line, said = self.line, list(filter(None, [told_topics(self.line.topics)]))
        if line.target and line.target.desired is not None:
            desired = {"value": promised(line.indicator, line.target.desired)}
            said.append(_("desired %(value)s") % desired)
        if line.definition.is_recurring:
            said.append(_("Every year"))
        if line.due_on:
            said.append(_("due on %(day)s") % {"day": in_text(line.due_on)})
        if line.target and line.target.owner:
            said.append(_("answered for by: %(owner)s") % {"owner": line.target.owner})
        return " · ".join(said)

    @property
    def before(self) -> str:
        return before_words(self.line)

    @property
    def value(self) -> str:
        return value_text(self.line, self.line.progress.actual)

    @property
    def minimum(self) -> str:
        return target_text(self.line)

    @property
    def attained(self) -> str:
        """«đạt 70,58%» of counts; a ratio says what is missing in points."""
        return attained_text(self.line)

    @property
    def gap(self) -> str:
        return gap_text(self.line)

    @property
    def missing(self) -> str:
        """«6 đoàn viên», under «Còn thiếu»."""
        gap = self.line.progress.gap_people
        return UNKNOWN if gap is None else amount_text(self.line, whole_number(gap))

    @property
    def sentence(self) -> str:
        """«Tỷ lệ đoàn viên 87,45% (202/231), còn thiếu 6 đoàn viên», where the target is beside."""
        return sentence(self.line, with_parts=True, with_target=False)

    @property
    def outlook(self) -> str:
        """«Ước cả năm 5.169» of counts, «Lộ trình 89,00%» of ratios."""
        progress = self.line.progress
        if self.line.indicator.is_ratio:
            if progress.expected_by_now is None or not progress.has_path:
                return ""
            return _("Path %(value)s") % {"value": path_text(self.line, progress.expected_by_now)}
        if progress.forecast is None:
            return ""
        value = {"value": whole_number(math.floor(progress.forecast))}
        if is_of_a_year(self.line):
            return _("Forecast %(value)s") % value
        return _("Forecast for the plan %(value)s") % value

    @property
    def forecast_name(self) -> str:
        return forecast_name(self.line)

    @property
    def pace(self) -> str:
        """«Còn 1 quý, bình quân mỗi quý cần 1.616 đoàn viên; đến nay bình quân mỗi quý 1.292…»."""
        return pace_text(self.line)

    @property
    def standing(self) -> str:
        """«đạt 70,58% · còn thiếu 1.616 đoàn viên · Ước cả năm 5.169»."""
        return " · ".join(filter(None, (self.attained, self.gap, self.outlook)))


QUARTERS_OF_A_YEAR = 4
STATUS_WORDS = {
    Status.MET: _noop("Met"),
    Status.ON_TRACK: _noop("On track"),
    Status.AT_RISK: _noop("At risk"),
    Status.BEHIND: _noop("Behind"),
    Status.MISSED: _noop("Missed"),
    Status.NOT_DUE: _noop("Not due yet"),
    Status.NO_DATA: _noop("No figures yet"),
}


def status_text(status: Status | None) -> str:
    """«Đúng tiến độ»; nothing without a target."""
    return "" if status is None else _(STATUS_WORDS[status])


def is_of_a_year(line: Line) -> bool:
    return line.progress.span.quarters == QUARTERS_OF_A_YEAR


def forecast_name(line: Line) -> str:
    """«Ước cả năm», or «Ước cả kỳ» of a plan of another length."""
    return _("Forecast") if is_of_a_year(line) else _("Forecast for the plan")


def value_text(line: Line, value: Number | None) -> str:
    """An actual value as it is printed: counts whole, ratios rounded down."""
    if line.indicator.is_percentage:
        return percent_text(value, line.target.minimum if line.target else None)
    if line.indicator.is_quotient:
        return UNKNOWN if value is None else amount_text(line, points(value))
    return whole_number(None if value is None else math.floor(value))


def target_text(line: Line) -> str:
    """«5.493», «95%», «không quá 100»; «không giao» is not 0."""
    if line.target is None:
        return _("not assigned")
    return promised(line.indicator, line.target.minimum)


def promised(indicator: Indicator, minimum: Decimal) -> str:
    """What a plan asks for; of a quotient it is a ceiling."""
    number = whole_number(minimum) + ("%" if indicator.is_percentage else "")
    if indicator.is_quotient and indicator.lower_is_better:
        return _("at most %(number)s") % {"number": number}
    return number


def path_text(line: Line, value: Number) -> str:
    """«89,00%» of a ratio, «110,00» of a quotient."""
    return points(value) + ("%" if line.indicator.is_percentage else "")


def attained_text(line: Line) -> str:
    progress = line.progress
    if line.target is None or progress.actual is None:
        return ""
    if line.indicator.is_ratio:
        if not progress.shortfall:
            return ""
        if line.indicator.is_quotient:
            over = {"amount": amount_text(line, points(progress.shortfall))}
            return _("%(amount)s above the ceiling") % over
        return _("%(points)s percentage points missing") % {"points": points(progress.shortfall)}
    if progress.actual < 0:
        return _("a decrease of %(count)s") % {"count": whole_number(-math.floor(progress.actual))}
    return _("%(percent)s reached") % {"percent": percent_text(progress.attained_percent)}


def gap_text(line: Line) -> str:
    """«còn thiếu 5 đoàn viên»; empty when nothing is missing or known."""
    gap = line.progress.gap_people
    if not gap:
        return ""
    return _("%(amount)s missing") % {"amount": amount_text(line, whole_number(gap))}


def amount_text(line: Line, count: str) -> str:
    """«5 đoàn viên», «3 đơn vị»: a number in what the line counts."""
    return str(line.indicator.amount) % {"count": count}


def parts_text(line: Line) -> str:
    """«195/238 người», «120/150 doanh nghiệp»: part and whole of a ratio."""
    progress = line.progress
    parts = f"{whole_number(progress.numerator)}/{whole_number(progress.denominator)}"
    return str(line.indicator.parts) % {"count": parts}


def pace_text(line: Line) -> str:
    """What each remaining quarter must bring, beside what each has brought so far; empty where
    nothing is missing or no quarter remains."""
    progress = line.progress
    if not progress.pace_needed or not progress.quarters_left or line.indicator.lower_is_better:
        return ""
    left = {
        "quarters": progress.quarters_left,
        "needed": _pace(line, progress.pace_needed, up=True),
    }
    needed = ngettext(
        "%(needed)s needed in the %(quarters)s quarter left",
        "%(needed)s needed in each of the %(quarters)s quarters left",
        progress.quarters_left,
    )
    if progress.pace_achieved is None:
        return needed % left
    so_far = {"achieved": _pace(line, progress.pace_achieved)}
    return f"{needed % left}; {_('%(achieved)s a quarter so far') % so_far}"


LEAST_POINTS = Fraction(1, 100)  # what is missing never prints as nothing
FEW = 10  # of so few a quarter, the hundredths are told too


def _pace(line: Line, value: Fraction, *, up: bool = False) -> str:
    if line.indicator.is_ratio:
        shown = max(value, LEAST_POINTS) if up else value
        return _("%(points)s percentage points") % {"points": points(shown)}
    if not up and 0 < value < FEW and value.denominator != 1:
        return amount_text(line, points(value))
    return amount_text(line, whole_number(math.ceil(value) if up else math.floor(value)))


DOCUMENTS_NAMED = 3


def before_words(line: Line) -> str:
    """«Trước khi dùng phần mềm: 2.140 đoàn viên kết nạp (theo Báo cáo số 95/BC-CĐN)», or that a
    flow counts only from the first quarter here; empty where nothing was before."""
    if line.before is None:
        return late_words(line.counts_from) if line.counts_from else ""
    count = {"count": whole_number(line.before.value)}
    result = {"result": str(line.indicator.result or line.indicator.amount) % count}
    if not (documents := line.before.documents):
        return _("Before the product: %(result)s") % result
    named = ", ".join(map(_document, documents))
    if len(documents) > DOCUMENTS_NAMED:
        named = _("%(count)s documents") % {"count": whole_number(len(documents))}
    return _("Before the product: %(result)s (by %(documents)s)") % {**result, "documents": named}


def _document(number: str) -> str:
    """«Báo cáo số 95/BC-CĐN» of a bare number; a document that is named keeps its name."""
    return _("Report no. %(number)s") % {"number": number} if number[:1].isdigit() else number


def sentence(line: Line, *, with_parts: bool = False, with_target: bool = True) -> str:
    """One line in one sentence, as a chair reads it.

    «Thực tăng 7/20 đoàn viên, đạt 35,00%» · «Tỷ lệ đoàn viên 81,93%, mức giao 90%, còn thiếu 20
    đoàn viên»; ``with_parts`` adds «(195/238)»; the target of a ratio may stand elsewhere.
    """
    progress = line.progress
    if progress.actual is None:
        return _("%(label)s: no figures yet") % {"label": line.indicator.short_label}
    parts = [_count(line) if not line.indicator.is_ratio else _ratio(line, with_parts)]
    if line.target is not None and line.indicator.is_ratio:
        if with_target:
            parts.append(_("target %(minimum)s") % {"minimum": target_text(line)})
        parts.append(attained_text(line) if line.indicator.is_quotient else gap_text(line))
    elif line.target is not None:
        parts.append(attained_text(line))
    return ", ".join(part for part in parts if part)


def _count(line: Line) -> str:
    value = value_text(line, line.progress.actual)
    if line.target is not None:
        value = f"{value}/{whole_number(line.target.minimum)}"
    return f"{line.indicator.short_label} {amount_text(line, value)}"


def _ratio(line: Line, with_parts: bool) -> str:
    text = f"{line.indicator.short_label} {value_text(line, line.progress.actual)}"
    if with_parts:
        progress = line.progress
        text += f" ({whole_number(progress.numerator)}/{whole_number(progress.denominator)})"
    return text


def plan_lines(lines: Iterable[Line]) -> list[PlanLine]:
    """The lines with their bars; all percentages share one scale, so that they can be compared."""
    lines = list(lines)
    low = _low(line for line in lines if line.indicator.is_percentage)
    return [PlanLine(line, _bullet(line, low)) for line in lines]


def _values(line: Line) -> list[Fraction]:
    progress = line.progress
    shown = (progress.actual, progress.expected_by_now, progress.target)
    return [Fraction(value) for value in shown if value is not None]


def _low(ratios: Iterable[Line]) -> Fraction:
    """Where the bars of ratios begin: the ten below the least of them, so that the difference
    between 94,96 and 95 can be seen at all."""
    least = min((value for line in ratios for value in _values(line)), default=Fraction(0))
    return Fraction(max(0, math.ceil(least / 10) - 1) * 10)


def _bullet(line: Line, low: Fraction) -> Bullet:
    is_percentage = line.indicator.is_percentage
    start = low if is_percentage else Fraction(0)
    end = max([Fraction(100) if is_percentage else Fraction(1), *_values(line)])

    def place(value: Number | None) -> float | None:
        if value is None:
            return None
        share = (Fraction(value) - start) / (end - start) if end > start else Fraction(0)
        return round(float(max(Fraction(0), share)) * 100, 2)

    progress = line.progress
    expected = progress.expected_by_now if progress.has_path else None
    return Bullet(place(progress.actual), place(expected), place(progress.target))


def bridge(line: Line) -> list[str]:
    """What a figure is made of, as sums that anybody can check.

    «Kết nạp mới 5.912 + chuyển đến 0 − chuyển đi 0 − giảm 2.035 = 3.877»
    «Đầu năm 61.816 + thực tăng 3.877 + điều chỉnh sau rà soát 112 = 65.805 đoàn viên»
    """
    if not line.indicator.is_read_from_reports:
        return source_words(line)
    pieces, progress = line.pieces, line.progress
    if line.indicator.is_ratio:
        if progress.denominator is None:
            return []
        parts = {
            "members": whole_number(progress.numerator),
            "workers": whole_number(progress.denominator),
            "density": value_text(line, progress.actual),
        }
        return [_("%(members)s members ÷ %(workers)s workers = %(density)s") % parts]
    if pieces.net_increase is None:
        return []
    found = [_net_increase(line)]
    if line.before and progress.numerator is not None:
        parts = {
            "before": whole_number(line.before.value),
            "since": whole_number(progress.numerator - line.before.value),
            "total": whole_number(progress.numerator),
        }
        found.append(_("Before the product %(before)s + since then %(since)s = %(total)s") % parts)
    if line.unit.is_superior and (pieces.transferred_in or pieces.transferred_out):
        found.append(_transfers(line))
    found.append(
        _("Left by reorganisation: %(left_reorganised)s")
        % {"left_reorganised": whole_number(pieces.left_reorganised)}
    )
    if pieces.opening is not None and pieces.closing is not None:
        found.append(_from_opening_to_closing(line))
    return found


def source_words(line: Line) -> list[str]:
    """What a figure that no report states is made of."""
    pieces, progress = line.figures.pieces, line.progress
    said = []
    if line.indicator.read_from == ReadFrom.UNITS and pieces:
        parts = {name: whole_number(pieces[name]) for name in ("founded", "ended")}
        parts["net"] = whole_number(pieces["founded"] - pieces["ended"])
        said.append(_("Founded %(founded)s − ended %(ended)s = %(net)s") % parts)
    if line.indicator.read_from == ReadFrom.TRAINING:
        return training_words(line)
    if progress.denominator is not None and line.indicator.is_ratio:
        said.append(f"{parts_text(line)} = {value_text(line, progress.actual)}")
    if line.indicator.read_from == ReadFrom.RATINGS:
        rated = {name: whole_number(pieces.get(name)) for name in ("unrated", "unfit")}
        said.insert(0, _("Ratings of %(year)s") % {"year": pieces.get("year", UNKNOWN)})
        said.append(_("Not rated yet: %(unrated)s; not eligible: %(unfit)s") % rated)
    if line.indicator.read_from == ReadFrom.ENTERPRISES:
        if line.definition.parameter:
            least = {"count": whole_number(line.definition.parameter)}
            said.insert(0, _("Enterprises with at least %(count)s workers") % least)
        if unlinked := pieces.get("unlinked"):
            sentence = _("Of them %(count)s by their unions alone: not in the register")
            said.append(sentence % {"count": whole_number(unlinked)})
    if line.indicator.read_from == ReadFrom.MANUAL and pieces.get("units"):
        said.append(_("Typed by %(count)s units") % {"count": whole_number(pieces["units"])})
    return said


def training_words(line: Line) -> list[str]:
    """«160/352 cán bộ = 45,45%», «đã có số liệu 210/400 CĐCS», «chưa rõ trình độ 3»."""
    pieces, progress = line.figures.pieces, line.progress
    number = {name: whole_number(count) for name, count in pieces.items()}
    if line.indicator.is_quotient:
        return _workload_words(line, number)
    if line.indicator.is_flow:
        return (
            [_("classes held: %(classes)s; turns completed: %(turns)s") % number] if pieces else []
        )
    said = []
    if progress.denominator is not None:
        said.append(f"{parts_text(line)} = {value_text(line, progress.actual)}")
    if line.indicator.code == "officers-trained" and pieces:
        said.append(_("numbers stated by %(stated)s/%(units)s grassroots unions") % number)
        said.append(
            _(
                "officers by name %(listed_trained)s/%(listed)s + not listed by name "
                "%(others_trained)s/%(others)s"
            )
            % number
        )
    if pieces.get("unknown"):
        words = _("education not stated: %(unknown)s")
        if line.indicator.code == "leaders-political-theory":
            words = _("political theory not stated: %(unknown)s")
        said.append(words % number)
    if not said and not pieces.get("listed"):
        said.append(_("nobody of them in the list of officers"))
    return said


def _workload_words(line: Line, number: dict[str, str]) -> list[str]:
    if not number or "units" not in number:
        return []
    if line.progress.denominator is None:
        return [_("%(units)s grassroots unions, no full-time officer in the list") % number]
    words = _("%(units)s grassroots unions ÷ %(full_time)s full-time officers = %(value)s")
    return [words % {**number, "value": value_text(line, line.progress.actual)}]


COUNTED = ("admitted", "transferred_in", "transferred_out", "left", "net_increase")


def _numbers(pieces: Pieces) -> dict[str, str]:
    return {name: whole_number(getattr(pieces, name)) for name in COUNTED}


def _net_increase(line: Line) -> str:
    numbers = _numbers(line.pieces)
    if _cancel_within(line):
        numbers |= {"transferred_in": whole_number(0), "transferred_out": whole_number(0)}
    return (
        _(
            "Admitted %(admitted)s + transferred in %(transferred_in)s "
            "− transferred out %(transferred_out)s − left %(left)s = %(net_increase)s"
        )
        % numbers
    )


def _cancel_within(line: Line) -> bool:
    """Nobody leaves a whole federation by moving inside it."""
    whole = line.unit.kind in (Kind.FEDERATION, Kind.CONFEDERATION)
    return whole and line.pieces.transfer_balance == 0


def _from_opening_to_closing(line: Line) -> str:
    """Every step with its sign in words; what is 0 is left out, but for the net increase."""
    pieces = line.pieces
    steps = [
        (pieces.net_increase or 0, _("+ net increase %(count)s"), _("− net decrease %(count)s")),
        (pieces.adjustment or 0, _("+ adjustment %(count)s"), _("− adjustment %(count)s")),
        (pieces.brought_in or 0, _("+ received %(count)s"), _("− handed over %(count)s")),
    ]
    said = [f"{line.opening_name} {whole_number(pieces.opening)}"]
    for place, (count, more, less) in enumerate(steps):
        if count or place == 0:
            said.append((less if count < 0 else more) % {"count": whole_number(abs(count))})
    said.append(_("= %(count)s members") % {"count": whole_number(pieces.closing)})
    return " ".join(said)


def _transfers(line: Line) -> str:
    """Transfers carry no counterpart; a branch shows whether they balance."""
    numbers = _numbers(line.pieces)
    if _cancel_within(line):
        return (
            _(
                "Transfers within the sector: out %(transferred_out)s, in %(transferred_in)s, "
                "they match"
            )
            % numbers
        )
    if line.pieces.transfer_balance == 0:
        return _("Transfers: out %(transferred_out)s, in %(transferred_in)s, they match") % numbers
    return (
        _("Transfers: out %(transferred_out)s, in %(transferred_in)s, they do not match yet")
        % numbers
    )
