"""Pages of datasets and releases."""

from django.urls import path

from exports.views import (
    dataset,
    datasets,
    deliveries,
    download,
    governance,
    pair_consent,
    preview,
    records,
    release,
    review_preview,
    wizard,
)

app_name = "datasets"
urlpatterns = [
    path("", datasets.datasets, name="datasets"),
    path("new/", datasets.new_dataset, name="new"),
    path("withdrawals/", governance.governance, name="governance"),
    path("earlier-texts/", pair_consent.pair_consent, name="pair-consent"),
    path("tokenizers/", preview.tokenizers, name="tokenizers"),
    path("reviews/<int:address>/", review_preview.review_preview, name="review-preview"),
    path("<slug:slug>/", dataset.dataset, name="dataset"),
    path("<slug:slug>/settings/", dataset.dataset_settings, name="settings"),
    path("<slug:slug>/selected/", dataset.selected, name="selected"),
    path("<slug:slug>/exclusions/", dataset.exclusions, name="exclusions"),
    path("<slug:slug>/compare/", release.compare, name="compare"),
    path("<slug:slug>/releases/new/", wizard.wizard, name="wizard"),
    path("<slug:slug>/releases/<int:pk>/", release.release, name="release"),
    path("<slug:slug>/releases/<int:pk>/card/", release.card, name="card"),
    path("<slug:slug>/releases/<int:pk>/preview/", preview.preview, name="preview"),
    path("<slug:slug>/releases/<int:pk>/records/", records.records, name="records"),
    path("<slug:slug>/releases/<int:pk>/records/<str:record_id>/", records.record, name="record"),
    path("<slug:slug>/releases/<int:pk>/publish/", release.publish, name="release-publish"),
    path("<slug:slug>/releases/<int:pk>/resume/", release.resume, name="release-resume"),
    path("<slug:slug>/releases/<int:pk>/cancel/", release.cancel, name="release-cancel"),
    path("<slug:slug>/releases/<int:pk>/discard/", release.discard, name="release-discard"),
    path("<slug:slug>/releases/<int:pk>/withdraw/", release.withdraw, name="release-withdraw"),
    path("<slug:slug>/releases/<int:pk>/deliver/", deliveries.deliver, name="release-deliver"),
    path("<slug:slug>/releases/<int:pk>/download.zip", download.archive, name="archive"),
    path("<slug:slug>/releases/<int:pk>/files/<path:path>", download.file, name="file"),
    path("<slug:slug>/<str:version>/", release.version, name="version"),
]
