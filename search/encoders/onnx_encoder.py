"""An exported model as an `Encoder` on ONNX Runtime, for web processes.

Nothing here, or imported from here, imports torch or open_clip (a test says so).
"""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from django.conf import settings
from onnxruntime.capi import onnxruntime_pybind11_state as states
from PIL import Image

from search.encoders import EncoderUnavailableError, onnx_export
from search.encoders.onnx_export import Artifact
from search.encoders.preprocess import Preprocess
from search.encoders.tokenizers.storage import read_tokenizer

if TYPE_CHECKING:
    from search.models import EmbeddingModel

Inputs = dict[str, np.ndarray]

# ONNX Runtime's errors share no base of their own.
_LOAD_ERRORS = (
    states.Fail,
    states.InvalidArgument,
    states.InvalidGraph,
    states.InvalidProtobuf,
    states.NoSuchFile,
    states.NotImplemented,
    states.RuntimeException,
)
_READ_ERRORS = (OSError, ValueError, KeyError, TypeError)

# Two, for the moment when searches switch from one model to the next.
_MAX_LOADED = 2
_loaded: dict[str, tuple[int, OnnxEncoder]] = {}
_lock = threading.Lock()


def load(model: EmbeddingModel) -> OnnxEncoder:
    """Return the encoder over the export of `model`, reloaded when the export changes.

    Raises `EncoderUnavailableError` if there is no export, and `DamagedExportError` if it is
    incomplete.
    """
    facts = onnx_export.place(model.fingerprint) / onnx_export.FACTS
    try:
        changed = facts.stat().st_mtime_ns
    except OSError:
        raise EncoderUnavailableError(
            f"the model {model.name!r} has not been exported to {facts.parent}: run "
            f"manage.py export_model {model.name}"
        ) from None
    known = _loaded.get(model.fingerprint)
    if known is not None and known[0] == changed:
        # Without the lock: while another model is loaded, searches with this one go on.
        return known[1]
    with _lock:
        known = _loaded.get(model.fingerprint)
        if known is None or known[0] != changed:
            found = onnx_export.read(model.fingerprint)
            if found is None:
                raise EncoderUnavailableError(f"the export in {facts.parent} has just been removed")
            known = _loaded[model.fingerprint] = (changed, OnnxEncoder(found))
            while len(_loaded) > _MAX_LOADED:
                del _loaded[next(iter(_loaded))]
    return known[1]


class OnnxEncoder:
    """An `Encoder` over an export. Safe to share among threads.

    The text tower is loaded at once, the image tower with the first picture. `precision` overrides
    the chosen precision of a tower: `{"text": "fp32"}`.
    """

    def __init__(self, made: Artifact, precision: dict[str, str] | None = None) -> None:
        self.artifact = made
        self.precision = made.facts["precision"] | (precision or {})
        self.fingerprint = made.fingerprint
        try:
            self.name = str(made.facts["name"])
            self.dim = int(made.facts["dimension"])
            self.cut = bool(made.facts["cut"])
            self.context_length = int(made.facts["tokenizer"]["context_length"])
            has_pictures = onnx_export.IMAGE in made.towers
            self.preprocess = (
                Preprocess.from_config(made.facts["preprocess"]) if has_pictures else None
            )
            made.check([made.vocabulary])
            self.tokenizer = read_tokenizer(made.folder, made.facts["tokenizer"])
        except _READ_ERRORS as error:
            raise made.damage_error(f"{type(error).__name__}: {error}") from error
        self._sessions: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._session(onnx_export.TEXT)

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        """Return one unit vector a text: (n, dim), float32. Texts too long are cut at the end."""
        return self._encode(
            onnx_export.TEXT, texts, lambda batch: {"tokens": self.shorten(self.tokenizer(batch))}
        )

    def prepare(self, image: Image.Image) -> Image.Image:
        """Return `image` unchanged: there is nothing to prepare early for one picture."""
        return image

    def encode_images(self, images: Sequence[Image.Image]) -> np.ndarray:
        """Return one unit vector a picture: (n, dim), float32."""
        if self.preprocess is None:
            raise EncoderUnavailableError(f"the model {self.name!r} reads texts, no pictures")
        preprocess = self.preprocess
        return self._encode(onnx_export.IMAGE, images, lambda batch: {"pixels": preprocess(batch)})

    def unknown_words(self, text: str) -> list[str]:
        """Return the words unknown to the model; byte pairs cover all words."""
        return self.tokenizer.unknown_words(text)

    def count_tokens(self, text: str) -> int:
        """Return the tokens of `text`, start and end included, before any cut."""
        return self.tokenizer.count_tokens(text)

    def shorten(self, tokens: np.ndarray) -> np.ndarray:
        """Cut (n, context) ids after the last end token, the highest id, if that is exact."""
        return tokens[:, : int(tokens.argmax(axis=1).max()) + 1] if self.cut else tokens

    def run(self, tower: str, inputs: Inputs) -> np.ndarray:
        """Run a tower on one batch: (n, dim), float32."""
        return self._session(tower).run(None, inputs)[0]

    def _encode(
        self, tower: str, items: Sequence[Any], prepare: Callable[[Sequence[Any]], Inputs]
    ) -> np.ndarray:
        # One item at a time: int8 scales depend on the batch, so the same text would get different
        # vectors in different batches.
        parts = [self.run(tower, prepare([item])) for item in items]
        return np.concatenate(parts) if parts else np.empty((0, self.dim), np.float32)

    def _session(self, tower: str) -> Any:
        with self._lock:
            if tower not in self._sessions:
                path = self.artifact.model(tower, self.precision[tower])
                self.artifact.check([path])
                self._sessions[tower] = _start(self.artifact, path)
        return self._sessions[tower]


def _start(made: Artifact, path: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.ENCODER_THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads would take processor time from the database.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if _saturates():
        options.add_session_config_entry("session.x64quantprecision", "1")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except _LOAD_ERRORS as error:
        raise made.damage_error(f"{path.name}: {error}") from error


@cache
def _saturates() -> bool:
    """Return whether this processor sums int8 products in 16 bits, which overflow.

    x86 does so before VNNI.
    """
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split()
    except OSError:
        return True  # unknown: the safe way is slower, but correct
    return not {"avx512_vnni", "avx_vnni"} & set(flags)
