"""Officers, courses, attendance and training needs, one noun a module."""

from training.models.courses import (
    Attendance,
    Audience,
    Course,
    CourseKind,
    CourseStatus,
    Topic,
)
from training.models.needs import TrainingNeed
from training.models.officers import (
    Education,
    Gender,
    Officer,
    OfficerCount,
    PoliticalTheory,
    Position,
    Tenure,
)

__all__ = [
    "Attendance",
    "Audience",
    "Course",
    "CourseKind",
    "CourseStatus",
    "Education",
    "Gender",
    "Officer",
    "OfficerCount",
    "PoliticalTheory",
    "Position",
    "Tenure",
    "Topic",
    "TrainingNeed",
]
