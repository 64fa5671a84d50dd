"""What a person calls the tokens that their programs use."""

from django.db import models
from knox.models import AuthToken


class ProgramToken(models.Model):
    """The name of a token. Whose it is, its hash and its end are in `token`; the secret is kept nowhere."""

    token = models.OneToOneField(AuthToken, on_delete=models.CASCADE, related_name="program")
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
