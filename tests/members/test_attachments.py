"""Files with a report: what is kept, what is not, and who gets them."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from members.actions import Refused
from members.attachments import attach, checked
from members.models import Attachment, HistoryEntry, Status
from tests import factories

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook():
    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


def archive(*names):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in names:
            made.writestr(name, "text")
    return content.getvalue()


@pytest.fixture
def report(tree, quarter, today):
    return factories.report(tree.huong_giang, quarter)


@pytest.fixture
def send_file(as_, cast, report):
    """``send_file("a.pdf", PDF)``: saves the draft with this file, as the chair does."""

    def sent(*files, **typed):
        uploads = [SimpleUploadedFile(name, content) for name, content in files]
        data = {"action": "draft", "attachment": uploads, **typed}
        return as_(cast.chair).post(report.get_absolute_url(), data)

    return sent


def kept():
    return list(Attachment.objects.order_by("pk").values_list("name", "content_type"))


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("quyết định.pdf", PDF, "application/pdf"),
        ("ảnh.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        ("a.png", b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        ("a.webp", b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("IMG_0001.HEIC", b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"),
        ("danh sách.xlsx", workbook(), XLSX),
        ("no suffix at all", PDF, "application/pdf"),
    ],
)
def test_photos_pdf_and_workbooks_are_kept_as_what_their_content_is(
    send_file, name, content, content_type
):
    send_file((name, content))

    assert kept() == [(name, content_type)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.pdf", b"<!doctype html><script>alert(1)</script>"),
        ("picture.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("archive.xlsx", archive("a.txt")),
        ("letter.xlsx", archive("[Content_Types].xml", "word/document.xml")),
        ("hollow.xlsx", archive("xl/workbook.xml")),
        ("broken.xlsx", b"PK\x03\x04 and nothing more"),
        ("empty.pdf", b""),
    ],
)
def test_what_only_calls_itself_so_is_refused_with_its_name(send_file, name, content):
    response = send_file((name, content), workers="231")

    assert kept() == []
    assert "không phải ảnh, PDF hay Excel" in response.text or not content
    assert name in response.text or not content


def test_a_file_above_ten_megabytes_is_refused_and_the_figures_are_kept(send_file, report):
    response = send_file(("scan.pdf", PDF + b"0" * (11 * 2**20)), workers="231")

    assert kept() == []
    assert "lớn hơn 10 MB" in response.text
    assert 'value="231"' in response.text


def test_a_good_file_beside_a_bad_one_is_kept(send_file):
    response = send_file(("good.pdf", PDF), ("bad.pdf", b"<html>"))

    assert kept() == [("good.pdf", "application/pdf")]
    assert "bad.pdf" in response.text


def test_a_file_arrives_even_when_the_figures_do_not_add_up(send_file, report):
    send_file(("decision.pdf", PDF), action="submit", members="7", opening_members="3", workers="9")

    report.refresh_from_db()
    assert report.status == Status.DUE
    assert kept() == [("decision.pdf", "application/pdf")]


def test_a_file_is_stored_under_a_name_of_ours(send_file):
    send_file(("../../etc/passwd.pdf", PDF))

    attachment = Attachment.objects.get()
    assert attachment.name == "passwd.pdf"
    assert "passwd" not in attachment.file.name
    assert attachment.file.name.endswith(".pdf")


def test_a_file_is_served_as_a_download_and_never_as_a_page(as_, cast, send_file):
    send_file(("quyết định.pdf", PDF))
    attachment = Attachment.objects.get()

    response = as_(cast.chair).get(address(attachment))

    assert response.getvalue() == PDF
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["x-content-type-options"] == "nosniff"


def address(attachment, unit="TS-01", quarter="2024Q3"):
    return reverse("attachment", args=[unit, quarter, attachment.pk])


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("chair", 200),
        ("reviewer", 200),
        ("leader", 200),
        ("other_chair", 404),
        ("neighbour_chair", 404),
        ("neighbour_reviewer", 404),
    ],
)
def test_whoever_sees_the_report_sees_its_files(as_, cast, send_file, person, status):
    send_file(("decision.pdf", PDF))
    attachment = Attachment.objects.get()

    assert as_(getattr(cast, person)).get(address(attachment)).status_code == status


def test_a_file_is_found_at_its_own_report_alone(as_, cast, tree, send_file):
    send_file(("decision.pdf", PDF))
    elsewhere = address(Attachment.objects.get(), unit="TS-02")

    assert as_(cast.other_chair).get(elsewhere).status_code == 404
    assert as_(cast.root).get(elsewhere).status_code == 404


def test_the_chair_takes_a_file_back_and_keeps_what_is_typed(
    as_, cast, send_file, report, django_capture_on_commit_callbacks
):
    send_file(("wrong.pdf", PDF))
    attachment = Attachment.objects.get()
    stored = Path(attachment.file.path)
    assert stored.exists()

    with django_capture_on_commit_callbacks(execute=True):
        response = as_(cast.chair).post(
            report.get_absolute_url(), {"remove": attachment.pk, "workers": "231"}, follow=True
        )

    assert kept() == []
    assert 'value="231"' in response.text
    assert not stored.exists()


def test_a_reviewer_takes_no_file_away(as_, cast, send_file, report):
    send_file(("decision.pdf", PDF))
    attachment = Attachment.objects.get()

    as_(cast.reviewer).post(report.get_absolute_url(), {"remove": attachment.pk})

    assert kept() == [("decision.pdf", "application/pdf")]


def test_the_decision_may_follow_a_report_that_waits(as_, cast, send_file, report, tree, quarter):
    factories.submitted(tree.huong_giang, quarter, by=cast.chair, admitted=3)

    upload = SimpleUploadedFile("decision.pdf", PDF)
    as_(cast.chair).post(report.get_absolute_url(), {"action": "attach", "attachment": upload})
    assert kept() == [("decision.pdf", "application/pdf")]

    as_(cast.chair).post(report.get_absolute_url(), {"remove": Attachment.objects.get().pk})
    assert kept() == [("decision.pdf", "application/pdf")]


def test_nothing_is_added_to_an_accepted_report(as_, cast, report, tree, quarter):
    factories.accepted(tree.huong_giang, quarter, admitted=3)

    upload = SimpleUploadedFile("decision.pdf", PDF)
    as_(cast.chair).post(report.get_absolute_url(), {"action": "attach", "attachment": upload})

    assert kept() == []


def test_files_are_in_the_history(as_, cast, send_file, report):
    send_file(("decision.pdf", PDF))
    as_(cast.chair).post(report.get_absolute_url(), {"remove": Attachment.objects.get().pk})

    changes = [
        (entry.by, entry.changes["attachment"])
        for entry in HistoryEntry.objects.filter(unit=report.unit).order_by("pk")
        if "attachment" in entry.changes
    ]
    assert changes == [
        (cast.chair, [None, "decision.pdf"]),
        (cast.chair, ["decision.pdf", None]),
    ]


def test_a_file_that_comes_as_the_report_is_accepted_stays_outside(report, cast):
    as_it_was = factories.report(report.unit, report.quarter)
    factories.accepted(report.unit, report.quarter, opening=5)

    with pytest.raises(Refused):
        attach(as_it_was, checked(SimpleUploadedFile("late.pdf", PDF)), by=cast.chair)
