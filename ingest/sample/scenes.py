"""What a generated picture shows: the scenes of the sample museum, drawn from a seed.

A `Scene` holds only what a viewer can see, so its attributes can judge a search result. Monochrome
styles therefore carry no colours, and a light or a season that only colour would show is never
composed for them.
"""

from __future__ import annotations

import random
from dataclasses import astuple, dataclass

COLOURS = (
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "white",
    "black",
    "brown",
)
COUNTS = ("one", "two", "three", "several")
LIGHTS = ("dawn", "day", "sunset", "dusk", "night")
MONOCHROME = frozenset({"ink wash", "etching", "charcoal"})
PICTURE_STYLES = (
    "oil",
    "watercolour",
    "woodblock",
    "pointillism",
    "ink wash",
    "poster",
    "mosaic",
    "pastel",
    "etching",
    "charcoal",
)
STYLES = (*PICTURE_STYLES, "woven", "embroidered", "glazed")
ANY = COLOURS


@dataclass(frozen=True)
class Subject:
    """One thing the renderer can draw: its colours, counts and the broader names it answers to."""

    colours: tuple[str, ...] = ()
    counts: tuple[str, ...] = ("one",)
    kin: tuple[str, ...] = ()


MANY = COUNTS
UP_TO_THREE = COUNTS[:3]
UP_TO_TWO = COUNTS[:2]

SUBJECTS: dict[str, dict[str, Subject]] = {
    "landscape": {
        "house": Subject(("red", "yellow", "blue", "white", "pink", "orange"), MANY, ("building",)),
        "church": Subject(("white", "brown", "red", "yellow"), kin=("building",)),
        "castle": Subject(("brown", "white", "red"), kin=("building",)),
        "bridge": Subject(("red", "white", "brown", "black")),
        "windmill": Subject(("white", "red", "brown", "green", "blue"), UP_TO_THREE, ("building",)),
        "tree": Subject(("green", "yellow", "orange", "red", "pink", "white"), MANY),
        "forest": Subject(("green", "yellow", "orange", "blue"), kin=("tree",)),
        "mountain": Subject(("blue", "purple", "green", "brown", "white", "red"), UP_TO_THREE),
        "waterfall": Subject((), kin=("water", "rocks")),
        "haystack": Subject(("yellow", "orange", "brown"), MANY),
    },
    "seascape": {
        "sailboat": Subject(
            ("red", "white", "blue", "yellow", "orange", "green", "black"), MANY, ("boat",)
        ),
        "rowboat": Subject(("red", "blue", "green", "white", "brown", "yellow"), MANY, ("boat",)),
        "steamship": Subject(("black", "red", "white", "blue"), UP_TO_TWO, ("boat",)),
        "tall ship": Subject(("brown", "black", "white", "red"), UP_TO_THREE, ("boat",)),
        "lighthouse": Subject(("white", "red", "yellow", "black"), kin=("building",)),
        "wave": Subject(("blue", "green")),
    },
    "still life": {
        "apple": Subject(("red", "green", "yellow"), MANY, ("fruit",)),
        "pear": Subject(("green", "yellow", "red"), MANY, ("fruit",)),
        "lemon": Subject(("yellow",), MANY, ("fruit",)),
        "orange": Subject(("orange",), MANY, ("fruit",)),
        "grapes": Subject(("purple", "green", "red", "black"), UP_TO_TWO, ("fruit",)),
        "flowers": Subject(
            ("red", "pink", "yellow", "white", "blue", "purple", "orange"), kin=("vase",)
        ),
        "bottle": Subject(("green", "blue", "brown", "red", "black"), UP_TO_THREE),
        "jug": Subject(ANY, UP_TO_TWO),
        "books": Subject(("red", "blue", "green", "brown", "black")),
        "candle": Subject(("white", "red", "yellow", "blue"), UP_TO_THREE),
        "skull": Subject(),
        "teapot": Subject(ANY),
    },
    "interior": {
        "chair": Subject(("red", "yellow", "blue", "green", "white", "brown"), UP_TO_THREE),
        "bed": Subject(("red", "yellow", "blue", "green", "white", "pink")),
        "table": Subject(("brown", "white", "red", "blue")),
        "lamp": Subject(("yellow", "red", "green", "white")),
        "piano": Subject(("black", "brown", "white")),
        "sofa": Subject(("red", "blue", "green", "purple", "pink", "yellow", "brown")),
        "bookcase": Subject(("brown", "white", "green"), kin=("books",)),
        "fireplace": Subject(("white", "brown", "red"), kin=("fire",)),
    },
    "portrait": {
        "woman": Subject(ANY, UP_TO_TWO),
        "man": Subject(ANY, UP_TO_TWO),
        "child": Subject(ANY, UP_TO_TWO),
    },
    "animal": {
        "cat": Subject(("black", "white", "orange", "brown"), UP_TO_THREE),
        "dog": Subject(("black", "white", "brown", "orange"), UP_TO_THREE),
        "horse": Subject(("black", "white", "brown", "red", "blue"), UP_TO_THREE),
        "bird": Subject(("red", "yellow", "blue", "white", "black", "green"), MANY),
        "fish": Subject(("red", "orange", "yellow", "blue", "white"), MANY),
        "cow": Subject(("brown", "white", "black", "red"), UP_TO_THREE),
        "rabbit": Subject(("white", "brown", "black"), UP_TO_THREE),
        "owl": Subject(("brown", "white"), UP_TO_THREE, ("bird",)),
        "fox": Subject(("orange", "red", "white"), UP_TO_TWO),
        "elephant": Subject(("brown", "blue"), UP_TO_TWO),
    },
    "abstract": {
        "circles": Subject(ANY, MANY),
        "squares": Subject(ANY, MANY),
        "triangles": Subject(ANY, MANY),
        "spirals": Subject(ANY, UP_TO_THREE),
        "stripes": Subject(ANY),
        "grid": Subject(ANY),
        "waves": Subject(ANY),
    },
    "textile": {
        name: Subject(ANY)
        for name in ("stripes", "checks", "diamonds", "floral", "zigzag", "stars")
    },
    "ceramic": {
        "bowl": Subject(ANY, UP_TO_THREE),
        "vase": Subject(ANY, UP_TO_THREE),
        "plate": Subject(ANY),
        "teapot": Subject(ANY),
        "jar": Subject(ANY, UP_TO_THREE),
        "cup": Subject(ANY, UP_TO_THREE),
    },
}
GENRES = tuple(SUBJECTS)

