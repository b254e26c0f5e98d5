"""Captions by CoCa, decoded here: open_clip's own decoding needs a package that has dropped it.

Yu et al., "CoCa: Contrastive Captioners are Image-Text Foundation Models", 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from search.encoders import Encoder, EncoderUnavailable
from search.encoders.open_clip_encoder import OpenClipEncoder, open_clip

DEFAULT = "coca_ViT-B-32/mscoco_finetuned_laion2b_s13b_b90k"
LONGEST, BEAMS = 30, 5


class Captioner:
    """Writes one caption a picture. Raises `EncoderUnavailable` for a model that cannot write."""

    def __init__(self, encoder: Encoder) -> None:
        model = encoder.model if isinstance(encoder, OpenClipEncoder) else None
        if not isinstance(model, open_clip.CoCa):
            raise EncoderUnavailable(
                f"{encoder.name} finds pictures and cannot write: name a CoCa, such as {DEFAULT}"
            )
        self.model: Any = model
        self.prepare = encoder.prepare
        self.tokenizer = (
            open_clip.SimpleTokenizer()
        )  # ours cannot decode; every trained CoCa has this one

    @torch.inference_mode()
    def write(self, pictures: Sequence[Image.Image]) -> list[str]:
        """Return one caption a picture, "" where the model says nothing."""
        start, end = self.tokenizer.sot_token_id, self.tokenizer.eot_token_id
        said = []
        for picture in pictures:
            tokens = search(self.model, self.prepare(picture)[None], start, end)
            said.append(_sentence(self.tokenizer.decode(tokens)))
        return said


@torch.inference_mode()
def search(
    model: Any, pixels: Tensor, start: int, end: int, *, longest: int = LONGEST, beams: int = BEAMS
) -> list[int]:
    """Return the likeliest tokens for one picture (1, 3, height, width), by beam search.

    Likelihood is the mean log probability of the tokens, the end included, so that a caption is
    not preferred for being short. `longest` counts tokens without start and end; one that has
    not ended by then ends there.
    """
    latent, seen = model._encode_image(pixels)
    lines = torch.tensor([[start]])
    scores = torch.zeros(1)
    ended: list[tuple[float, list[int]]] = []
    for length in range(1, longest + 2):
        logits = model(
            None,
            lines,
            image_latent=latent.expand(len(lines), -1),
            image_embs=seen.expand(len(lines), -1, -1),
            output_labels=False,
        )["logits"][:, -1]
        logs = logits.float().log_softmax(-1)
        ended += [
            (float(score) / length, line[1:].tolist())
            for score, line in zip(scores + logs[:, end], lines, strict=True)
        ]
        if length > longest:
            break
        logs[:, [start, end]] = -torch.inf
        total = scores[:, None] + logs
        scores, places = total.flatten().topk(min(beams, int(total.isfinite().sum())))
        rows, tokens = places // logs.shape[1], places % logs.shape[1]
        lines = torch.cat([lines[rows], tokens[:, None]], dim=1)
    return max(ended)[1]


def _sentence(text: str) -> str:
    """Return `text` as a sentence: one capital, no space before its marks."""
    words = " ".join(text.split()).replace(" .", ".").replace(" ,", ",")
    return words[:1].upper() + words[1:]
