"""The Vietnamese catalogue without gettext: compile it, or check that it is whole.

    python .ci/catalogue.py compile     writes django.mo beside django.po
    python .ci/catalogue.py check       exits 1 and says every fault

Messages are read from the syntax tree of the code, and from the templates through Django's own
templatize, which knows every form of {% translate %}.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "unionplan" / "locale" / "vi" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
PACKAGES = ["unionplan", "members", "training", "targets"]

# Where the context, the message and its plural stand among the arguments.
POSITIONS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}
LITERAL = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL_IN_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)", re.DOTALL)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


@dataclass(frozen=True, order=True)
class Message:
    msgid: str
    context: str = ""
    plural: str = ""


def used() -> dict[Message, str]:
    """Every message of code and templates, and the first file it stands in."""
    found: dict[Message, str] = {}
    for path in sources():
        text = path.read_text(encoding="utf-8")
        messages = in_python(text) if path.suffix == ".py" else in_template(text)
        for message in messages:
            found.setdefault(message, str(path.relative_to(ROOT)))
    return found


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def in_python(text: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from message_of(node.func.id, node.args)


def in_template(text: str) -> Iterator[Message]:
    for name, arguments in CALL_IN_TEMPLATE.findall(templatize(text)):
        call = ast.parse(f"f({arguments})", mode="eval").body
        assert isinstance(call, ast.Call)
        yield from message_of(name, call.args)


def message_of(function: str, arguments: list[ast.expr]) -> Iterator[Message]:
    name = re.sub(r"_(lazy|noop)$", "", function)
    if name not in POSITIONS:
        return
    texts = [
        argument.value
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        else None
        for argument in arguments
    ]
    context, msgid, plural = (
        "" if position is None else texts[position] for position in POSITIONS[name]
    )
    if msgid is not None and context is not None and plural is not None:
        yield Message(msgid, context, plural)


def faults() -> Iterator[str]:
    if not PO.exists():
        yield f"{PO.relative_to(ROOT)} does not exist."
        return
    catalogue = polib.pofile(str(PO), encoding="utf-8")
    wanted = used()
    known = {key(entry) for entry in catalogue}
    for message in sorted(wanted.keys() - known):
        yield f"{wanted[message]}: not in the catalogue: {message.msgid!r}"
    for message in sorted(known - wanted.keys()):
        yield f"in the catalogue, but nowhere used: {message.msgid!r}"
    for entry in catalogue:
        yield from faults_of(entry)
    if not MO.exists() or MO.read_bytes() != catalogue.to_binary():
        yield f"{MO.relative_to(ROOT)} is out of date: run .ci/catalogue.py compile."


def faults_of(entry: polib.POEntry) -> Iterator[str]:
    vietnamese = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
    source = entry.msgid_plural or entry.msgid
    if entry.fuzzy or entry.obsolete:
        yield f"fuzzy or obsolete: {entry.msgid!r}"
    if not vietnamese.strip():
        yield f"no Vietnamese: {entry.msgid!r}"
    elif set(PLACEHOLDER.findall(source)) != set(PLACEHOLDER.findall(vietnamese)):
        yield f"other placeholders than the English: {entry.msgid!r}"


def key(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgctxt or "", entry.msgid_plural)


def main(arguments: list[str]) -> int:
    if arguments == ["compile"]:
        MO.write_bytes(polib.pofile(str(PO), encoding="utf-8").to_binary())
        return 0
    if arguments == ["check"]:
        found = list(faults())
        print("\n".join(found) or "The Vietnamese catalogue is whole.")
        return bool(found)
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
