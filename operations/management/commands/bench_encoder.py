"""`manage.py bench_encoder`: what encoding one query costs."""

import json
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search import encoders
from search.embeddings import known_models
from search.models import EmbeddingModel

RANDOM = "ViT-B-32"


class Command(BaseCommand):
    help = "Measure what encoding one short query costs, by torch and by ONNX Runtime."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--model", help="a registered model; without it, its architecture with random weights"
        )
        parser.add_argument(
            "--architecture", default=RANDOM, help=f"for random weights (default: {RANDOM})"
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="bench-encoder-") as folder:
            settings.EXPORT_DIR = str(Path(folder, "onnx"))
            try:
                model = self._model(options["model"], options["architecture"], Path(folder))
                rows = self._measure(model)
            except (known_models.UnknownModelError, encoders.EncoderUnavailableError) as error:
                raise CommandError(str(error)) from error
        is_random = not options["model"]
        summary = {
            "model": model.name,
            "random_weights": is_random,
            "threads": settings.ENCODER_THREADS,
            "ways": rows,
        }
        if options["json"]:
            self.stdout.write(json.dumps(summary))
            return
        if is_random:
            self.stdout.write(
                f"{model.architecture} with random weights: time and memory do not depend on the "
                "weights; what int8 costs in quality does (manage.py export_model measures it)."
            )
        for row in rows:
            self.stdout.write(
                f"{row['way']:28} p50 {row['p50_ms']:7.2f} ms   least {row['least_ms']:7.2f} ms   "
                f"cosine {row['cosine']:.5f}   memory +{row['memory_mb']:.0f} MiB"
            )

    def _model(self, name: str | None, architecture: str, folder: Path) -> EmbeddingModel:
        if name:
            known = known_models.identify(name)
            model = EmbeddingModel(
                name=known.name,
                architecture=known.architecture,
                pretrained=known.pretrained,
                checkpoint=known.checkpoint,
                dimension=1,
            )
        else:
            checkpoint = folder / "random"
            _write_random(architecture, checkpoint)
            model = EmbeddingModel(
                name=f"{architecture}-random".lower(),
                architecture=architecture,
                checkpoint=str(checkpoint),
                dimension=1,
            )
        model.fingerprint = encoders.get_encoder(model).fingerprint
        return model

    def _measure(self, model: EmbeddingModel) -> list[dict[str, Any]]:
        from search.encoders import (  # noqa: PLC0415
            latency,
            onnx_exporter,
        )

        encoder = encoders.get_encoder(model)
        onnx_exporter.ensure(encoder, model.name)
        return latency.measure(model, encoder)


def _write_random(architecture: str, folder: Path) -> None:
    """Save `architecture` with random weights as a local checkpoint."""
    from safetensors.torch import save_file  # noqa: PLC0415

    from search.encoders.open_clip_encoder import open_clip  # noqa: PLC0415

    config = open_clip.get_model_config(architecture)
    if config is None:
        raise CommandError(f"open_clip knows no architecture {architecture!r}")
    folder.mkdir(parents=True)
    model = open_clip.create_model(architecture, pretrained=None)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    facts = {"model_cfg": config, "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(facts))
