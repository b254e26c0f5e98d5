"""One synthetic artwork, with every field that AIC's API gives.

Shares follow the real collection where it is known: a third of the works have a description, most
alternative texts are boilerplate, half are in the public domain; dates may be negative, reversed
or missing, titles in any script, arrays null. A record depends on nothing but seed and number.
"""
# ruff: noqa: RUF001 - dashes and signs as museums write them

import base64
import random
import uuid
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from operations.benchmarks.ingest.synthetic import words

CREDIT = "Synthetic record for measuring; no real artwork"
FIRST_ID = 1
ARTISTS = 14_000
_NEWEST = datetime(2026, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


def artwork(seed: int, number: int) -> Json:
    """Record `number`, counted from 0, in the order of AIC's keys; its id is `number` + 1."""
    rng = random.Random(f"{seed}:{number}")  # noqa: S311 - repeatable, not secret
    return _Maker(rng, seed, number + FIRST_ID).record()


@lru_cache(maxsize=ARTISTS)
def _artist(seed: int, number: int) -> tuple[str, str]:
    """Name, and name as displayed with nationality and life dates."""
    rng = random.Random(f"{seed}:artist:{number}")  # noqa: S311
    family = "".join(rng.choices(words.SYLLABLES, k=rng.randint(2, 3))).capitalize()
    name = f"{rng.choice(words.GIVEN)} {family}"
    born = rng.randint(1400, 1970)
    nationality = rng.choice(words.NATIONALITIES)
    return name, f"{name} ({nationality}, {born}–{born + rng.randint(25, 90)})"


class _Maker:
    """The parts of one record, drawn one after the other from `rng`."""

    def __init__(self, rng: random.Random, seed: int, artic_id: int) -> None:
        self.rng, self.id = rng, artic_id
        self.subject, self.other = rng.sample(words.SUBJECTS, 2)
        self.kind, self.classification, self.medium, self.materials = rng.choice(words.KINDS)
        self.department = rng.choice(words.DEPARTMENTS)
        self.place = rng.choice(words.PLACES)
        self.has_artist = rng.random() < 0.85
        self.artist_number = int(ARTISTS * rng.random() ** 2)  # few made many works
        self.artist, self.artist_display = _artist(seed, self.artist_number)
        self.style = rng.choice(words.STYLES) if rng.random() < 0.5 else None
        self.title = self._title()
        self.accession = f"SYN.{rng.randint(1879, 2024)}.{artic_id}"

    def record(self) -> Json:
        return {
            **self._identity(),
            **self._dates(),
            **self._texts(),
            **self._rights(),
            **self._place_and_type(),
            **self._people(),
            **self._terms(),
            **self._media(),
            **self._end(),
        }

    def _some(self, share: float, value: Any) -> Any:
        return value if self.rng.random() < share else None

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self.rng.getrandbits(128)))

    def _title(self) -> str:
        rng, adjective = self.rng, self.rng.choice(words.ADJECTIVES)
        plain = f"{adjective.capitalize()} {self.subject.title()}"
        forms = (
            plain,
            f"{plain} with {self.other.title()}",
            f"The {self.subject.title()} near {self.place}",
            f"{plain}, plate {rng.randint(1, 80)} from “Views of {self.place}”",
            f"{plain} {rng.choice(words.FOREIGN_TITLES)}",
            rng.choice(words.FOREIGN_TITLES),
        )
        return rng.choices(forms, (40, 20, 15, 12, 8, 5))[0]

    def _identity(self) -> Json:
        rng = self.rng
        thumbnail = {
            "lqip": self._lqip(),
            "width": rng.randint(800, 8000),
            "height": rng.randint(800, 8000),
            "alt_text": self._alt_text(),
        }
        return {
            "id": self.id,
            "api_model": "artworks",
            "api_link": f"https://api.artic.edu/api/v1/artworks/{self.id}",
            "is_boosted": rng.random() < 0.002,
            "title": self.title,
            "alt_titles": self._some(0.04, [rng.choice(words.FOREIGN_TITLES)]),
            "thumbnail": self._some(0.9, thumbnail),
            "main_reference_number": self.accession,
            "has_not_been_viewed_much": rng.random() < 0.3,
            "boost_rank": None,
        }

    def _alt_text(self) -> str:
        if self.rng.random() < 0.85:
            return f"A work made of {self.medium.lower()}."
        return (
            f"A {self.subject} beside a {self.other}, seen in {self.rng.choice(words.QUALITIES)}."
        )

    def _lqip(self) -> str:
        # As long as AIC's and as hard to compress: a palette of some twenty colours, then zeros.
        data = b"GIF89a\x07\x00\x05\x00\xf4\x00\x00" + self.rng.randbytes(66) + bytes(60)
        pixels = self.rng.randbytes(24)
        whole = data + b"!\xf9\x04\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x07\x00\x05\x00" + pixels
        return "data:image/gif;base64," + base64.b64encode(whole + b"\x00;").decode()

    def _dates(self) -> Json:
        rng, draw = self.rng, self.rng.random()
        start = rng.randint(-3000, -1) if draw < 0.04 else rng.randint(1, 2020)
        end = start + rng.choice((0, 0, 0, 1, 5, 30, 99))
        display = f"{-start} BCE" if start < 0 else f"c. {start}" if draw > 0.8 else str(start)
        if draw > 0.995:
            start, end = end + 10, start  # reversed, as some of the museum's are
        known = rng.random() > 0.01
        return {
            "date_start": start if known else None,
            "date_end": end if known else None,
            "date_display": display if known else "n.d.",
            "date_qualifier_title": rng.choice(("Made", "Original", "")),
            "date_qualifier_id": rng.choice((4, 5, None)),
        }

    def _texts(self) -> Json:
        rng = self.rng
        unknown = f"Artist unknown\n{self.place}"
        sizes = [rng.randint(5, 200) + rng.random() for _ in range(2)]
        return {
            "artist_display": self.artist_display if self.has_artist else unknown,
            "place_of_origin": self.place,
            "description": self._description() if rng.random() < 1 / 3 else None,
            "short_description": self._some(0.03, self._sentence()),
            "dimensions": f"{sizes[0]:.1f} × {sizes[1]:.1f} cm ({sizes[0] / 2.54:.0f} × "
            f"{sizes[1] / 2.54:.0f} in.)",
            "dimensions_detail": [
                {
                    "depth": None,
                    "width": int(sizes[1]),
                    "height": int(sizes[0]),
                    "diameter": None,
                    "clarification": clarification,
                }
                for clarification in ("Image", "Plate", "Sheet")[: rng.randint(1, 3)]
            ],
            "medium_display": self.medium,
            "inscriptions": self._some(0.2, f"Signed, lower right: “{self.artist}”"),
            "credit_line": CREDIT,
            "catalogue_display": self._some(0.3, f"<p>Synthetic {rng.randint(1, 999)} I/III</p>"),
            "publication_history": self._history(0.15),
            "exhibition_history": self._history(0.2),
            "provenance_text": self._some(
                0.2, f"{self.artist}; given to the museum in {rng.randint(1900, 2020)}."
            ),
            "edition": None,
            "publishing_verification_level": rng.choice(("Web Basic", "Web Cataloged")),
        }

    def _history(self, share: float) -> str | None:
        rng = self.rng
        if rng.random() >= share:
            return None
        return "\n\n".join(
            f"{rng.choice(words.PLACES)}, {self._phrase().title()}, {rng.randint(1880, 2020)}."
            for _ in range(rng.randint(2, 9))
        )

    def _phrase(self) -> str:
        rng = self.rng
        name = "".join(rng.choices(words.SYLLABLES, k=3))
        return f"{rng.choice(words.ADJECTIVES)} {rng.choice(words.SUBJECTS)} of {name}"

    def _sentence(self) -> str:
        rng = self.rng
        return (
            f"The {self._phrase()} {rng.choice(words.VERBS)} {rng.choice(words.QUALITIES)} and "
            f"{rng.choice(words.QUALITIES)} in the {rng.choice(words.ADJECTIVES)} manner of "
            f"{rng.choice(words.PLACES)}, {rng.choice(words.VERBS).rstrip('s')}ing a "
            f"{rng.choice(words.SUBJECTS)}."
        )

    def _description(self) -> str:
        sentences = [self._sentence() for _ in range(self.rng.randint(2, 9))]
        middle = len(sentences) // 2
        first, last = " ".join(sentences[:middle]), " ".join(sentences[middle:])
        return (
            f"<p>This <em>{self.subject}</em> &mdash; {first}</p>\n<p>{self.artist}&rsquo;s "
            f'<a href="https://www.artic.edu/artists/{self.artist_number}">work</a> &amp; '
            f"{last}</p>\n"
        )

    def _rights(self) -> Json:
        rng = self.rng
        is_free = rng.random() < 0.5
        return {
            "internal_department_id": rng.randint(1, 25),
            "fiscal_year": self._some(0.6, rng.randint(1980, 2024)),
            "fiscal_year_deaccession": None,
            "is_public_domain": is_free,
            "is_zoomable": is_free,
            "max_zoom_window_size": -1 if is_free else 843,
            "copyright_notice": None if is_free else f"© {self.artist}",
            "has_multimedia_resources": False,
            "has_educational_resources": False,
            "has_advanced_imaging": False,
            "colorfulness": round(rng.random() * 60, 4),
            "color": self._some(0.9, self._color()),
        }

    def _color(self) -> Json:
        rng = self.rng
        return {
            "h": rng.randint(0, 360),
            "l": rng.randint(0, 100),
            "s": rng.randint(0, 100),
            "percentage": rng.random() / 10,
            "population": rng.randint(1, 900),
        }

    def _place_and_type(self) -> Json:
        is_on_view = self.rng.random() < 0.04
        gallery = self.rng.randint(1, 399)
        return {
            "latitude": None,
            "longitude": None,
            "latlon": None,
            "is_on_view": is_on_view,
            "on_loan_display": None,
            "gallery_title": f"Gallery {gallery}" if is_on_view else None,
            "gallery_id": 2147480000 + gallery if is_on_view else None,
            "nomisma_id": None,
            "artwork_type_title": self.kind,
            "artwork_type_id": 1 + len(self.kind),
            "department_title": self.department,
            "department_id": f"PC-{words.DEPARTMENTS.index(self.department) + 1}",
        }

    def _people(self) -> Json:
        id_ = 30_000 + self.artist_number
        return {
            "artist_id": id_ if self.has_artist else None,
            "artist_title": self.artist if self.has_artist else None,
            "alt_artist_ids": [],
            "artist_ids": [id_] if self.has_artist else [],
            "artist_titles": [self.artist] if self.has_artist else [],
            "category_ids": [f"PC-{words.DEPARTMENTS.index(self.department) + 1}"],
            "category_titles": [self.department],
        }

    def _terms(self) -> Json:
        rng = self.rng
        subjects = rng.sample(words.SUBJECTS, rng.choice((0, 0, 2, 5)))
        names = {
            "style": [self.style] if self.style else [],
            "classification": [self.classification, self.kind.lower()],
            "subject": [self.subject, *subjects] if subjects else [],
            "material": list(self.materials),
            "technique": [self.classification] if rng.random() < 0.3 else [],
        }
        terms = [name for group in names.values() for name in group]
        terms_by_field: Json = {"term_titles": terms}
        for group, titles in names.items():
            ids = [f"TM-{sum(map(ord, title))}" for title in titles]
            terms_by_field[f"{group}_id"] = ids[0] if ids else None
            if group in {"style", "classification"}:
                terms_by_field[f"{group}_title"] = titles[0] if titles else None
            terms_by_field[f"alt_{group}_ids"] = ids[1:]
            terms_by_field[f"{group}_ids"] = ids
            terms_by_field[f"{group}_titles"] = titles if titles or rng.random() > 0.02 else None
        terms_by_field["theme_titles"] = []
        return terms_by_field

    def _media(self) -> Json:
        empty = ("document", "sound", "video", "text", "section")
        return {
            "image_id": self._some(0.9, self._uuid()),
            "alt_image_ids": [self._uuid() for _ in range(self.rng.choice((0, 0, 0, 1, 4)))],
            **{f"{name}_ids": [] for name in empty},
            "section_titles": [],
            "site_ids": [],
        }

    def _end(self) -> Json:
        updated = _NEWEST - timedelta(seconds=self.rng.randint(0, 400 * 86400))
        return {
            "suggest_autocomplete_all": [
                {"input": [self.accession], "contexts": {"groupings": ["accession"]}},
                {
                    "input": [self.title],
                    "weight": self.rng.randint(1, 2_000_000),
                    "contexts": {"groupings": ["title"]},
                },
            ],
            "source_updated_at": (updated - timedelta(days=90)).isoformat(),
            "updated_at": updated.isoformat(),
            "timestamp": _NEWEST.isoformat(),
        }
