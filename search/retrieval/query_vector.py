"""Build the query vector, and the warnings to show with it."""

import logging
from collections.abc import Collection

import numpy as np
from django.utils.translation import gettext_noop as _

from museum.core.text.messages import Message, message
from museum.models import Artwork
from search import encoders
from search.encoders import families, query_vector_cache
from search.models import Embedding, EmbeddingModel
from search.query.picture_token import Box
from search.query.query import Query
from search.retrieval import picture_vectors
from search.retrieval.vector_composition import Weighted, compose

logger = logging.getLogger(__name__)
ModelVector = tuple[EmbeddingModel | None, np.ndarray | None]


def build_query_vector(
    query: Query, model: EmbeddingModel | None
) -> tuple[np.ndarray | None, list[Message]]:
    """Return the unit vector (dim,) of `query` in the space of `model`, and the warnings.

    The vector is None if `model` can compare nothing in the query. The warnings name parts that
    are missing now and may be there next time; see `limitation_warnings` for what the model can
    never compare.
    """
    if model is None or query.shares["vector"] == 0.0:
        return None, [] if model else [
            message(_("No model is active yet, so these results match words only."))
        ]
    positive, negative, warnings = _works(query, model)
    text, about_text = _text(query, model)
    if text is not None:
        positive.append((query.weights.text, text))
    negative += [(1.0, each) for each in _avoided(query, model)]
    if query.picture is not None:
        vector = query.picture.vector(model.fingerprint, model.dimension)
        if vector is None:
            template = _(
                "The search has been updated since you sent your picture. Please send it again."
            )
            warnings.append(message(template))
        else:
            positive.append((query.weights.image, vector))
    return compose(positive, negative), warnings + about_text


def build_description_vector(
    query: Query, model: EmbeddingModel | None, vector: np.ndarray | None
) -> tuple[ModelVector, list[Message]]:
    """Return the model and the vector (dim,) to compare descriptions with, and the warnings.

    These are `model` and `vector`, unless the query has words and a text model encodes them.
    """
    other = model and model.description_model
    if other is None or other == model or not query.shares["text"]:
        return (model, vector), []
    text = _text(query, other)[0]
    if text is None:
        template = _(
            "Results may be less precise: {other} could not be loaded, so descriptions were "
            "compared with {model}."
        )
        return (model, vector), [message(template, model=str(model), other=str(other))]
    away = [(1.0, each) for each in _avoided(query, other)]
    return (other, compose([(1.0, text)], away)), []


def limitation_warnings(query: Query, model: EmbeddingModel | None) -> list[Message]:
    """Return warnings about what `model` cannot compare: pictures, or unknown words of `query`."""
    if model is None or not query.meaning or query.shares["vector"] == 0.0:
        return []
    if families.PICTURES not in families.family_of(model).kinds:
        return [
            message(_("Pictures are not compared: the model that looks at them is not there yet."))
        ]
    try:
        encoder = encoders.get_query_encoder(model)
    except encoders.EncoderUnavailableError:
        return []
    unknown, nothing = encoder.unknown_words(query.meaning), _is_unknown(encoder, query.meaning)
    if not unknown and not nothing:
        return []
    warning = _about_unknown(unknown)
    by_words = message(_("These results match words only."))
    return [message("{about} {by_words}", about=warning, by_words=by_words) if nothing else warning]


def _text(query: Query, model: EmbeddingModel) -> tuple[np.ndarray | None, list[Message]]:
    """Return the vector (dim,) of the words of `query`, or None, and the warnings."""
    if not query.meaning:
        return None, []
    try:
        encoder = encoders.get_query_encoder(model)
        if _is_unknown(encoder, query.meaning):
            return None, []
        vector = query_vector_cache.encode_texts(encoder, [query.meaning])[0]
    except encoders.EncoderUnavailableError as error:
        logger.warning("The model %s does not load: %s", model.name, error)
        template = _("The model {model} could not be loaded, so these results match words only.")
        return None, [message(template, model=model.name)]
    return vector, []


def _avoided(query: Query, model: EmbeddingModel) -> list[np.ndarray]:
    if not query.avoided:
        return []
    try:
        encoder = encoders.get_query_encoder(model)
    except encoders.EncoderUnavailableError:
        return []
    recognised = [text for text in query.avoided if not _is_unknown(encoder, text)]
    return list(query_vector_cache.encode_texts(encoder, recognised)) if recognised else []


def _works(
    query: Query, model: EmbeddingModel
) -> tuple[list[Weighted], list[Weighted], list[Message]]:
    """Return the weighted pictures of `like` and of `unlike`, and a warning about missing ones."""
    named = (*query.like, *query.unlike)
    pictures = _pictures(named, model)
    if query.box is not None and len(query.like) == 1:
        pictures = _with_detail(pictures, query.like[0], query.box, model)
    lost = ", ".join(str(work) for work in named if work not in pictures)
    template = _("These works have no picture to compare and were left out: {works}.")
    return (
        [(query.weights.like, pictures[work]) for work in query.like if work in pictures],
        [(query.weights.unlike, pictures[work]) for work in query.unlike if work in pictures],
        [message(template, works=lost)] if lost else [],
    )


def _pictures(works: Collection[int], model: EmbeddingModel) -> dict[int, np.ndarray]:
    if not works:
        return {}
    vectors = Embedding.objects.filter(
        model=model,
        kind=Embedding.Kind.IMAGE,
        artwork__in=Artwork.objects.visible().filter(artic_id__in=works),
    )
    return {
        artic_id: np.asarray(vector, dtype=np.float32)
        for artic_id, vector in vectors.values_list("artwork__artic_id", "vector")
    }


def _with_detail(
    vectors: dict[int, np.ndarray], work: int, box: Box, model: EmbeddingModel
) -> dict[int, np.ndarray]:
    """Return `vectors` with a detail of the picture of `work` instead of the whole picture."""
    others = {artic_id: vector for artic_id, vector in vectors.items() if artic_id != work}
    row = Artwork.objects.visible().filter(artic_id=work).exclude(image_sha256="").first()
    vector = None if row is None else picture_vectors.detail_vector(row.image_sha256, box, model)
    return others if vector is None else {**others, work: vector}


def _is_unknown(encoder: encoders.Encoder, text: str) -> bool:
    # Start and end are two tokens. With only unknown words between them, the vector would rank
    # pictures by chance.
    return encoder.count_tokens(text) - 2 <= len(encoder.unknown_words(text))


def _about_unknown(unknown: list[str]) -> Message:
    words: str | Message = ", ".join(f'"{word}"' for word in unknown)
    template = _("The search cannot recognise {words} in pictures.")
    return message(template, words=words or message(_("part of your search")))
