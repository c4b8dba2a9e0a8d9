from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        # Models cannot be imported before the apps are loaded.
        from members.chairs import keep_in_step
        from members.further import ask_also
        from members.history import describe
        from members.models import HistoryKind
        from training import chairs, quarterly
        from training.models import Attendance, Course, Officer, OfficerCount, Tenure, TrainingNeed

        describe(HistoryKind.OFFICER, Tenure, Officer, OfficerCount)
        describe(HistoryKind.COURSE, Course, Attendance)
        describe(HistoryKind.NEED, TrainingNeed)
        keep_in_step(chairs)
        ask_also(quarterly)
