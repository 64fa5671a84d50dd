"""Pages of the reviewing side."""

from django.urls import path

from review.views import home, seat

app_name = "review"
urlpatterns = [
    path("", home.home, name="home"),
    path("next/", home.take_next, name="take-next"),
    path("<int:seat_id>/", seat.seat, name="seat"),
    path("<int:seat_id>/take/", home.take, name="take"),
    path("<int:seat_id>/verdict/", seat.verdict, name="verdict"),
    path("<int:seat_id>/draft/", seat.draft, name="draft"),
    path("<int:seat_id>/undo/", seat.undo, name="undo"),
]
