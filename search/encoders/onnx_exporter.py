"""A model to ONNX, once, so that web processes need no torch.

Each tower is written in fp32, compared with the model's own output, and written again with int8
weights (dynamic quantisation). The gate (`int8_gate.py`) decides which of the two answers.
"""

from __future__ import annotations

import logging
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import onnxruntime
import torch
from django.conf import settings
from django.core.files import locks
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from search.encoders import Encoder, EncoderUnavailable, exportable_towers, onnx_export
from search.encoders.exportable_towers import open_clip
from search.encoders.onnx_export import FP32, IMAGE, INT8, TEXT, Artifact
from search.encoders.open_clip_encoder import OpenClipEncoder
from search.encoders.sentence_encoder import SentenceEncoder
from search.encoders.tokenizers.word import WordTokenizer
from search.encoders.tokenizers.wordpiece import WordPieceTokenizer

if TYPE_CHECKING:
    from open_clip.tokenizer import SimpleTokenizer

# Opset 20 has GELU as one operator, and is the newest that ONNX Runtime 1.17 and later run whole.
OPSET = 20
# An fp32 export whose vectors are further from open_clip's than this is not kept.
LEAST_COSINE = 0.9999
MOST_AT_ONCE = 4096


class NotExportable(EncoderUnavailable):
    """This model cannot be exported; the message says what to do instead."""


