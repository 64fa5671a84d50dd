from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        # App ready: models of this app must be loaded before its queries are.
        from annotation import notices, people  # noqa: PLC0415
        from annotation.services.move import on_move  # noqa: PLC0415

        on_move(notices.follow_move)
        people.start()
