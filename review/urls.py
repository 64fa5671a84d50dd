"""Pages of the reviewing side."""

from django.urls import URLPattern

app_name = "review"
urlpatterns: list[URLPattern] = []
