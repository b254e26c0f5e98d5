"""The data of a run: decoded pictures, groups, parts, texts, and validation and test tasks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.datasets.captions import CaptionSampler
from training.datasets.dataset import Dataset, DatasetError
from training.datasets.split import groups, split
from training.finetuning import hard_negatives
from training.finetuning.batches import Pairs
from training.finetuning.distributed import ProcessGroup
from training.finetuning.pixels import prepare
from training.finetuning.towers import Towers
from training.finetuning.validation import RetrievalTask


@dataclass(frozen=True)
class TrainingData:
    """The pixels of a dataset with its training pairs and retrieval tasks, all over one gallery."""

    pixels: np.ndarray
    pixels_key: str
    texts: CaptionSampler
    parts: dict[str, str]
    groups: list[str]
    pairs: Pairs
    validation: RetrievalTask
    test: RetrievalTask
    probe: RetrievalTask | None
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
        processes: ProcessGroup,
    ) -> TrainingData:
        """Decode, group and split, or read what an earlier run left in `cache`."""
        items = dataset.items
        if not processes.is_first:
            processes.wait()  # the first process decodes for all
        pixels = prepare(items, towers.preprocess, cache / "pixels", progress=processes.is_first)
        group_names = groups(items)
        stored = cache / "splits" / f"{dataset.name}-{seed}.json"
        parts = split(dataset, seed, stored if processes.is_first else None)
        probe_task, probe_groups = _probe(probe, towers, cache, processes) if probe else (None, [])
        if processes.is_first:
            processes.wait()
        else:
            parts = split(dataset, seed, stored)
        texts = CaptionSampler(items, towers.fits, seed)
        rows = {part: [] for part in ("train", "val", "test")}  # type: dict[str, list[int]]
        for row, item in enumerate(items):
            if row not in pixels.unreadable and texts.validation_caption(row):
                rows[parts[item.key]].append(row)
        if empty := [part for part, part_rows in rows.items() if not part_rows]:
            raise DatasetError(
                f"{dataset.spec} has too few groups of works to leave any for {empty[0]}: "
                f"{len(items)} works in {len(set(group_names))} groups"
            )
        numbers = {group: number for number, group in enumerate(dict.fromkeys(group_names))}
        return cls(
            pixels=pixels.rows,
            pixels_key=pixels.key,
            texts=texts,
            parts=parts,
            groups=group_names,
            pairs=Pairs(
                pixels.rows,
                np.array(rows["train"]),
                np.array([numbers[group] for group in group_names]),
                texts,
                hard_negatives.to_rows(
                    dataset.hard_negatives, {items[row].key: row for row in rows["train"]}
                ),
            ),
            validation=_task(pixels.rows, texts, rows["val"]),
            test=_task(pixels.rows, texts, rows["test"]),
            probe=probe_task,
            probe_groups=probe_groups,
            unreadable={items[row].key: why for row, why in pixels.unreadable.items()},
        )


def _task(pixels: np.ndarray, texts: CaptionSampler, rows: list[int]) -> RetrievalTask:
    return RetrievalTask(pixels, [texts.validation_caption(row) for row in rows], np.array(rows))


def _probe(
    dataset: Dataset, towers: Towers, cache: Path, processes: ProcessGroup
) -> tuple[RetrievalTask, list[str]]:
    """Return the retrieval task of a probe, and the group of each of its texts."""
    items = dataset.items
    pixels = prepare(items, towers.preprocess, cache / "pixels", progress=processes.is_first)
    texts = CaptionSampler(items, towers.fits, 0)
    readable = (row for row in range(len(items)) if row not in pixels.unreadable)
    rows = [row for row in readable if texts.validation_caption(row)]
    group_names = groups(items)
    return _task(pixels.rows, texts, rows), [group_names[row] for row in rows]
