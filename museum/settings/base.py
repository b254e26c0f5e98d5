"""Every setting, read from the environment (or a `.env` file beside manage.py) and checked here.

`.env.example` lists them all. A wrong value stops start-up with a sentence that says the mend.
"""

import math
import re
import secrets
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from museum import __version__

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")


def _secret(name: str, default: str = "") -> str:
    """Read `name`, or the file that `name`_FILE names: where containers are handed secrets."""
    path = env.str(f"{name}_FILE", "")
    if not path:
        return str(env.str(name, default))
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE={path!r}: cannot be read; name a text file that this user may read"
        ) from error


def _number(name: str, default: float, mend: str, least: float = 0.0) -> float:
    # django-environ drops what it cannot read from a number ("1 second" would be 1).
    try:
        value = float(env.str(name, str(default)))
    except ValueError:
        value = math.nan
    if not least <= value < math.inf:
        raise ImproperlyConfigured(f"{name}={env.str(name)!r}: {mend}")
    return value


def _seconds(name: str, default: float, least: float = 0.0) -> float:
    mend = f"give a number of seconds, {least:g} or more, such as {default:g}"
    return _number(name, default, mend, least)


def _count(name: str, default: int, least: int = 1) -> int:
    return int(_number(name, default, f"give a whole number such as {default}", least=least))


def _rates(name: str, default: str) -> tuple[tuple[int, int], ...]:
    """Return (requests, seconds) of each rate, shortest first; none for "off"."""
    value = env.str(name, default).lower().replace(" ", "")
    if value == "off":
        return ()
    spans = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
    rates = [re.fullmatch(r"([1-9]\d{0,8})/(second|minute|hour|day)", e) for e in value.split(",")]
    found = [(int(rate[1]), spans[rate[2]]) for rate in rates if rate]
    if not len({seconds for _, seconds in found}) == len(rates) <= 2:
        raise ImproperlyConfigured(
            f"{name}={value!r}: give off, or one or two rates such as 120/minute,20000/day"
        )
    return tuple(sorted(found, key=lambda rate: rate[1]))


def _percent(name: str, default: float) -> float:
    value = _number(name, default, "give a percentage from 0 to 100")
    if value > 100:
        raise ImproperlyConfigured(f"{name}={value:g}: give a percentage from 0 to 100")
    return value


def _hour(name: str, default: str) -> int | None:
    value = env.str(name, default).lower()
    if value == "off":
        return None
    if not value.isdecimal() or int(value) > 23:
        raise ImproperlyConfigured(f"{name}={value!r}: give an hour from 0 to 23, or off")
    return int(value)


def _flag(name: str, default: str = "false") -> bool:
    value = env.str(name, default).lower()
    if value not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name}={value!r}: give true or false")
    return value in {"true", "1", "yes", "on"}


def _url(name: str, default: str, schemes: tuple[str, ...]) -> str:
    value = _secret(name, default)
    if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).netloc):
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        shown = "" if "@" in value else f"={value!r}"  # what may hold a password is not repeated
        raise ImproperlyConfigured(f"{name}{shown}: give a URL that starts with {starts}")
    return value


def _secret_key(hosts: list[str]) -> str:
    """Take SECRET_KEY, or keep one of our own under DATA_DIR as long as only this machine asks."""
    if key := _secret("SECRET_KEY"):
        if len(key) < 32:
            raise ImproperlyConfigured(
                "SECRET_KEY is too short: give at least 32 random characters"
            )
        return key
    if not set(hosts) <= LOOPBACK_HOSTS:
        raise ImproperlyConfigured(
            "SECRET_KEY is unset while ALLOWED_HOSTS names public hosts: set it to 50 random "
            "characters (python -c 'import secrets; print(secrets.token_urlsafe(50))')"
        )
    path = DATA_DIR / "secret-key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            partial = path.with_name(f"secret-key.{secrets.token_hex(4)}")
            partial.touch(mode=0o600)
            partial.write_text(secrets.token_urlsafe(50))
            partial.rename(path)
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATA_DIR={str(DATA_DIR)!r}: cannot keep files there ({error.strerror}); name a "
            "folder that this user may write, or set SECRET_KEY"
        ) from error


