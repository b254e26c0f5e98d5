"""open_clip's evaluation transform in Pillow and NumPy: pictures to (n, 3, height, width).

The steps are those of `open_clip.transform.image_transform`, which needs torchvision and torch.
Tests compare the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from PIL import Image

_RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "random": Image.Resampling.BICUBIC,  # random in training only
}


@dataclass(frozen=True)
class Preprocess:
    """The preprocessing of a model's pictures; `size` is (height, width)."""

    size: tuple[int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    interpolation: str = "bicubic"
    resize_mode: str = "shortest"
    fill_color: int = 0

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Read open_clip's `preprocess_cfg`. Raises `KeyError`, `TypeError`, `ValueError`."""
        size = config["size"]
        height, width = (size, size) if isinstance(size, int) else size
        made = cls(
            (int(height), int(width)),
            tuple(config["mean"]),
            tuple(config["std"]),
            config["interpolation"],
            config["resize_mode"],
            int(config["fill_color"]),
        )
        if made.resize_mode not in _RESIZE or made.interpolation not in _RESAMPLING:
            raise ValueError(f"unknown preprocessing {made.resize_mode} {made.interpolation}")
        return made

    def __call__(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Return (n, 3, height, width) float32, normalised."""
        mean, std = (np.array(values, np.float32) for values in (self.mean, self.std))
        fitted = map(self.fitted, pictures)
        scaled = [(np.asarray(picture, np.float32) / 255 - mean) / std for picture in fitted]
        return np.ascontiguousarray(np.stack(scaled).transpose(0, 3, 1, 2))

    def fitted(self, picture: Image.Image) -> Image.Image:
        """Return `picture` in RGB at the model's size, before its values are normalised."""
        # Palette pictures must be RGB before they are resized.
        return _RESIZE[self.resize_mode](self, picture.convert("RGB"))

    def _resized(self, picture: Image.Image, width: int, height: int) -> Image.Image:
        return picture.resize((width, height), _RESAMPLING[self.interpolation])

    def _squash(self, picture: Image.Image) -> Image.Image:
        return self._resized(picture, self.size[1], self.size[0])

    def _shortest(self, picture: Image.Image) -> Image.Image:
        height, width = self.size
        if height != width:
            # open_clip ignores `interpolation` here and always uses bicubic.
            scaled = _scaled(picture, min, self.size)
            return self._centre(picture.resize(scaled, Image.Resampling.BICUBIC), fill=0)
        short = min(picture.size)
        if short == width:
            return self._centre(picture, fill=0)
        wide, high = (
            width if side == short else int(width * side / short) for side in picture.size
        )
        return self._centre(self._resized(picture, wide, high), fill=0)

    def _longest(self, picture: Image.Image) -> Image.Image:
        wide, high = _scaled(picture, max, self.size)
        return self._centre(self._resized(picture, wide, high), fill=self.fill_color)

    def _centre(self, picture: Image.Image, fill: int) -> Image.Image:
        """Pad `picture` if it is too small, then crop its centre."""
        height, width = self.size
        missing = (max(width - picture.width, 0), max(height - picture.height, 0))
        if any(missing):
            padded = Image.new(
                "RGB",
                (picture.width + missing[0], picture.height + missing[1]),
                (fill, fill, fill),
            )
            padded.paste(picture, (missing[0] // 2, missing[1] // 2))
            picture = padded
        left = round((picture.width - width) / 2.0)
        top = round((picture.height - height) / 2.0)
        return picture.crop((left, top, left + width, top + height))


def _scaled(picture: Image.Image, choose: Any, size: tuple[int, int]) -> tuple[int, int]:
    ratio = choose(picture.height / size[0], picture.width / size[1])
    return round(picture.width / ratio), round(picture.height / ratio)


_RESIZE = {
    "shortest": Preprocess._shortest,
    "longest": Preprocess._longest,
    "squash": Preprocess._squash,
}
