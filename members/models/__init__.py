"""The nouns of membership, one file each."""

from members.models.accounts import (
    Assignment,
    Charge,
    HandOver,
    LinkPurpose,
    OneTimeLink,
    User,
)
from members.models.enterprises import Enterprise, EnterpriseNote, EnterpriseStatus
from members.models.files import KeptFile
from members.models.history import HistoryEntry, HistoryKind
from members.models.quarters import Calendar, CalendarKind, Quarter
from members.models.ratings import Rating, RatingLevel
from members.models.reminders import Reminder, ReminderKind
from members.models.reports import Attachment, QuarterlyReport, Status
from members.models.signoffs import SignOff
from members.models.totals import Basis, QuarterTotal, Structure, TotalStatus
from members.models.units import (
    Kind,
    Placement,
    Sector,
    SectorGroup,
    Suspension,
    Tag,
    Unit,
)

__all__ = [
    "Assignment",
    "Attachment",
    "Basis",
    "Calendar",
    "CalendarKind",
    "Charge",
    "Enterprise",
    "EnterpriseNote",
    "EnterpriseStatus",
    "HandOver",
    "HistoryEntry",
    "HistoryKind",
    "KeptFile",
    "Kind",
    "LinkPurpose",
    "OneTimeLink",
    "Placement",
    "Quarter",
    "QuarterTotal",
    "QuarterlyReport",
    "Rating",
    "RatingLevel",
    "Reminder",
    "ReminderKind",
    "Sector",
    "SectorGroup",
    "SignOff",
    "Status",
    "Structure",
    "Suspension",
    "Tag",
    "TotalStatus",
    "Unit",
    "User",
]
