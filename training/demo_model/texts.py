"""Texts about a scene as people might write them: captions, titles, sentences, short queries."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable
from typing import NamedTuple

from ingest.sample import words
from ingest.sample.scenes import Scene
from training.demo_model import wording

Attribute = tuple[str, str]  # kind and value, such as ("weather", "snow")
_TAG = re.compile(r"<[^>]+>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Text(NamedTuple):
    """Words and the attributes that they name; a picture with all of these matches the words."""

    words: str
    attributes: frozenset[Attribute]


def scene_attributes(scene: Scene) -> frozenset[Attribute]:
    """Return all attributes of the picture of `scene`."""
    return frozenset((k, v) for k, values in scene.attributes().items() for v in values)


def sentences(markup: str) -> list[str]:
    """Return the sentences of a description without its tags."""
    plain = " ".join(html.unescape(_TAG.sub(" ", markup)).split())
    return [part for part in _SENTENCE_END.split(plain) if part]


def caption(scene: Scene, rng: random.Random) -> Text:
    """Draw one of the generator's loose captions, titles or sentences.

    Such a text is not parsed: it counts as naming all attributes of the scene.
    """
    kind = rng.choices(("caption", "sentence", "title"), (70, 20, 10))[0]
    if kind == "caption":
        text = words.caption(scene, rng)
    elif kind == "sentence":
        text = rng.choice(sentences(words.description(scene, rng)))
    else:
        text = words.title(scene, rng)
    return Text(text, scene_attributes(scene))


def alt_text(scene: Scene, rng: random.Random) -> Text:
    """Draw an alt text, which names all that the scene shows."""
    return Text(words.alt_text(scene, rng), scene_attributes(scene))


def short_query(scene: Scene, rng: random.Random) -> Text:
    """Draw a query of a few words that `scene` answers, in many orders and wordings."""
    named: set[Attribute] = set()
    head = _head(scene, rng, named)
    before, after, of = [], [], ""
    modifiers = _modifiers(scene)
    for kind, value in rng.sample(
        modifiers, min(len(modifiers), rng.choice((0, 1, 1, 1, 2, 2, 3)))
    ):
        named.add((kind, value))
        if kind == "style" and not of and rng.random() < 0.5:
            of = rng.choice(wording.STYLES_OF[value])
        elif kind in ("light", "weather") and rng.random() < 0.4:
            table = wording.LIGHT_BEFORE if kind == "light" else wording.WEATHER_BEFORE
            before.append(rng.choice(table[value]))
        else:
            after.append(_after(kind, value, rng))
    if rng.random() < 0.25:
        before.insert(0, rng.choice(wording.FILLERS))
    return Text(_join(of, before, head, after, rng), frozenset(named))


def _join(of: str, before: list[str], head: str, after: list[str], rng: random.Random) -> str:
    if not of and rng.random() < 0.15:
        of = rng.choice(wording.OPENERS)
    article = rng.choice(("a", "the", "", "")) if not head[0].isdigit() else ""
    if rng.random() < 0.15:  # a list of keywords
        parts = [of.removesuffix(" of").removesuffix(" with"), *before, head, *after]
        rng.shuffle(parts)
        return rng.choice((" ", ", ")).join(part for part in parts if part)
    parts = [of, article, *before, head, *after]
    if after and not of and rng.random() < 0.1:
        parts = [*after, article, *before, head]
    return " ".join(part for part in parts if part)


def _head(scene: Scene, rng: random.Random, named: set[Attribute]) -> str:
    """Return the main subject, sometimes with count and colour, or the genre or another subject."""
    chance = rng.random()
    if chance < 0.12:
        named.add(("genre", scene.genre))
        return rng.choice(wording.GENRES[scene.genre])
    if chance < 0.2:
        subject = rng.choice(sorted(scene.attributes()["subject"]))
        named.add(("subject", subject))
        return _noun(subject, rng.random() < 0.2, rng)
    named.add(("subject", scene.subject))
    attributes = scene.attributes()
    is_plural = rng.random() < 0.15
    parts = []
    if "count" in attributes and rng.random() < 0.35:
        named.add(("count", scene.count))
        is_plural = scene.count != "one"
        parts.append(rng.choice(wording.COUNTS[scene.count]))
    if colour := _colour(scene, rng, named):
        parts.append(colour)
    return " ".join((*parts, _noun(scene.subject, is_plural, rng)))


def _colour(scene: Scene, rng: random.Random, named: set[Attribute]) -> str:
    colours = scene.attributes().get("colour", frozenset())
    candidates = [c for c in (scene.colour, scene.second_colour) if c in colours]
    if not candidates or rng.random() < 0.55:
        return ""
    if len(candidates) == 2 and rng.random() < 0.5:
        candidates = [rng.choice(candidates)]
    rng.shuffle(candidates)
    named.update(("colour", colour) for colour in candidates)
    return " and ".join(rng.choice(wording.COLOURS[colour]) for colour in candidates)


def _modifiers(scene: Scene) -> list[Attribute]:
    """Return what may be said beside the main subject, as sorted attributes."""
    kinds = ("light", "weather", "setting", "style", "people", "palette")
    attributes = [(k, v) for k, v in scene_attributes(scene) if k in kinds]
    if scene.genre == "portrait":  # nobody says that a portrait shows a person
        attributes = [(k, v) for k, v in attributes if k != "people"]
    extra = {scene.second, *scene.details} & scene.attributes()["subject"]
    return sorted((*attributes, *(("subject", thing) for thing in extra)))


def _after(kind: str, value: str, rng: random.Random) -> str:
    if kind == "subject":
        link = rng.choice(("with", "and", "wearing", "next to", "beside", "near"))
        return f"{link} {rng.choice(('a ', 'the ', ''))}{_noun(value, False, rng)}"
    if kind == "palette":
        return rng.choice(wording.MONOCHROME)
    table = {
        "light": wording.LIGHT_AFTER,
        "weather": wording.WEATHER_AFTER,
        "setting": wording.SETTINGS,
        "style": wording.STYLES_IN,
        "people": wording.PEOPLE,
    }[kind]
    return rng.choice(table.get(value, [value]))


def _noun(thing: str, is_plural: bool, rng: random.Random) -> str:
    name = rng.choice(wording.SUBJECTS.get(thing, [thing]))
    if name.endswith("!"):
        return name[:-1]
    return plural(name) if is_plural else name


_IRREGULAR = {"woman": "women", "man": "men", "child": "children", "calf": "calves", "ox": "oxen"}


def plural(name: str) -> str:
    """Return the plural of an English noun or noun phrase: "boat with sails" -> "boats with …"."""
    for link in (" with ", " of ", " in "):
        if link in name:
            first, rest = name.split(link, 1)
            return plural(first) + link + rest
    *lead, last = name.split(" ")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    elif last.endswith("y") and last[-2] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "es" if last.endswith(("s", "x", "ch", "sh")) else "s"
    return " ".join((*lead, last))


# Each training picture has these four texts: a text costs far less to encode than a picture, and
# loose wording, detail and short queries teach different things.
DRAWS: tuple[Callable[[Scene, random.Random], Text], ...] = (
    caption,
    alt_text,
    short_query,
    short_query,
)
