"""Dates in a sentence, as Decree 30/2020 has them written."""

from datetime import date

import pytest

from unionplan.lib.dates import in_text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2024, 9, 30), "30/9/2024"),
        (date(2024, 2, 5), "05/02/2024"),
        (date(2024, 10, 5), "05/10/2024"),
        (date(2024, 3, 1), "01/3/2024"),
    ],
)
def test_only_january_and_february_are_padded(day, text):
    assert in_text(day) == text
    assert in_text(day, with_year=False) == text.removesuffix("/2024")
