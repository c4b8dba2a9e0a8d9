"""Long work shows how far it is, on a terminal only."""

import io
import sys

import pytest

from unionplan.lib import watching


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "patience", "is_shown"),
    [(Terminal, 0, True), (Terminal, 60, False), (io.StringIO, 0, False)],
    ids=["long on a terminal", "short on a terminal", "elsewhere"],
)
def test_a_bar_is_shown_where_somebody_waits(monkeypatch, stream, patience, is_shown):
    stderr = stream()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(watching, "PATIENCE", patience)
    assert list(watching.on_terminal(["a", "b", "c"])) == ["a", "b", "c"]
    assert ("0/3" in stderr.getvalue()) is is_shown
