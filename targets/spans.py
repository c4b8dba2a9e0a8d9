"""Spans of time as plans name them: «Quý I/2024 – Quý IV/2024», «nhiệm kỳ 2023 - 2028»."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.models import Calendar, Quarter
from targets.models import Plan, Term
from unionplan.lib.dates import in_text


@dataclass(frozen=True)
class NamedQuarter:
    label: str
    starts_on: date
    cut_off_on: date


def quarters_of_years(first: int, last: int) -> list[NamedQuarter]:
    """As they were opened, or else as the calendar proposes them. Two statements."""
    opened = {(q.year, q.number): q for q in Quarter.objects.filter(year__range=(first, last))}
    calendar = Calendar.current()
    named = []
    for year in range(first, last + 1):
        for number in (1, 2, 3, 4):
            dates = opened.get((year, number)) or calendar.dates(year, number)
            label = str(Quarter(year=year, number=number))
            named.append(NamedQuarter(label, dates.starts_on, dates.cut_off_on))
    return named


def label_spans(plans: Iterable[Plan]) -> list[tuple[Plan, str]]:
    """Each plan with its span in quarters; two statements however many plans."""
    plans = list(plans)
    years = [day.year for plan in plans for day in (plan.starts_on, plan.ends_on)]
    quarters = quarters_of_years(min(years) - 1, max(years) + 1) if years else []
    return [(plan, _span(plan, quarters)) for plan in plans]


def _span(plan: Plan, quarters: list[NamedQuarter]) -> str:
    within = [q.label for q in quarters if plan.starts_on <= q.cut_off_on <= plan.ends_on]
    if not within:
        return f"{in_text(plan.starts_on)} – {in_text(plan.ends_on)}"
    return f"{within[0]} – {within[-1]}"


def span_name(plan: Plan) -> str:
    """«năm 2024», «nhiệm kỳ 2023 - 2028»."""
    if plan.is_of_one_year:
        return _("the year %(year)s") % {"year": plan.ends_on.year}
    years = {"first": plan.starts_on.year, "last": plan.ends_on.year}
    return _("the term %(first)s - %(last)s") % years


def term_named(text: str) -> Term:
    """The term «2023-2028»; one that is not known yet runs over whole years and is not saved."""
    years = re.fullmatch(r"\s*(\d{4})\s*[-–]\s*(\d{4})\s*", text)
    if years is None or years[1] >= years[2]:
        raise ValidationError(_("Write a term as 2023-2028."), "invalid")
    code = f"{years[1]}-{years[2]}"
    known = Term.objects.filter(code=code).first()
    starts_on, ends_on = date(int(years[1]), 1, 1), date(int(years[2]), 12, 31)
    return known or Term(code=code, starts_on=starts_on, ends_on=ends_on)


def term_began_on(day: date) -> date | None:
    """Of the term that runs that day; where two do, of the one that began last."""
    running = Term.objects.filter(starts_on__lte=day, ends_on__gte=day)
    return running.order_by("-starts_on").values_list("starts_on", flat=True).first()


def years_later(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes the 28th where it must."""
    last = monthrange(day.year + years, day.month)[1]
    return day.replace(year=day.year + years, day=min(day.day, last))
