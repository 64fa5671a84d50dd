"""What django-allauth asks us: who may join, and what an organisation's sign-in may do."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """People join by invitation; nobody signs up by themselves. What goes wrong is said in our words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "This e-mail address and this password do not belong together.",
        "too_many_login_attempts": "Too many tries went wrong. Wait five minutes, or choose a new password.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not the password you have now.",
        "duplicate_email": "This address belongs to your account already.",
        "email_taken": "This address belongs to another account.",
        "cannot_remove_primary_email": "We write to this address. Choose another one for that first.",
        "unverified_primary_email": "Confirm this address first: open the link we sent to it.",
    }

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
