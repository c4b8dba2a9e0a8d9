"""The nouns of planning, one file each."""

from targets.models.baselines import Baseline
from targets.models.plans import Plan, Term
from targets.models.setup import SetupMark
from targets.models.targets import Target, TargetRevision

__all__ = ["Baseline", "Plan", "SetupMark", "Target", "TargetRevision", "Term"]
