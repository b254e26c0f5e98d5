"""What people might write about a scene: captions, titles, sentences, and short queries."""

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
    """Words and what they say of the picture: a picture that shows all of it fits the words."""

    words: str
    says: frozenset[Attribute]


def shown(scene: Scene) -> frozenset[Attribute]:
    """Return all that the picture of `scene` shows."""
    return frozenset((k, v) for k, values in scene.attributes().items() for v in values)


def sentences(markup: str) -> list[str]:
    """Return the sentences of a description without its tags."""
    plain = " ".join(html.unescape(_TAG.sub(" ", markup)).split())
    return [part for part in _SENTENCE_END.split(plain) if part]


def caption(scene: Scene, rng: random.Random) -> Text:
    """Draw one of the generator's loose captions, titles or sentences.

    What such a text says is not parsed: it counts as saying all that the scene shows.
    """
    kind = rng.choices(("caption", "sentence", "title"), (70, 20, 10))[0]
    if kind == "caption":
        said = words.caption(scene, rng)
    elif kind == "sentence":
        said = rng.choice(sentences(words.description(scene, rng)))
    else:
        said = words.title(scene, rng)
    return Text(said, shown(scene))


def alt_text(scene: Scene, rng: random.Random) -> Text:
    """Draw an alt text, which names all that the scene shows."""
    return Text(words.alt_text(scene, rng), shown(scene))


def short_query(scene: Scene, rng: random.Random) -> Text:
    """Draw a query of a few words that `scene` answers, in many orders and wordings."""
    says: set[Attribute] = set()
    head = _head(scene, rng, says)
    before, after, of = [], [], ""
    modifiers = _modifiers(scene)
    for kind, value in rng.sample(
        modifiers, min(len(modifiers), rng.choice((0, 1, 1, 1, 2, 2, 3)))
    ):
        says.add((kind, value))
        if kind == "style" and not of and rng.random() < 0.5:
            of = rng.choice(wording.STYLES_OF[value])
        elif kind in ("light", "weather") and rng.random() < 0.4:
            table = wording.LIGHT_BEFORE if kind == "light" else wording.WEATHER_BEFORE
            before.append(rng.choice(table[value]))
        else:
            after.append(_after(kind, value, rng))
    if rng.random() < 0.25:
        before.insert(0, rng.choice(wording.FILLERS))
    return Text(_arranged(of, before, head, after, rng), frozenset(says))


def _arranged(of: str, before: list[str], head: str, after: list[str], rng: random.Random) -> str:
    if not of and rng.random() < 0.15:
        of = rng.choice(wording.OPENERS)
    article = rng.choice(("a", "the", "", "")) if not head[0].isdigit() else ""
    if rng.random() < 0.15:  # a list of catchwords
        parts = [of.removesuffix(" of").removesuffix(" with"), *before, head, *after]
        rng.shuffle(parts)
        return rng.choice((" ", ", ")).join(part for part in parts if part)
    parts = [of, article, *before, head, *after]
    if after and not of and rng.random() < 0.1:
        parts = [*after, article, *before, head]
    return " ".join(part for part in parts if part)


def _head(scene: Scene, rng: random.Random, says: set[Attribute]) -> str:
    """Name the main subject, with count and colour at times; or the genre, or another thing."""
    chance = rng.random()
    if chance < 0.12:
        says.add(("genre", scene.genre))
        return rng.choice(wording.GENRES[scene.genre])
    if chance < 0.2:
        thing = rng.choice(sorted(scene.attributes()["subject"]))
        says.add(("subject", thing))
        return _noun(thing, rng.random() < 0.2, rng)
    says.add(("subject", scene.subject))
    shows = scene.attributes()
    many = rng.random() < 0.15
    parts = []
    if "count" in shows and rng.random() < 0.35:
        says.add(("count", scene.count))
        many = scene.count != "one"
        parts.append(rng.choice(wording.COUNTS[scene.count]))
    if colour := _colour(scene, rng, says):
        parts.append(colour)
    return " ".join((*parts, _noun(scene.subject, many, rng)))


def _colour(scene: Scene, rng: random.Random, says: set[Attribute]) -> str:
    colours = scene.attributes().get("colour", frozenset())
    named = [c for c in (scene.colour, scene.second_colour) if c in colours]
    if not named or rng.random() < 0.55:
        return ""
    if len(named) == 2 and rng.random() < 0.5:
        named = [rng.choice(named)]
    rng.shuffle(named)
    says.update(("colour", colour) for colour in named)
    return " and ".join(rng.choice(wording.COLOURS[colour]) for colour in named)


def _modifiers(scene: Scene) -> list[Attribute]:
    """Return what may be said beside the main subject, as sorted attributes."""
    kinds = ("light", "weather", "setting", "style", "people", "palette")
    found = [(k, v) for k, v in shown(scene) if k in kinds]
    if scene.genre == "portrait":  # that a portrait shows a person goes without saying
        found = [(k, v) for k, v in found if k != "people"]
    extra = {scene.second, *scene.details} & scene.attributes()["subject"]
    return sorted((*found, *(("subject", thing) for thing in extra)))


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


def _noun(thing: str, many: bool, rng: random.Random) -> str:
    name = rng.choice(wording.SUBJECTS.get(thing, [thing]))
    if name.endswith("!"):
        return name[:-1]
    return plural(name) if many else name


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


# Each training picture comes with these texts: a picture costs far more to encode than
# a text, and they teach different things, the loose wording, the detail and the short query.
DRAWS: tuple[Callable[[Scene, random.Random], Text], ...] = (
    caption,
    alt_text,
    short_query,
    short_query,
)
