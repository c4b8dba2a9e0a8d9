"""In whose name a command acts, and how it tells what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from members.access import Role
from members.actions import Refused
from members.models import Assignment, Quarter, User
from members.models.quarters import parse_code
from members.roles import manages_quarters
from unionplan.lib import clock
from unionplan.lib.spreadsheets import Invalid


class ActingCommand(BaseCommand):
    """A command that changes something in the name of ``--as``."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as",
            dest="user",
            metavar="USER",
            help="user name, e-mail or telephone; by default the first administrator",
        )

    def acting(self, options: dict[str, Any]) -> User:
        if options["user"] is None:
            return first_administrator()
        user = User.objects.by_login(options["user"]).filter(is_active=True).order_by("pk").first()
        if user is None:
            raise CommandError(_("There is no account “%(user)s”.") % {"user": options["user"]})
        return user

    @contextmanager
    def sentences(self) -> Iterator[None]:
        """What is refused is told in sentences and not as a trace: one error, one line."""
        try:
            yield
        except Invalid as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise CommandError(error.sentence) from None
        except Refused as error:
            raise CommandError(str(error)) from None
        except PermissionDenied:
            raise CommandError(_("This account is not allowed to do that.")) from None


class QuarterCommand(ActingCommand):
    """A command for a quarter such as 2024Q3; quarters are of the whole tree."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("quarter", metavar="2024Q1")
        super().add_arguments(parser)

    def acting(self, options: dict[str, Any]) -> User:
        user = super().acting(options)
        if not manages_quarters(user):
            raise CommandError(_("This account is not allowed to do that."))
        return user


class ImportCommand(ActingCommand):
    """A command that brings in a file, or shows with ``--dry-run`` what that would change."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help=".csv (UTF-8) or .xlsx")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what would change, write nothing"
        )
        super().add_arguments(parser)

    def content(self, options: dict[str, Any]) -> bytes:
        path: Path = options["file"]
        try:
            return path.read_bytes()
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            reason = _("there is no such file") if missing else error.strerror
            place = {"file": path, "error": reason}
            raise CommandError(_("Cannot read %(file)s: %(error)s.") % place) from None

    def tell(self, lines: Iterator[str], summary: str, *, dry_run: bool) -> None:
        if dry_run:
            for line in lines:
                self.stdout.write(line)
        self.stdout.write(summary)
        if dry_run:
            self.stdout.write(_("Nothing was written: this was a trial."))


def first_administrator() -> User:
    """Of a whole tree, else a superuser; by age of the account."""
    active = User.objects.filter(is_active=True).order_by("pk")
    held = Assignment.objects.on(clock.today()).filter(role=Role.ADMINISTRATOR, unit__parent=None)
    user = active.filter(assignments__in=held).first() or active.filter(is_superuser=True).first()
    if user is None:
        raise CommandError(
            _("There is no administrator yet: make one with “manage.py createsuperuser”.")
        )
    return user


def quarter_called(code: str) -> Quarter:
    year, number = year_and_number(code)
    quarter = Quarter.objects.filter(year=year, number=number).first()
    if quarter is None:
        raise CommandError(_("Quarter %(code)s has not been opened.") % {"code": code})
    return quarter


def year_and_number(code: str) -> tuple[int, int]:
    try:
        return parse_code(code)
    except ValueError as error:
        raise CommandError(str(error)) from None
