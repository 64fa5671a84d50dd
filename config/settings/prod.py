"""Production: nothing has a default that matters; what is missing or still an example stops the start."""

import structlog
from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import (
    ALLOWED_HOSTS,
    FIELD_ENCRYPTION_KEY,
    FINGERPRINT_KEY,
    RELEASE_SIGNING_KEY,
    SECRET_KEY,
    SITE_URL,
    STORAGES,
    env,
)

LEAST_SECRET_LENGTH = 32
EXAMPLE_MARKS = ("change-me", "changeme", "example", "insecure", "secret-key")


def _refuse(problem: str) -> None:
    msg = f"{problem} See .env.example for what must be set and how to make a key."
    raise ImproperlyConfigured(msg)


def _require_secret(name: str, value: str) -> None:
    """Refuse a secret that is missing, short, from the example file or obviously not random."""
    if not value:
        _refuse(f"{name} is not set.")
    if any(mark in value.lower() for mark in EXAMPLE_MARKS):
        _refuse(f"{name} still has the value of an example.")
    if len(value) < LEAST_SECRET_LENGTH or len(set(value)) < LEAST_SECRET_LENGTH // 4:
        _refuse(f"{name} is too short or too regular: use {LEAST_SECRET_LENGTH} random characters.")


for _name, _value in {
    "SECRET_KEY": SECRET_KEY,
    "FIELD_ENCRYPTION_KEY": FIELD_ENCRYPTION_KEY,
    "FINGERPRINT_KEY": FINGERPRINT_KEY,
    "RELEASE_SIGNING_KEY": RELEASE_SIGNING_KEY,
}.items():
    _require_secret(_name, _value)
if len({SECRET_KEY, FIELD_ENCRYPTION_KEY, FINGERPRINT_KEY}) < 3:
    _refuse("SECRET_KEY, FIELD_ENCRYPTION_KEY and FINGERPRINT_KEY must differ from each other.")
for _name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
    # Another way of sending mail has settings of its own.
    if not env.str(_name, default="") and not (_name == "EMAIL_URL" and "EMAIL_BACKEND" in env):
        _refuse(f"{_name} is not set.")
    # Host names may hold such words (mail.example.org); user and password may not.
    if any(
        _mark in env.str(_name, default="").lower().rpartition("@")[0] for _mark in EXAMPLE_MARKS
    ):
        _refuse(f"The password in {_name} still has the value of an example.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    _refuse("ALLOWED_HOSTS must name the hosts of this site.")
if not SITE_URL.startswith("https://"):
    _refuse("SITE_URL must be the https:// address of this site.")

# Those who watch the processes ask from inside.
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "127.0.0.1"]

DEBUG = False
DEMO = env.bool("DEMO", default=False)
CSRF_TRUSTED_ORIGINS = [SITE_URL.rstrip("/")]

# TLS ends at a proxy in front, which sets this header itself and drops it when clients send it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Each proxy adds to X-Forwarded-For whom it heard from. Without this all people would share the proxy's
# address, and ten mistyped passwords of anybody would close the sign-in for everybody.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1)
SECURE_SSL_REDIRECT = True
# Asked from inside, without TLS, by whoever watches the processes.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

if env.str("S3_BUCKET", default=""):
    STORAGES = {
        **STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": env.str("S3_BUCKET"),
                "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
                "region_name": env.str("S3_REGION", default="") or None,
                "access_key": env.str("S3_ACCESS_KEY", default="") or None,
                "secret_key": env.str("S3_SECRET_KEY", default="") or None,
                "default_acl": None,  # private, as the bucket is
                "file_overwrite": False,
                "querystring_expire": 300,
                "signature_version": "s3v4",
                "addressing_style": env.str("S3_ADDRESSING_STYLE", default="auto"),
            },
        },
    }
    if any(_mark in env.str("S3_SECRET_KEY", default="").lower() for _mark in EXAMPLE_MARKS):
        _refuse("S3_SECRET_KEY still has the value of an example.")

# One JSON object a line, to standard output: the platform's log collector does the rest.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
