"""Words for scenes: titles, alt text, descriptions, and captions as visitors would ask."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from . import lexicon
from .phrases import (
    ARTICLES,
    CLOSERS,
    LOOKERS,
    OPENERS,
    PLACES,
    STYLE_NOTES,
    SURFACES,
    TITLE_FRAMES,
    VIEWS,
)
from .scenes import OUTDOOR, Scene

_CLOTHES = {
    "woman": ("dress", "blouse", "gown", "top"),
    "man": ("coat", "jacket", "suit"),
    "child": ("jumper", "sweater", "shirt", "top"),
}


def caption(scene: Scene, rng: random.Random) -> str:
    """One short training caption, lower case: a query, a keyword list or part of the truth."""
    maker = rng.choices(
        (_query, _keywords, _partial, _sentence, _absence, _fronted),
        weights=(36, 18, 20, 10, 6, 10),
    )[0]
    return _tidy(maker(scene, rng)).lower()


def title(scene: Scene, rng: random.Random) -> str:
    """A title as a museum gives one, in title case."""
    frame = rng.choice(TITLE_FRAMES[scene.genre])
    text = frame.format(
        subject=_bare(scene, rng),
        Subject=_bare(scene, rng),
        counted=_counted(scene, rng, plain=True),
        light=_light_title(scene, rng),
        weather=_weather_title(scene, rng),
        place=rng.choice(PLACES),
        colour=(scene.colour or "grey"),
        setting=_setting(scene, rng),
        number=rng.randint(1, 19),
        second=_second(scene, rng) or "Silence",
    )
    return _title_case(_tidy(text))


def alt_text(scene: Scene, rng: random.Random) -> str:
    """One plain sentence that says what is to be seen."""
    pieces = [_counted(scene, rng, plain=True, sure=True)]
    pieces += [_light(scene, rng), _weather(scene, rng), _setting(scene, rng)]
    company = _company(scene, rng, sure=True)
    medium = rng.choice(lexicon.STYLES[scene.style])
    text = f"{_article(medium)} of {' '.join(piece for piece in pieces if piece)}{company}."
    return _capitalised(_tidy(text))


def description(scene: Scene, rng: random.Random) -> str:
    """Two to five sentences in a museum's voice, as HTML paragraphs."""
    sentences = [_opening(scene, rng), *_looking(scene, rng)]
    if rng.random() < 0.6:
        sentences.append(rng.choice(STYLE_NOTES[scene.style]))
    if rng.random() < 0.45:
        sentences.append(rng.choice(CLOSERS[scene.genre]))
    sentences = [_capitalised(_tidy(sentence)) for sentence in sentences[:5]]
    if len(sentences) > 3 and rng.random() < 0.5:
        return f"<p>{' '.join(sentences[:2])}</p><p>{' '.join(sentences[2:])}</p>"
    return f"<p>{' '.join(sentences)}</p>"


# --- phrases of one attribute ----------------------------------------------------------------


def _pick(options: tuple[str, ...], scene: Scene, rng: random.Random) -> str:
    """One option; a monochrome scene gets none that names a hue."""
    if scene.is_monochrome():
        options = tuple(text for text in options if not any(hue in text for hue in lexicon.HUED))
    return rng.choice(options)


def _noun(scene: Scene, rng: random.Random, plain: bool = False) -> str:
    """The subject's name in the number that is shown; `plain` keeps to the first name."""
    nouns = lexicon.NOUNS[scene.subject]
    # The plain name is what most visitors type: it gets a third of the draws.
    pair = nouns[0] if plain or rng.random() < 0.34 else rng.choice(nouns)
    return pair[0] if scene.count == "one" else pair[1]


def _colour(scene: Scene, rng: random.Random, name: str | None = None) -> str:
    name = scene.colour if name is None else name
    if not name:
        return ""
    # "dark" and "ginger" say something of a coat or of a hull, but not of every thing.
    return rng.choice(lexicon.COLOURS[name]) if rng.random() < 0.6 else name


def _bare(scene: Scene, rng: random.Random) -> str:
    """Colour and noun without a number: "red boats"."""
    if scene.genre == "portrait":
        return _noun(scene, rng)
    colour = _colour(scene, rng)
    noun = _noun(scene, rng)
    if scene.subject == "orange" and noun.startswith("orange"):
        colour = ""
    if noun.split()[0] in colour.split():
        colour = ""
    return f"{colour} {noun}".strip()


