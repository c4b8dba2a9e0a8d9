from django.urls import URLPattern, URLResolver, path

from targets.views import (
    allocation,
    baselines,
    focus,
    home,
    manual,
    plans,
    progress,
    registration,
    setup,
    standings,
    untrained,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("reports/<str:code>/<str:quarter>/sent/", home.report_sent, name="report-sent"),
    # dashboards
    path("progress/<str:code>/", progress.progress, name="progress"),
    path("progress/<str:code>/source/", progress.source, name="source"),
    path("progress/<str:code>/focus/", focus.focus_list, name="focus-list"),
    path("progress/<str:code>/untrained/", untrained.untrained_list, name="untrained-list"),
    # rankings
    path("standings/<str:code>/", standings.standing_list, name="standing-list"),
    path("standings/<str:code>/publish/", standings.standing_publish, name="standing-publish"),
    path("standings/<str:code>/<int:pk>/", standings.standing, name="standing"),
    # the first set-up; the files it brings in are pages of members
    path("setup/", setup.setup, name="setup"),
    # figures typed by hand
    path("figures/", manual.figure_list, name="figure-list"),
    path("figures/<str:code>/<str:quarter>/", manual.figure_unit, name="figure-unit"),
    # plans and targets
    path("plans/", plans.plan_list, name="plan-list"),
    path("plans/new/", plans.plan_new, name="plan-new"),
    path("plans/indicators/", manual.manual_list, name="manual-list"),
    path("plans/indicators/new/", manual.manual_new, name="manual-new"),
    path("plans/indicators/<str:code>/", manual.manual_edit, name="manual-edit"),
    path("plans/<str:code>/", plans.plan_detail, name="plan-detail"),
    path("plans/<str:code>/edit/", plans.plan_edit, name="plan-edit"),
    path("plans/<str:code>/copy/", plans.plan_copy, name="plan-copy"),
    path("plans/<str:code>/start/", plans.plan_start, name="plan-start"),
    path("plans/<str:code>/end/", plans.plan_end, name="plan-end"),
    path("plans/<str:code>/baselines/", baselines.baseline_list, name="baseline-list"),
    path("plans/<str:code>/baselines/import/", baselines.baseline_import, name="baseline-import"),
    path(
        "plans/<str:code>/baselines/template/",
        baselines.baseline_template,
        name="baseline-template",
    ),
    path(
        "plans/<str:code>/baselines/<int:pk>/remove/",
        baselines.baseline_remove,
        name="baseline-remove",
    ),
    path("plans/<str:code>/targets/new/", plans.target_new, name="target-new"),
    path("plans/<str:code>/targets/<int:pk>/revise/", plans.target_revise, name="target-revise"),
    path("plans/<str:code>/targets/<int:pk>/remove/", plans.target_remove, name="target-remove"),
    # registration and allocation
    path(
        "plans/<str:code>/registration/<str:unit>/",
        registration.registration,
        name="registration",
    ),
    path("plans/<str:code>/allocation/<int:pk>/", allocation.allocation, name="allocation"),
    path(
        "plans/<str:code>/allocation/<int:pk>/file/",
        allocation.allocation_file,
        name="allocation-file",
    ),
]
