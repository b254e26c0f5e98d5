"""Decide about texts that a model wrote, and about alternative texts that say nothing.

A decision names the text that was read. It fails where that text has changed or somebody else has
decided meanwhile. What a person writes becomes a text of its own, which neither an import nor a
model overwrites.
"""

import hashlib

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from museum.core.text.markup import clean_html, has_markup, plain_text
from museum.models import Artwork, Description, DescriptionQuerySet

Source = Description.Source
# The source of the texts in each queue, and the source of a curator's text that replaces one.
QUEUES = {"generated": Source.GENERATED, "alt": Source.ALT_TEXT}
CURATOR_SOURCES = {
    Source.GENERATED: Source.CURATOR,
    Source.ALT_TEXT: Source.CURATOR_ALT_TEXT,
}


class ReviewError(Exception):
    """Nothing was changed; the message says why."""


def pending(queue: str) -> DescriptionQuerySet:
    """Return the texts of `queue` that nobody has decided about."""
    return Description.objects.unreviewed().filter(source=QUEUES[queue])


def text_digest(text: Description) -> str:
    """Return a digest of the words, with which a form says which words were read."""
    return hashlib.md5(text.text.encode(), usedforsecurity=False).hexdigest()


def parse_text(words: str) -> tuple[str, str]:
    """Return what a person typed, HTML or not, as plain text and as cleaned HTML ("" for none).

    Raises `ReviewError` where no word is left.
    """
    html = clean_html(words) if has_markup(words) else ""
    text = plain_text(html) if html else "" if has_markup(words) else words.strip()
    if not text:
        raise ReviewError("Write some words: nothing is left of these.")
    return text, html


@transaction.atomic
def approve(pk: int, digest: str, user: User) -> Description:
    """Show the text to visitors as it is. Raises `ReviewError`."""
    text = _lock(pk, digest)
    text.is_approved, text.is_boilerplate = True, False
    return _save(text, user, "Approved.")


@transaction.atomic
def reject(pk: int, digest: str, user: User) -> Description:
    """Show the text to nobody. Raises `ReviewError`."""
    text = _lock(pk, digest)
    text.is_approved = False
    return _save(text, user, "Rejected.")


@transaction.atomic
def rewrite(pk: int, digest: str, user: User, words: str) -> Description:
    """Replace the text with a curator's words; return the new text. Raises `ReviewError`."""
    text = _lock(pk, digest)
    replacement = write(
        text.artwork, CURATOR_SOURCES[Source(text.source)], user, words, text.language
    )
    text.is_approved = False
    _save(text, user, "Written anew.")
    return replacement


@transaction.atomic
def write(
    work: Artwork, source: Source, user: User, words: str, language: str = "en"
) -> Description:
    """Add a curator's text. Raises `ReviewError` where there is one already, or no word is left."""
    plain, html = parse_text(words)
    text, is_new = Description.objects.get_or_create(
        artwork=work,
        source=source,
        language=language,
        defaults={"text": plain, "html": html, "reviewed_at": timezone.now()},
    )
    if not is_new:
        raise ReviewError(f"{work} has a curator's text already: change that one.")
    LogEntry.objects.log_actions(user.pk, [text], ADDITION, "Written.")
    return text


def _lock(pk: int, digest: str) -> Description:
    texts = Description.objects.unreviewed().select_related("artwork").filter(pk=pk)
    text = texts.select_for_update(of=("self",)).defer("artwork__search_document").first()
    if text is None or text_digest(text) != digest:
        raise ReviewError("Somebody else has decided about this text, or it has changed.")
    return text


def _save(text: Description, user: User, message: str) -> Description:
    text.reviewed_at = timezone.now()
    text.save()
    LogEntry.objects.log_actions(user.pk, [text], CHANGE, message)
    return text
