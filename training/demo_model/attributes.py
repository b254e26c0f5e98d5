"""Attributes of scenes and texts as rows of booleans, so that a batch is compared at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from training.demo_model.texts import Attribute


class AttributeIndex:
    """Columns for all attributes of a set of scenes, in a fixed order."""

    def __init__(self, sets: Iterable[frozenset[Attribute]]) -> None:
        names: set[Attribute] = set()
        self.column = {name: number for number, name in enumerate(sorted(names.union(*sets)))}

    def rows(self, sets: Iterable[Iterable[Attribute]]) -> np.ndarray:
        """Return (sets, attributes) bool. An unknown attribute raises `KeyError`."""
        columns = [[self.column[name] for name in members] for members in sets]
        table = np.zeros((len(columns), len(self.column)), bool)
        for row, members in zip(table, columns, strict=True):
            row[members] = True
        return table
