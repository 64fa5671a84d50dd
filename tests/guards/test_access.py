"""Every address says who may open it."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny

# Pages of packages, which guard themselves.
NOT_OURS = ("allauth.", "drf_spectacular.", "django.")


def addresses(resolver, prefix=""):
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


ADDRESSES = [
    pytest.param(view, id=path or "/")
    for path, view in addresses(get_resolver())
    if not view.__module__.startswith(NOT_OURS)
]


def test_there_are_addresses_to_guard():
    assert len(ADDRESSES) > 10


@pytest.mark.parametrize("view", ADDRESSES)
def test_every_address_declares_who_may_open_it(view):
    api_view = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if api_view is not None and hasattr(api_view, "permission_classes"):
        assert api_view.permission_classes
        assert AllowAny not in api_view.permission_classes
    else:
        assert callable(getattr(view, "access", None)), "decorate the view with @page(access=…)"
