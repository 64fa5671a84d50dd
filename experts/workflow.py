"""Every legal move of a credential and of an appeal. Read by the services, the database and the tests."""

from experts.enums import CredentialState as S
from lib.machine import Machine, Move

CREDENTIAL = Machine(
    name="credential",
    initial=S.PENDING,
    moves=(
        Move("verify", S.PENDING, S.VERIFIED, by="lead"),
        # Under the two-person rule the first look only counts as checked.
        Move("check", S.PENDING, S.CHECKED, by="lead"),
        Move("confirm", S.CHECKED, S.VERIFIED, by="lead"),
        Move("reject", S.PENDING, S.REJECTED, by="lead"),
        Move("reject", S.CHECKED, S.REJECTED, by="lead"),
        Move("revoke", S.VERIFIED, S.REVOKED, by="lead"),
        # An appeal that succeeds puts the credential back into the queue.
        Move("reopen", S.REJECTED, S.PENDING, by="appeal"),
        Move("reopen", S.REVOKED, S.PENDING, by="appeal"),
        Move("withdraw", S.PENDING, S.WITHDRAWN, by="holder"),
    ),
)
