"""Files people bring in, one noun a module: parse → check → show → apply.

One path for a dry run and for the real one: a dry run does everything and rolls it back.
"""

from members.imports.enterprises import (
    ENTERPRISE_COLUMNS,
    EnterprisesBroughtIn,
    bring_in_enterprises,
)
from members.imports.openings import OPENING_COLUMNS, OpeningsBroughtIn, bring_in_openings
from members.imports.ratings import RATING_COLUMNS, RatingsBroughtIn, bring_in_ratings
from members.imports.reports import (
    REPORT_COLUMNS,
    Intent,
    ReportsBroughtIn,
    bring_in_reports,
)
from members.imports.units import UNIT_COLUMNS, UnitsBroughtIn, bring_in_units

__all__ = [
    "ENTERPRISE_COLUMNS",
    "OPENING_COLUMNS",
    "RATING_COLUMNS",
    "REPORT_COLUMNS",
    "UNIT_COLUMNS",
    "EnterprisesBroughtIn",
    "Intent",
    "OpeningsBroughtIn",
    "RatingsBroughtIn",
    "ReportsBroughtIn",
    "UnitsBroughtIn",
    "bring_in_enterprises",
    "bring_in_openings",
    "bring_in_ratings",
    "bring_in_reports",
    "bring_in_units",
]
