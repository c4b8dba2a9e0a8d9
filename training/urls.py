from django.urls import URLPattern, URLResolver, path

from training.views import counts, lists, needs, overview

urlpatterns: list[URLPattern | URLResolver] = [
    path("training/", overview.overview, name="training"),
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
    # topics, audiences, positions
    path("training/lists/", lists.training_lists, name="training-lists"),
]
