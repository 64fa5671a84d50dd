"""Pages of the writing side."""

from django.urls import path

from annotation.views import (
    attachment,
    browse,
    drafts,
    handing_in,
    home,
    instruction_forms,
    preview,
    questions,
    replay,
    trajectory,
    versions,
    writing,
)

app_name = "write"
urlpatterns = [
    path("", home.my_work, name="home"),
    path("next/", home.take_next_task, name="next"),
    path("browse/", browse.browse, name="browse"),
    path("preview/", preview.preview, name="preview"),
    path("session/", drafts.session, name="session"),
    path("<int:task_id>/", writing.write, name="task"),
    path("<int:task_id>/choose/", browse.choose, name="choose"),
    path("<int:task_id>/draft/", drafts.draft, name="draft"),
    path("<int:task_id>/replay/", replay.replay, name="replay"),
    path("<int:task_id>/log/", replay.log, name="log"),
    path("<int:task_id>/findings/", versions.findings, name="findings"),
    path("<int:task_id>/versions/", versions.versions, name="versions"),
    path("<int:task_id>/versions/<int:sequence>/", versions.version, name="version"),
    path("<int:task_id>/trajectory/", trajectory.trajectory, name="trajectory"),
    path(
        "attachments/<int:instruction_id>/<str:sha256>/", attachment.attachment, name="attachment"
    ),
    path("<int:task_id>/questions/", questions.questions, name="questions"),
    path("questions/<int:question_id>/answer/", questions.answer, name="answer-question"),
    path("<int:task_id>/submit/", handing_in.submit, name="submit"),
    path("<int:task_id>/skip/", handing_in.skip, name="skip"),
    path("<int:task_id>/follow/", instruction_forms.follow, name="follow"),
    path("<int:task_id>/take/", handing_in.take_again, name="take"),
]
