"""Habits of the whole tree that no other tool looks after."""

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FOLDERS = ["unionplan", "members", "training", "targets", "templates", "static", "tests", ".ci"]
BINARY = {".mo", ".pyc", ".png", ".ico", ".xlsx", ".docx", ".woff2"}
TEXTS = [
    path
    for path in [
        *(path for path in ROOT.iterdir() if path.is_file() and not path.match("*.sqlite3*")),
        *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))),
    ]
    if path.is_file() and path.suffix not in BINARY
]

# What the content security policy would silently drop in the browser.
INLINE = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an event handler": r"<[^>]*\son[a-z]+\s*=",
    "an inline script": r"<script\b(?![^>]*\b(?:src=|type=\"application/json\"))",
    "a javascript: address": r"javascript:",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_the_policy_forbids(path):
    text = path.read_text(encoding="utf-8")

    assert [what for what, pattern in INLINE.items() if re.search(pattern, text, re.I)] == []


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ('<p class="a" style="color: red">', "a style attribute"),
        ("<style>", "a style element"),
        ('<a href="#" onclick="x()">', "an event handler"),
        ("<script>x()</script>", "an inline script"),
        ('<a href="javascript:x()">', "a javascript: address"),
    ],
)
def test_each_pattern_finds_what_it_is_for(html, what):
    assert [name for name, pattern in INLINE.items() if re.search(pattern, html, re.I)] == [what]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_is_sound(path):
    engines["django"].get_template(str(path.relative_to(ROOT / "templates")))


def test_every_filter_is_used_under_its_own_name():
    from unionplan.templatetags.formats import register

    assert sorted(register.filters) == [
        "day",
        "moment",
        "number",
        "percent",
        "points",
        "signed",
        "signed_percent",
    ]


def test_no_file_names_a_folder_of_somebodys_machine():
    machine = re.compile(r"(?<![\w.])/(?:home|Users|root|work|opt)/\w")
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in TEXTS
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if machine.search(line)
    }

    assert found == set()


@pytest.mark.parametrize(
    "path",
    [path for path in TEXTS if path.match("tests/**/test_*.py")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_tests_that_empty_the_database_have_files_of_their_own(path):
    """They run behind all others, file by file: what comes after one finds no reference data."""
    text = path.read_text(encoding="utf-8")
    marked = re.findall(r"^(@?)[^\n\"]*django_db\(transaction=True\)", text, re.M)

    assert "@" not in marked
