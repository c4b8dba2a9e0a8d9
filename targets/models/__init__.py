"""The nouns of planning, one file each."""

from targets.models.allocation import Allocation, Registration, RegistrationRound, Share, SharedBy
from targets.models.baselines import Baseline
from targets.models.manual import (
    ManualFigure,
    ManualIndicator,
    ManualKind,
    ManualStatus,
    TypedBy,
)
from targets.models.plans import Plan, Term
from targets.models.setup import SetupMark
from targets.models.standings import Standing
from targets.models.targets import Target, TargetRevision

__all__ = [
    "Allocation",
    "Baseline",
    "ManualFigure",
    "ManualIndicator",
    "ManualKind",
    "ManualStatus",
    "Plan",
    "Registration",
    "RegistrationRound",
    "SetupMark",
    "Share",
    "SharedBy",
    "Standing",
    "Target",
    "TargetRevision",
    "Term",
    "TypedBy",
]
