"""Where in a model's space the answer to a query lies: one vector, and what to say about it."""

import logging
from collections.abc import Collection

import numpy as np
from django.utils.translation import gettext_lazy as _

from museum.lazily import lazily
from museum.models import Artwork
from search import encoders, sight
from search.compose import Weighted, compose
from search.encoders import cache
from search.models import Embedding, EmbeddingModel
from search.query import Query
from search.sight import Box

logger = logging.getLogger(__name__)
Aim = tuple[EmbeddingModel | None, np.ndarray | None]


def of(query: Query, model: EmbeddingModel | None) -> tuple[np.ndarray | None, list[str]]:
    """Return the vector (dim,) towards what `query` wishes for and away from what it does not.

    None where nothing in it can be compared. The warnings say what is missing and may be there next
    time; `unseen` says what the model cannot picture.
    """
    if model is None or query.shares["vector"] == 0.0:
        return None, [] if model else [
            lazily(_("No model has been activated yet: this answer is by words alone."))
        ]
    wished, unwished, warnings = _works(query, model)
    text, about_text = _text(query, model)
    if text is not None:
        wished.append((query.weights.text, text))
    unwished += [(1.0, each) for each in _avoided(query, model)]
    if query.picture is not None:
        seen = query.picture.vector(model)
        if seen is None:
            about = _("Another model saw the picture: send it again to search by it.")
            warnings.append(lazily(about))
        else:
            wished.append((query.weights.image, seen))
    return compose(wished, unwished), warnings + about_text


def of_texts(
    query: Query, model: EmbeddingModel | None, vector: np.ndarray | None
) -> tuple[Aim, list[str]]:
    """Return what descriptions are compared with, a model and a vector (dim,) of it; and warnings.

    That is `vector` of `model`, unless typed words count and another model is there for them.
    """
    other = model and model.of_texts
    if other is None or other == model or not query.shares["text"]:
        return (model, vector), []
    text = _text(query, other)[0]
    if text is None:
        about = _("Descriptions are compared by {model}: {other} does not load.")
        return (model, vector), [lazily(about, model=model, other=other)]
    away = [(1.0, each) for each in _avoided(query, other)]
    return (other, compose([(1.0, text)], away)), []


def unseen(query: Query, model: EmbeddingModel | None) -> list[str]:
    """Say what `model` cannot compare: pictures, or words of `query` that it never saw."""
    if model is None or not query.meaning or query.shares["vector"] == 0.0:
        return []
    if model.is_sentence_encoder:
        return [
            lazily(_("Pictures are not compared: the model that looks at them is not there yet."))
        ]
    try:
        encoder = encoders.get_query_encoder(model)
    except encoders.EncoderUnavailable:
        return []
    unknown, nothing = encoder.unknown_words(query.meaning), _is_unknown(encoder, query.meaning)
    if not unknown and not nothing:
        return []
    about = _about_unknown(model, unknown)
    by_words = _("This answer is by words alone.")
    return [lazily("{about} {by_words}", about=about, by_words=by_words) if nothing else about]


def _text(query: Query, model: EmbeddingModel) -> tuple[np.ndarray | None, list[str]]:
    """Return the vector (dim,) of what the words of `query` mean, if there is one."""
    if not query.meaning:
        return None, []
    try:
        encoder = encoders.get_query_encoder(model)
        if _is_unknown(encoder, query.meaning):
            return None, []
        vector = cache.encode_texts(encoder, [query.meaning])[0]
    except encoders.EncoderUnavailable as error:
        logger.warning("The model %s does not load: %s", model.name, error)
        about = _("The model {model} does not load: this answer is by words alone.")
        return None, [lazily(about, model=model.name)]
    return vector, []


def _avoided(query: Query, model: EmbeddingModel) -> list[np.ndarray]:
    if not query.avoided:
        return []
    try:
        encoder = encoders.get_query_encoder(model)
    except encoders.EncoderUnavailable:
        return []
    known = [text for text in query.avoided if not _is_unknown(encoder, text)]
    return list(cache.encode_texts(encoder, known)) if known else []


def _works(query: Query, model: EmbeddingModel) -> tuple[list[Weighted], list[Weighted], list[str]]:
    """Return the pictures of the works named: wished for, not wished for, and what is missing."""
    named = (*query.like, *query.unlike)
    pictures = _pictures(named, model)
    if query.box is not None and len(query.like) == 1:
        pictures = _with_detail(pictures, query.like[0], query.box, model)
    lost = ", ".join(str(work) for work in named if work not in pictures)
    about = _("No picture of {works} can be compared: left out of the search.")
    return (
        [(query.weights.like, pictures[work]) for work in query.like if work in pictures],
        [(query.weights.unlike, pictures[work]) for work in query.unlike if work in pictures],
        [lazily(about, works=lost)] if lost else [],
    )


def _pictures(works: Collection[int], model: EmbeddingModel) -> dict[int, np.ndarray]:
    if not works:
        return {}
    found = Embedding.objects.filter(
        model=model,
        kind=Embedding.Kind.IMAGE,
        artwork__in=Artwork.objects.visible().filter(artic_id__in=works),
    )
    return {
        artic_id: np.asarray(vector, dtype=np.float32)
        for artic_id, vector in found.values_list("artwork__artic_id", "vector")
    }


def _with_detail(
    found: dict[int, np.ndarray], work: int, box: Box, model: EmbeddingModel
) -> dict[int, np.ndarray]:
    """Return `found` with a detail of the picture of `work` in the place of the whole."""
    others = {artic_id: vector for artic_id, vector in found.items() if artic_id != work}
    row = Artwork.objects.visible().filter(artic_id=work).exclude(image_sha256="").first()
    seen = None if row is None else sight.detail(row.image_sha256, box, model)
    return others if seen is None else {**others, work: seen}


def _is_unknown(encoder: encoders.Encoder, text: str) -> bool:
    # Start and end of text are two tokens; with nothing between but unknown words the vector
    # would rank pictures by chance.
    return encoder.count_tokens(text) - 2 <= len(encoder.unknown_words(text))


def _about_unknown(model: EmbeddingModel, unknown: list[str]) -> str:
    words = ", ".join(f'"{word}"' for word in unknown) or _("a word of this")
    about = _("The model {model} never saw {words} and cannot picture that.")
    return lazily(about, model=model.name, words=words)
