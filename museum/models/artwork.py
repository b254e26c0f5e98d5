"""Works of art, as the museum records them and as curators correct them."""

import re
from collections.abc import Collection
from functools import cache
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connections, models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Greatest, Least
from django.urls import reverse

from museum.core.colour import from_hex
from museum.models.artist import Artist
from museum.models.history import CuratorsHistory
from museum.models.lookups import (
    HasColour,
    descriptions,
    is_common,
    matches_in_order,
    phrase_query,
    record_number,
    words_query,
)


@cache
def _pages() -> str:
    """Return the path of the page of a work, but for its id: an answer has dozens of them."""
    return reverse("artwork", args=[0]).removesuffix("0")


def _names() -> ArrayField:
    return ArrayField(models.TextField(), default=list, blank=True)


class ImageStatus(models.TextChoices):
    """Where the picture of a work stands, and why it may be absent."""

    NONE = "none", "the record names no picture"
    PENDING = "pending", "not loaded yet"
    STORED = "stored", "loaded and checked"
    RESTRICTED = "restricted", "not in the public domain, so not loaded"
    REFUSED = "refused", "the picture server refused it"
    MISSING = "missing", "the picture server does not have it"
    INVALID = "invalid", "the file was not a usable picture"
    FAILED = "failed", "the picture server could not be reached"


# What a search reads of the works that a filter keeps.
SCOPE = ["id", "artic_id", "is_hidden", "withdrawn_at"]


class ArtworkQuerySet(models.QuerySet["Artwork"]):
    """Selections of artworks by what may be shown."""

    def visible(self) -> Self:
        """Works that neither a curator has hidden nor the museum has withdrawn."""
        return self.filter(is_hidden=False, withdrawn_at__isnull=True)

    def carrying(self, phrase: str) -> Self:
        """Works whose record or approved texts carry `phrase`, its words side by side.

        A phrase of nothing but stop words ("to be") is in no index: all works pass.
        """
        words = Func(phrase_query(phrase), function="numnode", output_field=models.IntegerField())
        return self.alias(words=words).filter(Q(pk__in=self._carriers(phrase)) | Q(words=0))

    def not_carrying(self, phrase: str) -> Self:
        """Works whose record and approved texts do not carry `phrase`."""
        return self.exclude(pk__in=self._carriers(phrase))

    def made_by(self, names: Collection[str]) -> Self:
        """Works of an artist with one of `names`."""
        return self.filter(artist__name__in=list(names))

    def dated(self, first: int | None, last: int | None) -> Self:
        """Works whose years overlap `first` to `last`; some records have theirs reversed."""
        works = self
        if first is not None:
            works = works.alias(until=Greatest("date_start", "date_end")).filter(until__gte=first)
        if last is not None:
            works = works.alias(since=Least("date_start", "date_end")).filter(since__lte=last)
        return works

    def pictured(self) -> Self:
        """Works whose picture is stored here."""
        return self.filter(image_status="stored")

    def coloured(self, colour: str) -> Self:
        """Works with a main colour that eyes take for about `colour` (`#rrggbb`)."""
        return self.filter(HasColour(F("palette"), *map(Value, from_hex(colour).tolist())))

    def lacking_alt_text(self) -> Self:
        """Works with a stored picture that nothing describes to those who cannot see it."""
        said = descriptions().alt_texts().filter(artwork=OuterRef("pk"))
        return self.pictured().filter(~Exists(said))

    def found_by(self, typed: str) -> Self:
        """Works with that id or accession number, or with all those words in their record, in one
        of their texts or in their artist's name."""
        found = self.model._default_manager.indexed(typed)
        return self.filter(matches_in_order(typed) if is_common(found) else Q(pk__in=found))

    def indexed(self, typed: str) -> models.QuerySet["Artwork", Any]:
        """Primary keys of the works that are found by what was typed, some of them repeated."""
        words = words_query(typed)
        works = self.order_by().values("pk")
        texts = descriptions().order_by().values("artwork")
        # A union of index scans: an OR over three tables would read every work.
        return works.filter(search_document=words).union(
            texts.filter(search_document=words),
            works.filter(artist__name__icontains=typed),
            works.filter(accession_number=typed),
            works.filter(artic_id=record_number(typed)),
            all=True,
        )

    def sorted_by(self, sort: str) -> Self:
        """In order of "date" (oldest first), "artist", "changed" (latest first), else of id;
        works that lack it come last."""
        orders = {
            "date": [Least("date_start", "date_end").asc(nulls_last=True)],
            "artist": [F("artist__name").asc(nulls_last=True)],
            "changed": [Coalesce("source_updated_at", "updated_at").desc()],
        }
        return self.order_by(*orders.get(sort, []), "artic_id")

    def as_named_sql(self) -> tuple[str, dict[str, Any]]:
        """SQL for the columns `id` and `artic_id`, unordered, and its parameters by name."""
        statement, params = self.order_by().values_list("id", "artic_id").query.sql_with_params()
        names = [f"works{number}" for number in range(len(params))]
        unused = iter(names)
        named = re.sub(r"(?<!%)%s", lambda _: f"%({next(unused)})s", statement)
        return named, dict(zip(names, params, strict=True))

    def key_array(self, most: int) -> tuple[str, int]:
        """Any `most` of the works' primary keys, as Postgres writes an array of them, and how many.

        As text they go back to Postgres as they came; of thousands, numbers take longer to read.
        """
        statement, params = self.as_named_sql()
        with connections[self.db].cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(array_agg(id)::text, '{}'), count(*) "  # noqa: S608 - our own
                f"FROM ({statement} LIMIT {int(most)}) works",
                params,
            )
            keys, number = cursor.fetchone()
        return keys, number

    def _carriers(self, phrase: str) -> models.QuerySet["Artwork", Any]:
        # A union of two index scans: an OR over both tables would read every work.
        works = self.model._default_manager.order_by().values("pk")
        return works.filter(search_document=phrase_query(phrase)).union(
            works.filter(
                descriptions__search_document=phrase_query(phrase), descriptions__is_approved=True
            )
        )


