from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self) -> None:
        # App ready: releases learn of approvals from below, where nothing may import them.
        from annotation.services.move import on_move  # noqa: PLC0415  (app ready)
        from exports import people  # noqa: PLC0415  (app ready)
        from exports.released import released_tasks  # noqa: PLC0415  (app ready)
        from exports.services.freeze import follow_move  # noqa: PLC0415  (app ready)
        from review.given import on_released  # noqa: PLC0415  (app ready)

        on_move(follow_move)
        on_released(released_tasks)
        people.start()
