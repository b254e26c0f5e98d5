"""What a run works on: decoded pictures, groups, parts, drawn texts, and who judges it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.datasets import Dataset, DatasetError
from training.datasets.captions import Drawn
from training.datasets.split import groups, split
from training.finetuning import hard_negatives
from training.finetuning.batches import Pairs
from training.finetuning.distributed import Ranks
from training.finetuning.pixels import prepare
from training.finetuning.towers import Towers
from training.finetuning.validation import Judge


@dataclass(frozen=True)
class Material:
    """The pixels of a dataset, what is trained on, and what judges: all over one gallery."""

    pixels: np.ndarray
    pixels_key: str
    texts: Drawn
    parts: dict[str, str]
    groups: list[str]
    pairs: Pairs
    validation: Judge
    test: Judge
    probe: Judge | None
    probe_groups: list[str]
    unreadable: dict[str, str]

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        probe: Dataset | None,
        towers: Towers,
        *,
        seed: int,
        cache: Path,
        ranks: Ranks,
    ) -> Material:
        """Decode, group and split, or find what an earlier run left."""
        items = dataset.items
        if not ranks.is_first:
            ranks.wait()  # the first process decodes, the others find it done
        pixels = prepare(items, towers.preprocess, cache / "pixels", progress=ranks.is_first)
        grouped = groups(items)
        stored = cache / "splits" / f"{dataset.name}-{seed}.json"
        parts = split(dataset, seed, stored if ranks.is_first else None)
        judged, probe_groups = _probe(probe, towers, cache, ranks) if probe else (None, [])
        if ranks.is_first:
            ranks.wait()
        else:
            parts = split(dataset, seed, stored)
        texts = Drawn(items, towers.fits, seed)
        rows = {part: [] for part in ("train", "val", "test")}  # type: dict[str, list[int]]
        for row, item in enumerate(items):
            if row not in pixels.unreadable and texts.fixed(row):
                rows[parts[item.key]].append(row)
        if empty := [part for part, found in rows.items() if not found]:
            raise DatasetError(
                f"{dataset.spec} has too few groups of works to leave some for {empty[0]}: "
                f"{len(items)} works in {len(set(grouped))} groups"
            )
        numbers = {group: number for number, group in enumerate(dict.fromkeys(grouped))}
        return cls(
            pixels=pixels.rows,
            pixels_key=pixels.key,
            texts=texts,
            parts=parts,
            groups=grouped,
            pairs=Pairs(
                pixels.rows,
                np.array(rows["train"]),
                np.array([numbers[group] for group in grouped]),
                texts,
                hard_negatives.of_rows(
                    dataset.judged, {items[row].key: row for row in rows["train"]}
                ),
            ),
            validation=_judge(pixels.rows, texts, rows["val"]),
            test=_judge(pixels.rows, texts, rows["test"]),
            probe=judged,
            probe_groups=probe_groups,
            unreadable={items[row].key: why for row, why in pixels.unreadable.items()},
        )


def _judge(pixels: np.ndarray, texts: Drawn, rows: list[int]) -> Judge:
    return Judge(pixels, [texts.fixed(row) for row in rows], np.array(rows))


def _probe(dataset: Dataset, towers: Towers, cache: Path, ranks: Ranks) -> tuple[Judge, list[str]]:
    """Return who judges by a probe, and the group of each of its texts."""
    items = dataset.items
    pixels = prepare(items, towers.preprocess, cache / "pixels", progress=ranks.is_first)
    texts = Drawn(items, towers.fits, 0)
    rows = [n for n in range(len(items)) if n not in pixels.unreadable and texts.fixed(n)]
    grouped = groups(items)
    return _judge(pixels.rows, texts, rows), [grouped[row] for row in rows]
