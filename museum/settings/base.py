"""Settings of the site itself: where it keeps things, what it is made of, and its museum."""

import sys
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from museum import __version__
from museum.settings.env import (
    BASE_DIR,
    DATA_DIR,
    env,
    read_count,
    read_flag,
    read_hour,
    read_percent,
    read_seconds,
    read_url,
)
from museum.settings.security import DEBUG

TESTING = "pytest" in sys.modules

# --- Database -------------------------------------------------------------------------------------
_database_url = read_url("DATABASE_URL", "", ("postgres", "postgresql"))
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
# A server that the network has lost sends nothing; by default the kernel waits for it for a quarter
# of an hour.
_TIMEOUTS = {
    "connect_timeout": 5,  # seconds, as the keepalives
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
# Just-in-time compilation costs more than it saves on queries of a few milliseconds.
_database["OPTIONS"] = {"options": "-c jit=off", **_TIMEOUTS, **_database.get("OPTIONS", {})}
_database["CONN_MAX_AGE"] = 60
_database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
# A streaming replica that answers searches (museum/core/database/read_replica.py).
if _replica_url := read_url("DATABASE_REPLICA_URL", "", ("postgres", "postgresql")):
    _replica: dict[str, Any] = {
        **env.db_url_config(_replica_url),
        **{name: _database[name] for name in ("CONN_MAX_AGE", "CONN_HEALTH_CHECKS")},
        "ENGINE": "django.db.backends.postgresql",
        "TEST": {"MIRROR": "default"},
    }
    _replica["OPTIONS"] = {"options": "-c jit=off", **_TIMEOUTS, **_replica.get("OPTIONS", {})}
    DATABASES["replica"] = _replica
DATABASE_ROUTERS = ["museum.core.database.read_replica.ReplicaRouter"]
# What the replica answers: models of these apps, but for these models.
REPLICA_APPS = {"museum", "search"}
REPLICA_EXCLUDED_MODELS = {"search.apitoken"}  # a revoked token must be refused at once
REPLICA_POST_PATHS = {"/search", "/api/search"}  # forms that only read
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache ----------------------------------------------------------------------------------------
REDIS_URL = read_url("REDIS_URL", "", ("redis", "rediss", "unix"))
_cache: dict[str, Any] = {
    "BACKEND": "museum.core.caching.redis_cache.LocalCache",
    # Two thousand searches, each with its query vector, its answer and the explanations: fifty
    # megabytes a process. Django's default is 300 entries.
    "OPTIONS": {"MAX_ENTRIES": 6_000},
    # During an upgrade two releases run side by side; they must share no entries.
    "VERSION": __version__,
}
if REDIS_URL:
    _cache = {
        "BACKEND": "museum.core.caching.redis_cache.SharedCache",
        "LOCATION": REDIS_URL,
        "VERSION": __version__,
    }
# Request counts have a cache of their own, so that many visitors push nothing else out of memory.
_counts: dict[str, Any] = {**_cache, "KEY_PREFIX": "throttle"}
if not REDIS_URL:
    _counts |= {"LOCATION": "throttles", "OPTIONS": {"MAX_ENTRIES": 100_000}}
CACHES = {"default": _cache, "throttles": _counts}

# --- The Art Institute of Chicago -----------------------------------------------------------------
AIC_BASE_URL = read_url("AIC_BASE_URL", "https://api.artic.edu/api/v1", ("http", "https")).rstrip(
    "/"
)
AIC_CONTACT = env.str("AIC_CONTACT", "")
AIC_API_INTERVAL = read_seconds("AIC_API_INTERVAL", 1.0)
AIC_IMAGE_INTERVAL = read_seconds("AIC_IMAGE_INTERVAL", 1.0)
AIC_TIMEOUT = read_seconds("AIC_TIMEOUT", 30.0, least=1.0)
# How long the circuit breaker leaves a picture host alone that keeps refusing.
AIC_BREAKER_WAIT = read_seconds("AIC_BREAKER_WAIT", 1800.0)
# An incremental run reads this many seconds further back than the newest record it knows.
INGEST_OVERLAP = read_seconds("INGEST_OVERLAP", 3600.0)
# A sweep that would withdraw more than this share of a source's works asks a person first.
SWEEP_LIMIT = read_percent("SWEEP_LIMIT", 3.0)
# Hour (UTC) at which Celery beat starts the nightly run; six hours later, on Sundays, a sweep.
NIGHTLY_INGEST = read_hour("NIGHTLY_INGEST", "3")

# --- Search ---------------------------------------------------------------------------------------
# recall@10 of the vector indexes below which the nightly probe raises an alarm.
RECALL_FLOOR = read_percent("RECALL_FLOOR", 95.0) / 100
# Where traces are sent (museum/core/observability/tracing.py).
OTEL_EXPORTER_OTLP_ENDPOINT = read_url("OTEL_EXPORTER_OTLP_ENDPOINT", "", ("http", "https"))
QUERY_LOG = read_flag("QUERY_LOG", "on")
QUERY_LOG_DAYS = read_count("QUERY_LOG_DAYS", 90)
EMBED_BATCH_SIZE = read_count("EMBED_BATCH_SIZE", 32)
MODEL_CACHE_DIR = env.str("MODEL_CACHE_DIR", str(DATA_DIR / "models"))
# ONNX Runtime encodes queries with the models exported here; "torch" is for models that cannot be
# exported, and costs each web process a gigabyte.
EXPORT_DIR = env.str("EXPORT_DIR", str(DATA_DIR / "onnx"))
QUERY_ENCODER = env.str("QUERY_ENCODER", "onnx")
if QUERY_ENCODER not in {"onnx", "torch"}:
    raise ImproperlyConfigured(f"QUERY_ENCODER={QUERY_ENCODER!r}: give onnx or torch")
ENCODER_THREADS = read_count("ENCODER_THREADS", 1)

# --- Django ---------------------------------------------------------------------------------------
PROJECT_APPS = ["museum", "search", "ingest", "training", "operations"]
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
    *PROJECT_APPS,
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
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True
# Old versions can be read but not restored: a curator writes a value again like any other.
SIMPLE_HISTORY_REVERT_DISABLED = True

# --- Files ----------------------------------------------------------------------------------------
MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_URL = "/static/"
STATICFILES_FINDERS = [
    "museum.core.static_finders.JoinedStylesheetFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = DEBUG or TESTING
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Tests and DEBUG work without `collectstatic`.
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
    # Keys come from where S3 clients look for them: AWS_ACCESS_KEY_ID and so on, or the machine.
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": PICTURE_BUCKET,
            "endpoint_url": env.str("PICTURE_BUCKET_URL", "") or None,
            "region_name": env.str("PICTURE_BUCKET_REGION", "") or None,
        },
    }

# --- The REST API ---------------------------------------------------------------------------------
# How long a browser or a proxy may reuse an answer before it asks again.
API_CACHE_SECONDS = int(read_seconds("API_CACHE_SECONDS", 60))
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # `format=` is a parameter like any other; REST framework must not act on it.
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
