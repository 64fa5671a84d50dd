"""People: who they are, what they know, where they belong, what they agreed to."""

from experts.models.agreement import Acceptance, Agreement
from experts.models.credential import Credential
from experts.models.domain import Domain, DomainAlias
from experts.models.erasure import ErasureRequest
from experts.models.exercise import Attempt, Exercise
from experts.models.invitation import Invitation
from experts.models.measure import Appeal, Measure
from experts.models.notification import Notification, NotificationChoice
from experts.models.project import Membership, Project
from experts.models.rate import Rate
from experts.models.token import ProgramToken
from experts.models.user import User

__all__ = [
    "Acceptance",
    "Agreement",
    "Appeal",
    "Attempt",
    "Credential",
    "Domain",
    "DomainAlias",
    "ErasureRequest",
    "Exercise",
    "Invitation",
    "Measure",
    "Membership",
    "Notification",
    "NotificationChoice",
    "ProgramToken",
    "Project",
    "Rate",
    "User",
]
