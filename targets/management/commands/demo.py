"""``manage.py demo``: an illustrative federation, built through the same verbs as people use."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from members import reference
from members.models import Sector, SectorGroup, Unit
from targets import reference as planning
from targets.demo.build import FEDERATION, FEDERATION_NAME, PEOPLE, build
from targets.models import ManualIndicator
from training import reference as learning
from training.models import Audience, Position, Topic


class Command(BaseCommand):
    help = "Builds the illustrative federation; does nothing where it is already there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="delete the demo and build it anew"
        )

    def handle(self, *args: Any, reset: bool, **options: Any) -> None:
        is_there = Unit.objects.filter(code=FEDERATION, name=FEDERATION_NAME).exists()
        if not is_there and Unit.objects.exists():
            raise CommandError(
                "This database holds data that is not the demo's; the demo wants one of its own."
            )
        if is_there and reset:
            call_command("flush", interactive=False, verbosity=0)
            reference.load(Sector, SectorGroup)
            planning.load(ManualIndicator)
            learning.load(Position, Topic, Audience)
            is_there = False
        if not is_there:
            with translation.override("vi"):
                build()
        self.stdout.write(f"{FEDERATION_NAME} · {Unit.objects.reporting().count()} đơn vị báo cáo")
        for username, full_name, phone, role, unit in PEOPLE:
            self.stdout.write(f"  {phone}  {username:<12} {role.label}: {full_name} ({unit})")
        self.stdout.write(f"  Mật khẩu chung: {settings.DEMO_PASSWORD}")
