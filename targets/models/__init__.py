"""The nouns of planning, one file each."""

from targets.models.plans import Plan, Term
from targets.models.targets import Target, TargetRevision

__all__ = ["Plan", "Target", "TargetRevision", "Term"]
