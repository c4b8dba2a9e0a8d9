"""Files with a report, such as the decision on admissions.

What a file is, its content decides and never its name. It is stored under a name of ours and
served only as a download, so that no browser takes it for a page of this site.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from uuid import uuid4
from zipfile import BadZipFile, ZipFile

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from python_calamine import CalamineError, CalamineWorkbook

from members.actions import Refused
from members.models import Attachment, HistoryKind, QuarterlyReport, Status, User
from members.models.history import record
from unionplan.lib import clock
from unionplan.lib.vietnamese import nfc

MOST_FILES = 10  # of one report
LARGEST_UNPACKED = 60_000_000  # bytes of a workbook
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
ACCEPT = ".pdf,.jpg,.jpeg,.png,.webp,.heic,.xlsx,image/*"  # what the file picker offers


@dataclass(frozen=True)
class FileType:
    content_type: str
    extension: str
    fits: Callable[[bytes], bool]


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be kept."""

    name: str
    content: bytes
    type: FileType


def _starts_with(magic: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magic)


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS


def _is_workbook(content: bytes) -> bool:
    """A zip that Excel's reader opens, without macros. Its size unpacked is asked first, for the
    reader would unpack a bomb."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = {part.filename: part.file_size for part in archive.infolist()}
        if "xl/workbook.xml" not in parts or "xl/vbaProject.bin" in parts:
            return False
        if sum(parts.values()) > LARGEST_UNPACKED:
            return False
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return bool(workbook.sheet_names)
    except (BadZipFile, CalamineError, zlib.error, NotImplementedError, RuntimeError):
        return False


TYPES = [
    FileType("application/pdf", ".pdf", _starts_with(b"%PDF-")),
    FileType("image/jpeg", ".jpg", _starts_with(b"\xff\xd8\xff")),
    FileType("image/png", ".png", _starts_with(b"\x89PNG\r\n\x1a\n")),
    FileType("image/webp", ".webp", _is_webp),
    FileType("image/heic", ".heic", _is_heic),
    FileType(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", _is_workbook
    ),
]


def checked(upload: UploadedFile[bytes]) -> CheckedFile:
    """The uploaded file with its true type; ``ValidationError`` says why it cannot be kept."""
    name = _readable_name(upload.name or "")
    if (upload.size or 0) > settings.ATTACHMENT_MAX_BYTES:
        megabytes = settings.ATTACHMENT_MAX_BYTES // 2**20
        raise ValidationError(
            _("“%(name)s” is larger than %(megabytes)s MB.")
            % {"name": name, "megabytes": megabytes}
        )
    content = upload.read()
    for file_type in TYPES:
        if file_type.fits(content):
            return CheckedFile(name, content, file_type)
    raise ValidationError(
        _("“%(name)s” is no photo, PDF or Excel file (.xlsx); its content is something else.")
        % {"name": name}
    )


def _readable_name(name: str) -> str:
    """The name people gave, without folders, control characters and what is too long."""
    plain = "".join(letter for letter in nfc(PurePath(name).name) if letter.isprintable())
    stem, suffix = PurePath(plain).stem, PurePath(plain).suffix
    return f"{stem[: 150 - len(suffix)]}{suffix}"[:150] or "-"


@transaction.atomic
def attach(report: QuarterlyReport, file: CheckedFile, *, by: User) -> Attachment:
    """Keep a file with the report; a decision may follow until somebody has accepted."""
    report = _locked(report)
    if report.status == Status.ACCEPTED or not report.is_open(clock.today()):
        raise Refused(_("Files can no longer be attached to this report."))
    if report.attachments.count() >= MOST_FILES:
        raise Refused(_("A report takes at most %(count)s files.") % {"count": MOST_FILES})
    kept = Attachment(
        report=report,
        name=file.name,
        content_type=file.type.content_type,
        size=len(file.content),
        added_by=by,
        added_at=clock.now(),
    )
    kept.file.save(uuid4().hex + file.type.extension, ContentFile(file.content), save=True)
    _record(gettext_noop("attached a file"), kept, [None, kept.name], by=by)
    return kept


@transaction.atomic
def remove(attachment: Attachment, *, by: User) -> None:
    """Take a file back while the report is still being typed."""
    report = _locked(attachment.report)
    if not (report.is_editable and report.is_open(clock.today())):
        raise Refused(_("The report was sent; its files stay with it."))
    _record(gettext_noop("removed a file"), attachment, [attachment.name, None], by=by)
    attachment.delete()
    transaction.on_commit(lambda: attachment.file.delete(save=False))


def _locked(report: QuarterlyReport) -> QuarterlyReport:
    """The report as it stands now: nobody sends or decides on it while a file comes or goes."""
    reports = QuarterlyReport.objects.select_related("unit", "quarter")
    return reports.select_for_update(of=("self",)).get(pk=report.pk)


def _record(verb: str, attachment: Attachment, change: list[str | None], *, by: User) -> None:
    report = attachment.report
    record(
        HistoryKind.REPORT,
        verb,
        by=by,
        unit=report.unit,
        quarter=report.quarter,
        subject=report.name,
        changes={"attachment": change},
    )
