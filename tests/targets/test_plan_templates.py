"""The plans we ship: their data, and copying one to a unit by page and by command."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from members.models import HistoryEntry
from targets.indicators import catalogue
from targets.models import Plan, Target
from targets.shipped import shipped_plan, shipped_plans

LINES_OF_2024 = {
    ("net-increase", "all", 5493),
    ("density", "agencies", 100),
    ("density", "state-enterprises", 95),
    ("density", "other-enterprises", 90),
}


def lines_of(plan):
    targets = Target.objects.filter(plan=plan).as_of(plan.starts_on)
    assert {target.unit for target in targets} <= {plan.unit}
    return {(t.indicator, t.sector_group_id, t.minimum) for t in targets}


def test_the_plan_of_2024_says_what_the_document_says():
    plan = shipped_plan("cdxd-2024")
    assert plan.title == "Kế hoạch phát triển đoàn viên năm 2024"
    assert (plan.starts_on, plan.ends_on) == (date(2024, 1, 1), date(2024, 12, 31))
    assert {(x.indicator, x.sector_group, x.minimum) for x in plan.lines} == LINES_OF_2024


def test_the_programme_of_tien_giang_says_what_the_document_says():
    """DOMAIN 8, Tiền Giang CTr 05: 2.1 to 2.10."""
    plan = shipped_plan("tiengiang-ctr05")
    facts = {
        (x.indicator, x.sector_group): (x.minimum, x.desired, x.recurring, x.parameter, x.topics)
        for x in plan.lines
    }
    assert facts == {
        ("admissions", "all"): (16000, None, False, None, ""),
        ("density", "state-enterprises"): (95, 98, False, None, ""),
        ("density", "non-state-enterprises"): (85, None, False, None, ""),
        ("enterprise-coverage", "all"): (100, None, False, 20, ""),
        ("superiors-rated-well", "all"): (95, None, True, None, ""),
        ("units-rated-well", "state"): (95, None, True, None, ""),
        ("units-rated-well", "non-state"): (65, None, True, None, ""),
        ("full-time-degree", "all"): (100, None, False, None, ""),
        ("full-time-postgraduate", "all"): (15, None, False, None, ""),
        ("leaders-political-theory", "all"): (100, None, False, None, ""),
        ("officers-trained", "all"): (95, None, False, None, "nghiệp vụ"),
        ("training-budget-share", "all"): (15, None, True, None, ""),
    }


@pytest.mark.parametrize(
    ("code", "years", "lines"),
    [
        ("tld-2028", (2023, 2028), {("members", "all", 15_000_000)}),
        (
            "cdxd-training-2023-2028",
            (2023, 2028),
            {
                ("full-time-trained", "all", 100),
                ("new-chairs-trained", "all", 100),
                ("officers-trained", "all", 70),
            },
        ),
    ],
)
def test_the_plans_of_a_term_say_what_the_documents_say(code, years, lines):
    plan = shipped_plan(code)
    assert (plan.starts_on, plan.ends_on) == (date(years[0], 1, 1), date(years[1], 12, 31))
    assert {(x.indicator, x.sector_group, x.minimum) for x in plan.lines} == lines


def test_every_shipped_plan_can_be_used_as_it_is(tree, cast):
    for template in shipped_plans():
        assert {line.indicator for line in template.lines} <= set(catalogue())
        call_command("load_plan", template.code, "--unit", "CDN", stdout=StringIO())
    assert set(Plan.objects.values_list("code", "status")) == {
        (template.code, "in_force") for template in shipped_plans()
    }


def test_the_command_puts_a_copy_in_force(tree, cast):
    out = StringIO()
    options = ["--unit", "CDN", "--code", "kh-24", "--as", cast.administrator.username]
    call_command("load_plan", "cdxd-2024", *options, stdout=out)
    plan = Plan.objects.get()
    assert (plan.code, plan.unit, plan.is_in_force) == ("kh-24", tree.building, True)
    assert lines_of(plan) == LINES_OF_2024
    assert "kh-24" in out.getvalue()
    assert {entry.by for entry in HistoryEntry.objects.all()} == {cast.administrator}


@pytest.mark.parametrize(
    ("template", "options"),
    [
        ("no-such-plan", ["--unit", "CDN"]),
        ("cdxd-2024", ["--unit", "nobody"]),
        ("cdxd-2024", ["--unit", "CDN", "--code", "a b"]),
        ("cdxd-2024", ["--unit", "CDN", "--as", "hoa"]),  # a reviewer makes no plans
        ("cdxd-2024", ["--unit", "DM", "--as", "bao"]),  # not the administrator's branch
    ],
)
def test_the_command_refuses_in_a_sentence_and_writes_nothing(tree, cast, template, options):
    with pytest.raises(CommandError):
        call_command("load_plan", template, *options)
    assert not Plan.objects.exists()


def test_a_code_is_loaded_once(tree, cast):
    call_command("load_plan", "cdxd-2024", "--unit", "CDN", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("load_plan", "cdxd-2024", "--unit", "TS")
    assert Plan.objects.get().unit == tree.building


def test_a_draft_is_made_from_a_template_in_the_browser(tree, cast, as_, today):
    client = as_(cast.administrator)
    assert "/plans/new/?template=cdxd-2024" in client.get("/plans/").content.decode()
    form = client.get("/plans/new/?template=cdxd-2024").context["form"]
    names = ("code", "title", "unit", "starts_on", "ends_on")
    proposed = {name: form[name].value() for name in names}
    assert proposed == {
        "code": "cdxd-2024",
        "title": "Kế hoạch phát triển đoàn viên năm 2024",
        "unit": "CDN",
        "starts_on": date(2024, 1, 1),
        "ends_on": date(2024, 12, 31),
    }
    client.post("/plans/new/?template=cdxd-2024", {**proposed, "number": "12/KH"})
    plan = Plan.objects.get()
    assert plan.is_draft
    assert lines_of(plan) == LINES_OF_2024


def test_an_unknown_template_is_not_found(cast, as_):
    assert as_(cast.administrator).get("/plans/new/?template=nothing").status_code == 404
