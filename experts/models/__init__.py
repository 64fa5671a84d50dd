"""People: who they are, what they know, where they belong."""

from experts.models.credential import Credential
from experts.models.domain import Domain
from experts.models.project import Membership, Project
from experts.models.user import User

__all__ = ["Credential", "Domain", "Membership", "Project", "User"]
