"""All settings, from top to bottom; docs/deploy.md lists the variables.

JIXIAO_MODE is ``development`` (the default: demo, tests, this machine only) or
``production``, which refuses to start without a secret key and host names.
"""

from pathlib import Path

import pghistory
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import embedded_postgres, file_storage, logs
from config.database_links import link
from config.environment import required, text, whole_number, words, yes_or_no

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(text("JIXIAO_DATA") or BASE_DIR / ".data")

MODE = text("JIXIAO_MODE", "development")
if MODE not in ("development", "production"):
    raise ImproperlyConfigured(f"JIXIAO_MODE must be development or production, not {MODE!r}")
PRODUCTION = MODE == "production"

DEBUG = yes_or_no("JIXIAO_DEBUG", default=False) and not PRODUCTION
SECRET_KEY = required("JIXIAO_SECRET_KEY") if PRODUCTION else "development-only-" + "k" * 50
ALLOWED_HOSTS = words("JIXIAO_HOSTS") if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("JIXIAO_HOSTS must name the host when JIXIAO_MODE=production")

INSTALLED_APPS = [
    "declarations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "config.apps.StaticFiles",
    "django.forms",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "declarations.views.watching.Watch",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "declarations.views.middleware.RefuseTooLarge",
    "declarations.views.public_middleware.ReadWithoutCookies",
    "declarations.views.account_middleware.KnowOrigin",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "declarations.views.account_middleware.EndIdleSession",
    "declarations.views.middleware.AskToLogIn",
    "declarations.views.account_middleware.AccountInOrder",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["declarations.views.template_filters", "declarations.views.navigation"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database: DATABASE_URL, or our own PostgreSQL under .data/postgres. "owner" migrates, and
# "default" is what the application may do (config/database_roles.py).
DATABASE_URL, OWNER_URL = text("DATABASE_URL"), text("DATABASE_OWNER_URL")
if not DATABASE_URL:
    DATABASE_URL, OWNER_URL = embedded_postgres.start(DATA_DIR / "postgres")
DATABASES = {
    "default": {
        **link(DATABASE_URL, conn_max_age=60, conn_health_checks=PRODUCTION),
        "ATOMIC_REQUESTS": False,  # a write is one transaction in one domain function
    },
    "owner": {**link(OWNER_URL or DATABASE_URL), "TEST": {"MIRROR": "default"}},
}
DATABASE_ROUTERS = ["config.database_router.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PGHISTORY_APPEND_ONLY = True
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()

# Who may enter: everything needs a login unless a view says otherwise.
AUTH_USER_MODEL = "declarations.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "declarations.views.authentication.Backend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "declarations.domain.passwords.Complexity"},
    {"NAME": "declarations.domain.passwords.NotUsedLately"},
    {"NAME": "declarations.domain.passwords.NotTheName"},
    {"NAME": "declarations.domain.passwords.NotCommon"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "declarations.views.accounts.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying again does not prolong it
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "declarations.views.addresses.client_ip"
PROXIES = whole_number("JIXIAO_PROXIES", 0)
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
OTP_TOTP_ISSUER = "绩效申报"

SESSION_ENGINE = "declarations.views.session_store"
SESSION_COOKIE_AGE = whole_number("JIXIAO_SESSION_SECONDS", 8 * 60 * 60)
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_FAILURE_VIEW = "declarations.views.errors.csrf_failure"

SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# Where people reach this: for the links in e-mails.
ADDRESS = text(
    "JIXIAO_ADDRESS",
    f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else f"http://localhost:{text('PORT', '8000')}",
).rstrip("/")

# E-mail: none is sent unless JIXIAO_SMTP_HOST names a server.
EMAIL_HOST = text("JIXIAO_SMTP_HOST")
SMTP_TLS = text("JIXIAO_SMTP_TLS", "starttls")
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}
if SMTP_TLS not in SMTP_PORTS:
    raise ImproperlyConfigured(f"JIXIAO_SMTP_TLS must be starttls, tls or none, not {SMTP_TLS!r}")
EMAIL_PORT = whole_number("JIXIAO_SMTP_PORT", SMTP_PORTS[SMTP_TLS])
EMAIL_HOST_USER = text("JIXIAO_SMTP_USER")
EMAIL_HOST_PASSWORD = text("JIXIAO_SMTP_PASSWORD")
EMAIL_USE_TLS = SMTP_TLS == "starttls"
EMAIL_USE_SSL = SMTP_TLS == "tls"
EMAIL_TIMEOUT = 30  # seconds
DEFAULT_FROM_EMAIL = text("JIXIAO_SMTP_FROM", f"jixiao@{ALLOWED_HOSTS[0]}")

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = text("JIXIAO_TIME_ZONE", "Asia/Shanghai")
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "Y年n月j日"
DATETIME_FORMAT = "Y年n月j日 H:i"

STATIC_URL = "static/"
STATIC_ROOT = Path(text("JIXIAO_STATIC") or BASE_DIR / "static" / "collected")
STATICFILES_DIRS = [
    BASE_DIR / "static" / "app",
    ("vendor", BASE_DIR / "static" / "node_modules" / "htmx.org" / "dist"),
]

# Published files and batches. They are reached through views only: there is no MEDIA_URL.
STORAGES = {
    "default": file_storage.storage(
        text("JIXIAO_STORAGE"),
        folder=DATA_DIR / "files",
        key=text("JIXIAO_STORAGE_KEY"),
        secret=text("JIXIAO_STORAGE_SECRET"),
    ),
    "staticfiles": {
        "BACKEND": "config.storage.ModuleStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # a pasted block of 500 rows fits many times
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
LARGEST_WORKBOOK = 10 * 1024 * 1024
LARGEST_REQUEST = LARGEST_WORKBOOK + 1024 * 1024  # with the form around it; nothing larger is read
LARGEST_VERIFIED = 10 * 1024 * 1024  # what is published is far smaller

# Where the web server serves stored files from, by X-Accel-Redirect (docs/deploy.md); "": we do.
ACCEL = text("JIXIAO_ACCEL")

# Evidence files: each, of one item, of one declaration, and at once.
EVIDENCE_LARGEST = whole_number("JIXIAO_EVIDENCE_FILE_MB", 20) * 2**20
EVIDENCE_MOST_FILES = whole_number("JIXIAO_EVIDENCE_FILES", 20)
EVIDENCE_MOST_BYTES = whole_number("JIXIAO_EVIDENCE_MB", 200) * 2**20
EVIDENCE_LARGEST_REQUEST = 3 * EVIDENCE_LARGEST + 1024 * 1024

# Never to a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = max(LARGEST_REQUEST, EVIDENCE_LARGEST_REQUEST)

LOGGING = logs.settings(production=PRODUCTION)
PROCRASTINATE_WORKER_DEFAULTS = {"worker_middleware": [logs.name_the_job]}

# Who may read /metrics/: nobody unless it is set. And where `manage.py backup` keeps its backups,
# whose age is one of the metrics.
METRICS_TOKEN = text("JIXIAO_METRICS_TOKEN")
BACKUPS = text("JIXIAO_BACKUPS")
