"""Averaged weights of a run (an exponential moving average): often better than the last ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Averaged:
    """Keeps `decay` of itself at each step and takes the rest from the model."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {
            name: parameter.detach().clone()
            for name, parameter in model.named_parameters()
            if parameter.requires_grad
        }

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take in the model after `step`; early on the average is over what there is."""
        decay = min(self.decay, step / (step + 10))
        for name, parameter in model.named_parameters():
            if name in self.weights:
                self.weights[name].lerp_(parameter, 1 - decay)

    @torch.no_grad()
    def swap(self, model: nn.Module) -> None:
        """Exchange the model's weights and the averaged ones; twice is as before."""
        for name, parameter in model.named_parameters():
            if name in self.weights:
                mine: Tensor = self.weights[name].clone()
                self.weights[name].copy_(parameter)
                parameter.copy_(mine)
