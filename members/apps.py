from django.apps import AppConfig

from unionplan.lib.redaction import hide_in_logs


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        # Whoever reads a log must not be able to take somebody's account.
        hide_in_logs(r"(/accounts/link/)[^/\s\"'?>]+")