def _clothes(scene: Scene, rng: random.Random) -> str:
    """What a sitter wears, by colour: "in a red dress"."""
    if not scene.colour:
        return ""
    garment = rng.choice(_CLOTHES[scene.subject])
    colour = _colour(scene, rng)
    if scene.count == "two":
        return rng.choice(
            (
                f"in {colour}",
                f"dressed in {colour}",
                f"in {colour} {garment}s" if garment != "dress" else f"in {colour} dresses",
            )
        )
    return rng.choice(
        (
            f"in a {colour} {garment}",
            f"in {colour}",
            f"wearing {colour}",
            f"dressed in {colour}",
            f"with a {colour} {garment}",
        )
    )


def _ground(scene: Scene, rng: random.Random) -> str:
    """The second colour of abstracts, textiles and painted pots."""
    if not scene.second_colour:
        return ""
    colour = _colour(scene, rng, scene.second_colour)
    if scene.genre == "ceramic":
        return rng.choice((f"in {colour}", f"with {colour} paint", f"with {colour} decoration"))
    return rng.choice(
        (
            f"on {colour}",
            f"on a {colour} ground",
            f"on a {colour} background",
            f"and {colour}",
            f"against {colour}",
        )
    )


def _counted(scene: Scene, rng: random.Random, plain: bool = False, sure: bool = False) -> str:
    """The whole noun phrase: "two red boats", "a woman in blue wearing a hat"."""
    bare = _bare(scene, rng)
    if plain and scene.genre != "portrait":
        noun = _noun(scene, rng, plain=rng.random() < 0.6)
        bare = (
            f"{scene.colour} {noun}".strip() if not noun.startswith(scene.colour or "?") else noun
        )
    if len(scene.spec().counts) > 1:
        bare = f"{rng.choice(lexicon.COUNTS[scene.count])} {bare}"
        if bare.endswith("s") and scene.count == "one" and scene.subject == "grapes":
            bare = re.sub(r"^(a|one|a single|a lone|a solitary) (?=\w+ ?grapes|grapes)", "", bare)
    elif not bare.endswith("s") and rng.random() < (1.0 if sure else 0.7):
        bare = f"a {bare}"
    tail = []
    if scene.genre == "portrait":
        if sure or rng.random() < 0.75:
            tail.append(_clothes(scene, rng))
        tail += [
            rng.choice(lexicon.DETAILS[detail])
            if not scene.is_monochrome()
            else _pick(lexicon.DETAILS[detail], scene, rng)
            for detail in scene.details
            if sure or rng.random() < 0.75
        ]
        rng.shuffle(tail)
    elif scene.second_colour and (sure or rng.random() < 0.8):
        tail.append(_ground(scene, rng))
    return " ".join([bare, *(piece for piece in tail if piece)])


def _fronted(scene: Scene, rng: random.Random) -> str:
    """Light and weather as adjectives before the noun: "stormy sea with two red boats"."""
    words = [rng.choice(lexicon.SIZES)] if rng.random() < 0.25 else []
    for table, value in (
        (lexicon.WEATHER_ADJECTIVES, scene.weather),
        (lexicon.LIGHT_ADJECTIVES, scene.light),
    ):
        if value and rng.random() < 0.7:
            words.append(rng.choice(table[value]))
    if rng.random() < 0.5:
        return " ".join([*words, _bare(scene, rng)])
    place = rng.choice(lexicon.GENRES[scene.genre])
    return " ".join([*words, place, "with", _counted(scene, rng)])


def _light(scene: Scene, rng: random.Random) -> str:
    return _pick(lexicon.LIGHTS[scene.light], scene, rng) if scene.light else ""


def _weather(scene: Scene, rng: random.Random) -> str:
    return _pick(lexicon.WEATHERS[scene.weather], scene, rng) if scene.weather else ""


def _setting(scene: Scene, rng: random.Random) -> str:
    if scene.setting == "plain":
        return ""
    return _pick(lexicon.SETTINGS[scene.setting], scene, rng)


def _style(scene: Scene, rng: random.Random) -> str:
    return rng.choice(lexicon.STYLES[scene.style])


def _second(scene: Scene, rng: random.Random) -> str:
    if not scene.second:
        return ""
    options = lexicon.SECONDS.get(scene.second) or tuple(
        pair[0] for pair in lexicon.NOUNS[scene.second]
    )
    return _pick(options, scene, rng)


