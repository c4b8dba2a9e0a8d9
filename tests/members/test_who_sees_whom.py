"""Who may ask for what: every address × every person × (own branch, another branch).

Out of sight is 404, in sight and not allowed is 403, a stranger is sent to the login page. «own» is
the branch of Trường Sơn, «other» that of the Textile federation. A form sent empty answers 200 to
whoever may fill it in. The table is complete: an address without a row is a failure.
"""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.backends.django import Template
from django.test import Client
from django.urls import get_resolver, reverse

from members.access import Role
from members.attachments import attach, checked
from members.enterprises import add_enterprises, propose
from members.models import Attachment, Enterprise, User
from members.periods import close_quarter
from targets.manual import define
from targets.models import Baseline, ManualIndicator, Standing, Target
from tests import factories
from tests.members.test_public_pages import PUBLIC, views
from tests.targets import made
from training.models import Course, Officer
from unionplan.lib import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]  # each answer is rolled back

PEOPLE = (
    "stranger",
    "chair",  # of TS-01
    "other_chair",  # of TS-02, beside it
    "reviewer",  # of TS
    "leader",  # reads the federation of Building
    "administrator",  # of the federation of Building
    "neighbour_chair",  # of SO-01, under Textiles
    "neighbour_reviewer",  # of SO
    "root",  # superuser
)