# --- Where things are -----------------------------------------------------------------------------
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_URL = "/static/"

# --- Who may ask ----------------------------------------------------------------------------------
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
DEBUG = _flag("DEBUG")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted(LOOPBACK_HOSTS))
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECRET_KEY = _secret_key(ALLOWED_HOSTS)
SITE_URL = _url("SITE_URL", "http://127.0.0.1:8000", ("http", "https")).rstrip("/")
HTTPS = SITE_URL.startswith("https://")
# Proxies of ours that each add one address to X-Forwarded-For; 0: that header is not believed.
NUM_PROXIES = _count("NUM_PROXIES", 0, least=0)
# Requests of one address (of one token), in a burst and sustained. Where only this machine asks,
# nobody is to be kept in bounds, and a benchmark is no flood.
IS_PUBLIC = not set(ALLOWED_HOSTS) <= LOOPBACK_HOSTS
_boundless = "1000000/minute,100000000/day"
THROTTLE_PAGES = _rates("THROTTLE_PAGES", "120/minute,10000/day" if IS_PUBLIC else _boundless)
THROTTLE_ANONYMOUS = _rates(
    "THROTTLE_ANONYMOUS", "120/minute,10000/day" if IS_PUBLIC else _boundless
)
THROTTLE_TOKEN = _rates("THROTTLE_TOKEN", "1200/minute,200000/day" if IS_PUBLIC else _boundless)
# Attempts to sign in to the admin, of one address and (the first rate) for one name.
THROTTLE_SIGN_IN = _rates("THROTTLE_SIGN_IN", "10/minute,100/day" if IS_PUBLIC else _boundless)
# Requests that one web process works at, and that wait for it; others are answered 503.
REQUESTS_AT_ONCE = _count("REQUESTS_AT_ONCE", 4)
REQUESTS_WAITING = _count("REQUESTS_WAITING", 16, least=0)

# --- Database, broker, cache ----------------------------------------------------------------------
_database_url = _url("DATABASE_URL", "", ("postgres", "postgresql"))
EMBEDDED_DATABASE = not _database_url
if EMBEDDED_DATABASE:
    _database: dict[str, Any] = {
        "ENGINE": "museum.core.database.embedded",
        "NAME": "ekphrasis",
        "USER": "postgres",
        "DATA_DIR": str(DATA_DIR / "postgres"),
        "TEST": {"TEMPLATE": "ekphrasis_template"},
    }
else:
    _database = {**env.db_url_config(_database_url), "ENGINE": "django.db.backends.postgresql"}
