"""Pages of a project about its checks; part of the projects' URLs."""

from django.urls import path

from annotation.views import checking, findings, likeness

urlpatterns = [
    path("<slug:slug>/format/", checking.format_spec, name="format"),
    path("<slug:slug>/format/try/", checking.format_try, name="format-try"),
    path("<slug:slug>/checks/", checking.checks_page, name="checks"),
    path("<slug:slug>/checks/<int:pk>/", checking.check_run, name="check-run"),
    path("<slug:slug>/checks/<int:pk>/again/", checking.check_run_again, name="check-run-again"),
    path("<slug:slug>/findings/", findings.findings, name="findings"),
    path("<slug:slug>/duplicates/", likeness.duplicates, name="duplicates"),
    path("<slug:slug>/duplicates/settle/", likeness.duplicates_settle, name="duplicates-settle"),
    path("<slug:slug>/contamination/", likeness.contamination, name="contamination"),
    path(
        "<slug:slug>/contamination/<int:pk>/waive/",
        likeness.contamination_waive,
        name="contamination-waive",
    ),
]
