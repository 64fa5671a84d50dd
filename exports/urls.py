"""Pages of datasets and releases."""

from django.urls import URLPattern

app_name = "datasets"
urlpatterns: list[URLPattern] = []
