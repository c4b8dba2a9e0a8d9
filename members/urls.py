from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from members.views import accounts, checking, quarters, reports, site, units

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
    path("accounts/<int:pk>/password/", accounts.account_reset, name="account-reset"),
    path("accounts/<int:pk>/roles/new/", accounts.role_new, name="role-new"),
    path("accounts/roles/<int:pk>/end/", accounts.role_end, name="role-end"),
    # units
    path("units/", units.unit_list, name="unit-list"),
    path("units/<str:code>/", units.unit_detail, name="unit-detail"),
    path("units/<str:code>/contact/", units.unit_contact, name="unit-contact"),
    # quarterly reports
    path("reports/", checking.report_list, name="report-list"),
    path("reports/accept/", checking.report_accept, name="report-accept"),
    path("reports/<str:code>/<str:quarter>/", reports.report_detail, name="report-detail"),
    path(
        "reports/<str:code>/<str:quarter>/attachments/<int:pk>/",
        reports.attachment,
        name="attachment",
    ),
    # quarters
    path("quarters/", quarters.quarter_list, name="quarter-list"),
    path("quarters/open/", quarters.quarter_open, name="quarter-open"),
    path("quarters/calendar/", quarters.calendar_edit, name="calendar-edit"),
    path("quarters/<str:code>/close/", quarters.quarter_close, name="quarter-close"),
    path("quarters/<str:code>/reopen/", quarters.quarter_reopen, name="quarter-reopen"),
]
