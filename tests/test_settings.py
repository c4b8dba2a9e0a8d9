"""A wrong environment stops the start with a sentence that says how to mend it."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "SECRET_KEY": "a-long-and-random-text-" * 3,
    "DEBUG": "0",
    "HTTPS": "1",
    "ALLOWED_HOSTS": "plan.example",
}


def manage(*arguments, **environment):
    """Runs a command as a machine would, with nothing in the environment but this."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set. Put a long random text into it"),
        ({"DEBUG": "perhaps"}, "DEBUG='perhaps' is neither yes nor no: write DEBUG=1 or DEBUG=0."),
        ({"HTTPS": "https"}, "HTTPS='https' is neither yes nor no"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "DATABASE_URL must begin with postgres:// or sqlite"),
        ({"DATABASE_URL": "unionplan"}, "DATABASE_URL cannot be read. Write it as postgres://"),
        ({"DATABASE_URL": "gopher://a"}, "DATABASE_URL cannot be read. Write it as postgres://"),
        ({"DEMO_TODAY": "4/10/2024"}, "DEMO_TODAY='4/10/2024' is not a date: write it as 2024-"),
        ({"SESSION_HOURS": "long"}, "SESSION_HOURS='long' is not a whole number, for example 12."),
        ({"EMAIL_URL": "mail.example"}, "EMAIL_URL cannot be read. Write it as smtp://user:"),
        ({"LOGIN_ATTEMPTS": "-1"}, "LOGIN_ATTEMPTS='-1' is not a whole number, for example 10."),
    ],
)
def test_an_odd_value_stops_the_start_with_a_sentence(odd, sentence):
    outcome = manage("check", **{**GOOD, **odd})

    assert outcome.returncode != 0
    assert sentence in outcome.stderr


def test_a_server_is_deployed_without_a_warning():
    outcome = manage("check", "--deploy", "--fail-level", "WARNING", **GOOD)

    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_a_bare_checkout_runs_commands_without_an_environment():
    assert manage("check").returncode == 0


def test_a_secret_alone_means_a_server_and_not_a_developer():
    shown = manage("shell", "-c", "from django.conf import settings; print(settings.DEBUG)", **GOOD)

    assert shown.stdout.splitlines()[-1] == "False"


def test_the_example_lists_exactly_what_the_settings_read():
    calls = ast.walk(ast.parse((ROOT / "unionplan" / "settings.py").read_text()))
    read = {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call) and getattr(call.func, "id", "").startswith("env_")
    }
    listed = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(read) == sorted(listed)