def ensure(encoder: Encoder, name: str, *, force: bool = False) -> Artifact:
    """Return the export of `encoder`, made now if there is none, or none that is whole.

    Takes about a minute for ViT-B-32. Raises `NotExportable`.
    """
    if not isinstance(encoder, OpenClipEncoder | SentenceEncoder):
        raise NotExportable(f"the model {name!r} is of no kind that can be exported")
    folder = Path(settings.EXPORT_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    # Workers that start together would each export; the others wait and take the first one's.
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
    except onnx_export.Damaged as error:
        logging.getLogger(__name__).warning("%s; making it again", error)
        return None
    return found


def _fill(folder: Path, encoder: OpenClipEncoder | SentenceEncoder, name: str) -> dict[str, Any]:
    """Write everything but `export.json` to `folder`; return what that will say."""
    try:
        tokenizer = _tokenizer(folder, encoder.tokenizer)
        if isinstance(encoder, SentenceEncoder):
            cut, preprocess = False, None
            cosine = {TEXT: _sentences(folder, encoder)}
        else:
            text = exportable_towers.text_tower(encoder.model)
            cut, preprocess = text.cut, open_clip.get_model_preprocess_cfg(encoder.model)
            cosine = {TEXT: _text(folder, encoder, text), IMAGE: _image(folder, encoder)}
        for tower in cosine:
            _quantise(folder, tower)
    except (TypeError, RuntimeError, ValueError, onnx.shape_inference.InferenceError) as error:
        raise NotExportable(
            f"the model {name!r} cannot be exported to ONNX ({_first_line(error)}): set "
            "QUERY_ENCODER=torch to encode its queries with torch, which is slower and takes a "
            "gigabyte more memory"
        ) from error
    return {
        "name": name,
        "dimension": encoder.dim,
        "cut": cut,
        "opset": OPSET,
        "precision": dict.fromkeys(cosine, FP32),
        "least_cosine": cosine,
        "gate": {},
        "tokenizer": tokenizer,
        "preprocess": preprocess,
        "versions": {
            package: version(package)
            for package in ("torch", "open_clip_torch", "onnx", "onnxruntime", "onnxscript")
        },
    }


def _first_line(error: Exception) -> str:
    # The exporter's errors are pages long; the whole is chained.
    return str(error).strip().partition("\n")[0][:200]


def _tokenizer(folder: Path, tokenizer: Any) -> dict[str, Any]:
    facts = {"context_length": int(tokenizer.context_length)}
    if isinstance(tokenizer, WordTokenizer):
        kind = onnx_export.WORDS
        tokenizer.save(folder / onnx_export.VOCABULARY[kind])
    elif isinstance(tokenizer, WordPieceTokenizer):
        kind = onnx_export.WORD_PIECES
        tokenizer.save(folder / onnx_export.VOCABULARY[kind])
    elif _is_clips_own(tokenizer):
        kind = onnx_export.BYTE_PAIRS
        shutil.copyfile(open_clip.tokenizer.default_bpe(), folder / onnx_export.VOCABULARY[kind])
    else:
        raise TypeError(f"its tokenizer {type(tokenizer).__name__} needs packages of its own")
    return {"kind": kind, **facts}


def _is_clips_own(tokenizer: SimpleTokenizer) -> bool:
    plain = open_clip.SimpleTokenizer
    return (
        type(tokenizer) is plain
        and tokenizer.reduction_fn is None
        and tokenizer.clean_fn is open_clip.tokenizer.get_clean_fn("lower")
        and len(tokenizer.all_special_ids) == 2
    )


def _text(folder: Path, encoder: OpenClipEncoder, tower: nn.Module) -> float:
    """Export the text tower; return the least cosine with open_clip's own vectors."""
    length = encoder.context_length
    free = {1: torch.export.Dim("length", min=2, max=length)} if tower.cut else {}
    traced = _tokens(encoder, 2, max(3, length // 2))
    path = _export(folder, TEXT, tower, traced if tower.cut else _padded(traced, length), free)
    least = 1.0
    session = _session(path)
    for rows, end in ((1, 2), (3, length // 3), (2, length - 1), (1, length)):
        tokens = _padded(_tokens(encoder, rows, end), length)
        given = tokens[:, :end] if tower.cut else tokens
        with torch.inference_mode():
            wanted = encoder.model.encode_text(tokens, normalize=True).numpy()
        least = min(least, _compared(session, {"tokens": given.numpy()}, wanted))
    return least


def _sentences(folder: Path, encoder: SentenceEncoder) -> float:
    """Export a sentence encoder; return the least cosine with its own vectors."""
    length = encoder.context_length
    noise = torch.Generator().manual_seed(0)

    def tokens(size: int) -> torch.Tensor:
        return torch.randint(0, encoder.tower.vocab_size, (2, size), generator=noise)

    free = {1: torch.export.Dim("length", min=2, max=length)}
    session = _session(_export(folder, TEXT, encoder.tower, tokens(length // 2), free))
    with torch.inference_mode():
        return min(
            _compared(session, {"tokens": given.numpy()}, encoder.tower(given).numpy())
            for given in map(tokens, (2, length // 3, length))
        )


def _image(folder: Path, encoder: OpenClipEncoder) -> float:
    """Export the image tower; return the least cosine with open_clip's own vectors."""
    size = open_clip.get_model_preprocess_cfg(encoder.model)["size"]
    height, width = (size, size) if isinstance(size, int) else size
    noise = torch.Generator().manual_seed(0)
    pixels = torch.randn(3, 3, height, width, generator=noise)
    path = _export(folder, IMAGE, exportable_towers.ImageTower(encoder.model), pixels[:2], {})
    session = _session(path)
    with torch.inference_mode():
        wanted = encoder.model.encode_image(pixels, normalize=True).numpy()
    return min(
        _compared(session, {"pixels": pixels[rows].numpy()}, wanted[rows])
        for rows in (slice(0, 3), slice(0, 1))
    )


def _tokens(encoder: OpenClipEncoder, rows: int, length: int) -> torch.Tensor:
    """Return (rows, length) random ids that end with the end token, the highest id."""
    noise = torch.Generator().manual_seed(length)
    end = encoder.model.vocab_size - 1
    tokens = torch.randint(1, end, (rows, length), generator=noise)
    tokens[:, -1] = end
    return tokens


def _padded(tokens: torch.Tensor, length: int) -> torch.Tensor:
    return nn.functional.pad(tokens, (0, length - tokens.shape[1]))


def _export(
    folder: Path, name: str, tower: nn.Module, example: torch.Tensor, free: dict[int, Any]
) -> Path:
    path = folder / f"{name}-{FP32}.onnx"
    given = {TEXT: "tokens", IMAGE: "pixels"}[name]
    shapes = {0: torch.export.Dim("n", min=1, max=MOST_AT_ONCE), **free}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # of torch, about its own insides
        torch.onnx.export(
            tower,
            (example,),
            path,
            input_names=[given],
            output_names=["vectors"],
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=(shapes,),
            # Weights in a file of their own are mapped, not copied: worker processes share them.
            external_data=True,
            verbose=False,
        )
    _tidy(path)
    return path


def _tidy(path: Path) -> None:
    """Drop what the exporter notes beside the graph: source lines, and shapes of inner values.

    Some of the shapes are of values as they were before it folded constants, and the quantiser
    stops at them.
    """
    model = onnx.load(path, load_external_data=False)
    del model.graph.value_info[:]
    for item in (model, model.graph, *model.graph.node, *model.graph.initializer):
        del item.metadata_props[:]
    onnx.save(model, path)


def _session(path: Path) -> Any:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def _compared(session: Any, inputs: dict[str, np.ndarray], wanted: np.ndarray) -> float:
    """Return the least cosine of what the export makes with `wanted`. Raises `ValueError`."""
    made = session.run(None, inputs)[0]
    least = float((made * wanted).sum(axis=1).min())
    if not least >= LEAST_COSINE:
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
        path.chmod(0o644)  # it is written for the owner alone


def _is_not_advice(record: logging.LogRecord) -> bool:
    """Whether a record is other than the quantiser's advice to preprocess, needless here."""
    return "quantization" not in record.pathname
