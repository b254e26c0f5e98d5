"""open_clip's towers in a form that exports with a free batch size and, where exact, free length.

Two things prevent a direct export: open_clip adds all rows of the positional table at any length,
and `nn.MultiheadAttention` writes the traced length into the graph. Weights are shared with the
model, never changed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from search.encoders.exportable import ExportableTower
from search.encoders.torchvision_shim import ensure_torchvision

ensure_torchvision()
import open_clip  # noqa: E402 - imports torchvision, which the line above makes importable
from open_clip.transformer import TextTransformer, text_global_pool  # noqa: E402


class Attention(nn.Module):
    """`nn.MultiheadAttention` written out: softmax(q·kᵀ/√d + mask)·v, batch first, no dropout."""

    def __init__(self, attention: nn.MultiheadAttention) -> None:
        super().__init__()
        self.weight, self.bias = attention.in_proj_weight, attention.in_proj_bias
        self.out_proj = attention.out_proj
        self.heads = attention.num_heads
        self.scale = attention.head_dim**-0.5

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        need_weights: bool = False,
        attn_mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, None]:
        """Return (n, length, width) and None, as `nn.MultiheadAttention` without weights does."""
        if query is key is value:
            projected = F.linear(query, self.weight, self.bias).chunk(3, dim=-1)
        else:
            biases = (None,) * 3 if self.bias is None else self.bias.chunk(3)
            parts = zip((query, key, value), self.weight.chunk(3), biases, strict=True)
            projected = tuple(F.linear(*part) for part in parts)
        q, k, v = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in projected)
        scores = (q * self.scale) @ k.transpose(-1, -2)
        if attn_mask is not None:
            if attn_mask.dim() == 3:  # (n x heads, length, length): padding is masked, too
                attn_mask = attn_mask.unflatten(0, (-1, self.heads))
            scores = scores + attn_mask
        return self.out_proj((scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)), None


def _plain(module: nn.Module) -> nn.Module:
    """Return a copy of `module` on the same weights, with written-out attention."""
    # Parameters stay shared: copying them would double the memory of a large model.
    shared = {id(p): p for p in (*module.parameters(), *module.buffers())}
    copied = copy.deepcopy(module, dict(shared))
    for parent in list(copied.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.MultiheadAttention) and _is_plain(child):
                setattr(parent, name, Attention(child))
    return copied.eval()


def _is_plain(attention: nn.MultiheadAttention) -> bool:
    return (
        attention.in_proj_weight is not None
        and attention.batch_first
        and attention.bias_k is None
        and not attention.add_zero_attn
    )


class ImageTower(nn.Module):
    """(n, 3, height, width) float32 to (n, dim) unit vectors."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.visual = _plain(model.visual)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Encode pictures."""
        return F.normalize(_pooled(self.visual(pixels)), dim=-1)


class TextTower(nn.Module):
    """(n, length) int64 to (n, dim) unit vectors; `cut` says whether it accepts any length up to
    the end token, or only the whole context.

    In a causal tower that pools at the end token, no later position affects the result.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        tower = model if isinstance(model, open_clip.CLIP) else model.text
        self.pool = tower.text_pool_type if tower is model else tower.pool_type
        self.end_id = tower.text_eos_id if tower is model else tower.eos_id
        self.cut = tower.attn_mask is not None and self.pool == "argmax"
        self.embedding, self.position = tower.token_embedding, tower.positional_embedding
        self.transformer = _plain(tower.transformer)
        self.norm, self.projection = tower.ln_final, tower.text_projection
        self.mask: torch.Tensor | None
        self.register_buffer("mask", tower.attn_mask)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Encode token ids."""
        length = tokens.shape[1]
        mask = None if self.mask is None else self.mask[:length, :length]
        x = self.embedding(tokens) + self.position[:length]
        x = self.norm(self.transformer(x, attn_mask=mask))
        x = text_global_pool(x, tokens, self.pool, eos_token_id=self.end_id)
        if isinstance(self.projection, nn.Linear):
            x = self.projection(x)
        elif self.projection is not None:
            x = x @ self.projection
        return F.normalize(x, dim=-1)


class WholeTextTower(nn.Module):
    """Any other text tower (padding masks, class tokens, Hugging Face's), at its full length."""

    cut = False

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.text = _plain(model.text)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Encode token ids."""
        return F.normalize(_pooled(self.text(tokens)), dim=-1)


def _pooled(made: torch.Tensor | tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    # CoCa's towers give their tokens, too.
    return made[0] if isinstance(made, tuple) else made


def text_tower(model: Any) -> TextTower | WholeTextTower:
    """Return the text tower of an open_clip model to export. Raises `TypeError` for other kinds."""
    if isinstance(model, open_clip.CLIP):
        return TextTower(model)
    if not isinstance(model, open_clip.CustomTextCLIP | open_clip.CoCa):
        raise TypeError(f"{type(model).__name__} is neither CLIP, CustomTextCLIP nor CoCa")
    text = model.text
    is_simple = isinstance(text, TextTransformer) and text.cls_emb is None and not text.use_pad_mask
    return TextTower(model) if is_simple else WholeTextTower(model)


def exportable_texts(model: Any, length: int) -> ExportableTower:
    """Return the text tower of an open_clip model; open_clip's own vectors check it."""
    tower = text_tower(model)

    def checks() -> Iterator[tuple[torch.Tensor, np.ndarray]]:
        for rows, end in ((1, 2), (3, length // 3), (2, length - 1), (1, length)):
            tokens = _padded(_tokens(model, rows, end), length)
            with torch.inference_mode():
                expected = model.encode_text(tokens, normalize=True).numpy()
            yield tokens[:, :end] if tower.cut else tokens, expected

    traced = _tokens(model, 2, max(3, length // 2))
    return ExportableTower(
        tower,
        traced if tower.cut else _padded(traced, length),
        checks(),
        free={1: torch.export.Dim("length", min=2, max=length)} if tower.cut else {},
        facts={"cut": tower.cut},
    )


def exportable_pictures(model: Any) -> ExportableTower:
    """Return the image tower of an open_clip model; open_clip's own vectors check it."""
    preprocess = open_clip.get_model_preprocess_cfg(model)
    size = preprocess["size"]
    height, width = (size, size) if isinstance(size, int) else size
    noise = torch.Generator().manual_seed(0)
    pixels = torch.randn(3, 3, height, width, generator=noise)

    def checks() -> Iterator[tuple[torch.Tensor, np.ndarray]]:
        with torch.inference_mode():
            expected = model.encode_image(pixels, normalize=True).numpy()
        yield pixels, expected
        yield pixels[:1], expected[:1]

    return ExportableTower(
        ImageTower(model), pixels[:2], checks(), facts={"preprocess": preprocess}
    )


def _tokens(model: Any, rows: int, length: int) -> torch.Tensor:
    """Return (rows, length) random ids that end with the end token, the highest id."""
    noise = torch.Generator().manual_seed(length)
    end = (model.text if isinstance(model, open_clip.CoCa) else model).vocab_size - 1
    tokens = torch.randint(1, end, (rows, length), generator=noise)
    tokens[:, -1] = end
    return tokens


def _padded(tokens: torch.Tensor, length: int) -> torch.Tensor:
    return F.pad(tokens, (0, length - tokens.shape[1]))
