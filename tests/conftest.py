"""The small cast everybody knows.

One confederation; two federations, of Building and of Textiles. Under Building the upper-level
union of Truong Son with three grassroots unions: Huong Giang (other enterprise), Song Lam (state
enterprise) and the Office (agency); one grassroots union, Hon Da, directly under the federation;
and an occupational union. Under Textiles a branch that must see nothing of it.
"""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from members import reference
from members.access import Role
from members.models import Quarter, Sector, SectorGroup
from targets import reference as planning
from targets.models import ManualIndicator
from tests import factories
from training import reference as learning
from training.models import Audience, Position, Topic

# A suite makes much and keeps little: collecting rarely saves a seventh of its time.
gc.set_threshold(200_000, 1_000, 1_000)


@pytest.fixture(scope="session", autouse=True)
def _quick_and_clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Passwords are hashed fast, static files are looked for when they are asked for and not by
    every client anew, and files land nowhere near the checkout."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    media = tmp_path_factory.mktemp("media")
    with override_settings(MEDIA_ROOT=media, PASSWORD_HASHERS=hashers, WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture
def _transactional_reference(transactional_db):
    load_reference()


@pytest.fixture(scope="module", autouse=True)
def _reference_stays(request: pytest.FixtureRequest, django_db_blocker) -> Iterator[None]:
    """What comes after a file of tests that empty the database finds it as migrations made it."""
    marks = getattr(request.module, "pytestmark", [])
    marks = marks if isinstance(marks, list) else [marks]
    empties = any(m.name == "django_db" and m.kwargs.get("transaction") for m in marks)
    if empties:
        request.getfixturevalue("django_db_setup")
    yield
    if empties:
        with django_db_blocker.unblock():
            load_reference()


def load_reference() -> None:
    """A flush takes the reference data along that the migrations made."""
    reference.load(Sector, SectorGroup)
    planning.load(ManualIndicator)
    learning.load(Position, Topic, Audience)


@pytest.fixture
def tree(request: pytest.FixtureRequest, db) -> SimpleNamespace:
    """A test's own, or that of its module where this is marked with «usefixtures("world")»."""
    return request.getfixturevalue("world").tree if _shares(request) else made_tree()


@pytest.fixture
def cast(request: pytest.FixtureRequest, tree) -> SimpleNamespace:
    """A chair and a reviewer who belong here, a leader, an administrator, and neighbours."""
    return request.getfixturevalue("world").cast if _shares(request) else made_cast(tree)


def _shares(request: pytest.FixtureRequest) -> bool:
    return "world" in request.fixturenames


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[SimpleNamespace]:
    """The tree and the cast made once for a module whose tests leave them as they were; what a
    test changes is rolled back after it, and everything after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        tree = made_tree()
        yield SimpleNamespace(tree=tree, cast=made_cast(tree))
        transaction.set_rollback(True)


def made_tree() -> SimpleNamespace:
    if not Sector.objects.exists():  # after a flush
        load_reference()
    return factories.small_tree()


def made_cast(t: SimpleNamespace) -> SimpleNamespace:
    people = factories.people(
        {
            "mai": (t.huong_giang, Role.CHAIR, {"full_name": "Trần Thị Mai"}),
            "nam": (t.song_lam, Role.CHAIR, {"full_name": "Nguyễn Văn Nam"}),
            "hoa": (
                t.truong_son,
                Role.REVIEWER,
                {"full_name": "Lê Văn Hoà", "phone": "0900000001"},
            ),
            "huong": (t.building, Role.REVIEWER, {}),
            "leader": (t.building, Role.VIEWER, {}),
            "bao": (t.building, Role.ADMINISTRATOR, {"full_name": "Nguyễn Quốc Bảo"}),
            "neighbour": (t.weavers, Role.CHAIR, {}),
            "far": (t.spinning, Role.REVIEWER, {}),
        }
    )
    return SimpleNamespace(
        chair=people["mai"],
        other_chair=people["nam"],
        reviewer=people["hoa"],
        federation_reviewer=people["huong"],
        leader=people["leader"],
        administrator=people["bao"],
        neighbour_chair=people["neighbour"],
        neighbour_reviewer=people["far"],
        root=factories.superuser(),
    )


@pytest.fixture
def quarter(tree) -> Quarter:
    """Quý III/2024, open, the first quarter of the product."""
    return factories.open_quarter("2024Q3")


@pytest.fixture
def today(settings) -> date:
    """The day before grassroots unions are due."""
    settings.DEMO_TODAY = date(2024, 10, 4)
    return settings.DEMO_TODAY


@pytest.fixture
def as_(client: Client):
    """``as_(person).get(...)``: the test client, signed in."""

    last = None

    def signed_in(person) -> Client:
        nonlocal last
        if person != last:
            client.force_login(person, backend="members.signin.PhoneOrEmailBackend")
            last = person
        return client

    return signed_in


@pytest.fixture
def run(db, tmp_path, monkeypatch):
    """``run("import_units", UNITS)``: a command, with a file where a text of several lines is."""
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "admin")
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "admin@example.org")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "mat-khau-dai")

    def command(name: str, *arguments: str) -> str:
        out, told = io.StringIO(), []
        for argument in arguments:
            if "\n" in argument:
                path = tmp_path / "file.csv"
                path.write_text(argument, encoding="utf-8-sig")
                argument = str(path)
            told.append(argument)
        call_command(name, *told, stdout=out)
        return out.getvalue()

    command("createsuperuser", "--noinput")
    return command
