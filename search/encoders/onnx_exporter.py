"""Export a model to ONNX, once, so that web processes need no torch.

Each tower is written in fp32, compared with the model's own output, and written again with int8
weights (dynamic quantisation). The gate (`int8_gate.py`) decides which of the two answers.
"""

from __future__ import annotations

import logging
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from django.conf import settings
from django.core.files import locks
from onnxruntime.quantization import QuantType, quantize_dynamic

from search.encoders import Encoder, EncoderUnavailableError, onnx_export
from search.encoders.exportable import ExportableEncoder, ExportableTower
from search.encoders.onnx_export import FP32, IMAGE, INT8, TEXT, Artifact
from search.encoders.tokenizers.storage import Tokenizer, write_tokenizer

# Opset 20 has GELU as one operator, and is the newest that ONNX Runtime 1.17 fully supports.
OPSET = 20
# An fp32 export is rejected if a vector's cosine to the original is lower.
MIN_COSINE = 0.9999
MAX_BATCH_SIZE = 4096
_INPUTS = {TEXT: "tokens", IMAGE: "pixels"}


class NotExportableError(EncoderUnavailableError):
    """This model cannot be exported; the message says what to do instead."""


def ensure(encoder: Encoder, name: str, *, force: bool = False) -> Artifact:
    """Return the export of `encoder`; make it if there is none or it is damaged.

    Takes about a minute for ViT-B-32. Raises `NotExportableError`.
    """
    if not isinstance(encoder, ExportableEncoder):
        raise NotExportableError(f"the model {name!r} is of no kind that can be exported")
    folder = Path(settings.EXPORT_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    # If several workers start together, one exports and the others wait for its export.
    with (folder / ".lock").open("w") as lock:
        locks.lock(lock, locks.LOCK_EX)
        found = None if force else _whole(encoder.fingerprint)
        return found or onnx_export.write(
            encoder.fingerprint, lambda partial: _fill(partial, encoder, name)
        )


def _whole(fingerprint: str) -> Artifact | None:
    try:
        found = onnx_export.read(fingerprint)
        if found is not None:
            models = [found.model(t, p) for t in found.towers for p in (FP32, INT8)]
            found.check([*models, found.vocabulary])
    except onnx_export.DamagedExportError as error:
        logging.getLogger(__name__).warning("%s; making it again", error)
        return None
    return found


def _fill(folder: Path, encoder: ExportableEncoder, name: str) -> dict[str, Any]:
    """Write everything but `export.json` to `folder`; return the facts for that file."""
    facts: dict[str, Any] = {"cut": False, "preprocess": None}
    cosine = {}
    try:
        tokenizer = _tokenizer(folder, encoder.tokenizer)
        for kind, tower in encoder.towers().items():
            session = _session(_export(folder, kind, tower))
            given = _INPUTS[kind]
            cosine[kind] = min(
                _compared(session, {given: inputs.numpy()}, expected)
                for inputs, expected in tower.checks
            )
            facts |= tower.facts
        for kind in cosine:
            _quantise(folder, kind)
    except (TypeError, RuntimeError, ValueError, onnx.shape_inference.InferenceError) as error:
        raise NotExportableError(
            f"the model {name!r} cannot be exported to ONNX ({_first_line(error)}): set "
            "QUERY_ENCODER=torch to encode its queries with torch, which is slower and takes a "
            "gigabyte more memory"
        ) from error
    return {
        "name": name,
        "dimension": encoder.dim,
        **facts,
        "opset": OPSET,
        "precision": dict.fromkeys(cosine, FP32),
        "least_cosine": cosine,
        "gate": {},
        "tokenizer": tokenizer,
        "versions": {
            package: version(package)
            for package in ("torch", "open_clip_torch", "onnx", "onnxruntime", "onnxscript")
        },
    }


def _first_line(error: Exception) -> str:
    # The exporter's errors are pages long; the full error is chained.
    return str(error).strip().partition("\n")[0][:200]


def _tokenizer(folder: Path, tokenizer: Any) -> dict[str, Any]:
    if not isinstance(tokenizer, Tokenizer):
        raise TypeError(f"its tokenizer {type(tokenizer).__name__} needs packages of its own")
    return write_tokenizer(tokenizer, folder)


def _export(folder: Path, kind: str, tower: ExportableTower) -> Path:
    path = folder / f"{kind}-{FP32}.onnx"
    shapes = {0: torch.export.Dim("n", min=1, max=MAX_BATCH_SIZE), **tower.free}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of torch, about its internals
        torch.onnx.export(
            tower.module,
            (tower.example,),
            path,
            input_names=[_INPUTS[kind]],
            output_names=["vectors"],
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=(shapes,),
            # Weights in a separate file are memory-mapped, so worker processes share them.
            external_data=True,
            verbose=False,
        )
    _tidy(path)
    return path


def _tidy(path: Path) -> None:
    """Delete the exporter's metadata: source lines, and shapes of inner values.

    Some shapes are those before constant folding, and the quantiser fails on them.
    """
    model = onnx.load(path, load_external_data=False)
    del model.graph.value_info[:]
    for item in (model, model.graph, *model.graph.node, *model.graph.initializer):
        del item.metadata_props[:]
    onnx.save(model, path)


def _session(path: Path) -> Any:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def _compared(session: Any, inputs: dict[str, np.ndarray], expected: np.ndarray) -> float:
    """Return the lowest cosine of the export's vectors with `expected`. Raises `ValueError`."""
    made = session.run(None, inputs)[0]
    least = float((made * expected).sum(axis=1).min())
    if not least >= MIN_COSINE:
        raise ValueError(f"its export gives other vectors, cosine {least:.4f}")
    return least


def _quantise(folder: Path, tower: str) -> None:
    """Write the tower with int8 weights; embeddings and convolutions stay as they are."""
    root = logging.getLogger()
    root.addFilter(_is_not_advice)
    try:
        quantize_dynamic(
            folder / f"{tower}-{FP32}.onnx",
            folder / f"{tower}-{INT8}.onnx",
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            use_external_data_format=True,
        )
    finally:
        root.removeFilter(_is_not_advice)
    for path in folder.glob(f"{tower}-{INT8}.onnx*"):
        path.chmod(0o644)  # the quantiser makes it readable by the owner only


def _is_not_advice(record: logging.LogRecord) -> bool:
    """Return False for the quantiser's advice to preprocess, which is not needed here."""
    return "quantization" not in record.pathname
