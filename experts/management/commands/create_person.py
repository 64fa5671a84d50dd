"""`create_person EMAIL --role ROLE [--project SLUG] [--verified-in DOMAIN] [--password-stdin]`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from experts.enums import Role
from experts.models import Project, User
from experts.queries import domain_at, valid_credential
from experts.services.credentials import vouch_for
from experts.services.people import create_person, give_role, make_administrator
from lib.errors import DomainError

ADMINISTRATOR = "admin"


class Command(BaseCommand):
    """Repeatable: what is already so stays so, and every line of output says what was done."""

    help = "Make a person, or give an existing one a role or a verified field."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=[*Role.values, ADMINISTRATOR])
        parser.add_argument("--project", metavar="SLUG", help="needed for every role but admin")
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--verified-in",
            metavar="DOMAIN",
            action="append",
            default=[],
            help="path of a domain, like medicine.cardiology; may be given several times",
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as problem:
            raise CommandError(f"“{options['email']}” is not an e-mail address.") from problem
        password = self._password() if options["password_stdin"] else None
        try:
            with transaction.atomic():
                lines = self._create(options, password)
        except DomainError as refusal:
            raise CommandError(f"{refusal.message} {refusal.advice}".strip()) from refusal
        for line in lines:
            self.stdout.write(line)

    def _password(self) -> str:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise CommandError("No password came on standard input.")
        return password

    def _create(self, options: dict[str, Any], password: str | None) -> list[str]:
        person, made = create_person(
            email=options["email"], name=options["name"], password=password
        )
        lines = [f"{'Made' if made else 'Found'} {person.email} ({person.pseudonym})."]
        if password is not None:
            lines.append("Set the password.")
        elif not person.has_usable_password():
            lines.append(
                "No password yet: they set one with “I do not know my password” on the sign-in page."
            )
        lines.append(self._give(person, options["role"], options["project"]))
        lines += [self._verify(person, path) for path in options["verified_in"]]
        return lines

    def _give(self, person: User, role: str, slug: str | None) -> str:
        if role == ADMINISTRATOR:
            made = make_administrator(person=person)
            return "Made them an administrator." if made else "They are an administrator already."
        if not slug:
            raise CommandError(f"The role of {role} is held in a project: add --project SLUG.")
        project = Project.objects.filter(slug=slug).first()
        if project is None:
            known = ", ".join(Project.objects.values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"There is no project “{slug}”. Projects: {known}.")
        _, made = give_role(person=person, project=project, role=Role(role))
        return f"{'Gave them the' if made else 'They hold the'} role of {role} in {slug}."

    def _verify(self, person: User, path: str) -> str:
        domain = domain_at(path)
        if domain is None:
            raise CommandError(
                f"There is no domain “{path}”. Import the tree first, or see the page “Domains”."
            )
        if valid_credential(person, domain):
            return f"They hold a valid credential in {domain.path} already."
        vouch_for(person=person, domain=domain)
        return f"Recorded a verified credential in {domain.path}."
