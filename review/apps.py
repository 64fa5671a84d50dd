from django.apps import AppConfig

# Whoever had a seat at a task never writes it.
NEVER_SAT_THERE = (
    "NOT EXISTS (SELECT 1 FROM review_seat seat"
    " WHERE seat.task_id = {task}.id AND seat.reviewer_id = %(person)s)"
)
WHY_NOT = "You had a part in reviewing this response, so somebody else writes it."


class ReviewConfig(AppConfig):
    name = "review"

    def ready(self) -> None:
        # App ready: reviews learn of task moves from below, where nothing may import them.
        from annotation.barred import bar  # noqa: PLC0415  (app ready)
        from annotation.panels import offer  # noqa: PLC0415  (app ready)
        from annotation.services.move import on_move  # noqa: PLC0415  (app ready)
        from annotation.services.questions import on_read  # noqa: PLC0415  (app ready)
        from review import people  # noqa: PLC0415  (app ready)
        from review.asking import page_of_thread  # noqa: PLC0415  (app ready)
        from review.services.open_seats import follow_move  # noqa: PLC0415  (app ready)
        from review.views.author import said_html  # noqa: PLC0415  (app ready)

        offer("said", said_html)
        on_move(follow_move)
        on_read(page_of_thread)
        bar("reviewers", NEVER_SAT_THERE, WHY_NOT)
        people.start()
