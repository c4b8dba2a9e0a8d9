"""How Vietnamese text is searched, sorted and written."""

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionplan.lib.vietnamese import given_name_key, nfc, phone_number, search_text, sort_key


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("LĐLĐ Đà Nẵng", "ldld da nang"),
        ("Liên đoàn Lao động", "lien doan lao dong"),
        ("  Công  ty\u00a0Hương Giang ", "cong ty huong giang"),
        (unicodedata.normalize("NFD", "Nghiệp đoàn"), "nghiep doan"),
        ("", ""),
    ],
)
def test_a_search_ignores_marks_case_and_spaces(text, plain):
    assert search_text(text) == plain


@given(st.text())
def test_a_search_text_searched_again_is_itself(text):
    assert search_text(search_text(text)) == search_text(text)


def test_text_taken_apart_is_put_together():
    apart = unicodedata.normalize("NFD", "Trần Thị Mai")

    assert apart != "Trần Thị Mai"
    assert nfc(apart) == "Trần Thị Mai"
    assert sort_key(apart) == sort_key("Trần Thị Mai")


@pytest.mark.parametrize(
    "ordered",
    [
        ["an", "ăn", "ân", "ba", "ca", "da", "đa", "em", "êm"],
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["o", "ô", "ơ", "u", "ư", "y"],
        ["Đội 2", "Đội 10", "Đội 010b", "Đội 100"],
        ["Hoa", "Hòa", "Hoa Lư", "Hoan"],
        ["Công ty A", "công ty B", "Công ty C"],
        ["Hà Giang", "Hà Nội", "Hải Dương", "Hải Phòng"],
        ["An 1", "An A"],
    ],
)
def test_names_stand_as_in_a_dictionary(ordered):
    shuffled = random.Random(7).sample(ordered, len(ordered))

    assert sorted(shuffled, key=sort_key) == ordered


def test_keys_compare_alike_byte_by_byte_and_letter_by_letter():
    keys = [sort_key(name) for name in ["An", "Ân", "Đà", "Ỷ", "100", "(x)", "ß", "東", "a-b"]]

    assert sorted(keys) == sorted(keys, key=lambda key: key.encode())


def test_people_are_sorted_by_the_given_name():
    people = ["Lê Văn Hoà", "Nguyễn Quốc Bảo", "Trần Thị Mai", "Lê Thị Bảo", "Nguyễn Ái"]

    assert sorted(people, key=given_name_key) == [
        "Nguyễn Ái",
        "Lê Thị Bảo",
        "Nguyễn Quốc Bảo",
        "Lê Văn Hoà",
        "Trần Thị Mai",
    ]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0900000123", "0900000123"),
        ("+84 900-000-001", "0900000001"),
        ("(0236) 3.888.777", "02363888777"),
        ("84900000001", "0900000001"),
        ("0084900000001", "0900000001"),
        ("0900\u00a0000\u00a0001", "0900000001"),
        ("+84 0900 000 001", "0900000001"),
        ("０９０００００００１", "0900000001"),  # full width, as some keyboards of telephones write
        ("0९००००००००१", ""),
        ("mai@example.vn", ""),
        ("12345", ""),
        ("", ""),
    ],
)
def test_a_telephone_number_is_kept_as_it_is_dialled(typed, number):
    assert phone_number(typed) == number
