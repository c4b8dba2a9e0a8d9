"""The nouns of membership, one file each."""

from members.models.accounts import Assignment, User
from members.models.history import HistoryEntry, HistoryKind
from members.models.quarters import Calendar, CalendarKind, Quarter
from members.models.reports import Attachment, QuarterlyReport, Status
from members.models.totals import Basis, QuarterTotal, Structure, TotalStatus
from members.models.units import (
    Kind,
    Placement,
    Sector,
    SectorGroup,
    Tag,
    Unit,
)

__all__ = [
    "Assignment",
    "Attachment",
    "Basis",
    "Calendar",
    "CalendarKind",
    "HistoryEntry",
    "HistoryKind",
    "Kind",
    "Placement",
    "Quarter",
    "QuarterTotal",
    "QuarterlyReport",
    "Sector",
    "SectorGroup",
    "Status",
    "Structure",
    "Tag",
    "TotalStatus",
    "Unit",
    "User",
]
