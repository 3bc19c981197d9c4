"""Django settings, all from the environment.

CONFIANZA_WORKSPACE      the SQLite file (default `confianza.sqlite3` in the current folder)
CONFIANZA_DATABASE_URL   a PostgreSQL address instead of that file
CONFIANZA_ARCHIVE        folder of imported and uploaded files (default: beside the SQLite file, named after it)
CONFIANZA_IDENTITY_KEY   file of the keys that open sealed identities (default: beside the SQLite file, named after it)
CONFIANZA_RULES          folder of editions of the case process beside the shipped ones
CONFIANZA_TRAINING_RULES TOML file of rules for training rows, tried before the shipped ones
CONFIANZA_SECRET_KEY     signs sessions; without it each start makes its own, and sessions end with it
CONFIANZA_ALLOWED_HOSTS  host names beside loopback, separated by commas
CONFIANZA_PROXY          address of the HTTPS proxy in front of `confianza serve`: its word on scheme and client is taken
CONFIANZA_HTTPS          1 when the pages are reached through HTTPS (so with a proxy, unless 0): cookies and browsers
                         then keep to it
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

HERE = Path(__file__).parent

SECRET_KEY = os.environ.get("CONFIANZA_SECRET_KEY") or secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, os.environ.get("CONFIANZA_ALLOWED_HOSTS", "").split(",")),
]

if url := os.environ.get("CONFIANZA_DATABASE_URL"):
    DATABASES = {"default": dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("CONFIANZA_WORKSPACE", "confianza.sqlite3"),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    }
START_JOB_WORKER = os.environ.get("CONFIANZA_JOB_WORKER", "1") == "1"  # 0: others run `confianza jobs work`
TRAINING_RULES = os.environ.get("CONFIANZA_TRAINING_RULES")
ARCHIVE_FOLDER = Path(
    os.environ.get("CONFIANZA_ARCHIVE") or f"{DATABASES['default']['NAME']}.archive"
).absolute()
IDENTITY_KEY = Path(
    os.environ.get("CONFIANZA_IDENTITY_KEY") or f"{DATABASES['default']['NAME']}.identity-key"
).absolute()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "confianza.server.audit",
    "confianza.server.institutions",
    "confianza.server.people",
    "confianza.server.funds",
    "confianza.server.evidence",
    "confianza.server.relationship",
    "confianza.server.training_reports",
    "confianza.server.indicators",
    "confianza.server.series",
    "confianza.server.events",
    "confianza.server.cases",
    "confianza.server.alumni",
    "confianza.server.training_plans",
    "confianza.server.jobs",
    "confianza.server.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "confianza.server.web.partnership_address.PartnershipAddress",
    "django.middleware.common.CommonMiddleware",
    "confianza.server.web.middleware.PlainText",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "confianza.server.web.middleware.LoginRequired",
    "confianza.server.web.middleware.OwnPasswordFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "confianza.server.web.middleware.ContentSecurityPolicy",
    "confianza.server.web.middleware.MethodPage",
    "axes.middleware.AxesMiddleware",
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
                "confianza.server.web.context.navigation",
            ]
        },
    }
]
ROOT_URLCONF = "confianza.server.web.urls"
WSGI_APPLICATION = "confianza.server.wsgi.application"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "confianza.server.people.backends.DemoBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "confianza.server.people.passwords.HardToGuess"},
]
# Set by `confianza demo` for its own process and loopback only; never stored.
DEMO_PASSWORD: str | None = None

# Guessed passwords: people/throttling.py
AXES_HANDLER = "confianza.server.people.throttling.GuessCounter"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], ["ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "confianza.server.people.throttling.counted_name"
AXES_LOCKOUT_CALLABLE = "confianza.server.web.views.too_many_guesses"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "unsent"]  # what a failed sign-in sent is kept without them

CSRF_FAILURE_VIEW = "confianza.server.web.views.form_expired"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "partnership"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Whether a request came over HTTPS is for the server to say: waitress asks the proxy it trusts, and nobody else.
if os.environ.get("CONFIANZA_HTTPS", "1" if os.environ.get("CONFIANZA_PROXY") else "0") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}
