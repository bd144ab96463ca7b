"""Django's settings, all of them made from the typed configuration."""

from __future__ import annotations

from urllib.parse import urlsplit

from countersign.server.configuration import load
from countersign.server.console.appearance import APPEARANCE
from countersign.server.project import connections
from countersign.server.project.signing import oidc_keys
from countersign.server.web.logs import logging_settings

COUNTERSIGN = load()

_server, _accounts = COUNTERSIGN.server, COUNTERSIGN.accounts
_tls = COUNTERSIGN.over_tls

SECRET_KEY = COUNTERSIGN.secrets.secret_key.reveal() if COUNTERSIGN.secrets.secret_key else ""
SECRET_KEY_FALLBACKS = [key.reveal() for key in COUNTERSIGN.secrets.previous_secret_keys]
DEBUG = _server.debug
ALLOWED_HOSTS = sorted({urlsplit(origin).hostname or "" for origin in _server.origins})
CSRF_TRUSTED_ORIGINS = list(_server.origins)

ROOT_URLCONF = "countersign.server.project.urls"
ASGI_APPLICATION = "countersign.server.project.asgi.application"
INSTALLED_APPS = [
    "countersign.server.web",
    "countersign.server.accounts",
    "countersign.server.audit",
    "countersign.server.ceremonies",
    "countersign.server.oidc",
    "countersign.server.console.apps.ConsoleConfig",
    "unfold.apps.BasicAppConfig",
    "countersign.server.console.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "allauth.idp.oidc",
    "ninja",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "countersign.server.web.hardening.HardeningMiddleware",
    "countersign.server.web.static_files.StaticFilesMiddleware",
    "countersign.server.web.access_log.AccessLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "countersign.server.accounts.json_bodies.JSONBodiesMiddleware",
    "countersign.server.accounts.middleware.DeviceMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = connections.databases(COUNTERSIGN)
DATABASE_ROUTERS = ["countersign.server.project.routing.CacheRouter"]
CACHES = {"default": connections.cache(COUNTERSIGN)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 300
WHITENOISE_USE_FINDERS = True  # straight from the packages: nothing has to be collected before the first start
LOGGING = logging_settings(_server.log_level)

ENGINE_ROOM = "countersign.server.ceremonies.engine_room.open_room"

globals().update(connections.mail(COUNTERSIGN))
MAIL_TRANSPORT = connections.mail_transport(COUNTERSIGN)
EMAIL_BACKEND = "countersign.server.project.mail.AfterCommitBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = COUNTERSIGN.mail.sender

# Cookies. "__Host-" binds them to this host, to "/" and to TLS (RFC 6265bis); plain http on this machine cannot have it.
_PREFIX = "__Host-" if _tls else ""
SESSION_COOKIE_NAME = f"{_PREFIX}session"
CSRF_COOKIE_NAME = f"{_PREFIX}csrf"
LANGUAGE_COOKIE_NAME = f"{_PREFIX}language"
DEVICE_COOKIE_NAME = f"{_PREFIX}device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _tls
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "countersign.server.oidc.session_store"
SESSION_COOKIE_AGE = 14 * 86_400
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Transport. The proxies must set X-Forwarded-Proto themselves, whatever the client sent: docs/server.md.
SECURE_SSL_REDIRECT = _tls
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _server.trusted_proxies else None
SECURE_HSTS_SECONDS = _server.hsts_seconds if _tls else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = _server.max_request_bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# Recordings are never written to a disk, not even for a moment: `ceremonies.upload_rules` bounds what is held in memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * _server.max_upload_bytes

# Accounts.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["countersign.server.accounts.backends.IdentifierBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "countersign.server.accounts.passwords.SecretPolicy"}]
PASSWORD_HASHERS = ["countersign.server.accounts.hashers.Argon2Hasher"]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
ACCOUNT_ADAPTER = "countersign.server.ceremonies.login.adapter.BiometricAdapter"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _tls else "http"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_VERIFICATION = _accounts.email_verification.value
ACCOUNT_FORMS = {"login": "countersign.server.accounts.login_form.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"email", "phone", "username"}
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_PREVENT_ENUMERATION = True  # signing up tells at the field what is taken, unless every address has to be proved
ACCOUNT_RATE_LIMITS = {
    "login": f"{_accounts.logins_per_minute}/m/ip",
    "login_failed": "5/5m/key",  # codes of second factors; passwords are counted by accounts.guard
    "change_phone": "5/m/user",  # no text message is sent
}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = None  # the person chooses
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "phone", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "countersign.server.accounts.forms.SignUpFields"
ACCOUNT_USERNAME_MIN_LENGTH = 3
ALLAUTH_TRUSTED_PROXY_COUNT = _server.trusted_proxies
HEADLESS_CLIENTS = ("app", "browser")
HEADLESS_SERVE_SPECIFICATION = False
MFA_ADAPTER = "countersign.server.accounts.second_factors.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "Countersign"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _tls
IDP_OIDC_ADAPTER = "countersign.server.oidc.adapter.OIDCAdapter"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = COUNTERSIGN.openid_connect.access_token_seconds
IDP_OIDC_ID_TOKEN_EXPIRES_IN = COUNTERSIGN.openid_connect.id_token_seconds
IDP_OIDC_INTROSPECTION_ENABLED = True
IDP_OIDC_PRIVATE_KEYS = oidc_keys(COUNTERSIGN.secrets)
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = COUNTERSIGN.openid_connect.refresh_token_seconds
USERSESSIONS_ADAPTER = "countersign.server.accounts.adapters.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False
UNFOLD = APPEARANCE

_server.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
