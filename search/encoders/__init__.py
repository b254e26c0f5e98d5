"""Pictures and texts to unit vectors. This package alone imports torch, open_clip and onnxruntime.

Importing it costs nothing: they are imported when the first encoder is loaded. Bulk work goes
through torch (`get_encoder`); queries go through ONNX Runtime (`get_query_encoder`).
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings

from museum.core.caching.memoize import is_web_process
from search.encoders import families, onnx_export
from search.encoders.base import Encoder, EncoderUnavailable
from search.encoders.checkpoint import Source

if TYPE_CHECKING:
    from search.models import EmbeddingModel


__all__ = [
    "Encoder", "EncoderUnavailable", "get_encoder", "get_query_encoder", "prepare_queries",
]  # fmt: skip

logger = logging.getLogger(__name__)

_loaded: dict[tuple[str, ...], Encoder] = {}
_lock = threading.Lock()


def get_encoder(model: EmbeddingModel) -> Encoder:
    """Return the encoder that `model` names, loaded once a process; safe to call from threads.

    Raises `EncoderUnavailable` if it cannot be loaded, or is not what `model.fingerprint` says.
    """
    source = Source.of(model)
    with _lock:
        encoder = _loaded.get(source.key())
        if encoder is None:
            encoder = _loaded[source.key()] = families.of(model).load(source)
    if model.fingerprint and model.fingerprint != encoder.fingerprint:
        raise EncoderUnavailable(
            f"the weights of {source} have changed: their fingerprint is {encoder.fingerprint}, "
            f"and the vectors of the model {model.name!r} were made with {model.fingerprint}. "
            "Restore the old weights, or register the new ones as another model and embed again."
        )
    return encoder


def get_query_encoder(model: EmbeddingModel) -> Encoder:
    """Return what encodes queries for `model`: its export, which needs no torch.

    Where there is none, commands and workers use torch; a web process never does (importing it
    takes seconds and most of a gigabyte), unless QUERY_ENCODER says so. Raises
    `EncoderUnavailable`.
    """
    if settings.QUERY_ENCODER == "torch":
        return get_encoder(model)
    from search.encoders import onnx_encoder  # noqa: PLC0415 - onnxruntime, only when needed

    try:
        return onnx_encoder.load(model)
    except EncoderUnavailable as error:
        if is_web_process():
            raise
        logger.info("Queries are encoded by torch: %s", error)
    return get_encoder(model)


def prepare_queries(model: EmbeddingModel) -> bool:
    """Export `model` for web processes if that is still to be done; False where it cannot be.

    Raises `EncoderUnavailable` if the model itself cannot be loaded.
    """
    if settings.QUERY_ENCODER == "torch":
        return True
    with suppress(onnx_export.Damaged):
        if onnx_export.read(model.fingerprint) is not None:
            return True
    from search.encoders import onnx_exporter  # noqa: PLC0415 - torch, only when needed

    try:
        onnx_exporter.ensure(get_encoder(model), model.name)
    except onnx_exporter.NotExportable as error:
        logger.warning("%s", error)
        return False
    except OSError as error:
        logger.error("%s could not be exported to %s: %s", model.name, settings.EXPORT_DIR, error)
        return False
    return True