class Artwork(models.Model):
    """One work. `artic_id` is its public id: AIC's own, or from 2,000,000,001 up for other sources.

    Dates are years, negative before the common era, and stay as the museum gives them, reversed
    ones included. `image_width` and `image_height` are pixels of the full picture. `phash` and
    `palette` are of the stored picture: hashes of two scans of one plate differ in few bits, and a
    main colour is `{"hex": "#c0ffee", "lab": [L*, a*, b*], "weight": 0-1}` in CIELAB.
    """

    artic_id = models.BigIntegerField("id")
    source = models.SlugField(default="artic", help_text="Where the record came from.")
    is_generated = models.BooleanField(
        default=False, help_text="Made up for the sample museum; not a real artwork."
    )
    artist = models.ForeignKey(
        Artist, on_delete=models.SET_NULL, null=True, blank=True, related_name="artworks"
    )

    title = models.TextField()
    alt_titles = _names()
    accession_number = models.TextField(null=True, blank=True)
    artist_display = models.TextField(null=True, blank=True)
    date_display = models.TextField(null=True, blank=True)
    date_start = models.IntegerField(null=True, blank=True)
    date_end = models.IntegerField(null=True, blank=True)
    place_of_origin = models.TextField(null=True, blank=True)
    medium_display = models.TextField(null=True, blank=True)
    dimensions = models.TextField(null=True, blank=True)
    credit_line = models.TextField(null=True, blank=True)
    inscriptions = models.TextField(null=True, blank=True)
    copyright_notice = models.TextField(null=True, blank=True)
    department = models.TextField(null=True, blank=True)
    artwork_type = models.TextField(null=True, blank=True)
    classification_titles = _names()
    style_titles = _names()
    subject_titles = _names()
    material_titles = _names()
    technique_titles = _names()
    term_titles = _names()
    category_titles = _names()
    is_public_domain = models.BooleanField(default=False)
    is_on_view = models.BooleanField(default=False)
    gallery_title = models.TextField(null=True, blank=True)

    image_id = models.TextField(null=True, blank=True)
    iiif_url = models.TextField(
        null=True, blank=True, help_text="Base address of the IIIF Image API."
    )
    image_url = models.TextField(
        null=True, blank=True, help_text="Address of the picture, if no IIIF service has it."
    )
    image_width = models.PositiveIntegerField(null=True, blank=True)
    image_height = models.PositiveIntegerField(null=True, blank=True)
    lqip = models.TextField(null=True, blank=True, help_text="Blurred placeholder, as a data URI.")
    image_status = models.SlugField(choices=ImageStatus.choices, default=ImageStatus.NONE)
    image_reason = models.TextField(blank=True, help_text="Why there is no picture.")
    image_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Checksum of the stored picture."
    )
    image_checked_at = models.DateTimeField(null=True, blank=True)
    phash = models.BigIntegerField(null=True, blank=True, help_text="Perceptual hash, 64 bits.")
    palette = models.JSONField(null=True, blank=True, help_text="Main colours, the largest first.")

    source_updated_at = models.DateTimeField(
        null=True, blank=True, help_text="When the source last updated the record."
    )
    record_hash = models.CharField(max_length=32, help_text="Hash of the record as last imported.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="When the source withdrew the record."
    )

    is_hidden = models.BooleanField(default=False, help_text="Never show this work to visitors.")
    boost = models.FloatField(
        default=0.0, help_text="From -1 (lower in search results) to 1 (higher)."
    )
    curated_fields = ArrayField(
        models.TextField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="Fields corrected by curators. Later imports do not change them.",
    )

    search_document = models.GeneratedField(
        expression=Func(
            F("title"),
            F("alt_titles"),
            F("artist_display"),
            F("subject_titles"),
            F("style_titles"),
            F("term_titles"),
            F("classification_titles"),
            F("material_titles"),
            F("technique_titles"),
            F("medium_display"),
            F("place_of_origin"),
            F("department"),
            F("artwork_type"),
            F("date_display"),
            F("accession_number"),
            function="museum_artwork_document",
        ),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    objects = ArtworkQuerySet.as_manager()
    history = CuratorsHistory(
        excluded_fields=[
            "artic_id", "source", "is_generated", "alt_titles", "classification_titles",
            "style_titles", "subject_titles", "material_titles", "technique_titles", "term_titles",
            "category_titles", "is_public_domain", "is_on_view", "gallery_title", "image_id",
            "iiif_url", "image_url", "image_width", "image_height", "lqip", "image_status",
            "image_reason", "image_sha256", "image_checked_at", "phash", "palette",
            "source_updated_at", "record_hash", "created_at", "updated_at", "withdrawn_at",
            "search_document",
        ]
    )  # fmt: skip

    class Meta:
        ordering = ["artic_id"]
        permissions = [("process_artwork", "Can have artworks fetched and embedded again")]
        constraints = [
            models.UniqueConstraint(fields=["artic_id"], name="museum_artwork_artic_id_unique"),
            models.CheckConstraint(
                condition=Q(boost__gte=-1) & Q(boost__lte=1), name="museum_artwork_boost_bounded"
            ),
            models.CheckConstraint(
                condition=Q(image_status__in=ImageStatus.values),
                name="museum_artwork_image_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(image_status=ImageStatus.STORED) | ~Q(image_sha256=""),
                name="museum_artwork_stored_image_has_hash",
            ),
        ]
        indexes = [
            GinIndex(fields=["search_document"], name="museum_artwork_document_gin"),
            # Common words are looked up in titles alone (search/retrieval/vectors.py).
            GinIndex(
                Func(Value("A"), F("title"), function="museum_text_document"),
                name="museum_artwork_title_gin",
            ),
            # What narrows a search. Hash indexes where a text may be longer than a B-tree takes.
            # Rows are wide and lie apart, so what a search reads of them is in the index.
            models.Index(fields=["artwork_type"], include=SCOPE, name="museum_artwork_of_type"),
            models.Index(fields=["department"], include=SCOPE, name="museum_artwork_of_dept"),
            HashIndex(fields=["place_of_origin"], name="museum_artwork_place"),
            HashIndex(fields=["medium_display"], name="museum_artwork_medium"),
            GinIndex(fields=["style_titles"], name="museum_artwork_styles"),
            GinIndex(fields=["subject_titles"], name="museum_artwork_subjects"),
            GinIndex(fields=["material_titles"], name="museum_artwork_materials"),
            GinIndex(fields=["classification_titles"], name="museum_artwork_classes"),
            models.Index(
                fields=["is_on_view"], condition=Q(is_on_view=True), name="museum_artwork_on_view"
            ),
            models.Index(
                Least("date_start", "date_end"),
                Greatest("date_start", "date_end"),
                name="museum_artwork_years",
            ),
            models.Index(fields=["accession_number"], name="museum_artwork_accession"),
            models.Index(fields=["image_status"], name="museum_artwork_image_status"),
            # What few works are, and curators look for.
            models.Index(
                fields=["artic_id"], condition=Q(is_hidden=True), name="museum_artwork_hidden"
            ),
            models.Index(
                fields=["artic_id"], condition=~Q(curated_fields=[]), name="museum_artwork_curated"
            ),
            models.Index(
                fields=["phash"], condition=Q(phash__isnull=False), name="museum_artwork_phash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.artic_id})"

    def get_absolute_url(self) -> str:
        return f"{_pages()}{self.artic_id}"
