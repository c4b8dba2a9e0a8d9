from django.urls import URLPattern, URLResolver, path

from training.views import counts, courses, lists, needs, officers, overview

urlpatterns: list[URLPattern | URLResolver] = [
    path("training/", overview.overview, name="training"),
    # officers
    path("training/units/<str:code>/", officers.training_unit, name="training-unit"),
    path("training/officers/", officers.officer_list, name="officer-list"),
    path("training/officers/new/", officers.officer_new, name="officer-new"),
    path("training/officers/import/", officers.officer_import, name="officer-import"),
    path(
        "training/officers/import/template/",
        officers.officer_import_template,
        name="officer-import-template",
    ),
    path("training/officers/<int:pk>/", officers.officer_detail, name="officer-detail"),
    path("training/officers/<int:pk>/edit/", officers.officer_edit, name="officer-edit"),
    path("training/officers/<int:pk>/leave/", officers.officer_leave, name="officer-leave"),
    path("training/officers/<int:pk>/back/", officers.officer_back, name="officer-back"),
    # training needs
    path("training/needs/<int:year>/", needs.need_list, name="need-list"),
    path("training/needs/<int:year>/<str:code>/", needs.need_unit, name="need-unit"),
    # officers who are not listed by name
    path("training/counts/import/", counts.officer_count_import, name="officer-count-import"),
    path(
        "training/counts/import/template/",
        counts.officer_count_import_template,
        name="officer-count-import-template",
    ),
    # courses
    path("training/courses/", courses.course_list, name="course-list"),
    path("training/courses/new/", courses.course_new, name="course-new"),
    path("training/courses/import/", courses.attendance_import, name="attendance-import"),
    path(
        "training/courses/import/template/",
        courses.attendance_import_template,
        name="attendance-import-template",
    ),
    path("training/courses/<int:pk>/", courses.course_detail, name="course-detail"),
    path("training/courses/<int:pk>/edit/", courses.course_edit, name="course-edit"),
    path("training/courses/<int:pk>/hold/", courses.course_hold, name="course-hold"),
    path("training/courses/<int:pk>/cancel/", courses.course_cancel, name="course-cancel"),
    path("training/courses/<int:pk>/send/", courses.course_send, name="course-send"),
    # topics, audiences, positions
    path("training/lists/", lists.training_lists, name="training-lists"),
]
