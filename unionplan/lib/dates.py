"""Dates as people write them in a sentence."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def in_text(day: date, *, with_year: bool = True) -> str:
    """«30/9/2024», «05/02/2024», «01/7»: days are padded, of the months January and February only,
    as in official documents."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}" if with_year else f"{day.day:02d}/{month}"


def moment(at: datetime, *, with_year: bool = True) -> str:
    """«14:05 ngày 04/10/2024»."""
    local = timezone.localtime(at)
    time, day = date_format(local, "TIME_FORMAT"), in_text(local.date(), with_year=with_year)
    return _("%(time)s on %(day)s") % {"time": time, "day": day}
