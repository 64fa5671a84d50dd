"""Tests: real PostgreSQL and Redis, made-up secrets, quick password hashing."""

from .base import *
from .base import STATIC_ROOT, STORAGES, VAR_DIR

DEBUG = False
SECRET_KEY = "test-secret-key-that-signs-nothing-of-value"  # noqa: S105
FIELD_ENCRYPTION_KEY = "test-field-encryption-key"
FINGERPRINT_KEY = "test-fingerprint-key"
ALLOWED_HOSTS = ["*"]
MEDIA_ROOT = VAR_DIR / "media"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
DEMO = True
MFA_REQUIRED = False
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
