"""`manage.py finetune`: fine-tune a model on a museum's own pictures and texts."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import torch
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from search import encoders
from search.embeddings import known_models, registry
from search.models import EmbeddingModel
from training.datasets import specs
from training.datasets.dataset import DatasetError
from training.finetuning import distributed, frozen_towers, registration
from training.finetuning.config import Recipe
from training.finetuning.distributed import ProcessGroup
from training.finetuning.projections import NoProjectionError
from training.finetuning.run import Run, finetune

# The options that replace a setting of the recipe.
RECIPE_OPTIONS = (
    "phases", "epochs", "batch", "micro", "rate", "ema", "image_blocks", "alphas", "seed",
)  # fmt: skip


class Command(BaseCommand):
    """Under torchrun all processes train, and the first one prints and writes files."""

    help = "Fine-tune a CLIP on pictures with texts, and register the result as a draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options; the recipe supplies the values of those that are left out."""
        parser.add_argument(
            "--base", help="a model's name, ARCHITECTURE/TAG or folder (default: the active model)"
        )
        parser.add_argument(
            "--towers",
            help="instead of --base: two frozen encoders whose projections to train, such as "
            "resnet34+distilbert-base-uncased, or resnet34+transformer",
        )
        parser.add_argument(
            "--untrained", action="store_true", help="do not download the weights of --towers"
        )
        parser.add_argument(
            "--data", default="artic", help="artic (the default), sample, folder:DIR, coco:DIR, …"
        )
        parser.add_argument(
            "--probe", help="data of another kind, on which the model may lose one point of recall"
        )
        parser.add_argument("--name", help="name of the new model (default: BASE-on-DATA)")
        parser.add_argument("--phases", type=_numbers, help="1,2 (the default), 1 or 2")
        parser.add_argument("--epochs", type=int, help="most epochs of phase 2 (10)")
        parser.add_argument("--batch", type=int, help="contrasted pairs (256)")
        parser.add_argument("--micro", type=int, help="pairs in memory at a time (64)")
        parser.add_argument("--rate", type=float, help="peak learning rate of phase 2 (1e-5)")
        parser.add_argument("--ema", type=float, help="decay of averaged weights (no averaging)")
        parser.add_argument(
            "--image-blocks", type=int, help="upper blocks of the image tower to train (all)"
        )
        parser.add_argument(
            "--alphas", type=int, help="points of the WiSE-FT sweep, 0 and 1 included (11)"
        )
        parser.add_argument("--seed", type=int, help="seed of split, order and texts (0)")
        parser.add_argument("--threads", type=int, default=0, help="torch threads; 0: all cores")
        parser.add_argument("--resume", action="store_true", help="resume an interrupted run")
        parser.add_argument(
            "--save-minutes", type=float, default=10.0, help="minutes between checkpoints (10)"
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fine-tune, write, register."""
        if options["threads"]:
            torch.set_num_threads(options["threads"])
        try:
            with distributed.joined() as (processes, device):
                run, base = self._run(options, processes, device)
                tuned = finetune(run)
                if not processes.is_first:
                    return
                facts = registration.run_facts(
                    run, tuned, base, " ".join(["manage.py", *sys.argv[1:]])
                )
                registration.write(run.folder, tuned, facts)
                run.clear()
                model = registration.register(run.folder, facts)
        except (
            known_models.UnknownModel,
            encoders.EncoderUnavailable,
            DatasetError,
            registration.NameTakenError,
            NoProjectionError,
            frozen_towers.UnknownTowersError,
        ) as error:
            raise CommandError(f"Nothing was trained: {error}") from error
        self._print(model.name, run.folder, facts)
        if options["json"]:
            self.stdout.write(json.dumps({"model": model.name, **facts}))

    def _run(
        self, options: dict[str, Any], processes: ProcessGroup, device: torch.device
    ) -> tuple[Run, EmbeddingModel]:
        folder = Path(settings.DATA_DIR) / "models"
        base = self._towers(options, folder) if options["towers"] else self._base(options["base"])
        dataset = specs.load(options["data"])
        name = options["name"] or slugify(f"{base.name}-on-{dataset.name}")[:100]
        if slugify(name) != name:
            raise CommandError(f"--name {name}: use small letters, digits and hyphens")
        registration.require_free(name)
        recipe_options = {
            name: options[name] for name in RECIPE_OPTIONS if options[name] is not None
        }
        if options["towers"]:
            recipe_options |= {"frozen": True, "phases": (1,)}
        recipe = Recipe(**recipe_options)
        encoder = encoders.get_encoder(base)
        if base.is_sentence_encoder:
            raise CommandError(
                f"--base {base.name} encodes texts only: give a model of pictures and texts"
            )
        run = Run(
            base=encoder,  # type: ignore[arg-type]
            dataset=dataset,
            recipe=recipe,
            folder=folder / name,
            cache=Path(settings.DATA_DIR) / "cache" / "finetune",
            probe=specs.load(options["probe"]) if options["probe"] else None,
            processes=processes,
            device=device,
            report=self.stderr.write if processes.is_first else _ignore,
            save_minutes=options["save_minutes"],
        )
        if options["resume"]:
            if run.checkpoints.load() is None:
                raise CommandError(
                    f"There is nothing to resume: {run.folder} has no checkpoint of a run "
                    "with these options on these data. Leave out --resume to start one"
                )
        elif processes.is_first:
            run.clear()
        processes.wait()
        return run, base

    def _base(self, name: str | None) -> EmbeddingModel:
        if name:
            return registry.register(name)
        if (active := registry.active()) is None:
            raise CommandError("no model is active: name one with --base")
        return active

    def _towers(self, options: dict[str, Any], folder: Path) -> EmbeddingModel:
        """Write a pair of frozen encoders, and return it as an unregistered model."""
        name = slugify(options["towers"].replace("+", "-"))
        checkpoint = folder / "towers" / name
        frozen_towers.write(
            options["towers"],
            checkpoint,
            pretrained=not options["untrained"],
            seed=options["seed"] or 0,
        )
        return EmbeddingModel(name=name, architecture=name, checkpoint=str(checkpoint), dimension=1)

    def _print(self, name: str, folder: Path, facts: dict[str, Any]) -> None:
        figures, gain = facts["figures"], facts["figures"]["gain_ci"]
        for measure in ("R@1", "R@5", "R@10", "MRR"):
            low, high = gain[measure]
            self.stdout.write(
                f"{measure:5} {figures['base'][measure]:.3f} -> {figures['tuned'][measure]:.3f}"
                f"  ({low:+.3f} to {high:+.3f})"
            )
        memory = ", ".join(f"{mb} MB ({of})" for of, mb in facts["peak_memory_mb"].items())
        self.stdout.write(
            f"{name}: draft in {folder}, alpha {facts['alpha']:g}, {facts['seconds']:.0f} s, "
            f"peak memory {memory}; next: manage.py embed --model {name}, then manage.py activate "
            f"{name}"
        )


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in text.split(","))
    if not numbers or set(numbers) - {1, 2}:
        raise ValueError(text)
    return numbers


def _ignore(line: str) -> None:
    """Drop a line of progress: only the first process prints."""
