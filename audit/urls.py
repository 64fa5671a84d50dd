"""Pages of the audit trail."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="trail"),
    path("audit.csv", views.download, name="trail-download"),
]