# A server that the network has lost says nothing; the kernel waits a quarter of an hour for it.
_PATIENCE = {
    "connect_timeout": 5,  # seconds, as those of keepalives
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
# Just-in-time compilation costs more than it gives on queries of a few milliseconds.
_database["OPTIONS"] = {"options": "-c jit=off", **_PATIENCE, **_database.get("OPTIONS", {})}
_database["CONN_MAX_AGE"] = 60
_database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
# A streaming replica that answers searches (museum/core/database/read_replica.py).
if _replica_url := _url("DATABASE_REPLICA_URL", "", ("postgres", "postgresql")):
    _replica: dict[str, Any] = {
        **env.db_url_config(_replica_url),
        **{name: _database[name] for name in ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS")},
        "ENGINE": "django.db.backends.postgresql",
        "TEST": {"MIRROR": "default"},
    }
    _replica["OPTIONS"] = {"options": "-c jit=off", **_PATIENCE, **_replica.get("OPTIONS", {})}
    DATABASES["replica"] = _replica
DATABASE_ROUTERS = ["museum.core.database.read_replica.ReplicaRouter"]

REDIS_URL = _url("REDIS_URL", "", ("redis", "rediss", "unix"))
_cache: dict[str, Any] = {
    "BACKEND": "museum.core.caching.redis_cache.LocalCache",
    # Two thousand searches, each with its vector, its answer and what is said of it: fifty
    # megabytes a process. The default is 300 entries.
    "OPTIONS": {"MAX_ENTRIES": 6_000},
    # Two releases that run beside each other during an upgrade share no entries.
    "VERSION": __version__,
}
if REDIS_URL:
    _cache = {
        "BACKEND": "museum.core.caching.redis_cache.SharedCache",
        "LOCATION": REDIS_URL,
        "VERSION": __version__,
    }
# Counts of requests stand apart, so that many visitors push nothing else out of local memory.
_counts: dict[str, Any] = {**_cache, "KEY_PREFIX": "throttle"}
if not REDIS_URL:
    _counts |= {"LOCATION": "throttles", "OPTIONS": {"MAX_ENTRIES": 100_000}}
CACHES = {"default": _cache, "throttles": _counts}

# Without Redis the same tasks run in the process that asks for them.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True
# Whoever can write to the broker must not be able to run code: no pickle.
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 30 * 60
CELERY_TASK_TIME_LIMIT = 35 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Seconds; without them a Redis that hangs is waited for without end.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 30, "socket_connect_timeout": 5}
CELERY_TASK_DEFAULT_QUEUE = "metadata"
CELERY_TASK_ROUTES = {
    "ingest.tasks.fetch_images": {"queue": "images"},
    "search.tasks.*": {"queue": "embed"},
}
CELERY_TIMEZONE = "UTC"

# --- The Art Institute of Chicago -----------------------------------------------------------------
AIC_BASE_URL = _url("AIC_BASE_URL", "https://api.artic.edu/api/v1", ("http", "https")).rstrip("/")
AIC_CONTACT = env.str("AIC_CONTACT", "")
AIC_API_INTERVAL = _seconds("AIC_API_INTERVAL", 1.0)
AIC_IMAGE_INTERVAL = _seconds("AIC_IMAGE_INTERVAL", 1.0)
AIC_TIMEOUT = _seconds("AIC_TIMEOUT", 30.0, least=1.0)
# How long a picture host is left alone that has refused again and again.
AIC_BREAKER_WAIT = _seconds("AIC_BREAKER_WAIT", 1800.0)
# An incremental run reads this many seconds further back than the newest record it knows.
INGEST_OVERLAP = _seconds("INGEST_OVERLAP", 3600.0)
# A sweep that would withdraw more than this share of a source's works asks a human instead.
SWEEP_LIMIT = _percent("SWEEP_LIMIT", 3.0)
# Hour (UTC) of the nightly run that Celery beat starts; six hours after it, on Sundays, a sweep.
NIGHTLY_INGEST = _hour("NIGHTLY_INGEST", "3")
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "resend-steps": {"task": "ingest.tasks.resend_steps", "schedule": 60.0},
}
if NIGHTLY_INGEST is not None and AIC_CONTACT:
    CELERY_BEAT_SCHEDULE |= {
        "nightly-ingest": {
            "task": "ingest.tasks.nightly",
            "schedule": crontab(hour=NIGHTLY_INGEST, minute=0),
        },
        "weekly-sweep": {
            "task": "ingest.tasks.weekly_sweep",
            "schedule": crontab(hour=(NIGHTLY_INGEST + 6) % 24, minute=0, day_of_week=0),
        },
    }
# What Celery beat asks of the vector indexes at night, and below which recall@10 it is an alarm.
CELERY_BEAT_SCHEDULE["recall-probe"] = {
    "task": "operations.tasks.probe_recall",
    "schedule": crontab(hour=((NIGHTLY_INGEST or 0) + 2) % 24, minute=30),
}
RECALL_FLOOR = _percent("RECALL_FLOOR", 95.0) / 100
# Who knows it may read /metrics. Without one nobody may, once others than this machine can ask.
METRICS_TOKEN = _secret("METRICS_TOKEN")
# Where traces go (museum/core/observability/tracing.py).
OTEL_EXPORTER_OTLP_ENDPOINT = _url("OTEL_EXPORTER_OTLP_ENDPOINT", "", ("http", "https"))
# Hosts whose IIIF pictures visitors' browsers load directly; other pictures are served by us.
IIIF_HOSTS = env.list("IIIF_HOSTS", default=["https://www.artic.edu"])

# --- The query log --------------------------------------------------------------------------------
QUERY_LOG = _flag("QUERY_LOG", "on")
QUERY_LOG_DAYS = _count("QUERY_LOG_DAYS", 90)
# Celery looks for tasks in modules of that name; this one is elsewhere.
CELERY_IMPORTS = ["search.querylog"]
CELERY_BEAT_SCHEDULE["purge-query-log"] = {
    "task": "search.querylog.purge",
    "schedule": crontab(hour=4, minute=30),
}

