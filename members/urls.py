from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from members.views import (
    accounts,
    charges,
    enterprises,
    entry,
    exceptions,
    history,
    importing,
    links,
    quarters,
    queue,
    ratings,
    reminding,
    reports,
    signing_off,
    site,
    units,
)

urlpatterns: list[URLPattern | URLResolver] = [
    # the site, signing in
    path("healthz", site.healthz, name="healthz"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("accounts/login/", accounts.login, name="login"),
    path("accounts/logout/", accounts.logout, name="logout"),
    path("accounts/password/", accounts.password_change, name="password-change"),
    # accounts and roles
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/new/", accounts.account_new, name="account-new"),
    path("accounts/<int:pk>/", accounts.account_detail, name="account-detail"),
    path("accounts/<int:pk>/close/", accounts.account_close, name="account-close"),
    path("accounts/<int:pk>/reopen/", accounts.account_reopen, name="account-reopen"),
    path("accounts/<int:pk>/link/", links.account_link, name="account-link"),
    path("accounts/<int:pk>/roles/new/", accounts.role_new, name="role-new"),
    path("accounts/roles/<int:pk>/end/", accounts.role_end, name="role-end"),
    # one-time links
    path("accounts/link/<str:token>/", links.link, name="link"),
    path("accounts/forgot/", links.password_forgot, name="password-forgot"),
    path("accounts/units/", links.account_units, name="account-units"),
    path("accounts/links/", links.account_links, name="account-links"),
    # units
    path("units/", units.unit_list, name="unit-list"),
    path("units/charges/", charges.charge_list, name="charge-list"),
    path("units/<str:code>/", units.unit_detail, name="unit-detail"),
    path("units/<str:code>/own-acceptance/", entry.own_acceptance, name="unit-own-acceptance"),
    path("units/<str:code>/contact/", units.unit_contact, name="unit-contact"),
    path("units/<str:code>/suspend/", exceptions.unit_suspend, name="unit-suspend"),
    path("units/<str:code>/resume/", exceptions.unit_resume, name="unit-resume"),
    path("units/<str:code>/chair/", links.chair_change, name="chair-change"),
    path("units/<str:code>/hand-over/", links.hand_over, name="hand-over"),
    path("units/<str:code>/typists/new/", links.typist_new, name="typist-new"),
    # enterprises
    path("enterprises/", enterprises.enterprise_list, name="enterprise-list"),
    path("enterprises/new/", enterprises.enterprise_new, name="enterprise-new"),
    path("enterprises/import/", importing.enterprise_import, name="enterprise-import"),
    path(
        "enterprises/import/template/",
        importing.enterprise_import_template,
        name="enterprise-import-template",
    ),
    path("enterprises/<int:pk>/", enterprises.enterprise_detail, name="enterprise-detail"),
    path("enterprises/<int:pk>/edit/", enterprises.enterprise_edit, name="enterprise-edit"),
    path("enterprises/<int:pk>/found/", enterprises.enterprise_found, name="enterprise-found"),
    path(
        "enterprises/<int:pk>/take-up/", enterprises.enterprise_take_up, name="enterprise-take-up"
    ),
    path("enterprises/<int:pk>/refuse/", enterprises.enterprise_refuse, name="enterprise-refuse"),
    # quarterly reports
    path("reports/", queue.report_list, name="report-list"),
    path("reports/accept/", queue.report_accept, name="report-accept"),
    path("reports/remind/", reminding.report_remind, name="report-remind"),
    path("reports/stale/", exceptions.stale_list, name="stale-list"),
    path("reports/suspended/", exceptions.suspended_list, name="suspended-list"),
    path("reports/entry/<str:quarter>/", entry.report_entry, name="report-entry"),
    path(
        "reports/entry/<str:quarter>/template/",
        entry.report_entry_template,
        name="report-entry-template",
    ),
    path("reports/<str:code>/<str:quarter>/", reports.report_detail, name="report-detail"),
    path(
        "reports/<str:code>/<str:quarter>/reminders/new/",
        reminding.reminder_new,
        name="reminder-new",
    ),
    path("reports/<str:code>/<str:quarter>/print/", reports.report_print, name="report-print"),
    path("reports/<str:code>/<str:quarter>/late/", exceptions.late_permit, name="late-permit"),
    path(
        "reports/<str:code>/<str:quarter>/attachments/<int:pk>/",
        reports.attachment,
        name="attachment",
    ),
    # ratings
    path("ratings/<int:year>/", ratings.rating_list, name="rating-list"),
    path("ratings/<int:year>/scale/", ratings.rating_scale, name="rating-scale"),
    path("ratings/<int:year>/import/", importing.rating_import, name="rating-import"),
    path(
        "ratings/<int:year>/import/template/",
        importing.rating_import_template,
        name="rating-import-template",
    ),
    path("ratings/<int:year>/<str:code>/", ratings.rating_unit, name="rating-unit"),
    # who changed what
    path("history/", history.history, name="history"),
    # sign-off
    path("sign-off/<str:quarter>/", signing_off.sign_off_list, name="sign-off-list"),
    path("sign-off/<str:code>/<str:quarter>/", signing_off.sign_off, name="sign-off"),
    path(
        "sign-off/<str:code>/<str:quarter>/return/",
        signing_off.sign_off_return,
        name="sign-off-return",
    ),
    # quarters
    path("quarters/", quarters.quarter_list, name="quarter-list"),
    path("quarters/open/", quarters.quarter_open, name="quarter-open"),
    path("quarters/calendar/", quarters.calendar_edit, name="calendar-edit"),
    path("quarters/<str:code>/notice/", quarters.quarter_notice, name="quarter-notice"),
    path("quarters/<str:code>/close/", quarters.quarter_close, name="quarter-close"),
    path("quarters/<str:code>/reopen/", quarters.quarter_reopen, name="quarter-reopen"),
    # files of the first set-up; its first page is in targets
    path("setup/units/", importing.unit_import, name="unit-import"),
    path("setup/units/template/", importing.unit_import_template, name="unit-import-template"),
    path("setup/opening-members/", importing.opening_members, name="opening-members"),
    path(
        "setup/opening-members/template/",
        importing.opening_members_template,
        name="opening-members-template",
    ),
]
