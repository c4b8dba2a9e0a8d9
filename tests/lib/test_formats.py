"""Dates, separators and calendars of the two languages."""

from datetime import UTC, date, datetime

import pytest
from django.template import engines
from django.utils import formats, translation


def render(text, **context):
    return engines["django"].from_string(text).render(context)


def test_a_day_and_a_moment_are_written_as_in_documents():
    late = datetime(2024, 10, 4, 18, 30, tzinfo=UTC)  # already the next day in Vietnam

    assert render("{{ day|day }}", day=date(2024, 10, 5)) == "05/10/2024"
    assert render("{{ at|day }}", at=late) == "05/10/2024"
    assert render("{{ at|moment }}", at=late) == "01:30 ngày 05/10/2024"
    assert render("{{ none|day }} {{ none|moment }}", none=None) == "– –"


def test_english_pages_keep_the_day_before_the_month():
    with translation.override("en"):
        at = datetime(2024, 10, 4, 7, 5, tzinfo=UTC)

        assert render("{{ at|moment }}", at=at) == "14:05 on 04/10/2024"
        assert render("{{ at|date:'SHORT_DATE_FORMAT' }}", at=at) == "04/10/2024"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_week_begins_on_monday(language):
    with translation.override(language):
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1


def test_django_itself_writes_vietnamese_numbers():
    assert formats.localize(1234567) == "1.234.567"
    assert formats.localize(80.5) == "80,5"


def test_a_machine_reads_no_dots():
    assert render("{% load l10n %}{{ id|unlocalize }}", id=1234567) == "1234567"
    assert render("{% load l10n %}{% localize off %}{{ id }}{% endlocalize %}", id=12345) == "12345"
