"""What crawlers of ours call themselves."""

from importlib import metadata

from django.conf import settings


def user_agent() -> str:
    """Return the name, the version and, where one is set, the contact (`AIC_CONTACT`)."""
    try:
        version = metadata.version("ekphrasis")
    except metadata.PackageNotFoundError:  # run from a plain checkout
        version = "dev"
    contact = f" ({settings.AIC_CONTACT})" if settings.AIC_CONTACT else ""
    return f"ekphrasis/{version}{contact}"
