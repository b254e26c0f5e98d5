"""Read a setting from the environment, or from a `.env` file beside manage.py, and check it.

Every reader raises `ImproperlyConfigured` for a wrong value; the message says what to give instead.
"""

import math
import re
import secrets
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

# Everything that the site writes goes here.
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()

MIN_SECRET_KEY_LENGTH = 32  # characters
_TRUE, _FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}
_SPAN_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_RATE = re.compile(rf"([1-9]\d{{0,8}})/({'|'.join(_SPAN_SECONDS)})")


def read_secret(name: str, default: str = "") -> str:
    """Return the value of `name`, or the content of the file that `name`_FILE names.

    Containers are given their secrets as files.
    """
    path = env.str(f"{name}_FILE", "")
    if not path:
        return str(env.str(name, default))
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"{name}_FILE={path!r}: cannot be read; name a text file that this user may read"
        ) from error


def read_secret_key(hosts: Collection[str], loopback_hosts: Collection[str]) -> str:
    """Return SECRET_KEY.

    Where it is unset and only this machine can reach the site (`hosts` are all in
    `loopback_hosts`), make a random key once and keep it under DATA_DIR.
    """
    if key := read_secret("SECRET_KEY"):
        if len(key) < MIN_SECRET_KEY_LENGTH:
            raise ImproperlyConfigured(
                f"SECRET_KEY is too short: give at least {MIN_SECRET_KEY_LENGTH} random characters"
            )
        return key
    if not set(hosts) <= set(loopback_hosts):
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


def _number(name: str, default: float, mend: str, least: float = 0.0) -> float:
    # Not env.float: django-environ ignores what it cannot read ("1 second" would be 1).
    try:
        value = float(env.str(name, str(default)))
    except ValueError:
        value = math.nan
    if not least <= value < math.inf:
        raise ImproperlyConfigured(f"{name}={env.str(name)!r}: {mend}")
    return value


def read_seconds(name: str, default: float, least: float = 0.0) -> float:
    """Return a number of seconds, `least` or more."""
    mend = f"give a number of seconds, {least:g} or more, such as {default:g}"
    return _number(name, default, mend, least)


def read_count(name: str, default: int, least: int = 1) -> int:
    """Return a whole number, `least` or more."""
    return int(_number(name, default, f"give a whole number such as {default}", least=least))


def read_percent(name: str, default: float) -> float:
    """Return a percentage from 0 to 100."""
    value = _number(name, default, "give a percentage from 0 to 100")
    if value > 100:
        raise ImproperlyConfigured(f"{name}={value:g}: give a percentage from 0 to 100")
    return value


def read_rates(name: str, default: str) -> tuple[tuple[int, int], ...]:
    """Return at most two rates as (requests, seconds), shortest span first; () for "off"."""
    value = env.str(name, default).lower().replace(" ", "")
    if value == "off":
        return ()
    matches = [_RATE.fullmatch(part) for part in value.split(",")]
    rates = [(int(match[1]), _SPAN_SECONDS[match[2]]) for match in matches if match]
    if not len({seconds for _, seconds in rates}) == len(matches) <= 2:
        raise ImproperlyConfigured(
            f"{name}={value!r}: give off, or one or two rates such as 120/minute,20000/day"
        )
    return tuple(sorted(rates, key=lambda rate: rate[1]))


def read_hour(name: str, default: str) -> int | None:
    """Return an hour from 0 to 23; None for "off"."""
    value = env.str(name, default).lower()
    if value == "off":
        return None
    if not value.isdecimal() or int(value) > 23:
        raise ImproperlyConfigured(f"{name}={value!r}: give an hour from 0 to 23, or off")
    return int(value)


def read_flag(name: str, default: str = "false") -> bool:
    """Return whether `name` is true, 1, yes or on."""
    value = env.str(name, default).lower()
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name}={value!r}: give true or false")
    return value in _TRUE


def read_url(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """Return a URL with one of `schemes`, or ""; it may come from a file, as a secret does."""
    value = read_secret(name, default)
    if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).netloc):
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        shown = "" if "@" in value else f"={value!r}"  # it may hold a password
        raise ImproperlyConfigured(f"{name}{shown}: give a URL that starts with {starts}")
    return value
