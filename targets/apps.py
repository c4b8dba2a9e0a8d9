from django.apps import AppConfig


class TargetsConfig(AppConfig):
    name = "targets"

    def ready(self) -> None:
        # Models cannot be imported before the apps are loaded.
        from members.history import describe
        from members.models import HistoryKind
        from targets.models import (
            ManualFigure,
            ManualIndicator,
            Plan,
            Registration,
            RegistrationRound,
            TargetRevision,
        )
        from targets.spans import term_began_on
        from targets.topics import asked_by_lines
        from training.lists import also_used
        from training.terms import know_terms

        know_terms(term_began_on)
        also_used(asked_by_lines)
        describe(HistoryKind.MANUAL, ManualIndicator, ManualFigure)
        describe(HistoryKind.PLAN, Plan, RegistrationRound)
        describe(HistoryKind.TARGET, TargetRevision, Registration)
