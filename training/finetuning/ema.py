"""Exponential moving average of a run's weights, often better than the last weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class AveragedWeights:
    """Weights that move by 1 - `decay` towards the model's at each step."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {
            name: parameter.detach().clone()
            for name, parameter in model.named_parameters()
            if parameter.requires_grad
        }

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Add the model's weights after `step`; the first steps decay less."""
        decay = min(self.decay, step / (step + 10))
        for name, parameter in model.named_parameters():
            if name in self.weights:
                self.weights[name].lerp_(parameter, 1 - decay)

    @torch.no_grad()
    def swap(self, model: nn.Module) -> None:
        """Exchange the model's weights and the averaged ones; a second call undoes the first."""
        for name, parameter in model.named_parameters():
            if name in self.weights:
                averaged: Tensor = self.weights[name].clone()
                self.weights[name].copy_(parameter)
                parameter.copy_(averaged)
