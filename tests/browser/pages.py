"""How a person reads and uses a page."""

import re

PATIENCE = 300  # tenths of a second: a busy machine is slow, and nobody waits for what is there
ICONS = str.maketrans("", "", "✓●▲▼✕○✎◐↺")


def words(page, where="body"):
    """What a page says: blanks made one, without the icons."""
    return re.sub(r"\s+", " ", page.inner_text(where).translate(ICONS)).strip()


def must_say(page, *sentences, where="body"):
    """Waits for the answer, as a person does, and for its style sheets: words come before them."""
    for _patience in range(PATIENCE):
        said = words(page, where)
        missing = [sentence for sentence in sentences if sentence not in said]
        if not missing:
            page.wait_for_load_state()
            return
        page.wait_for_timeout(100)
    assert not missing, f"{page.url} does not say {missing}, but:\n{said}"


def type_in(page, **figures):
    for name, figure in figures.items():
        page.fill(f"[name={name}]", figure)


def values(page, *names):
    return {name: page.input_value(f"[name={name}]") for name in names}


def press(page, label):
    page.get_by_role("button", name=label, exact=True).click()


def go(page, label, where="body"):
    page.locator(where).get_by_role("link", name=label, exact=True).click()


def sideways(page):
    """By how many pixels the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")