SETTINGS: dict[str, tuple[str, ...]] = {
    "landscape": ("hills", "river", "lake", "field", "road", "mountains"),
    "seascape": ("open sea", "beach", "cliffs", "harbour"),
    "still life": ("table", "white cloth", "window", "dark background"),
    "interior": ("plain", "rug", "plant", "pictures", "curtains"),
    "portrait": ("plain", "window", "garden", "curtain"),
    "animal": ("meadow", "forest", "snow", "room"),
    "abstract": ("plain", "border"),
    "textile": ("border", "fringe", "plain"),
    "ceramic": ("plain", "bands", "flowers", "fish", "zigzag"),
}
DETAILS: dict[str, tuple[str, ...]] = {
    "woman": ("hat", "scarf", "glasses", "earrings", "flower"),
    "man": ("hat", "scarf", "glasses", "beard", "moustache"),
    "child": ("hat", "scarf", "glasses", "flower"),
}
SECONDS: dict[str, tuple[str, ...]] = {
    "landscape": ("birds", "cow", "fence"),
    "seascape": ("birds", "lighthouse", "island"),
    "still life": (
        "apple",
        "lemon",
        "pear",
        "orange",
        "bottle",
        "jug",
        "books",
        "candle",
        "grapes",
        "flowers",
    ),
    "interior": ("cat", "dog", "flowers"),
}
OUTDOOR = ("landscape", "seascape")


@dataclass(frozen=True)
class Scene:
    """One composition. Empty strings mean "nothing of the kind is visible"."""

    genre: str
    subject: str
    count: str
    colour: str
    setting: str
    light: str
    weather: str
    second: str
    second_colour: str
    details: tuple[str, ...]
    has_people: bool
    style: str
    shape: str

    def attributes(self) -> dict[str, frozenset[str]]:
        """Canonical visible attributes by kind; kinds that do not apply are absent."""
        shown = {
            "genre": {self.genre},
            "subject": self._subjects(),
            "colour": {self.colour, self.second_colour if self._second_colour_counts() else ""},
            "count": {self.count if self._is_counted() else ""},
            "light": {self.light},
            "weather": {self.weather},
            "setting": {"" if self.setting == "plain" else self.setting},
            "style": {self.style},
            "people": {"some" if self.shows_people() else "none"},
            "palette": {"monochrome" if self.is_monochrome() else ""},
        }
        cleaned = {kind: frozenset(values - {""}) for kind, values in shown.items()}
        return {kind: values for kind, values in cleaned.items() if values}

    def key(self) -> str:
        """Identity of the composition: every visible attribute, no jitter."""
        parts = (
            "+".join(value) if isinstance(value, tuple) else str(value) for value in astuple(self)
        )
        return "|".join(parts)

    def is_monochrome(self) -> bool:
        """True when the style shows no hue, so that no colour may be claimed."""
        return self.style in MONOCHROME

    def shows_people(self) -> bool:
        """True when a person is visible, as the sitter or as a small figure."""
        return self.has_people or self.genre == "portrait"

    def spec(self) -> Subject:
        """The catalogue entry of the main subject."""
        return SUBJECTS[self.genre][self.subject]

    def _is_counted(self) -> bool:
        return len(self.spec().counts) > 1

    def _second_colour_counts(self) -> bool:
        return self.genre in ("abstract", "textile") or (
            self.genre == "ceramic" and self.setting != "plain"
        )

    def _subjects(self) -> set[str]:
        found = {self.subject, *self.spec().kin, self.second, *self.details}
        found.update({"seascape": {"sea"}, "interior": {"room", "window"}}.get(self.genre, ()))
        if self.second in SUBJECTS.get(self.genre, {}):
            found.update(SUBJECTS[self.genre][self.second].kin)
        if self.setting in ("river", "lake", "mountains", "window", "beach", "cliffs", "harbour"):
            found.add(self.setting)
        return found


