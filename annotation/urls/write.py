"""Pages of the writing side."""

from django.urls import URLPattern

app_name = "write"
urlpatterns: list[URLPattern] = []
