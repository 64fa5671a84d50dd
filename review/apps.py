from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"

    def ready(self) -> None:
        # App ready: reviews learn of task moves from below, where nothing may import them.
        from annotation.services.move import on_move
        from review.services.open_seats import follow_move

        on_move(follow_move)
