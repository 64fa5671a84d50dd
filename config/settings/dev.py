"""Development and demo: everything on loopback, secrets made once under var/."""

from lib.secrets import made_once

from .base import *
from .base import ALLOWED_HOSTS, STATIC_ROOT, STORAGES, VAR_DIR, env

DEBUG = env.bool("DEBUG", default=True)
# Static files come from where the build put them, packed twins included; nothing is collected first.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0  # names stay the same from build to build: ask again, and be told 304
LOGGING = {  # Django's own shows what went wrong only while DEBUG is on
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "127.0.0.1", "localhost", "[::1]", "testserver"]
SECRET_KEY = env.str("SECRET_KEY", default="") or made_once(VAR_DIR / "secrets" / "secret_key")
FIELD_ENCRYPTION_KEY = made_once(VAR_DIR / "secrets" / "field_encryption_key")
FINGERPRINT_KEY = made_once(VAR_DIR / "secrets" / "fingerprint_key")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEMO = env.bool("DEMO", default=DEBUG)
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=False)
# Browsers count loopback as safe; the library wants to be told.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
