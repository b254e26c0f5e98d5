"""Measure time, memory and cosine of one short query, by torch and by ONNX Runtime."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import django
import numpy as np
import psutil
from django.conf import settings

from search.encoders import Encoder, get_encoder, onnx_export
from search.encoders.onnx_export import FP32, INT8, TEXT

if TYPE_CHECKING:
    from search.models import EmbeddingModel

QUERY = "a lighthouse on a cliff, waves breaking at night"
ROUNDS = 40
MEBIBYTE = 2**20


def measure(model: EmbeddingModel, encoder: Encoder, query: str = QUERY) -> list[dict[str, Any]]:
    """Return one row a way of encoding `query`; the export of `model` must exist.

    Rounds are interleaved, so that other load on the machine affects all rows alike. Memory is that
    of a new process each, from before the first import to after one query.
    """
    import torch  # noqa: PLC0415 - measured here, imported by nobody who does not ask for it

    made = onnx_export.read(model.fingerprint)
    if made is None:
        raise ValueError(f"{model.name} has not been exported")
    torch.set_num_threads(settings.ENCODER_THREADS)
    ways = _ways(made, encoder, query)
    reference = ways["torch fp32, whole context"]()
    samples: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, run in ways.items():
            started = time.perf_counter()
            run()
            samples[way].append((time.perf_counter() - started) * 1000)
    memory = {name: memory_of(model, name, query) for name in ("torch", FP32, INT8)}
    return [
        {
            "way": way,
            "p50_ms": round(float(np.median(samples[way][3:])), 2),
            "least_ms": round(min(samples[way]), 2),
            "cosine": round(float((run() * reference).sum()), 5),
            "memory_mb": memory[_kind(way)],
        }
        for way, run in ways.items()
    ]


def _ways(
    made: onnx_export.Artifact, encoder: Any, query: str
) -> dict[str, Callable[[], np.ndarray]]:
    import torch  # noqa: PLC0415

    from search.encoders.onnx_encoder import OnnxEncoder  # noqa: PLC0415

    def torch_whole() -> np.ndarray:
        with torch.inference_mode():
            tokens = torch.as_tensor(encoder.tokenizer([query]))
            return encoder.model.encode_text(tokens, normalize=True).numpy()

    towers = {precision: OnnxEncoder(made, {TEXT: precision}) for precision in (FP32, INT8)}

    def whole(precision: str) -> Callable[[], np.ndarray]:
        tower = towers[precision]
        return lambda: tower.run(TEXT, {"tokens": tower.tokenizer([query])})

    def cut(precision: str) -> Callable[[], np.ndarray]:
        return lambda: towers[precision].encode_texts([query])

    return {
        "torch fp32, whole context": torch_whole,
        "torch fp32, cut": lambda: encoder.encode_texts([query]),
        "ONNX fp32, whole context": whole(FP32),
        "ONNX fp32, cut": cut(FP32),
        "ONNX int8, whole context": whole(INT8),
        "ONNX int8, cut": cut(INT8),
    }


def _kind(way: str) -> str:
    return "torch" if way.startswith("torch") else FP32 if FP32 in way else INT8


def memory_of(model: EmbeddingModel, kind: str, query: str = QUERY) -> float:
    """Return the growth in MiB of a new process that encodes `query`.

    `kind` is "torch" or the precision of the export.
    """
    facts = {
        "name": model.name,
        "architecture": model.architecture,
        "pretrained": model.pretrained,
        "checkpoint": model.checkpoint,
        "fingerprint": model.fingerprint,
    }
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_set_up) as pool:
        return pool.submit(_grown, facts, kind, query, settings.EXPORT_DIR).result()


def _set_up() -> None:
    django.setup()


def _grown(facts: dict[str, str], kind: str, query: str, export_dir: str) -> float:
    from search.models import EmbeddingModel  # noqa: PLC0415 - the applications are ready by now

    settings.EXPORT_DIR = export_dir
    before = psutil.Process().memory_info().rss
    encoder: Encoder
    if kind == "torch":
        encoder = get_encoder(EmbeddingModel(dimension=1, **facts))
    else:
        from search.encoders.onnx_encoder import OnnxEncoder  # noqa: PLC0415

        made = onnx_export.read(facts["fingerprint"])
        assert made is not None  # noqa: S101 - `measure` has read it
        encoder = OnnxEncoder(made, {TEXT: kind})
    encoder.encode_texts([query])
    return round((psutil.Process().memory_info().rss - before) / MEBIBYTE, 1)
