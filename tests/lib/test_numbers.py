"""Numbers as people write and read them."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.template import engines
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from unionplan.lib import numbers


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (None, "–", "–"),
        (0, "0", "0"),
        (999, "999", "999"),
        (5493, "5.493", "5,493"),
        (1234567, "1.234.567", "1,234,567"),
        (-1098, "−1.098", "−1,098"),
        (Decimal("90.00"), "90", "90"),
        (Decimal("14.50"), "14,5", "14.5"),
        (Decimal("1E+3"), "1.000", "1,000"),
    ],
)
def test_a_number_follows_the_language(value, vietnamese, english):
    with translation.override("vi"):
        assert numbers.whole_number(value) == vietnamese
    with translation.override("en"):
        assert numbers.whole_number(value) == english


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0,00%"),
        (90, "90,00%"),
        (Fraction(203 * 100, 231), "87,88%"),
        (Fraction(202 * 100, 231), "87,45%"),
        (Fraction(3877 * 100, 5493), "70,58%"),
        (Decimal("94.994"), "94,99%"),
        (Decimal("94.996"), "94,99%"),  # not 95,00%: that is not reached
        (Decimal("94.9999999999"), "94,99%"),
        (Decimal("99.996"), "99,99%"),
        (95, "95,00%"),
        (Decimal("1155.5"), "1.155,50%"),
        (Decimal("-0.001"), "0,00%"),
    ],
)
def test_a_percentage_is_rounded_but_never_onto_what_is_not_reached(value, text):
    assert numbers.percent_text(value) == text


def test_a_threshold_with_decimals_is_not_reached_by_rounding_either():
    assert numbers.percent_text(Decimal("95.496")) == "95,50%"
    assert numbers.percent_text(Decimal("95.496"), Decimal("95.5")) == "95,49%"


@given(st.fractions(min_value=0, max_value=1000), st.integers(1, 100000))
def test_a_percentage_prints_a_threshold_only_when_it_is_reached(value, hundredths):
    threshold = Fraction(hundredths, 100)
    printed = numbers.percent_text(value, threshold).removesuffix("%")
    shown = Fraction(printed.replace(".", "").replace(",", "."))

    assert abs(value - shown) < Fraction(1, 100)
    assert (shown >= threshold) <= (value >= threshold) or shown > threshold


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (Decimal("2.565"), "2,57"),
        (Decimal("2.5649"), "2,56"),
        (Decimal("0.04"), "0,04"),
        (Decimal("-2.565"), "−2,57"),
        (0, "0,00"),
    ],
)
def test_points_are_rounded_half_up(value, text):
    assert numbers.points(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (3, "+3"), (0, "0"), (-98, "−98"), (1200, "+1.200")]
)
def test_a_change_bears_its_sign(value, text):
    assert numbers.signed(value) == text


def test_a_relative_change_bears_its_sign():
    assert numbers.signed_percent(Fraction(-98 * 100, 329)) == "−29,79%"
    assert numbers.signed_percent(Decimal("3")) == "+3,00%"
    assert numbers.signed_percent(None) == "–"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("", None),
        ("  \u00a0 ", None),
        ("0", 0),
        ("007", 7),
        ("1234", 1234),
        ("1.234", 1234),
        ("1.234.567", 1234567),
        (" 1.234\u00a0", 1234),
        ("1 234", 1234),
        ("1\u202f234", 1234),
        ("１２３４", 1234),
        ("+5", 5),
        ("-0", 0),
        ("2147483647", 2147483647),
    ],
)
def test_a_typed_number_is_read(typed, number):
    assert numbers.parse_whole_number(typed) == number


WHOLE = "Hãy nhập số nguyên, ví dụ 1.234."


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        ("12,5", "fraction", "Số người không có phần lẻ (đã nhập 12,5)."),
        ("12.5", "fraction", "Số người không có phần lẻ (đã nhập 12.5)."),
        ("1,234", "fraction", "Số người không có phần lẻ (đã nhập 1,234)."),
        ("1.2345", "fraction", "Số người không có phần lẻ (đã nhập 1.2345)."),
        ("-5", "negative", "Số này không thể âm."),
        ("−1.234", "negative", "Số này không thể âm."),
        ("1.23.456", "invalid", WHOLE),
        ("1,234,567", "invalid", WHOLE),
        ("hai trăm", "invalid", WHOLE),
        ("12 người", "invalid", WHOLE),
        ("1e3", "invalid", WHOLE),
        ("–", "invalid", WHOLE),
        ("½", "invalid", WHOLE),
        ("2147483648", "too_large", "Số này quá lớn."),
        ("9" * 5000, "too_large", "Số này quá lớn."),
    ],
)
def test_what_is_no_count_of_people_is_refused_with_a_sentence(typed, code, sentence):
    with pytest.raises(ValidationError) as refusal:
        numbers.parse_whole_number(typed)

    assert (refusal.value.code, refusal.value.messages) == (code, [sentence])


@pytest.mark.parametrize("typed", ["-98", "−98", "–98", "- 98"])
def test_an_adjustment_may_be_negative(typed):
    assert numbers.parse_whole_number(typed, allow_negative=True) == -98


@given(st.integers(min_value=-numbers.LARGEST, max_value=numbers.LARGEST))
def test_what_is_printed_can_be_typed_again(number):
    for text in numbers.whole_number(number), numbers.signed(number):
        assert numbers.parse_whole_number(text, allow_negative=True) == number


def test_templates_write_figures_through_the_filters():
    template = engines["django"].from_string(
        "{{ count|number }} {{ none|number }} {{ share|percent }} {{ gap|points }} {{ by|signed }}"
    )

    text = template.render(
        {"count": 5493, "none": None, "share": Decimal("94.996"), "gap": Decimal("2.57"), "by": -98}
    )

    assert text == "5.493 – 94,99% 2,57 −98"
