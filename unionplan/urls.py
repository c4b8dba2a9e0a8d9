from django.urls import include, path

urlpatterns = [
    path("", include("members.urls")),
    path("", include("training.urls")),
    path("", include("targets.urls")),
]
