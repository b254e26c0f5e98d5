"""Deciding about texts that a model wrote, and about alternative texts that say nothing.

A decision is taken once: it names the text that was read, and fails where that has changed or
somebody else has decided meanwhile. What a person writes becomes a text of its own, so neither a
load nor a model ever writes over it.
"""

import hashlib

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from museum.core.text.markup import clean_html, has_markup, plain_text
from museum.models import Artwork, Description
from museum.models.description import DescriptionQuerySet

Source = Description.Source
# The two queues, and whose words stand in for a text that is written anew.
QUEUES = {"generated": Source.GENERATED, "alt": Source.ALT_TEXT}
OWN = {Source.GENERATED: Source.CURATOR, Source.ALT_TEXT: Source.CURATOR_ALT_TEXT}


class NotDecided(Exception):  # noqa: N818 - reads as what it is
    """Nothing was done; the message says why."""


def waiting(queue: str) -> DescriptionQuerySet:
    """Texts of that queue about which nobody has decided."""
    return Description.objects.unreviewed().filter(source=QUEUES[queue])


def seen(text: Description) -> str:
    """What a form carries to say which words were read."""
    return hashlib.md5(text.text.encode(), usedforsecurity=False).hexdigest()


def written(words: str) -> tuple[str, str]:
    """Return what a person typed, as HTML or not, as plain text and as cleaned HTML ("" for none).

    Raises `NotDecided` where no word is left of it.
    """
    html = clean_html(words) if has_markup(words) else ""
    text = plain_text(html) if html else "" if has_markup(words) else words.strip()
    if not text:
        raise NotDecided("Write some words: nothing is left of these.")
    return text, html


@transaction.atomic
def approve(pk: int, was: str, user: User) -> Description:
    """Let visitors read the text as it is."""
    text = _take(pk, was)
    text.is_approved, text.is_boilerplate = True, False
    return _keep(text, user, "Approved.")


@transaction.atomic
def reject(pk: int, was: str, user: User) -> Description:
    """Show the text to nobody."""
    text = _take(pk, was)
    text.is_approved = False
    return _keep(text, user, "Rejected.")


@transaction.atomic
def rewrite(pk: int, was: str, user: User, words: str) -> Description:
    """Put a curator's words in place of the text."""
    text = _take(pk, was)
    own = write(text.artwork, OWN[Source(text.source)], user, words, text.language)
    text.is_approved = False
    _keep(text, user, "Written anew.")
    return own


@transaction.atomic
def write(
    work: Artwork, source: Source, user: User, words: str, language: str = "en"
) -> Description:
    """Add a curator's text; raises `NotDecided` where there is one or nothing is left of it."""
    plain, html = written(words)
    made, is_new = Description.objects.get_or_create(
        artwork=work,
        source=source,
        language=language,
        defaults={"text": plain, "html": html, "reviewed_at": timezone.now()},
    )
    if not is_new:
        raise NotDecided(f"{work} has a curator's text already: change that one.")
    LogEntry.objects.log_actions(user.pk, [made], ADDITION, "Written.")
    return made


def _take(pk: int, was: str) -> Description:
    texts = Description.objects.unreviewed().select_related("artwork").filter(pk=pk)
    text = texts.select_for_update(of=("self",)).defer("artwork__search_document").first()
    if text is None or seen(text) != was:
        raise NotDecided("Somebody else has decided about this text, or it has changed.")
    return text


def _keep(text: Description, user: User, said: str) -> Description:
    text.reviewed_at = timezone.now()
    text.save()
    LogEntry.objects.log_actions(user.pk, [text], CHANGE, said)
    return text
