"""Numbers as people write and read them, in the language of the page.

What a machine reads (CSV, JSON, the value of a hidden field) never passes through here.
"""

import math
import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

Number = int | Decimal | Fraction  # never a float: 0.1 + 0.2 has missed its threshold

UNKNOWN = "–"
MINUS = "\u2212"
LARGEST = 2**31 - 1  # what an integer column holds


def whole_number(value: int | Decimal | None) -> str:
    """«5.493»; a Decimal shows the decimals it has and no zeros behind them: «90», «14,5»."""
    if value is None:
        return UNKNOWN
    if isinstance(value, Decimal):
        places = max(0, -int(value.normalize().as_tuple().exponent))
        return _with_minus(value, number_format(abs(value), places, force_grouping=True))
    return _with_minus(value, number_format(abs(value), force_grouping=True))


def percent_text(value: Number | None, threshold: Number | None = None) -> str:
    """«87,88%» of 203/231, but «94,99%» of 94.996: rounded half up, yet never up to a whole
    percent or a threshold that is not reached."""
    if value is None:
        return UNKNOWN
    hundredths = _half_up(value)
    reached = Fraction(hundredths, 100)
    if 0 < value < reached and (hundredths % 100 == 0 or reached == threshold):
        hundredths -= 1
    return _hundredths(hundredths) + "%"


def points(value: Number | None) -> str:
    """«2,57»: a distance in percentage points, rounded half up."""
    return UNKNOWN if value is None else _hundredths(_half_up(value))


def signed(value: int | None) -> str:
    """«+3», «−98», «0»: a change."""
    return UNKNOWN if value is None else _with_plus(value, whole_number(value))


def signed_percent(value: Number | None) -> str:
    """«−29,79%»: a change, rounded half up."""
    return UNKNOWN if value is None else _with_plus(value, points(value)) + "%"


def _half_up(value: Number) -> int:
    """Hundredths, halves away from zero."""
    size = math.floor(abs(Fraction(value)) * 100 + Fraction(1, 2))
    return size if value >= 0 else -size


def _hundredths(hundredths: int) -> str:
    text = number_format(Decimal(abs(hundredths)).scaleb(-2), 2, force_grouping=True)
    return _with_minus(hundredths, text)


def _with_minus(value: Number, text: str) -> str:
    return MINUS + text if value < 0 else text


def _with_plus(value: Number, text: str) -> str:
    return "+" + text if value > 0 else text


def parse_whole_number(
    text: str, *, thousands: str = ".", allow_negative: bool = False, largest: int = LARGEST
) -> int | None:
    """The number a person typed, None if nothing; ValidationError says what is wrong with it.

    Groups are three digits each, so that «1.23» is a slip and not 123.
    """
    typed = unicodedata.normalize("NFKC", text).strip()  # also full-width digits, narrow spaces
    if not typed:
        return None
    plain = re.sub(r"^[-\u2212\u2010-\u2014]\s*", "-", typed)
    if re.fullmatch(r"[-+]?[0-9]+[.,][0-9]+", plain) and not _is_grouped(plain, thousands):
        raise ValidationError(
            _("People come in whole numbers (entered: %(text)s)."), "fraction", {"text": typed}
        )
    if not (re.fullmatch(r"[-+]?[0-9]+", plain) or _is_grouped(plain, thousands)):
        raise ValidationError(_("Enter a whole number, for example 1,234."), "invalid")
    digits = re.sub(r"[^0-9]", "", plain).lstrip("0") or "0"
    if plain.startswith("-") and digits != "0" and not allow_negative:
        raise ValidationError(_("This number cannot be negative."), "negative")
    if len(digits) > len(str(largest)) or int(digits) > largest:
        raise ValidationError(_("This number is too large."), "too_large")
    return -int(digits) if plain.startswith("-") else int(digits)


def parse_percentage(text: str) -> Decimal | None:
    """«95.5», «95,5», «95,5%»: no thousands here, so point and comma mean the same."""
    typed = unicodedata.normalize("NFKC", text).replace(" ", "").removesuffix("%")
    if not typed:
        return None
    if not re.fullmatch(r"[-\u2212]?[0-9]{1,9}([.,][0-9]{1,15})?", typed):
        raise ValidationError(_("Enter a percentage, for example 95 or 95.5."), "invalid")
    return Decimal(typed.replace(MINUS, "-").replace(",", "."))


def parse_decimal(text: str, *, thousands: str = ".") -> Decimal | None:
    """«133,33», «133.33», «1.000»: a number that is no percentage; three digits behind the sign of
    thousands are a group."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        return None
    plain = typed.replace(MINUS, "-")
    if _is_grouped(plain, thousands):
        return Decimal(re.sub(r"[^0-9-]", "", plain))
    if not re.fullmatch(r"-?[0-9]{1,12}([.,][0-9]{1,15})?", plain):
        raise ValidationError(_("Enter a number, for example 100 or 133.5."), "invalid")
    return Decimal(plain.replace(",", "."))


def _is_grouped(text: str, thousands: str) -> bool:
    return bool(re.fullmatch(rf"[-+]?[0-9]{{1,3}}([ {re.escape(thousands)}][0-9]{{3}})+", text))
