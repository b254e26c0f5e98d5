"""`manage.py export_model`: export a model to ONNX for the web processes."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import encoders
from search.embeddings import known_models, registry
from search.models import EmbeddingModel


class Command(BaseCommand):
    help = "Export a model to ONNX for the web processes, and measure which precision it may use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="a registered model (default: the active one)")
        parser.add_argument(
            "--force", action="store_true", help="export again even if an export exists"
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, name: str | None, force: bool, **options: Any) -> None:
        from search.encoders import int8_gate, onnx_exporter  # noqa: PLC0415 - they import torch

        started = time.perf_counter()
        model = self._model(name)
        try:
            exported = onnx_exporter.ensure(encoders.get_encoder(model), model.name, force=force)
        except encoders.EncoderUnavailableError as error:
            raise CommandError(str(error)) from error
        measured = int8_gate.run(model, exported)
        if options["json"]:
            facts = {key: value for key, value in exported.facts.items() if key != "files"}
            self.stdout.write(json.dumps({"model": model.name, **facts}))
            return
        for tower, precision in exported.facts["precision"].items():
            files = exported.folder.glob(f"{tower}-{precision}.*")
            size = sum(file.stat().st_size for file in files) / 1e6
            self.stdout.write(f"{tower}: {precision}, {size:.0f} MB{_why(measured.get(tower))}")
        seconds = time.perf_counter() - started
        self.stdout.write(f"{model.name}: exported to {exported.folder} in {seconds:.1f} s")

    def _model(self, name: str | None) -> EmbeddingModel:
        try:
            model = registry.get_registered(name) if name else registry.active()
        except known_models.UnknownModelError as error:
            raise CommandError(str(error)) from error
        if model is None:
            raise CommandError("no model is active: manage.py activate NAME")
        return model


def _why(figures: Any) -> str:
    if figures is None:
        return " (int8 not measured: too few works are embedded; run this again when there are)"
    return (
        f" (int8 {'passed' if figures.passed else 'refused: ' + figures.reason}; overlap@10 "
        f"{figures.overlap_at_10:.3f}, recall@10 {figures.recall_at_10_fp32:.3f} → "
        f"{figures.recall_at_10_int8:.3f}, {figures.queries} queries, {figures.works} works)"
    )
