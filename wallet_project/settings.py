"""All settings, from the environment or from `.env`; a value that makes no sense stops the start.

`.env.example` lists every variable with its default. What stands in the environment wins over `.env`.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp import constants as csp
from django.core.exceptions import ImproperlyConfigured

from ledger.exceptions import InvalidCurrency
from ledger.money import check_currency
from wallet_project.environment import (
    address,
    is_any_host,
    is_loopback,
    is_weak,
    money,
    names,
    networks,
    number,
    one_of,
    switch,
    text,
)

BASE_DIR = Path(__file__).resolve().parent.parent

_env_file = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
if _env_file.is_file():
    environ.Env.read_env(str(_env_file))


# --- Who we are -------------------------------------------------------------------------------------------------------

DEBUG = switch("DJANGO_DEBUG", default=False)
SECRET_KEY = text("DJANGO_SECRET_KEY")
HOST = address("HOST", "127.0.0.1")
PORT = number("PORT", 3000, low=1, high=65535)
WORKERS = number("WORKERS", min(os.cpu_count() or 1, 4), low=1, high=64)
THREADS = number("THREADS", 4, low=1, high=256)
ALLOWED_HOSTS = names("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# Proxies in front of the service, whose X-Forwarded-For and X-Forwarded-Proto are believed. Nobody else's are.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")

# --- Who may call the API ---------------------------------------------------------------------------------------------

_on_this_machine_only = is_loopback(HOST) and not TRUSTED_PROXIES  # which let others in
# Open on a developer's own machine, so that the calls work as the documentation prints them; closed everywhere else.
API_OPEN = switch("API_OPEN", default=DEBUG and _on_this_machine_only)
# What a key without a limit of its own may do, and how many operations of a client may fail.
REQUESTS_PER_MINUTE = number("REQUESTS_PER_MINUTE", 6000, low=1, high=10_000_000)
FAILURES_PER_MINUTE = number("FAILURES_PER_MINUTE", 600, low=1, high=10_000_000)
# Where that is counted: file:///PATH, which all processes of one machine share, or redis://HOST:PORT/0 for several.
LIMITS_URL = text("LIMITS_URL", f"file://{BASE_DIR}/var/limits.sqlite3")
if not LIMITS_URL.startswith(("file:///", "redis://", "rediss://")):
    raise ImproperlyConfigured("LIMITS_URL must be file:///PATH or redis://HOST:PORT/0.")

# --- What is not started by accident ----------------------------------------------------------------------------------

_ACCEPTED = set(names("ACCEPTED_RISKS", ""))
_RISKS = {
    "open-api": (
        API_OPEN and not (DEBUG and _on_this_machine_only),
        "The API would be open: who reaches HOST could move money. Leave API_OPEN out and make keys: manage.py api_key",
    ),
    "debug": (
        DEBUG and not _on_this_machine_only,
        f"DJANGO_DEBUG is true and HOST is {HOST}: others could read this process from its error pages",
    ),
    "any-host": (
        any(map(is_any_host, ALLOWED_HOSTS)),
        "DJANGO_ALLOWED_HOSTS lets in any host: links in the admin could be made to lead anywhere. Name the hosts",
    ),
    "any-proxy": (
        any(network.prefixlen == 0 for network in TRUSTED_PROXIES),
        "TRUSTED_PROXIES names everybody: callers could say any address of theirs, or HTTPS. Name the proxies",
    ),
    "weak-secret": (
        not DEBUG and is_weak(SECRET_KEY),
        "DJANGO_SECRET_KEY is weak: sessions of the admin could be forged. Make one: openssl rand -hex 32",
    ),
}
if _unknown := _ACCEPTED - set(_RISKS):
    raise ImproperlyConfigured(f"ACCEPTED_RISKS knows {', '.join(_RISKS)}, not {', '.join(sorted(_unknown))}.")
for _name, (_there, _sentence) in _RISKS.items():
    if _there and _name not in _ACCEPTED:
        raise ImproperlyConfigured(f"{_sentence}; or accept it in as many words: ACCEPTED_RISKS={_name}.")

# --- Money ------------------------------------------------------------------------------------------------------------

WALLET_CURRENCY = text("WALLET_CURRENCY", "INR")
try:
    check_currency(WALLET_CURRENCY)
except InvalidCurrency:
    raise ImproperlyConfigured(
        f"WALLET_CURRENCY must be an ISO 4217 code such as INR, not {WALLET_CURRENCY!r}."
    ) from None
# How much any wallet of that currency may move and hold, unless its own limits say otherwise; None: no limit.
WALLET_LIMITS = {
    "amount": money("WALLET_AMOUNT_LIMIT"),
    "daily": money("WALLET_DAILY_LIMIT"),
    "monthly": money("WALLET_MONTHLY_LIMIT"),
    "balance": money("WALLET_BALANCE_LIMIT"),
}

# Whether operations that come at once, each in its own request, share a commit; how many may wait for one.
GROUP_COMMIT = switch("GROUP_COMMIT", default=True)
GROUP_COMMIT_QUEUE = number("GROUP_COMMIT_QUEUE", 1000, low=1, high=100_000)

# What one person, or one API client, may adjust or reverse at once, in the wallet's currency; above it, it takes two.
WALLET_APPROVAL_LIMIT = money("WALLET_APPROVAL_LIMIT", "10000")

# --- Database ---------------------------------------------------------------------------------------------------------

# A lock is waited for this long, then the whole posting is tried again.
LOCK_WAIT_SECONDS = 3


# After this long a statement is given up, so that no question can keep the database busy. `serve` sets it; 0 is never.
STATEMENT_SECONDS = number("DATABASE_STATEMENT_SECONDS", 0, low=0, high=3600)


def _sqlite(url: str) -> dict[str, Any]:
    path = url.removeprefix("sqlite:///")
    if not path or path == url or ":memory:" in path:
        raise ImproperlyConfigured(
            f"DATABASE_URL must name a file, as in sqlite:///var/wallet.sqlite3, not {url!r}: "
            "several processes serve the same database."
        )
    return {
        "ENGINE": "wallet_project.sqlite",
        "NAME": str(BASE_DIR / path),
        "OPTIONS": {
            # SQLite has no row locks: taking the write lock when a transaction begins is what orders the postings.
            "transaction_mode": "IMMEDIATE",
            "timeout": LOCK_WAIT_SECONDS,
            # FULL: an acknowledged commit survives a power cut. recursive_triggers: without it, REPLACE deletes
            # a row without asking the triggers that forbid it.
            "init_command": "PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON",
        },
    }


def _statement_limit() -> str:
    """What makes the server give up a statement: MariaDB and MySQL each know it by a name, and a unit, of their own.

    Each skips the other's comment: https://mariadb.com/kb/en/comment-syntax/.
    """
    if not STATEMENT_SECONDS:
        return ""
    mariadb = f"/*M!100100 , max_statement_time={STATEMENT_SECONDS} */"
    return f"{mariadb} /*!80000 , max_execution_time={STATEMENT_SECONDS * 1000} */"


def _mysql(url: str) -> dict[str, Any]:
    try:
        import MySQLdb  # noqa: F401  (asked here only to say clearly what is missing)
    except ImportError as error:
        raise ImproperlyConfigured(
            "DATABASE_URL names a MySQL server, but its driver, mysqlclient, is not installed. Install what it is "
            "built with (apt-get install build-essential python3-dev pkg-config default-libmysqlclient-dev), "
            "then the driver: .venv/bin/pip install -r requirements-run.txt"
        ) from error
    try:
        config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    except ValueError:  # a port that is no number
        config = {}
    if not config.get("NAME") or not config.get("HOST"):
        raise ImproperlyConfigured("DATABASE_URL must be mysql://USER:PASSWORD@HOST:PORT/DATABASE.")
    config["ENGINE"] = "wallet_project.mysql"
    session = [
        f"innodb_lock_wait_timeout={LOCK_WAIT_SECONDS}",
        "sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
    ]
    config["OPTIONS"] = {
        "charset": "utf8mb4",
        "connect_timeout": 5,
        "isolation_level": "read committed",
        "init_command": f"SET {', '.join(session)}{_statement_limit()}",
        **config.get("OPTIONS", {}),
    }
    # Only the service sets this: a migration of a large table may well be silent for longer.
    if read_timeout := number("DATABASE_READ_TIMEOUT", 0, low=0, high=3600):
        config["OPTIONS"] |= {"read_timeout": read_timeout, "write_timeout": read_timeout}
    return config


def _database(url: str) -> dict[str, Any]:
    if url.startswith("sqlite:"):
        config = _sqlite(url)
    elif url.startswith("mysql:"):
        config = _mysql(url)
    else:
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with sqlite:/// or mysql://, as in sqlite:///var/wallet.sqlite3 "
            "or mysql://USER:PASSWORD@HOST:PORT/DATABASE."
        )
    return config | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}


DATABASES = {"default": _database(text("DATABASE_URL", "sqlite:///var/wallet.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Django -----------------------------------------------------------------------------------------------------------

ROOT_URLCONF = "wallet_project.urls"
WSGI_APPLICATION = "wallet_project.wsgi.application"
AUTH_USER_MODEL = "accounts.Staff"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "wallet_project.formats"

INSTALLED_APPS = [
    "wallet_project.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "accounts",
    "ledger",
    "wallets",
    "wallet_project",
]

MIDDLEWARE = [
    "wallet_project.api.request_id.middleware",
    "wallet_project.api.proxies.trusted_proxies",
    "wallet_project.api.request_id.origin",
    "wallet_project.api.middleware.wary",
    "wallet_project.pages.Policy",
    "wallet_project.api.middleware.whole_bodies",
    "wallet_project.api.middleware.errors_in_one_shape",
    "django.middleware.security.SecurityMiddleware",
    "wallet_project.pages.StaticFiles",
    "wallet_project.pages.Sessions",
    "wallet_project.pages.Common",
    "django.middleware.csrf.CsrfViewMiddleware",
    "wallet_project.pages.Staff",
    "wallet_project.pages.SecondFactors",
    "wallet_project.pages.Messages",
    "axes.middleware.AxesMiddleware",  # the last, as its documentation says
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Signing in to the back office ------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Five wrong passwords for a name, or from an address, and neither may try again for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "wallet_project.back_office.locked_out"
AXES_CLIENT_IP_CALLABLE = "wallet_project.api.proxies.address_of"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
# Whether staff without a second factor are let no further than the page that gives them one.
SECOND_FACTOR_REQUIRED = switch("SECOND_FACTOR_REQUIRED", default=False)
OTP_TOTP_ISSUER = "Mini Wallet Service"
SESSION_COOKIE_AGE = number("SESSION_HOURS", 8, low=1, high=24 * 14) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
# Without a collected folder the files are served from the packages they came in.
WHITENOISE_USE_FINDERS = not STATIC_ROOT.is_dir()
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS

# --- HTTPS ------------------------------------------------------------------------------------------------------------

_https = switch("DJANGO_HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
# This service speaks for its own host, not for all subdomains, nor for a browser's preloaded list.
# X-Frame-Options is on every reply, by our own middleware (W002).
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W005", "security.W021"]
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
if _https:  # a browser takes a cookie so named from this very host only, over HTTPS
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
if TRUSTED_PROXIES:  # whose header alone gets as far as this
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- What a browser may do with our pages -----------------------------------------------------------------------------

_no = [csp.NONE]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": _no,
        "script-src": [csp.SELF],
        "style-src": [csp.SELF],
        "img-src": [csp.SELF, "data:"],  # Swagger UI's icons, the QR code of a second factor
        "connect-src": [csp.SELF],
        "font-src": [csp.SELF],
        "form-action": [csp.SELF],
        "base-uri": _no,
        "frame-ancestors": _no,
        "object-src": _no,
    }
}

# --- REST API ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": ["wallet_project.api.exact_json.ExactJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["wallet_project.api.exact_json.ExactJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "wallet_project.api.exact_json.AlwaysJSON",
    # Whoever adds a view without saying more has one that is closed.
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.authentication.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.authentication.RequestsPerMinute"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "accounts.api.schemes.ScopedSchema",
    "EXCEPTION_HANDLER": "wallet_project.api.errors.answer_error",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Mini Wallet Service",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Users, one wallet per user, credits and debits; transfers, holds, reversals, limits, batches.\n\n"
        "A `referenceId` names one operation for ever: sending it again answers the stored outcome again, with the "
        "header `Idempotent-Replayed: true`, and moves nothing. Send `Accept: application/problem+json` to get "
        "errors as RFC 9457 problem details."
    ),
    # The order in which a reader meets them.
    "TAGS": [
        {"name": name}
        for name in ("Users", "Wallets", "Transfers", "Holds", "Transactions", "Batches", "Oversight", "Health")
    ],
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "displayRequestDuration": True, "validatorUrl": None},
    "POSTPROCESSING_HOOKS": ["wallet_project.api.schema.complete"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# --- Logs -------------------------------------------------------------------------------------------------------------

LOG_LEVEL = one_of("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "wallet_project.api.request_id.LogFilter"},
        "too_many": {"()": "wallet_project.refusals.OneLineASecond"},
    },
    "formatters": {
        "line": {
            "()": "wallet_project.api.request_id.DiscreetFormatter",
            "fmt": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A mistake of the caller (4xx) is answered, and not logged.
        "django.request": {"level": "ERROR", "filters": ["too_many"]},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # They tell of each letter of a statement.
        "fontTools": {"level": "WARNING"},
        "fpdf": {"level": "WARNING"},
    },
}
