"""Refusals of the releasing side."""

from lib.errors import Conflict, Invalid, NotFound


class NoSuchDataset(NotFound):
    """No data set has that slug."""

    code = "no_such_dataset"
    message = "There is no dataset with this name."


class NoSuchRelease(NotFound):
    """The data set has no such version."""

    code = "no_such_release"
    message = "This dataset has no release with that version."


class EmptySelection(Conflict):
    """Nothing that is approved fits the selection."""

    code = "empty_selection"
    message = "No approved record fits this selection, so there is nothing to release."
    advice = "Widen the selection, or wait until responses are approved."


class EmptySide(Conflict):
    """A split that was asked for would hold nothing."""

    code = "empty_side"
    message = "The split would leave a side empty."


class NoWeight(Invalid):
    """Mixture weights that leave nothing."""

    code = "no_weight"
    message = "A weight must be above zero. To leave a slice out, exclude it from the selection."


class VersionTooSmall(Conflict):
    """The changes ask for a larger step of the version."""

    code = "version_too_small"


class ReleaseOvertaken(Conflict):
    """Another release was published after this one was cut."""

    code = "release_overtaken"
    message = "Another release of this dataset was published in the meantime."
    advice = "Build this release again: its changes are counted from the newest one."


class BuildStopped(Conflict):
    """The build ended before its end; what was built is kept."""

    code = "build_stopped"
    message = "The build was stopped."
    advice = "Start it again: finished shards are kept."


class BuildUnderWay(Conflict):
    """The store is not tidied while a build may take over what is in it."""

    code = "build_under_way"
    message = "A release is being built, or was stopped or discarded within the last hour."
    advice = "Try again when no build is at work."


class RebuildDiffers(Conflict):
    """A rebuild gave other bytes than the published ones."""

    code = "rebuild_differs"
    message = "The rebuilt files are not the published ones."
    advice = "Use the version of this software, and of pyarrow, that the manifest names."


class BadName(Invalid):
    """A name that would be a path, or is not a name at all."""

    code = "bad_name"
    message = "A name holds small letters, digits and dashes, and starts with a letter or digit."


class TargetTaken(Conflict):
    """The directory to write to holds something already."""

    code = "target_taken"
    message = "The directory exists and is not empty."
    advice = "Name a new directory, or empty this one first."


class SigningKeyMissing(Conflict):
    """No key to sign with."""

    code = "signing_key_missing"
    message = "There is no usable key to sign releases with."
    advice = "Set RELEASE_SIGNING_KEY to an Ed25519 private key in PEM."
