"""Take a model further on a museum's own pictures and texts."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from search import encoders
from search.embeddings import known_models, registry
from search.encoders import families
from search.models import EmbeddingModel


class Command(BaseCommand):
    """Under torchrun all processes do the work, and the first one speaks and writes."""

    help = "Fine-tunes a CLIP on pictures with texts, and registers the result as a draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options; those of the recipe have its values where they are left out."""
        parser.add_argument(
            "--base", help="a model's name, ARCHITECTURE/TAG or folder (the active model)"
        )
        parser.add_argument(
            "--towers",
            help="instead of --base: two frozen encoders whose projections are trained, such as "
            "resnet34+distilbert-base-uncased, or resnet34+transformer",
        )
        parser.add_argument(
            "--untrained", action="store_true", help="--towers without weights from the hub"
        )
        parser.add_argument(
            "--data", default="artic", help="artic (the default), sample, folder:DIR, coco:DIR, …"
        )
        parser.add_argument(
            "--probe", help="data of another kind; the model may lose one point of recall there"
        )
        parser.add_argument("--name", help="of the new model (BASE-on-DATA)")
        parser.add_argument("--phases", type=_numbers, help="1,2 (the default), 1 or 2")
        parser.add_argument("--epochs", type=int, help="of phase 2 at most (10)")
        parser.add_argument("--batch", type=int, help="pairs that are contrasted (256)")
        parser.add_argument("--micro", type=int, help="pairs in memory at a time (64)")
        parser.add_argument("--rate", type=float, help="peak learning rate of phase 2 (1e-5)")
        parser.add_argument("--ema", type=float, help="average weights with this decay (no)")
        parser.add_argument(
            "--image-blocks", type=int, help="upper blocks of the image tower that learn (all)"
        )
        parser.add_argument(
            "--alphas", type=int, help="of the WiSE-FT sweep, 0 and 1 included (11)"
        )
        parser.add_argument("--seed", type=int, help="of split, order and texts (0)")
        parser.add_argument("--threads", type=int, default=0, help="torch threads; 0: all cores")
        parser.add_argument("--resume", action="store_true", help="go on with a run that was ended")
        parser.add_argument(
            "--save-minutes", type=float, default=10.0, help="how often a run is saved (10)"
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fine-tune, write, register."""
        import torch  # noqa: PLC0415 - `manage.py help` needs none

        from training import datasets  # noqa: PLC0415
        from training.finetuning import (  # noqa: PLC0415
            distributed,
            frozen_towers,
            projections,
            registration,
        )
        from training.finetuning import run as run_module  # noqa: PLC0415

        if options["threads"]:
            torch.set_num_threads(options["threads"])
        try:
            with distributed.joined() as (rank, device):
                run, base = self._run(options, rank, device)
                tuned = run_module.run(run)
                if not rank.is_first:
                    return
                facts = registration.facts(run, tuned, base, " ".join(["manage.py", *sys.argv[1:]]))
                registration.write(run.folder, tuned, facts)
                model = self._registered(run, facts)
                run.clear()
        except (
            known_models.UnknownModelError,
            encoders.EncoderUnavailableError,
            datasets.DatasetError,
            registration.NameTaken,
            projections.NoProjection,
            frozen_towers.UnknownTowers,
        ) as error:
            raise CommandError(f"Nothing was trained: {error}") from error
        self._tell(model.name, run.folder, facts)
        if options["json"]:
            self.stdout.write(json.dumps({"model": model.name, **facts}))

    def _run(self, options: dict[str, Any], rank: Any, device: Any) -> Any:
        from training import datasets  # noqa: PLC0415
        from training.finetuning import registration  # noqa: PLC0415
        from training.finetuning import run as run_module  # noqa: PLC0415
        from training.finetuning.config import Recipe  # noqa: PLC0415

        folder = Path(settings.DATA_DIR) / "models"
        base = self._towers(options, folder) if options["towers"] else self._base(options["base"])
        dataset = datasets.load(options["data"])
        name = options["name"] or slugify(f"{base.name}-on-{dataset.name}")[:100]
        if slugify(name) != name:
            raise CommandError(f"--name {name}: use small letters, digits and hyphens")
        registration.require_free(name)
        chosen = (
            "phases",
            "epochs",
            "batch",
            "micro",
            "rate",
            "ema",
            "image_blocks",
            "alphas",
            "seed",
        )
        stated = {key: options[key] for key in chosen if options[key] is not None}
        if options["towers"]:
            stated |= {"frozen": True, "phases": (1,)}
        recipe = Recipe(**stated)
        encoder = encoders.get_encoder(base)
        if families.PICTURES not in families.family_of(base).kinds:
            raise CommandError(f"--base {base.name} reads texts alone: give a model of pictures")
        run = run_module.Run(
            base=encoder,  # type: ignore[arg-type]
            dataset=dataset,
            recipe=recipe,
            folder=folder / name,
            cache=Path(settings.DATA_DIR) / "cache" / "finetune",
            probe=datasets.load(options["probe"]) if options["probe"] else None,
            ranks=rank,
            device=device,
            report=self.stderr.write if rank.is_first else _silent,
            save_minutes=options["save_minutes"],
        )
        if options["resume"]:
            if run.kept.load() is None:
                raise CommandError(
                    f"There is nothing to resume: no run with these options, on these data, was "
                    f"ended in {run.folder}. Leave --resume out to begin"
                )
        elif rank.is_first:
            run.clear()
        rank.wait()
        return run, base

    def _registered(self, run: Any, facts: dict[str, Any]) -> EmbeddingModel:
        from training.finetuning import registration  # noqa: PLC0415

        try:
            return registration.register(run.folder, facts)
        except encoders.EncoderUnavailableError as error:
            raise CommandError(
                f"The model is trained, and cannot be loaded from {run.folder}: {error}. "
                "Remove the cause, then give the same command with --resume"
            ) from error

    def _base(self, name: str | None) -> Any:
        if name:
            return registry.register(name)
        if (active := registry.active()) is None:
            raise CommandError("no model is active: name one with --base")
        return active

    def _towers(self, options: dict[str, Any], folder: Path) -> Any:
        """Return two encoders side by side as a model that is not registered."""
        from training.finetuning import frozen_towers  # noqa: PLC0415

        name = slugify(options["towers"].replace("+", "-"))
        place = folder / "towers" / name
        frozen_towers.write(
            options["towers"],
            place,
            pretrained=not options["untrained"],
            seed=options["seed"] or 0,
        )
        return EmbeddingModel(name=name, architecture=name, checkpoint=str(place), dimension=1)

    def _tell(self, name: str, folder: Path, facts: dict[str, Any]) -> None:
        found, gain = facts["figures"], facts["figures"]["gain_ci"]
        for measure in ("R@1", "R@5", "R@10", "MRR"):
            low, high = gain[measure]
            self.stdout.write(
                f"{measure:5} {found['base'][measure]:.3f} -> {found['tuned'][measure]:.3f}"
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


def _silent(line: str) -> None:
    """Say nothing: the first process speaks."""
