"""Get weights from the model hub: from the local cache without a request, else by one download.

open_clip's own download sends requests even for cached files, retries for a minute if the hub
cannot be reached, and hides the cause.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from huggingface_hub import (
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)
from huggingface_hub.errors import EntryNotFoundError, HTTPError

# For the first response, so that an unreachable hub is reported soon.
TIMEOUT_SECONDS = 10
# The names of a repository's weights if open_clip's table has none; the safe format comes first.
_DEFAULT_NAMES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


class HubError(Exception):
    """The hub cannot be reached, or does not have the weights; the cause is chained."""


class AbsentError(HubError):
    """The repository can be reached and has no such file."""


def weights(config: dict[str, Any], cache_dir: str) -> str:
    """Return the path of the weights that `config`, of open_clip's table of tags, names."""
    repository, _, file = config["hf_hub"].rpartition("/")
    return _path(repository, _names(file), cache_dir)


def file(repository: str, name: str, cache_dir: str) -> str:
    """Return the path of the file `name` of `repository`, such as "1_Pooling/config.json"."""
    return _path(repository, (name,), cache_dir)


def folder(repository: str, name: str, others: Iterable[str], cache_dir: str) -> Path:
    """Return the folder with the file `name` of `repository` and those of `others` that it has.

    `name` is downloaded last: once it is in the cache, no requests for the others are sent either.
    """
    if not isinstance(try_to_load_from_cache(repository, name, cache_dir=cache_dir), str):
        for other in others:
            with suppress(AbsentError):
                file(repository, other, cache_dir)
    return Path(file(repository, name, cache_dir)).parent


def _path(repository: str, names: tuple[str, ...], cache_dir: str) -> str:
    for name in names:
        if isinstance(path := try_to_load_from_cache(repository, name, cache_dir=cache_dir), str):
            return path
    try:
        return hf_hub_download(repository, _present(repository, names), cache_dir=cache_dir)
    except EntryNotFoundError as error:
        raise AbsentError(str(error)) from error
    except (HTTPError, OSError, ValueError) as error:
        raise HubError(str(error)) from error


def _names(file: str) -> tuple[str, ...]:
    if not file:
        return _DEFAULT_NAMES
    safe = str(PurePosixPath(file).with_suffix(".safetensors"))
    return (safe, file) if file.endswith((".bin", ".pth")) else (file,)


def _present(repository: str, names: tuple[str, ...]) -> str:
    """Return the first of `names` that the repository has, by one short request each."""
    for name in names[:-1]:
        try:
            get_hf_file_metadata(hf_hub_url(repository, name), timeout=TIMEOUT_SECONDS)
        except EntryNotFoundError:
            continue
        return name
    # If the last one is absent too, this raises an error.
    get_hf_file_metadata(hf_hub_url(repository, names[-1]), timeout=TIMEOUT_SECONDS)
    return names[-1]
