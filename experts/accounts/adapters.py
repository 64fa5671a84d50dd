"""What django-allauth asks us: who may join, and what an organisation's sign-in may do."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People join by invitation; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class OrganisationAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # as above
    """An organisation's sign-in opens accounts that exist; it makes none without an invitation."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    """The second step in our words: one text stands for codes and keys alike."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code or key does not open the account. Try again, or sign in another way.",
    }