def _people(scene: Scene, rng: random.Random) -> str:
    """Presence or absence; empty where nobody would ask."""
    if scene.has_people:
        return rng.choice(lexicon.PEOPLE)
    if scene.genre in (*OUTDOOR, "interior", "animal", "still life"):
        return rng.choice(lexicon.NO_PEOPLE)
    return ""


def _company(scene: Scene, rng: random.Random, sure: bool = False) -> str:
    second = _second(scene, rng)
    text = f" with {second}" if second else ""
    if scene.has_people and (sure or rng.random() < 0.6):
        text += rng.choice(
            (" and people", " and small figures", ", with people", " and a few people")
        )
    return text


# --- captions ----------------------------------------------------------------------------------


def _facets(scene: Scene, rng: random.Random) -> list[str]:
    """Phrases for everything but the subject, those that are visible, in random order."""
    makers: list[Callable[[Scene, random.Random], str]] = [_light, _weather, _setting]
    found = [text for text in (maker(scene, rng) for maker in makers) if text]
    second = _second(scene, rng)
    if second:
        found.append(
            f"{rng.choice(('with', 'and', 'next to', 'beside'))} {second}"
            if second != "birds"
            else "with birds"
        )
    if scene.has_people:
        found.append(rng.choice(lexicon.PEOPLE))
    rng.shuffle(found)
    return found


def _query(scene: Scene, rng: random.Random) -> str:
    """What a visitor might type."""
    facets = _facets(scene, rng)
    chosen = facets[: rng.choice((0, 1, 1, 2, 2, 3))]
    subject = _counted(scene, rng)
    opener = rng.choice(OPENERS) if rng.random() < 0.35 else ""
    style = _style(scene, rng)
    body = " ".join([subject, *chosen])
    if rng.random() < 0.35:
        body = rng.choice(
            (
                f"{style} of {body}",
                f"{body}, {style}",
                f"{body} {style}",
                f"{_article(style)} of {body}",
                f"{body} in {_medium(scene, rng)}",
            )
        )
    elif rng.random() < 0.15:
        link = rng.choice(("with", "of", "showing", "featuring"))
        body = f"{rng.choice(lexicon.GENRES[scene.genre])} {link} {body}"
    elif chosen and rng.random() < 0.15:
        body = f"{chosen[0]}, {' '.join([subject, *chosen[1:]])}"
    return f"{opener} {body}"


def _medium(scene: Scene, rng: random.Random) -> str:
    return rng.choice(SURFACES[scene.style])


def _words_of(scene: Scene, rng: random.Random) -> list[str]:
    words = [_bare(scene, rng)]
    if scene.light:
        words.append(_pick(lexicon.LIGHT_WORDS[scene.light], scene, rng))
    if scene.weather:
        words.append(rng.choice(lexicon.WEATHER_WORDS[scene.weather]))
    if scene.genre == "portrait":
        words += [scene.colour, *scene.details]
    words += [scene.second_colour, re.sub(r"^an? ", "", _second(scene, rng))]
    words += [rng.choice(lexicon.GENRES[scene.genre]), _style(scene, rng)]
    if scene.setting not in ("plain", "open sea"):
        words.append(scene.setting)
    if scene.has_people:
        words.append(rng.choice(lexicon.PEOPLE_WORDS))
    return [word for word in words if word]


def _keywords(scene: Scene, rng: random.Random) -> str:
    """A list of words, with commas or without."""
    words = _words_of(scene, rng)
    head, rest = words[0], words[1:]
    rng.shuffle(rest)
    chosen = [head, *rest[: rng.choice((0, 1, 1, 2, 2, 3, 4))]]
    if rng.random() < 0.4:
        rng.shuffle(chosen)
    return rng.choice((" ", ", ", " ", " and " if len(chosen) == 2 else ", ")).join(chosen)


def _partial(scene: Scene, rng: random.Random) -> str:
    """One to three attributes, perhaps without the subject at all."""
    options = [
        _noun(scene, rng),
        _bare(scene, rng),
        _counted(scene, rng),
        rng.choice(lexicon.GENRES[scene.genre]),
        _style(scene, rng),
    ]
    options += _facets(scene, rng)
    if scene.second:
        options.append(_second(scene, rng))
    if scene.light:
        options.append(rng.choice(lexicon.GENRES[scene.genre]) + " " + _light(scene, rng))
    if scene.genre == "portrait":
        options.append(
            f"{rng.choice(('portrait', 'someone', 'a person', 'a face'))} {_clothes(scene, rng)}"
        )
    chosen = rng.sample(options, min(len(options), rng.choice((1, 1, 2))))
    return " ".join(chosen)


