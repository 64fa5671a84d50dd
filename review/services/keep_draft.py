"""Keep what a reviewer has typed so far; doing so renews their lease."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from annotation.project_settings import setting
from experts.models import User
from review.enums import SeatState
from review.errors import NotYourSeat, SeatLost
from review.judgement import Judgement
from review.models import KeptWords, Seat


def keep_draft(*, person: User, seat_id: int, judgement: Judgement) -> None:
    """Store what `person` has typed in their seat.

    Where the seat lapsed meanwhile, the words are kept aside for this person and SeatLost is raised.
    """
    if _in_seat(person, seat_id, judgement):
        return
    sat_here = KeptWords.objects.filter(seat=seat_id, person=person)
    if sat_here.update(draft=judgement.as_json(), kept_at=timezone.now()):
        raise SeatLost(kept_text=judgement.note)
    raise NotYourSeat(kept_text=judgement.note)


@transaction.atomic
def _in_seat(person: User, seat_id: int, judgement: Judgement) -> bool:
    seat = (
        Seat.objects.select_for_update(of=("self",))
        .select_related("revision__project_version")
        .filter(pk=seat_id, reviewer=person, state__in=[SeatState.HELD, SeatState.RESERVED])
        .first()
    )
    if seat is None:
        return False
    seat.draft = judgement.as_json()
    if seat.state == SeatState.HELD:
        minutes = setting(seat.revision.project_version, "review_lease_minutes")
        seat.leased_until = timezone.now() + timedelta(minutes=minutes)
    seat.save(update_fields=["draft", "leased_until"])
    return True
