"""The files of an export: the towers as ONNX, the tokenizer, and `export.json`.

Each fingerprint has a folder, `EXPORT_DIR/{fingerprint}`. It is written under another name and
renamed in one step, so a reader finds the whole export or none. This module needs neither torch
nor onnxruntime.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from search.encoders import tokenizers
from search.encoders.base import EncoderUnavailableError

# Increase it when the format changes and older exports must be made again.
FORMAT = 1
TEXT, IMAGE = "text", "image"
FP32, INT8 = "fp32", "int8"
FACTS = "export.json"


class DamagedExportError(EncoderUnavailableError):
    """An export cannot be used; `manage.py export_model` makes it again."""


@dataclass(frozen=True)
class Artifact:
    """One export. `facts` is `export.json`; `precision` in it names the file each tower uses."""

    folder: Path
    facts: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the weights that were exported."""
        return str(self.facts["fingerprint"])

    def model(self, tower: str, precision: str = "") -> Path:
        """Return the ONNX file of a tower, by default in the precision chosen for it."""
        return self.folder / f"{tower}-{precision or self.facts['precision'][tower]}.onnx"

    @property
    def towers(self) -> list[str]:
        """Return the names of the towers; a sentence encoder has no image tower."""
        return list(self.facts["precision"])

    @property
    def vocabulary(self) -> Path:
        """Return the tokenizer's file."""
        return self.folder / tokenizers.FILES[self.facts["tokenizer"]["kind"]]

    def check(self, paths: Iterable[Path]) -> None:
        """Verify the checksums of files, and of the weights beside an ONNX file.

        Raises `DamagedExportError`.
        """
        for path in paths:
            for name in (path.name, f"{path.name}.data"):
                expected = self.facts["files"].get(name)
                if expected is None and name != path.name:
                    continue
                if not (self.folder / name).is_file():
                    raise self.damage_error(f"{name} is missing")
                if checksum(self.folder / name) != expected:
                    raise self.damage_error(f"{name} is not what was written")

    def damage_error(self, what: str) -> DamagedExportError:
        """Return the error for the problem `what`, with how to correct it."""
        return _damage_error(self.folder, what)

    def save(self) -> None:
        """Write `export.json` in one step."""
        partial = self.folder / f"{FACTS}.{uuid.uuid4().hex[:8]}"
        partial.write_text(json.dumps(self.facts, indent=1, sort_keys=True) + "\n", "utf-8")
        partial.replace(self.folder / FACTS)


def place(fingerprint: str) -> Path:
    """Return the folder of the export of these weights."""
    return Path(settings.EXPORT_DIR, fingerprint)


def read(fingerprint: str) -> Artifact | None:
    """Return the export of these weights; None if there is none. Raises `DamagedExportError`."""
    folder = place(fingerprint)
    try:
        facts = json.loads((folder / FACTS).read_text("utf-8"))
        made = Artifact(folder, facts)
        if facts["format"] != FORMAT:
            raise made.damage_error("it was made by another version of Ekphrasis")
        if made.fingerprint != fingerprint:
            raise made.damage_error(f"it was made from the weights {made.fingerprint}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damage_error(folder, f"{FACTS} cannot be read ({error})") from error
    return made


def write(fingerprint: str, fill: Callable[[Path], dict[str, Any]]) -> Artifact:
    """Let `fill` write files to a folder and return their facts; replace any older export.

    A process that has loaded the old export keeps it until it loads again.
    """
    target = place(fingerprint)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{fingerprint}.{uuid.uuid4().hex[:8]}")
    partial.mkdir()
    try:
        facts = {"format": FORMAT, "fingerprint": fingerprint, **fill(partial)}
        facts["files"] = {path.name: checksum(path) for path in sorted(partial.iterdir())}
        Artifact(partial, facts).save()
        if target.exists():
            target.rename(partial.with_suffix(".old"))
        partial.rename(target)
    finally:
        for left in (partial, partial.with_suffix(".old")):
            shutil.rmtree(left, ignore_errors=True)
    return Artifact(target, facts)


def checksum(path: Path) -> str:
    """Return a hash of a file's content; a second for a gigabyte."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _damage_error(folder: Path, what: str) -> DamagedExportError:
    return DamagedExportError(
        f"the exported model in {folder} cannot be used: {what}. Make it again with "
        "manage.py export_model NAME"
    )
