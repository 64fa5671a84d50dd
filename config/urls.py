"""The map of the site: each part brings its own URLs."""

from django.conf import settings
from django.urls import include, path

from config import health, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("theme/", pages.theme, name="theme"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("write/", include("annotation.urls.write")),
    path("projects/", include("annotation.urls.projects")),
    path("review/", include("review.urls")),
    path("datasets/", include("exports.urls")),
    path("people/", include("experts.urls")),
    path("audit/", include("audit.urls")),
    path("api/v1/", include("config.api")),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", pages.styleguide, name="styleguide"))

handler400 = "config.pages.bad_request"
handler403 = "config.pages.forbidden"
handler404 = "config.pages.not_found"
handler500 = "config.pages.server_error"
