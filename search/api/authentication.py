"""Authentication by bearer token; anonymous requests are allowed."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from search.api import tokens
from search.models import ApiToken


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` (RFC 6750); other schemes are ignored."""

    def authenticate(self, request: Request) -> tuple[None, ApiToken] | None:
        """Return the token as `request.auth`; raises `AuthenticationFailed` for a wrong one."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = tokens.find(secret.strip())
        if token is None:
            raise AuthenticationFailed(
                "This token is unknown or revoked. Send another one, or none."
            )
        return None, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme."""
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):
    """The description of tokens in the OpenAPI document."""

    target_class = "search.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Describe the header."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Optional. Requests with a token have a limit of their own.",
        }