def compose(
    rng: random.Random,
    genre: str | None = None,
    subject: str | None = None,
    style: str | None = None,
) -> Scene:
    """Draw one scene; `genre`, `subject` and `style` pin those choices when given."""
    genre = genre or rng.choices(GENRES, weights=(5, 5, 4, 3, 4, 4, 3, 2, 2))[0]
    subject = subject or rng.choice(tuple(SUBJECTS[genre]))
    style = style or _style(rng, genre)
    mono = style in MONOCHROME
    spec = SUBJECTS[genre][subject]
    setting = rng.choice(SETTINGS_OF.get(subject, SETTINGS[genre]))
    if setting == "dark background" and subject in ("bottle", "jug", "teapot", "grapes", "books"):
        setting = "table"  # black on black would hide what the scene claims
    light, weather = _light(rng, genre, setting, mono), _weather(rng, genre, mono)
    colour = rng.choice(spec.colours) if spec.colours and not mono else ""
    if genre == "landscape" and weather == "autumn" and subject in ("tree", "forest"):
        colour = rng.choice(("yellow", "orange"))
    if weather == "blossom" and subject == "forest":
        weather = ""  # a wood in blossom would look like any pink wood
    if weather == "blossom" and subject == "tree":
        colour = rng.choice(("pink", "white"))
    if weather == "" and colour in ("pink", "white") and subject == "tree":
        weather = "blossom"
    return Scene(
        genre=genre,
        subject=subject,
        count=rng.choice(spec.counts),
        colour=colour,
        setting=setting,
        light=light,
        weather=weather,
        second=_second(rng, genre, subject),
        second_colour=_second_colour(rng, genre, colour, setting) if not mono else "",
        details=_details(rng, subject) if genre == "portrait" else (),
        has_people=genre in (*OUTDOOR, "interior") and rng.random() < 0.4,
        style=style,
        shape=_shape(rng, genre),
    )


def _style(rng: random.Random, genre: str) -> str:
    if genre == "textile":
        return rng.choice(("woven", "embroidered"))
    if genre == "ceramic":
        return "glazed"
    if genre == "abstract":  # shapes are told apart by colour: no monochrome abstracts
        return rng.choice([style for style in PICTURE_STYLES if style not in MONOCHROME])
    return rng.choice(PICTURE_STYLES)


# Subjects that fit only some of their genre's settings.
SETTINGS_OF: dict[str, tuple[str, ...]] = {
    "fish": ("water",),
    "bridge": ("river",),
    "waterfall": ("mountains",),
    "mountain": ("mountains", "lake", "river", "field"),
    "wave": ("open sea",),
    "horse": ("meadow", "forest", "snow"),
    "cow": ("meadow", "forest", "snow"),
    "elephant": ("meadow", "forest", "snow"),
}


def _light(rng: random.Random, genre: str, setting: str, mono: bool) -> str:
    if genre in OUTDOOR:
        return rng.choice(("day", "night")) if mono else rng.choice(LIGHTS)
    if genre == "interior":
        return rng.choice(("day", "night")) if mono else rng.choice(("day", "sunset", "night"))
    if genre == "animal" and setting in ("meadow", "forest", "snow"):
        return rng.choice(("day", "night")) if mono else rng.choice(("day", "sunset", "night"))
    return ""


def _weather(rng: random.Random, genre: str, mono: bool) -> str:
    if genre not in OUTDOOR or rng.random() < 0.35:
        return ""
    if genre == "seascape":
        return rng.choice(("storm", "mist", "rain", "snow"))
    return rng.choice(("snow", "rain", "storm", "mist") + (() if mono else ("blossom", "autumn")))


def _second(rng: random.Random, genre: str, subject: str) -> str:
    options = [name for name in SECONDS.get(genre, ()) if name != subject]
    if subject == "bridge":
        options.remove("cow")  # there is no bank left to graze on
    return rng.choice(options) if options and rng.random() < 0.5 else ""


def _second_colour(rng: random.Random, genre: str, colour: str, setting: str) -> str:
    if genre in ("abstract", "textile", "ceramic"):
        if genre == "ceramic" and setting == "plain":
            return ""
        return rng.choice([name for name in COLOURS if name != colour])
    return ""


def _details(rng: random.Random, subject: str) -> tuple[str, ...]:
    number = rng.choice((0, 1, 1, 1, 2))
    return tuple(sorted(rng.sample(DETAILS[subject], number)))


def _shape(rng: random.Random, genre: str) -> str:
    weights = {
        "landscape": (6, 2, 1),
        "seascape": (6, 1, 1),
        "still life": (3, 2, 2),
        "interior": (2, 3, 2),
        "portrait": (0, 5, 1),
        "animal": (3, 2, 2),
        "abstract": (1, 2, 3),
        "textile": (2, 3, 2),
        "ceramic": (1, 3, 3),
    }[genre]
    return rng.choices(("wide", "tall", "square"), weights=weights)[0]
