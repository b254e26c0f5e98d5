"""Settings of who may reach the site, how often, and what browsers may do with its pages."""

from csp.constants import NONCE, NONE, SELF

from museum.settings.env import (
    env,
    read_count,
    read_flag,
    read_rates,
    read_secret,
    read_secret_key,
    read_url,
)

# --- Hosts ----------------------------------------------------------------------------------------
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
DEBUG = read_flag("DEBUG")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted(LOOPBACK_HOSTS))
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECRET_KEY = read_secret_key(ALLOWED_HOSTS, LOOPBACK_HOSTS)
SITE_URL = read_url("SITE_URL", "http://127.0.0.1:8000", ("http", "https")).rstrip("/")
HTTPS = SITE_URL.startswith("https://")
# Trusted proxies that each add one address to X-Forwarded-For; 0: the header is ignored.
NUM_PROXIES = read_count("NUM_PROXIES", 0, least=0)

# --- Rate limits and load -------------------------------------------------------------------------
# Requests of one address (or of one token): a burst rate and a sustained one. A site that only this
# machine can reach has no visitors to limit, and benchmarks must not be refused.
IS_PUBLIC = not set(ALLOWED_HOSTS) <= LOOPBACK_HOSTS
_unlimited = "1000000/minute,100000000/day"
THROTTLE_PAGES = read_rates("THROTTLE_PAGES", "120/minute,10000/day" if IS_PUBLIC else _unlimited)
THROTTLE_ANONYMOUS = read_rates(
    "THROTTLE_ANONYMOUS", "120/minute,10000/day" if IS_PUBLIC else _unlimited
)
THROTTLE_TOKEN = read_rates("THROTTLE_TOKEN", "1200/minute,200000/day" if IS_PUBLIC else _unlimited)
# Attempts to sign in to the admin from one address; the burst rate also holds for one name.
THROTTLE_SIGN_IN = read_rates("THROTTLE_SIGN_IN", "10/minute,100/day" if IS_PUBLIC else _unlimited)
# Requests that one web process works at, and requests that wait; others are answered 503.
REQUESTS_AT_ONCE = read_count("REQUESTS_AT_ONCE", 4)
REQUESTS_WAITING = read_count("REQUESTS_WAITING", 16, least=0)

# --- Signing in -----------------------------------------------------------------------------------
ADMIN_REQUIRE_2FA = read_flag("ADMIN_REQUIRE_2FA")
OTP_TOTP_ISSUER = "Ekphrasis"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# Allows its holder to read /metrics. Without one, /metrics is closed as soon as the site is public.
METRICS_TOKEN = read_secret("METRICS_TOKEN")

# --- What browsers may do -------------------------------------------------------------------------
# Hosts whose IIIF pictures visitors' browsers load directly; the site serves all other pictures.
IIIF_HOSTS = env.list("IIIF_HOSTS", default=["https://www.artic.edu"])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The nonce is for JSON-LD: it is data, but browsers may treat it as a script.
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
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^readyz$"]  # probes use plain HTTP
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# HSTS preload is a decision of the owner of the whole domain (hstspreload.org).
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if read_flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
