"""Filters that write figures for people; loaded in every template. None prints «–»."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from unionplan.lib import dates, numbers

register = template.Library()

register.filter("number", numbers.whole_number)
register.filter("percent", numbers.percent_text)
register.filter("points", numbers.points)
register.filter("signed", numbers.signed)
register.filter("signed_percent", numbers.signed_percent)


@register.filter
def day(value: date | None) -> str:
    """«30/9/2024», «05/02/2024»; of an instant, the day it is in Vietnam."""
    if value is None:
        return numbers.UNKNOWN
    return dates.in_text(timezone.localdate(value) if isinstance(value, datetime) else value)


@register.filter
def moment(value: datetime | None) -> str:
    """«14:05 ngày 04/10/2024»."""
    return numbers.UNKNOWN if value is None else dates.moment(value)
