"""Make `import torchvision` work beside the CPU build of torch.

torchvision on PyPI is linked against CUDA. Beside a torch without CUDA its compiled operators
cannot load, and the import ends in "operator torchvision::nms does not exist", though open_clip
needs none of them: only transforms. Declaring the operators is enough; they stay unusable.
Where torchvision is healthy this does nothing.
"""

import sys

import torch

# The declarations vanish with this object.
_library: torch.library.Library | None = None

_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def _import() -> None:
    import torchvision  # noqa: F401, PLC0415 - the attempt is the point


def _forget() -> None:
    """Drop what a failed import left behind, so that the next one starts afresh."""
    for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
        del sys.modules[name]


def ensure_torchvision() -> None:
    """Import torchvision, declaring its missing operators first where they are missing."""
    global _library  # noqa: PLW0603 - one process, one declaration
    try:
        _import()
    except RuntimeError as error:
        if _library is not None or "torchvision::" not in str(error):
            raise
        _forget()
        _library = torch.library.Library("torchvision", "DEF")
        for operator in _OPERATORS:
            _library.define(operator)
        _import()
