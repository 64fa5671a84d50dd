"""Make people and give them roles."""

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from audit.services import record
from experts.enums import Role
from experts.errors import PasswordRefused
from experts.models import Membership, Project, User


@transaction.atomic
def create_person(
    *, email: str, name: str = "", password: str | None = None, actor: User | None = None
) -> tuple[User, bool]:
    """The person with this address, made with a verified address when there is none; and whether new.

    An existing account keeps its name; a password, when given, replaces the old one.
    """
    address = User.objects.normalize_email(email).strip().lower()
    person = User.objects.select_for_update().filter(email__iexact=address).first()
    made = person is None
    if person is None:
        person = User.objects.create_user(address, None, name=name)
        record(verb="experts.person_created", actor=actor, target=person)
    EmailAddress.objects.update_or_create(
        user=person, email=address, defaults={"verified": True, "primary": True}
    )
    if password is not None:
        set_password(person=person, password=password)
    return person, made


@transaction.atomic
def set_password(*, person: User, password: str) -> User:
    """Give a person a password that is hard enough to guess; raises PasswordRefused."""
    try:
        validate_password(password, person)
    except ValidationError as weak:
        raise PasswordRefused(" ".join(weak.messages), advice="Choose a longer one.") from weak
    person.set_password(password)
    person.save(update_fields=["password"])
    record(verb="experts.password_set", actor=person, target=person)
    return person


@transaction.atomic
def make_administrator(*, person: User, actor: User | None = None) -> bool:
    """Let a person look after the whole installation; False when they do already."""
    if person.is_superuser:
        return False
    person.is_superuser = True
    person.save(update_fields=["is_superuser"])
    record(verb="experts.administrator_made", actor=actor, target=person)
    return True


@transaction.atomic
def give_role(
    *, person: User, project: Project, role: Role, actor: User | None = None
) -> tuple[Membership, bool]:
    """The person's membership in that role, and whether it is new."""
    membership, made = Membership.objects.get_or_create(project=project, person=person, role=role)
    if made:
        record(
            verb="experts.role_given", actor=actor, target=person, project_id=project.pk, role=role
        )
    return membership, made


@transaction.atomic
def change_profile(*, person: User, name: str, languages: list[str], assistive_input: bool) -> User:
    """What a person says about themselves."""
    person.name, person.languages, person.assistive_input = name.strip(), languages, assistive_input
    person.save(update_fields=["name", "languages", "assistive_input"])
    record(verb="experts.profile_changed", actor=person, target=person, languages=languages)
    return person