# Arguments: «@mai» is the id of an account, «@mai/role» that of its role; the plans of the two
# federations are called «own» and «other», «#own» is the target of one, «%own» a result from before
# it (what the first removes, the next does not find); «&TS-01» is the file with the report of
# TS-01; «~own» is the chair of TS-01 among the officers, «~gone» has left there, «~other» is of
# SO-01; «+own» is a planned course of TS and «+held» one it held, «+above» is one of the federation
# and «+other» of SO; «*own» is an enterprise that the chair of TS-01 has proposed, «*other» one of
# SO; «year» is this year. Sending no quarter to report-accept or report-remind is answered 404 to
# whoever may.
TABLE = """
address          asked with            nobody chair beside reviewer leader admin n.chair n.rev root
home             GET   -               302    200   200    200      200    200   200     200   200
logout           POST  -               302    302   302    302      302    302   302     302   302
password-change  GET   -               302    200   200    200      200    200   200     200   200

account-list     GET   -               302    403   403    200      403    200   403     200   200
account-new      GET   -               302    403   403    200      403    200   403     200   200
account-detail   GET   @mai            302    403   403    200      403    200   403     404   200
account-detail   GET   @neighbour      302    403   403    404      403    404   403     200   200
role-new         GET   @mai            302    403   403    200      403    200   403     404   200
role-new         GET   @neighbour      302    403   403    404      403    404   403     200   200
role-end         GET   @mai/role       302    403   404    200      403    200   404     404   200
role-end         GET   @neighbour/role 302    404   404    404      403    404   403     200   200
account-close    POST  @mai            302    403   403    302      403    302   403     404   302
account-close    POST  @neighbour      302    403   403    404      403    404   403     302   302
account-reopen   POST  @mai            302    403   403    302      403    302   403     404   302
account-reopen   POST  @neighbour      302    403   403    404      403    404   403     302   302
account-link     POST  @mai            302    404   404    200      403    200   404     404   200
account-link     POST  @neighbour      302    404   404    404      403    404   404     200   200
account-units    GET   -               302    403   403    200      403    200   403     200   200
account-links    POST  -               302    403   403    302      403    302   403     302   302

unit-list        GET   -               302    200   200    200      200    200   200     200   200
unit-detail      GET   TS-01           302    200   404    200      200    200   404     404   200
unit-detail      GET   SO-01           302    404   404    404      404    404   200     200   200
unit-own-acceptance POST CDN           302    404   404    404      403    302   404     404   302
unit-own-acceptance POST DM            302    404   404    404      404    404   404     404   302
unit-contact     GET   TS-01           302    403   404    200      403    200   404     404   200
unit-contact     GET   SO-01           302    404   404    404      404    404   403     200   200
unit-suspend     GET   TS-01           302    403   404    403      403    200   404     404   200
unit-suspend     GET   SO-01           302    404   404    404      404    404   403     403   200
unit-resume      GET   TS-01           302    403   404    403      403    200   404     404   200
unit-resume      GET   SO-01           302    404   404    404      404    404   403     403   200
chair-change     GET   TS-01           302    403   404    200      403    200   404     404   200
chair-change     GET   SO-01           302    404   404    404      404    404   403     200   200
chair-change     GET   TS              302    404   404    404      404    404   404     404   404
hand-over        GET   TS-01           302    200   404    200      403    200   404     404   200
hand-over        GET   SO-01           302    404   404    404      404    404   200     200   200
typist-new       GET   TS-01           302    200   404    200      403    200   404     404   200
typist-new       GET   SO-01           302    404   404    404      404    404   200     200   200

enterprise-list  GET   -               302    200   200    200      200    200   200     200   200
enterprise-new   GET   -               302    200   200    200      403    200   200     200   200
enterprise-import GET  -               302    403   403    200      403    200   403     200   200
enterprise-import POST -               302    403   403    200      403    200   403     200   200
enterprise-import-template GET -       302    403   403    200      403    200   403     200   200
enterprise-detail GET  *own            302    200   404    200      200    200   404     404   200
enterprise-detail GET  *other          302    404   404    404      404    404   404     200   200
enterprise-detail POST *own            302    403   404    200      403    200   404     404   200
enterprise-edit  GET   *own            302    403   404    200      403    200   404     404   200
enterprise-edit  GET   *other          302    404   404    404      404    404   404     200   200
enterprise-found GET   *own            302    403   404    200      403    200   404     404   200
enterprise-found GET   *other          302    404   404    404      404    404   404     200   200
enterprise-take-up POST *own           302    403   404    302      403    302   404     404   302
enterprise-take-up POST *other         302    404   404    404      404    404   404     302   302
enterprise-refuse POST *own            302    403   404    200      403    200   404     404   200
enterprise-refuse POST *other          302    404   404    404      404    404   404     200   200

quarter-list     GET   -               302    403   403    403      403    403   403     403   200
quarter-open     GET   -               302    403   403    403      403    403   403     403   200
quarter-close    GET   2024Q3          302    403   403    403      403    403   403     403   200
quarter-reopen   GET   2024Q2          302    403   403    403      403    403   403     403   200
calendar-edit    GET   -               302    403   403    403      403    403   403     403   200
quarter-notice   GET   2024Q3          302    403   403    403      403    403   403     403   200

setup            GET   -               302    403   403    403      403    200   403     403   200
setup            POST  -               302    403   403    403      403    302   403     403   302
unit-import      GET   -               302    403   403    403      403    200   403     403   200
unit-import      POST  -               302    403   403    403      403    200   403     403   200
unit-import-template GET -             302    403   403    403      403    200   403     403   200
opening-members  GET   -               302    403   403    403      403    200   403     403   200
opening-members  POST  -               302    403   403    403      403    200   403     403   200
opening-members-template GET -         302    403   403    403      403    200   403     403   200

report-list      GET   -               302    200   200    200      200    200   200     200   200
report-detail    GET   TS-01,2024Q3    302    200   404    200      200    200   404     404   200
report-detail    GET   SO-01,2024Q3    302    404   404    404      404    404   200     200   200
late-permit      GET   TS-02,2024Q2    302    404   403    403      403    200   404     404   200
late-permit      GET   SO-01,2024Q2    302    404   404    404      404    404   403     403   200
stale-list       GET   -               302    200   200    200      200    200   200     200   200
suspended-list   GET   -               302    200   200    200      200    200   200     200   200
history          GET   -               302    200   200    200      200    200   200     200   200
report-print     GET   TS-01,2024Q3    302    200   404    200      200    200   404     404   200
report-print     GET   SO-01,2024Q3    302    404   404    404      404    404   200     200   200
report-entry     GET   2024Q3          302    403   403    200      403    200   403     200   200
report-entry-template GET 2024Q3       302    403   403    200      403    200   403     200   200
report-accept    POST  -               302    403   403    404      403    403   403     404   404
report-remind    POST  -               302    403   403    404      404    404   403     404   404
reminder-new     GET   TS-01,2024Q3    302    403   404    200      200    200   404     404   200
reminder-new     GET   SO-01,2024Q3    302    404   404    404      404    404   403     200   200
charge-list      GET   -               302    403   403    200      403    200   403     200   200
attachment       GET   TS-01,2024Q3,&TS-01 302 200  404    200      200    200   404     404   200
attachment       GET   SO-01,2024Q3,&SO-01 302 404  404    404      404    404   200     200   200
attachment       GET   TS-01,2024Q3,&SO-01 302 404  404    404      404    404   404     404   404
report-sent      GET   TS-01,2024Q3    302    200   404    200      200    200   404     404   200
report-sent      GET   SO-01,2024Q3    302    404   404    404      404    404   200     200   200
progress         GET   TS-01           302    200   404    200      200    200   404     404   200
progress         GET   TS              302    404   404    200      200    200   404     404   200
progress         GET   SO              302    404   404    404      404    404   404     200   200
source           GET   TS-01           302    200   404    200      200    200   404     404   200
source           GET   SO              302    404   404    404      404    404   404     200   200
focus-list       GET   TS-01           302    404   404    404      404    404   404     404   404
focus-list       GET   TS              302    404   404    200      200    200   404     404   200
focus-list       GET   SO              302    404   404    404      404    404   404     200   200
untrained-list   GET   TS-01           302    200   404    200      200    200   404     404   200
untrained-list   GET   TS              302    404   404    200      200    200   404     404   200
untrained-list   GET   SO-01           302    404   404    404      404    404   200     200   200
untrained-list   POST  TS-01           302    200   404    200      403    200   404     404   200
untrained-list   POST  SO-01           302    404   404    404      404    404   200     200   200

standing-list    GET   TS-01           302    200   404    200      200    200   404     404   200
standing-list    GET   TS              302    404   404    200      200    200   404     404   200
standing-list    GET   SO              302    404   404    404      404    404   404     200   200
standing-publish POST  TS              302    404   404    302      403    302   404     404   302
standing-publish POST  TS-01           302    403   404    302      403    302   404     404   302
standing-publish POST  SO              302    404   404    404      404    404   404     302   302
standing         GET   TS,^TS          302    200   404    200      200    200   404     404   200
standing         GET   SO,^SO          302    404   404    404      404    404   200     200   200
standing         GET   TS,^SO          302    404   404    404      404    404   404     404   404

sign-off-list    GET   2024Q3          302    403   403    302      200    200   403     302   200
sign-off         GET   TS,2024Q3       302    404   404    200      200    200   404     404   200
sign-off         GET   SO,2024Q3       302    404   404    404      404    404   404     200   200
sign-off         POST  TS,2024Q3       302    404   404    200      403    403   404     404   403
sign-off         POST  SO,2024Q3       302    404   404    404      404    404   404     200   403
sign-off-return  POST  TS,2024Q3       302    404   404    403      403    403   404     404   403
sign-off-return  POST  SO,2024Q3       302    404   404    404      404    404   404     403   302

rating-list      GET   2024            302    403   403    200      200    200   403     200   200
rating-list      POST  2024            302    403   403    302      302    302   403     302   302
rating-scale     GET   2024            302    403   403    403      403    403   403     403   200
rating-scale     POST  2024            302    403   403    403      403    403   403     403   200
rating-import    GET   2024            302    403   403    200      403    200   403     200   200
rating-import    POST  2024            302    403   403    200      403    200   403     200   200
rating-import-template GET 2024        302    403   403    200      403    200   403     200   200
rating-unit      GET   2024,TS-01      302    200   404    200      200    200   404     404   200
rating-unit      GET   2024,SO-01      302    404   404    404      404    404   200     200   200
rating-unit      GET   2024,TS         302    404   404    200      200    200   404     404   200
rating-unit      GET   2024,CDN        302    404   404    404      404    404   404     404   404
rating-unit      POST  2024,TS-01      302    403   404    403      403    403   404     404   403

plan-list        GET   -               302    200   200    200      200    200   200     200   200
plan-new         GET   -               302    403   403    403      403    200   403     403   200
plan-detail      GET   own             302    200   200    200      200    200   404     404   200
plan-detail      GET   other           302    404   404    404      404    404   200     200   200
plan-edit        GET   own             302    403   403    403      403    200   404     404   200
plan-edit        GET   other           302    404   404    404      404    404   403     403   200
plan-copy        GET   own             302    403   403    403      403    200   404     404   200
plan-copy        GET   other           302    404   404    404      404    404   403     403   200
plan-start       POST  own             302    403   403    403      403    302   404     404   302
plan-start       POST  other           302    404   404    404      404    404   403     403   302
plan-end         GET   own             302    403   403    403      403    200   404     404   200
plan-end         GET   other           302    404   404    404      404    404   403     403   200
baseline-list    GET   own             302    200   200    200      200    200   404     404   200
baseline-list    GET   other           302    404   404    404      404    404   200     200   200
baseline-list    POST  own             302    403   403    403      403    200   404     404   200
baseline-list    POST  other           302    404   404    404      404    404   403     403   200
baseline-import  GET   own             302    403   403    403      403    200   404     404   200
baseline-import  GET   other           302    404   404    404      404    404   403     403   200
baseline-template GET  own             302    403   403    403      403    200   404     404   200
baseline-template GET  other           302    404   404    404      404    404   403     403   200
baseline-remove  POST  own,%own        302    403   403    403      403    302   404     404   404
baseline-remove  POST  other,%other    302    404   404    404      404    404   403     403   302
baseline-remove  POST  own,%other      302    403   403    403      403    404   404     404   404
target-new       GET   own             302    403   403    403      403    200   404     404   200
target-new       GET   other           302    404   404    404      404    404   403     403   200
target-revise    GET   own,#own        302    403   403    403      403    200   404     404   200
target-revise    GET   other,#other    302    404   404    404      404    404   403     403   200
target-revise    GET   own,#other      302    403   403    403      403    404   404     404   404
target-remove    POST  own,#own        302    403   403    403      403    302   404     404   302
target-remove    POST  other,#other    302    404   404    404      404    404   403     403   302

registration     GET   own,TS-01       302    200   404    200      200    200   404     404   200
registration     GET   own,TS          302    404   404    200      200    200   404     404   200
registration     GET   own,SO-01       302    404   404    404      404    404   404     404   404
registration     GET   other,SO        302    404   404    404      404    404   404     200   200
registration     POST  own,TS          302    404   404    200      403    200   404     404   200
registration     POST  own,TS-01       302    404   404    404      404    404   404     404   404
registration     POST  other,SO        302    404   404    404      404    404   404     200   200
allocation       GET   own,#own        302    404   404    404      403    200   404     404   200
allocation       GET   other,#other    302    404   404    404      404    404   404     404   200
allocation       GET   own,#other      302    404   404    404      404    404   404     404   404
allocation       POST  own,#own        302    404   404    404      403    200   404     404   200
allocation       POST  other,#other    302    404   404    404      404    404   404     404   200
allocation-file  GET   own,#own        302    404   404    404      403    200   404     404   200
allocation-file  GET   other,#other    302    404   404    404      404    404   404     404   200
allocation-file  POST  own,#own        302    404   404    404      403    200   404     404   200

manual-list      GET   -               302    200   200    200      200    200   200     200   200
manual-new       GET   -               302    403   403    403      403    200   403     403   200
manual-edit      GET   own-typed       302    403   403    403      403    200   404     404   200
manual-edit      GET   other-typed     302    404   404    404      404    404   403     403   200
manual-edit      GET   training-budget-share 302 403 403   403      403    403   403     403   200
figure-list      GET   -               302    200   200    200      200    200   200     200   200
figure-list      POST  -               302    403   403    302      403    403   403     302   302
figure-unit      GET   TS-01,2024Q3    302    200   404    200      200    200   404     404   200
figure-unit      GET   TS,2024Q3       302    404   404    200      200    200   404     404   200
figure-unit      GET   SO-01,2024Q3    302    404   404    404      404    404   200     200   200
figure-unit      POST  TS-01,2024Q3    302    200   404    200      403    200   404     404   200
figure-unit      POST  SO-01,2024Q3    302    404   404    404      404    404   200     200   200

training-unit    GET   TS-01           302    200   404    200      200    200   404     404   200
training-unit    GET   SO-01           302    404   404    404      404    404   200     200   200
officer-list     GET   -               302    302   302    200      200    200   302     200   200
officer-new      GET   -               302    200   200    200      403    200   200     200   200
officer-new      POST  -               302    200   200    200      403    200   200     200   200
officer-import   GET   -               302    200   200    200      403    200   200     200   200
officer-import   POST  -               302    200   200    200      403    200   200     200   200
officer-import-template GET -          302    200   200    200      403    200   200     200   200
officer-detail   GET   ~own            302    200   404    200      200    200   404     404   200
officer-detail   GET   ~other          302    404   404    404      404    404   200     200   200
officer-edit     GET   ~own            302    200   404    200      403    200   404     404   200
officer-edit     POST  ~own            302    200   404    200      403    200   404     404   200
officer-edit     GET   ~other          302    404   404    404      404    404   200     200   200
officer-leave    GET   ~own            302    200   404    200      403    200   404     404   200
officer-leave    POST  ~own            302    200   404    200      403    200   404     404   200
officer-leave    GET   ~other          302    404   404    404      404    404   200     200   200
officer-back     GET   ~gone           302    200   404    200      403    200   404     404   200
officer-back     POST  ~gone           302    200   404    200      403    200   404     404   200
officer-back     GET   ~other          302    404   404    404      404    404   302     302   302

course-list      GET   -               302    200   200    200      200    200   200     200   200
course-new       GET   -               302    403   403    200      403    200   403     200   200
course-new       POST  -               302    403   403    200      403    200   403     200   200
course-detail    GET   +own            302    200   200    200      200    200   404     404   200
course-detail    GET   +above          302    200   200    200      200    200   404     404   200
course-detail    GET   +other          302    404   404    404      404    404   200     200   200
course-detail    POST  +own            302    302   302    302      403    302   404     404   302
course-detail    POST  +other          302    404   404    404      404    404   302     302   302
course-edit      GET   +own            302    403   403    200      403    200   404     404   200
course-edit      GET   +above          302    403   403    403      403    200   404     404   200
course-edit      GET   +other          302    404   404    404      404    404   403     200   200
course-edit      POST  +own            302    403   403    200      403    200   404     404   200
course-hold      GET   +own            302    403   403    200      403    200   404     404   200
course-hold      POST  +above          302    403   403    403      403    200   404     404   200
course-hold      POST  +other          302    404   404    404      404    404   403     200   200
course-cancel    GET   +own            302    403   403    200      403    200   404     404   200
course-cancel    POST  +above          302    403   403    403      403    200   404     404   200
course-cancel    POST  +other          302    404   404    404      404    404   403     200   200
course-send      GET   +own            302    200   200    200      403    200   404     404   200
course-send      GET   +above          302    200   200    200      403    200   404     404   200
course-send      GET   +held           302    302   302    200      403    200   404     404   200
course-send      GET   +other          302    404   404    404      404    404   200     200   200
course-send      POST  +own            302    200   200    200      403    200   404     404   200
course-send      POST  +other          302    404   404    404      404    404   200     200   200
attendance-import GET  -               302    403   403    200      403    200   403     200   200
attendance-import POST -               302    403   403    200      403    200   403     200   200
attendance-import-template GET -       302    403   403    200      403    200   403     200   200

training         GET   -               302    200   200    200      200    200   200     200   200
need-list        GET   2025            302    403   403    200      200    200   403     200   200
need-unit        GET   year,TS-01      302    200   404    200      200    200   404     404   200
need-unit        GET   year,TS         302    404   404    200      200    200   404     404   200
need-unit        GET   year,SO-01      302    404   404    404      404    404   200     200   200
need-unit        POST  year,TS-01      302    200   404    200      403    200   404     404   200
need-unit        POST  year,SO-01      302    404   404    404      404    404   200     200   200
officer-count-import GET -             302    403   403    200      403    200   403     200   200
officer-count-import POST -            302    403   403    200      403    200   403     200   200
officer-count-import-template GET -    302    403   403    200      403    200   403     200   200
training-lists   GET   -               302    403   403    403      403    403   403     403   200
training-lists   POST  -               302    403   403    403      403    403   403     403   200
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:] if line]


@pytest.fixture(scope="module")
def everybody(world):
    """The cast, two quarters of which one is closed, reports, and a plan of each federation."""
    tree, cast = world.tree, world.cast
    close_quarter(factories.open_quarter("2024Q2"), by=cast.root)
    quarter = factories.open_quarter("2024Q3")
    for unit in (tree.huong_giang, tree.weavers):
        report = factories.submitted(unit, quarter, opening=100, admitted=5)
        decision = checked(SimpleUploadedFile("decision.pdf", b"%PDF-1.7"))
        attach(report, decision, by=cast.root)
    own = Enterprise(tax_code="0100000001", name="own", sector_id="FDI")
    propose(own, tree.huong_giang, by=cast.chair)
    other = Enterprise(tax_code="0100000002", name="other", sector_id="FDI")
    other.responsible_unit = tree.spinning
    add_enterprises([other], by=cast.neighbour_reviewer)
    for name, unit, left_on in (
        ("own", tree.huong_giang, None),
        ("gone", tree.huong_giang, date(2024, 1, 1)),
        ("other", tree.weavers, None),
    ):
        position = "vice-chair" if left_on else "chair"
        factories.officer(unit, name, position=position, left_on=left_on)
    for title, unit in (
        ("own", tree.truong_son),
        ("held", tree.truong_son),
        ("above", tree.building),
        ("other", tree.spinning),
    ):
        status = "held" if title == "held" else "planned"
        factories.course(unit, title=title, status=status)
    for code, unit in (("own", tree.building), ("other", tree.textiles)):
        plan = made.plan(unit, code=code)
        made.target(plan, unit, "members", 1000)
        made.baseline(plan, unit, "admissions", 10)
        made.standing(plan, unit.children.superiors().get(), quarter)
        typed = ManualIndicator(code=f"{code}-typed", name=code, unit=unit, kind="flow")
        define(typed, by=cast.root)
    return cast


def address(name, argument):
    if argument == "-":
        return reverse(name)
    return reverse(name, args=[resolved(part) for part in argument.split(",")])


def resolved(part):
    if part == "year":
        return clock.today().year
    if part.startswith("#"):
        return Target.objects.get(plan__code=part[1:]).pk
    if part.startswith("%"):
        return Baseline.objects.get(plan__code=part[1:]).pk
    if part.startswith("^"):
        return Standing.objects.get(unit__code=part[1:]).pk
    if part.startswith("&"):
        return Attachment.objects.get(report__unit__code=part[1:]).pk
    if part.startswith("~"):
        return Officer.objects.get(name=part[1:]).pk
    if part.startswith("+"):
        return Course.objects.get(title=part[1:]).pk
    if part.startswith("*"):
        return Enterprise.objects.get(name=part[1:]).pk
    if not part.startswith("@"):
        return part
    username, _slash, role = part[1:].partition("/")
    user = User.objects.get(username=username)
    return user.assignments.get().pk if role else user.pk


@pytest.fixture(scope="module")
def signed_in(everybody):
    """The session of each person, made once."""
    browsers = {person: Client() for person in PEOPLE[1:]}
    for person, browser in browsers.items():
        browser.force_login(
            getattr(everybody, person), backend="members.signin.PhoneOrEmailBackend"
        )
    return {person: browser.cookies for person, browser in browsers.items()}


@pytest.fixture
def browsers(signed_in):
    """A browser for each person: none remembers what another test did."""
    made_browsers = {}
    for person, cookies in signed_in.items():
        made_browsers[person] = Client()
        made_browsers[person].cookies.load({name: c.value for name, c in cookies.items()})
    return made_browsers


@pytest.fixture
def blank_pages(monkeypatch):
    """Who gets which answer is decided before the page is written, and a thousand pages take long;
    that each of them can be written, other tests say."""
    monkeypatch.setattr(Template, "render", lambda *_arguments, **_named: "")


@pytest.mark.usefixtures("blank_pages")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3]))
def test_everybody_gets_the_answer_of_the_table(client, browsers, row):
    name, method, argument, *expected = row
    url = address(name, argument)
    stranger = client.generic(method, url)
    assert stranger.headers["location"].startswith(reverse("login"))

    answers = {"stranger": str(stranger.status_code)}
    for person, browser in browsers.items():
        answers[person] = str(browser.generic(method, url).status_code)
    assert answers == dict(zip(PEOPLE, expected, strict=True))


def test_every_address_has_a_row():
    named = {pattern.name for pattern in views(get_resolver().url_patterns)}
    asked = {name for name, *_rest in ROWS}

    assert asked - named == set()
    assert named - asked == set(PUBLIC) - asked


def test_the_keeper_of_the_whole_tree_keeps_its_quarters(as_, everybody, tree):
    keeper = factories.person("keeper", tree.confederation, Role.ADMINISTRATOR)

    assert as_(keeper).get(reverse("quarter-list")).status_code == 200


def test_a_role_that_has_ended_opens_nothing(as_, everybody, tree, today):
    everybody.chair.assignments.update(valid_to=today)

    assert as_(everybody.chair).get(tree.huong_giang.get_absolute_url()).status_code == 404