# --- Models ---------------------------------------------------------------------------------------
EMBED_BATCH_SIZE = _count("EMBED_BATCH_SIZE", 32)
MODEL_CACHE_DIR = env.str("MODEL_CACHE_DIR", str(DATA_DIR / "models"))
# Queries are encoded by ONNX Runtime from what is exported here; "torch" is for models that cannot
# be exported, and costs each web process a gigabyte.
EXPORT_DIR = env.str("EXPORT_DIR", str(DATA_DIR / "onnx"))
QUERY_ENCODER = env.str("QUERY_ENCODER", "onnx")
if QUERY_ENCODER not in {"onnx", "torch"}:
    raise ImproperlyConfigured(f"QUERY_ENCODER={QUERY_ENCODER!r}: give onnx or torch")
ENCODER_THREADS = _count("ENCODER_THREADS", 1)

# --- Django ---------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "museum.apps.CurationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "simple_history",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "museum",
    "search",
    "ingest",
    "training",
    "operations",
]
MIDDLEWARE = [
    "museum.core.observability.health.AliveMiddleware",
    "museum.core.observability.metrics.RequestMiddleware",
    "museum.core.http.security_headers.HeadersMiddleware",
    "museum.core.http.cors.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "museum.core.http.load_shedding.OverloadMiddleware",
    "museum.core.http.compression.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "museum.core.database.read_replica.ReplicaMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "museum.core.http.language.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "museum.core.http.outage.OutageMiddleware",
]
ROOT_URLCONF = "museum.urls"
WSGI_APPLICATION = "museum.wsgi.application"
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
                "museum.pages.home.context",
            ]
        },
    }
]
TESTING = "pytest" in sys.modules
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Tests and DEBUG need no `collectstatic` first.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
if PICTURE_BUCKET := env.str("PICTURE_BUCKET", ""):
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "PICTURE_BUCKET is set, and django-storages is not installed: pip install '.[s3]', or "
            "unset it to keep pictures under DATA_DIR"
        )
    # Keys come from where S3 clients look for them: AWS_ACCESS_KEY_ID and its like, or the machine.
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": PICTURE_BUCKET,
            "endpoint_url": env.str("PICTURE_BUCKET_URL", "") or None,
            "region_name": env.str("PICTURE_BUCKET_REGION", "") or None,
        },
    }
STATICFILES_FINDERS = [
    "museum.core.static_finders.JoinedStylesheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = DEBUG or TESTING
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The admin ------------------------------------------------------------------------------------
ADMIN_REQUIRE_2FA = _flag("ADMIN_REQUIRE_2FA")
OTP_TOTP_ISSUER = "Ekphrasis"
# History is there to be read; what was there before is written again like anything else.
SIMPLE_HISTORY_REVERT_DISABLED = True

# --- The REST API ---------------------------------------------------------------------------------
# How long a browser or a proxy may keep an answer before it asks again.
API_CACHE_SECONDS = int(_seconds("API_CACHE_SECONDS", 60))
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # `format=` is a parameter like any other, and a wrong one is named.
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ekphrasis",
    "DESCRIPTION": "Describe a picture, find the artwork.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "search.api.openapi.add_request_body",
    ],
}

# --- Security -------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The nonce is for JSON-LD, which is data, but which browsers may hold to be a script.
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF, *IIIF_HOSTS],
        # Blurred placeholders (LQIP) are data URIs.
        "img-src": [SELF, "data:", *IIIF_HOSTS],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^readyz$"]  # probes speak plain HTTP
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# HSTS preload is for the owner of a whole domain to ask for, at hstspreload.org.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if _flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    raise ImproperlyConfigured(
        f"LOG_LEVEL={LOG_LEVEL!r}: give DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
LOG_FORMAT = env.str("LOG_FORMAT", "text").lower()
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r}: give text or json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "museum.core.observability.log_formatters.TextFormatter"},
        "json": {"()": "museum.core.observability.log_formatters.JsonFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        app: {"level": LOG_LEVEL}
        for app in ("museum", "ingest", "search", "training", "operations")
    },
}
