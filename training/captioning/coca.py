"""Captions by CoCa, decoded here: open_clip's decoding needs code that transformers has removed.

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
MAX_TOKENS, BEAMS = 30, 5


class Captioner:
    """Write one caption a picture. Raises `EncoderUnavailable` for a model that cannot write."""

    def __init__(self, encoder: Encoder) -> None:
        if not isinstance(encoder, OpenClipEncoder) or not isinstance(
            encoder.model, open_clip.CoCa
        ):
            raise EncoderUnavailable(
                f"{encoder.name} finds pictures but cannot write: name a CoCa, such as {DEFAULT}"
            )
        self.model: Any = encoder.model
        self.prepare = encoder.prepare
        self.tokenizer = encoder.tokenizer

    @torch.inference_mode()
    def write(self, pictures: Sequence[Image.Image]) -> list[str]:
        """Return one caption a picture; "" if the model writes nothing."""
        start, end = self.tokenizer.sot_token_id, self.tokenizer.eot_token_id
        captions = []
        for picture in pictures:
            tokens = beam_search(self.model, self.prepare(picture)[None], start, end)
            captions.append(_sentence(self.tokenizer.decode(tokens)))
        return captions


@torch.inference_mode()
def beam_search(
    model: Any,
    pixels: Tensor,
    start: int,
    end: int,
    *,
    longest: int = MAX_TOKENS,
    beams: int = BEAMS,
) -> list[int]:
    """Return the likeliest tokens for one picture (1, 3, height, width), by beam search.

    The score is the mean log probability of the tokens, the end included, so that short captions
    have no advantage. A caption ends after `longest` tokens, start and end not counted.
    """
    latent, embeddings = model._encode_image(pixels)
    lines = torch.tensor([[start]])
    scores = torch.zeros(1)
    ended: list[tuple[float, list[int]]] = []
    for length in range(1, longest + 2):
        logits = model(
            None,
            lines,
            image_latent=latent.expand(len(lines), -1),
            image_embs=embeddings.expand(len(lines), -1, -1),
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
    """Return `text` with a capital letter and without spaces before punctuation."""
    words = " ".join(text.split()).replace(" .", ".").replace(" ,", ",")
    return words[:1].upper() + words[1:]
