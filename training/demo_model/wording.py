"""Wording for short training queries: how people name the attributes of a picture.

The lists are in `wording.json`. A trailing "!" marks a name that is already plural or has no
plural. The queries in `visitor_queries/` were written before these lists, and no word was added
because a query of `visitors.jsonl` failed; but the same person wrote both.
"""

import json
from pathlib import Path
from typing import Any

_LISTS: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))

Wording = dict[str, list[str]]

SUBJECTS: Wording = _LISTS["subjects"]
GENRES: Wording = _LISTS["genres"]
# How a picture is made: "of" goes before what it shows, "in" behind it. Likewise for the others.
STYLES_OF: Wording = _LISTS["styles_of"]
STYLES_IN: Wording = _LISTS["styles_in"]
LIGHT_BEFORE: Wording = _LISTS["light_before"]
LIGHT_AFTER: Wording = _LISTS["light_after"]
WEATHER_BEFORE: Wording = _LISTS["weather_before"]
WEATHER_AFTER: Wording = _LISTS["weather_after"]
SETTINGS: Wording = _LISTS["settings"]
PEOPLE: Wording = _LISTS["people"]
COUNTS: Wording = _LISTS["counts"]
COLOURS: Wording = _LISTS["colours"]
MONOCHROME: list[str] = _LISTS["monochrome"]
# Words that say nothing of the picture: the model learns to pass over them.
FILLERS: list[str] = _LISTS["fillers"]
OPENERS: list[str] = _LISTS["openers"]
