"""Note who fetched what."""

from experts.models import User
from exports.models import Download, Release


def note_download(
    *, release: Release, person: User, path: str = "", first_byte: int = 0
) -> Download:
    """One line for each answered request; a download that goes on has a first byte above zero."""
    return Download.objects.create(release=release, person=person, path=path, first_byte=first_byte)
