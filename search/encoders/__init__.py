"""Encode pictures and texts as unit vectors, with torch, open_clip and ONNX Runtime.

Importing this package is cheap: those libraries are imported when the first encoder is loaded. Bulk
work uses torch (`get_encoder`); queries use ONNX Runtime (`get_query_encoder`).
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings

from museum.core.caching.memoize import is_web_process
from search.encoders import families, onnx_export
from search.encoders.base import Encoder, EncoderUnavailableError
from search.encoders.checkpoint import Source

if TYPE_CHECKING:
    from search.models import EmbeddingModel


__all__ = [
    "Encoder", "EncoderUnavailableError", "get_encoder", "get_query_encoder", "prepare_queries",
]  # fmt: skip

logger = logging.getLogger(__name__)

_loaded: dict[tuple[str, ...], Encoder] = {}
_lock = threading.Lock()


def get_encoder(model: EmbeddingModel) -> Encoder:
    """Return the encoder of `model`, loaded once a process. Safe to call from threads.

    Raises `EncoderUnavailableError` if it cannot be loaded, or if its fingerprint is not that of
    `model`.
    """
    source = Source.from_model(model)
    with _lock:
        encoder = _loaded.get(source.key())
        if encoder is None:
            encoder = _loaded[source.key()] = families.family_of(model).load(source)
    if model.fingerprint and model.fingerprint != encoder.fingerprint:
        raise EncoderUnavailableError(
            f"the weights of {source} have changed: their fingerprint is {encoder.fingerprint}, "
            f"and the vectors of the model {model.name!r} were made with {model.fingerprint}. "
            "Restore the old weights, or register the new ones as another model and embed again."
        )
    return encoder


def licence(model: EmbeddingModel) -> str:
    """Return the licence of a hub tag's weights, "" where it is not known here."""
    if not model.pretrained or families.family_of(model) is not families.OPEN_CLIP:
        return ""
    from search.encoders import open_clip_tags  # noqa: PLC0415 - torch, only when needed

    found = open_clip_tags.licence(model.architecture, model.pretrained)
    return "" if found == open_clip_tags.UNKNOWN else found


def get_query_encoder(model: EmbeddingModel) -> Encoder:
    """Return the encoder of queries for `model`: its export, which needs no torch.

    Without an export, commands and workers use torch. A web process does so only if QUERY_ENCODER
    is "torch", because importing torch takes seconds and most of a gigabyte. Raises
    `EncoderUnavailableError`.
    """
    if settings.QUERY_ENCODER == "torch":
        return get_encoder(model)
    from search.encoders import onnx_encoder  # noqa: PLC0415 - onnxruntime, only when needed

    try:
        return onnx_encoder.load(model)
    except EncoderUnavailableError as error:
        if is_web_process():
            raise
        logger.info("Queries are encoded by torch: %s", error)
    return get_encoder(model)


def prepare_queries(model: EmbeddingModel) -> bool:
    """Export `model` for web processes unless it is exported; return False if it cannot be.

    Raises `EncoderUnavailableError` if the model itself cannot be loaded.
    """
    if settings.QUERY_ENCODER == "torch":
        return True
    with suppress(onnx_export.DamagedExportError):
        if onnx_export.read(model.fingerprint) is not None:
            return True
    from search.encoders import onnx_exporter  # noqa: PLC0415 - torch, only when needed

    try:
        onnx_exporter.ensure(get_encoder(model), model.name)
    except onnx_exporter.NotExportableError as error:
        logger.warning("%s", error)
        return False
    except OSError as error:
        logger.error("%s could not be exported to %s: %s", model.name, settings.EXPORT_DIR, error)
        return False
    return True
