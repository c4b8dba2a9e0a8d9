"""How Vietnamese text is searched, sorted and written, where Python and SQL do not know."""

import re
import unicodedata

# The alphabet, then the five tone marks in the order of dictionaries.
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_RANK = {letter: f"{i:02d}" for i, letter in enumerate(_LETTERS, start=20)}


def nfc(text: str) -> str:
    """One code point a letter: what is pasted from a Mac or from Zalo arrives taken apart."""
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """What was typed into one line, with single blanks."""
    return " ".join(nfc(text).split())


def search_text(text: str) -> str:
    """Lower case without tone marks, đ as d: «Liên đoàn» is found by «lien doan»."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d").replace("Đ", "d"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(plain.split())


def sort_key(text: str) -> str:
    """A text whose byte order is the Vietnamese order of the original.

    Letters first (a ă â b c d đ e ê …), tone marks only where all letters agree, numbers by
    their size («số 2» before «số 10»).
    """
    letters, tones = [], []
    for part in re.findall(r"\d+|\D", nfc(text.lower())):
        if part.isdigit():
            digits = part.lstrip("0")
            letters.append(f"1{len(digits):02d}{digits}")
            continue
        pieces = unicodedata.normalize("NFD", part)
        letter = nfc("".join(c for c in pieces if c not in _TONES))
        letters.append("00" if letter.isspace() else _RANK.get(letter, letter))
        tones.append(next((_TONES[c] for c in pieces if c in _TONES), "0"))
    return f"{''.join(letters)} {''.join(tones).rstrip('0')}"


def given_name_key(full_name: str) -> str:
    """People are sorted by the given name, the last word, then by the rest."""
    words = full_name.split()
    return sort_key(" ".join([*words[-1:], *words[:-1]]))


def same_name(full_name: str) -> str:
    """One form for the spellings of a name: «Lê Văn Hoà», «LÊ VĂN HÒA»; «Bình» is not «Bính»."""
    words = []
    for word in unicodedata.normalize("NFD", full_name.lower()).split():
        letters = "".join(c for c in word if c not in _TONES)
        words.append(letters + "".join(_TONES[c] for c in word if c in _TONES))
    return " ".join(words)


def phone_number(text: str) -> str:
    """Digits of a telephone number as it is dialled at home: «+84 900-000-001» → «0900000001».

    Empty when the text is no telephone number.
    """
    digits = re.sub(r"[\s().-]", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(?:(?:\+|00)840?|84(?=[0-9]{9}$))", "0", digits)
    return digits if re.fullmatch(r"0[0-9]{8,10}", digits) else ""


def within_a_sentence(name: str) -> str:
    """«Doanh nghiệp nhà nước» without its capital; «FDI» keeps its own."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
