"""`manage.py embed`: make the vectors that searches compare."""

import json
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from search import encoders, tasks
from search.embeddings import activation, embed, known_models, pending, registry
from search.embeddings.prefetch import Throughput
from search.models import EmbeddingModel

# A few minutes of a CPU, so that workers share the work and a lost one costs little. Without the
# queue, progress is shown for each batch of pictures instead.
WORKS_PER_TASK = 256
EXIT_DONE, EXIT_PARTIAL, EXIT_NOTHING = 0, 1, 2


class Command(BaseCommand):
    help = "Embed the pictures and texts that have no vector yet, or whose source has changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--model",
            help="a registered name, an open_clip ARCHITECTURE/TAG, or a checkpoint folder "
            "(default: the active model)",
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--missing", action="store_true", help="embed what is missing or has changed (default)"
        )
        which.add_argument("--all", action="store_true", help="embed every work again")
        parser.add_argument(
            "--force", action="store_true", help="also embed real works with a synthetic model"
        )
        parser.add_argument(
            "--queue", action="store_true", help="queue the work for Celery workers"
        )
        parser.add_argument(
            "--activate", action="store_true", help="activate this model afterwards"
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            model = self._model(options["model"])
            registry.refresh(model)
        except (
            known_models.UnknownModelError,
            encoders.EncoderUnavailableError,
            embed.NoActiveModelError,
        ) as error:
            self.stderr.write(f"Nothing was embedded: {error}")
            sys.exit(EXIT_NOTHING)
        if options["queue"] and options["activate"] and registry.active() not in {None, model}:
            self.stderr.write(
                "Nothing was queued: --activate would switch searches to vectors that workers have "
                "yet to make. Queue first, and run this with --activate when they are done."
            )
            sys.exit(EXIT_NOTHING)
        force = options["force"]
        works = pending.embeddable(model, force)
        if options["all"]:
            # The vectors go on answering searches until new ones take their place.
            model.embeddings.update(source_hash="")
        ids = list(pending.outdated(model, works).order_by("pk").values_list("pk", flat=True))
        left_out = pending.embeddable(model, force=True).count() - works.count()
        summary = {"model": model.name, "embedded": 0, "failed": 0, "left_out": left_out}
        registry.mark_embedding(model)
        if options["queue"]:
            summary["queued"] = self._queue(ids, model, force)
        else:
            failed = self._embed(ids, model, force, summary)
            self._explain(failed)
            tasks.build_indexes(model.pk)
        is_refused = options["activate"] and not self._activate(model, force)
        self._end(summary, time.perf_counter() - started, options["json"])
        if is_refused:
            sys.exit(EXIT_PARTIAL)

    def _model(self, name: str | None) -> EmbeddingModel:
        if name:
            return registry.register(name)
        model = registry.active()
        if model is None:
            raise embed.NoActiveModelError(
                "no model is active; name one, such as "
                f"--model {known_models.DEFAULT.name} --activate"
            )
        return model

    def _activate(self, model: EmbeddingModel, force: bool) -> bool:
        try:
            activation.activate(model, force=force)
        except (activation.ActivationRefusedError, encoders.EncoderUnavailableError) as error:
            self.stderr.write(f"Searches go on as they were: {error}")
            return False
        return True

    def _embed(
        self, ids: Sequence[int], model: EmbeddingModel, force: bool, summary: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Embed in this process; return the failures."""
        encoder, throughput = registry.refresh(model), Throughput()
        with tqdm(total=len(ids), unit="work", disable=None, file=self.stderr) as bar:
            outcome = embed.embed(
                ids, model, encoder, force=force, throughput=throughput, watch=bar.update
            )
        failed: list[dict[str, Any]] = outcome["failed"]
        summary |= {
            "embedded": outcome["embedded"],
            "failed": len(failed),
            **throughput.rates(encoder),
        }
        return failed

    def _queue(self, ids: Sequence[int], model: EmbeddingModel, force: bool) -> int:
        for batch in embed.batches(ids, WORKS_PER_TASK):
            tasks.embed_artworks.delay(batch, model.pk, force)
        tasks.build_indexes.delay(model.pk)
        return len(ids)

    def _explain(self, failed: Sequence[dict[str, Any]]) -> None:
        for message, count in Counter(failure["message"] for failure in failed).most_common(10):
            self.stderr.write(f"{message}" + (f" ({count} works)" if count > 1 else ""))
        if len({failure["message"] for failure in failed}) > 10:
            self.stderr.write("… and others; the next run tries all of them again.")

    def _end(self, summary: dict[str, Any], seconds: float, as_json: bool) -> None:
        summary["seconds"] = round(seconds, 2)
        left_out, failed = summary["left_out"], summary["failed"]
        if left_out:
            self.stderr.write(
                f"{left_out} real works are left out: {summary['model']} was trained on generated "
                f"pictures alone. Use --model {known_models.DEFAULT.name}, or --force to see for "
                "yourself."
            )
        rate = summary["embedded"] / seconds
        pictures = ""
        if summary.get("pictures_per_s"):
            pictures = (
                f"; {summary['pictures_per_s']:.1f} pictures/s, the model alone "
                f"{summary['model_pictures_per_s']:.1f}"
            )
        what = (
            f"{summary['queued']} works queued"
            if "queued" in summary
            else f"{summary['embedded']} works embedded, {failed} failed"
        )
        if as_json:
            self.stdout.write(json.dumps(summary))
        else:
            self.stdout.write(
                f"{summary['model']}: {what} in {seconds:.1f} s ({rate:.1f} works/s{pictures})"
            )
        if left_out or failed:
            works = EmbeddingModel.objects.get(name=summary["model"]).embeddings.exists()
            sys.exit(EXIT_PARTIAL if works else EXIT_NOTHING)
