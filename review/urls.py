"""Pages of the reviewing side."""

from django.urls import path

from review.views import (
    author,
    calibration,
    given,
    home,
    project,
    quality,
    questions,
    ready,
    remarks,
    seat,
)

app_name = "review"
urlpatterns = [
    path("", home.home, name="home"),
    path("next/", home.take_next, name="take-next"),
    path("<int:seat_id>/", seat.seat, name="seat"),
    path("<int:seat_id>/take/", home.take, name="take"),
    path("<int:seat_id>/aside/", home.put_aside, name="put-aside"),
    path("<int:seat_id>/verdict/", seat.verdict, name="verdict"),
    path("<int:seat_id>/draft/", seat.draft, name="draft"),
    path("<int:seat_id>/undo/", seat.undo, name="undo"),
    path("<int:seat_id>/evidence/", seat.evidence, name="evidence"),
    path("<int:seat_id>/ask/", questions.ask, name="ask"),
    path("<int:seat_id>/log/", seat.log, name="log"),
    path("<int:seat_id>/comments/", remarks.comment, name="comment"),
    path("<int:seat_id>/repair/", remarks.repair, name="repair"),
    path("own/", given.own, name="own"),
    path("own/<int:seat_id>/<int:round_>/", given.as_it_was, name="own-seat"),
    path("ready/", ready.ready, name="ready"),
    path("ready/pass/", ready.pass_all, name="pass-all"),
    path("ready/views/", ready.keep_view, name="keep-view"),
    path("ready/<int:seat_id>/", ready.choose, name="choose"),
    path("projects/<slug:slug>/", project.project, name="project"),
    path("quality/", quality.quality, name="quality"),
    path("quality/rows/", quality.rows, name="rows"),
    path("quality/<int:person_id>/<slug:stage>/", quality.reviewer, name="reviewer"),
    path("quality/distances/", quality.distances, name="distances"),
    path("calibration/", calibration.items, name="calibration"),
    path("calibration/new/", calibration.new, name="calibration-new"),
    path("calibration/results/", calibration.results, name="calibration-results"),
    path("calibration/<int:item_id>/withdraw/", calibration.withdraw, name="calibration-withdraw"),
    path("reasons/<int:task_id>/", author.reasons, name="reasons"),
    path("reasons/<int:task_id>/appeal/", author.appeal, name="appeal"),
    path("comments/<int:comment_id>/answer/", author.answer, name="answer"),
    path("comments/<int:comment_id>/settle/", author.settle, name="settle"),
    path("comments/<int:comment_id>/suggestion/", author.suggestion, name="suggestion"),
]
