"""The Vietnamese catalogue is loaded, is compiled from its source, and wins over Django's."""

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

FOLDER = settings.LOCALE_PATHS[0] / "vi" / "LC_MESSAGES"


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("Enter a whole number, for example 1,234.", "Hãy nhập số nguyên, ví dụ 1.234."),
        ("This number cannot be negative.", "Số này không thể âm."),
        ("There is no %(text)s in the calendar.", "Ngày %(text)s không có trong lịch."),
        # Django's own sentences are «Nhập một số tổng thể.» and «Trường này là bắt buộc.»
        ("Enter a whole number.", "Hãy nhập số nguyên, ví dụ 1.234."),
        ("This field is required.", "Mục này phải điền."),
        ("Null characters are not allowed.", "Nội dung có ký tự không dùng được; hãy gõ lại."),
    ],
)
def test_fixed_sentences_are_vietnamese(english, vietnamese):
    assert gettext(english) == vietnamese
    with translation.override("en"):
        assert gettext(english) == english


def test_counted_sentences_have_one_form():
    one, many = (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    )

    assert {ngettext(one, many, n) for n in (1, 2, 8)} == {
        "Mật khẩu ngắn quá, cần ít nhất %d ký tự."
    }


def test_the_compiled_catalogue_is_that_of_its_source():
    assert (FOLDER / "django.mo").read_bytes() == polib.pofile(FOLDER / "django.po").to_binary()


def test_nobody_is_addressed_as_a_customer():
    spoken = [entry.msgstr or "".join(entry.msgstr_plural.values()) for entry in _entries()]

    assert len(spoken) > 50
    assert [
        text for text in spoken if {"bạn", "Bạn", "quý khách", "user"} & set(text.split())
    ] == []


def _entries():
    return polib.pofile(FOLDER / "django.po")
