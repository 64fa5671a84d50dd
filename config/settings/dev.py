"""Development and demo: everything on loopback, secrets made once under var/."""

from lib.secrets import made_once

from .base import *
from .base import ALLOWED_HOSTS, VAR_DIR, env

DEBUG = env.bool("DEBUG", default=True)
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
