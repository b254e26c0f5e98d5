"""API tokens: created once, shown once, stored as hashes only."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from search.models import ApiToken

PREFIX = "ekp_"  # lets scanners for leaked secrets recognise a token
USE_NOTED_EVERY = timedelta(minutes=1)


def issue(name: str) -> tuple[ApiToken, str]:
    """Create a token; return its row and its secret, which is not stored."""
    secret = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(name=name, start=secret[:8], digest=digest(secret))
    return row, secret


def find(secret: str) -> ApiToken | None:
    """Return the token of `secret`, None if unknown or revoked; record its use."""
    row = ApiToken.objects.filter(digest=digest(secret), revoked_at__isnull=True).first()
    if row is not None:
        now = timezone.now()
        if row.last_used_at is None or row.last_used_at < now - USE_NOTED_EVERY:
            long_ago = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
            ApiToken.objects.filter(long_ago, pk=row.pk).update(last_used_at=now)
    return row


def digest(secret: str) -> str:
    """Return the SHA-256 of a secret, in hexadecimal.

    A secret of 256 random bits cannot be guessed, so it needs neither salt nor a slow hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