def _sentence(scene: Scene, rng: random.Random) -> str:
    return rng.choice((alt_text, _looked_at))(scene, rng)


def _looked_at(scene: Scene, rng: random.Random) -> str:
    return _looking(scene, rng)[0]


def _absence(scene: Scene, rng: random.Random) -> str:
    """Says who is there, or that nobody is."""
    people = _people(scene, rng)
    subject = _counted(scene, rng) if rng.random() < 0.5 else _bare(scene, rng)
    rest = _facets(scene, rng)[: rng.choice((0, 0, 1))]
    if scene.has_people and any(text in lexicon.PEOPLE for text in rest):
        rest = []
    if not scene.has_people and people and rng.random() < 0.25:
        return " ".join(
            [
                rng.choice(("empty", "deserted", "quiet, empty")),
                rng.choice(lexicon.GENRES[scene.genre]),
                "with",
                subject,
            ]
        )
    return " ".join([subject, *rest, *([people] if people else [])])


# --- longer texts --------------------------------------------------------------------------------


def _opening(scene: Scene, rng: random.Random) -> str:
    frame = rng.choice(VIEWS)
    where = " ".join(piece for piece in (_setting(scene, rng), _light(scene, rng)) if piece)
    return frame.format(
        style=_style(scene, rng),
        Style=_article(_style(scene, rng)),
        genre=rng.choice(lexicon.GENRES[scene.genre][:1]),
        subject=_counted(scene, rng, sure=True),
        where=where,
    )


def _looking(scene: Scene, rng: random.Random) -> list[str]:
    """Sentences on light, weather, company and colour: those that the picture earns."""
    found = []
    for kind, value in (("light", scene.light), ("weather", scene.weather), ("genre", scene.genre)):
        frames = LOOKERS[kind].get(value)
        if frames:
            found.append(_pick(frames, scene, rng))
    if scene.second:
        found.append(
            rng.choice(
                (
                    "Nearby we see {x}.",
                    "There is also {x}.",
                    "{x} can be made out to one side.",
                    "The maker added {x}.",
                )
            ).format(x=_second(scene, rng))
        )
    if scene.has_people:
        found.append(rng.choice(LOOKERS["people"]["some"]))
    elif scene.genre in OUTDOOR and rng.random() < 0.5:
        found.append(rng.choice(LOOKERS["people"]["none"]))
    if scene.colour and scene.genre != "portrait":
        name = rng.choice((scene.colour, f"<em>{scene.colour}</em>", _colour(scene, rng)))
        found.append(
            rng.choice(LOOKERS["colour"]["any"]).format(colour=name, subject=_noun(scene, rng))
        )
    rng.shuffle(found)
    return found[: rng.choice((1, 2, 2, 3))] or [rng.choice(CLOSERS[scene.genre])]


def _light_title(scene: Scene, rng: random.Random) -> str:
    return (
        rng.choice(lexicon.LIGHT_WORDS[scene.light])
        if scene.light
        else rng.choice(("Quiet", "Stillness", "Morning Work"))
    )


def _weather_title(scene: Scene, rng: random.Random) -> str:
    return (
        rng.choice(lexicon.WEATHER_WORDS[scene.weather][:2])
        if scene.weather
        else rng.choice(("Clear Air", "Fair Weather"))
    )


def _article(noun: str) -> str:
    """A phrase with its indefinite article; "pottery" and its like take none."""
    if noun in ARTICLES:
        return noun
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _tidy(text: str) -> str:
    """Mend articles and spacing that assembling leaves."""
    text = re.sub(r"<em>\s*</em>", "", text)
    text = re.sub(r"\b([Aa]) (?=(?:<em>)?[aeiou])", r"\1n ", text)
    text = re.sub(r"\b(a|an|one|a single|a lone|a solitary) (a|an) ", r"\1 ", text)
    text = re.sub(r"\bwith with\b", "with", text)
    text = re.sub(r"\s+", " ", text).replace(" ,", ",").replace(" .", ".")
    return text.strip(" ,")


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _title_case(text: str) -> str:
    small = {
        "a",
        "an",
        "the",
        "of",
        "in",
        "at",
        "on",
        "by",
        "and",
        "with",
        "under",
        "to",
        "for",
        "from",
        "as",
    }
    words = text.split(" ")
    return " ".join(
        word if index and word.lower() in small else word[:1].upper() + word[1:]
        for index, word in enumerate(words)
    )
