"""A person who signs in with an e-mail address."""

import secrets
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from lib.triggers import refuse

# No vowels and no look-alikes: a pseudonym is never a word and never misread.
_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"


def new_pseudonym() -> str:
    """A random name for use in releases, like `p-7kxq2mzt`: 10**11 possibilities, no meaning."""
    return "p-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


class UserManager(BaseUserManager["User"]):
    """Makes people; an address is compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `is_superuser` is the administrator of the installation."""

    email = models.EmailField("E-mail")
    name = models.CharField(max_length=120, blank=True)
    pseudonym = models.CharField(max_length=20, unique=True, default=new_pseudonym, editable=False)
    languages = models.JSONField(default=list, help_text="BCP 47 tags this person writes in.")
    assistive_input = models.BooleanField(
        default=False, help_text="Uses dictation or other assistive input: timing is not shown."
    )
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]
        triggers = [
            pgtrigger.Trigger(
                name="pseudonym_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("pseudonym"),
                condition=pgtrigger.Condition("OLD.pseudonym IS DISTINCT FROM NEW.pseudonym"),
                func=refuse("user_pseudonym_stays", "a pseudonym never changes: releases carry it"),
            ),
        ]

    def __str__(self) -> str:
        return self.name or (self.pseudonym if self.erased_at else self.email)

    @property
    def is_staff(self) -> bool:
        """What Django calls staff is our administrator."""
        return self.is_superuser
