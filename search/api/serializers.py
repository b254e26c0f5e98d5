"""The shapes of the API's answers: what is sent, and what the OpenAPI document says of it."""

from collections.abc import Callable, Collection, Iterable
from copy import copy
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from museum.images.urls import LARGE_WIDTH, WIDTHS, picture_url
from museum.models import Artwork, Description, Theme
from search.embeddings import registry
from search.engine import similar
from search.engine.search import Hit
from search.engine.suggestions import KINDS as SUGGESTION_KINDS
from search.models import EmbeddingModel
from search.query.facets import COUNTED
from search.ranking.levels import LEVELS

IMAGE_WIDTH = 400  # pixels
Reader = Callable[[Any], Any]


class Shape(serializers.Serializer):
    """A serializer for answers alone.

    Each value is read by its field's `source` and written by the field. Whatever else Django REST
    framework allows for (input, defaults, callables) would take a page of hits five times as long.
    """

    def get_fields(self) -> dict[str, Any]:
        """Return copies of the fields; deep ones, which input needs, take much longer."""
        return {name: _copied(field) for name, field in self._declared_fields.items()}

    @cached_property
    def readers(self) -> dict[str, Reader]:
        """What reads and writes the value of each field, by its name."""
        return {name: _reader(field) for name, field in self.fields.items()}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return `instance` as JSON data."""
        return {name: read(instance) for name, read in self.readers.items()}


class SparseShape(Shape):
    """A shape of which a request may name the fields to send; those in `always` are always sent.

    The context's `fields` name them, for an answer that is one work and for each of `results`.
    """

    always: tuple[str, ...] = ("id",)

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; clients can only rely on those in `always`."""
        found = super().get_fields()
        for name, field in found.items():
            field.required = name in self.always
        return found

    @cached_property
    def readers(self) -> dict[str, Reader]:
        """As above, for the fields to send."""
        is_named = self.parent is None or isinstance(self.parent, serializers.ListSerializer)
        names = (self.context.get("fields") if is_named else ()) or self.fields
        sent = {*names, *self.always}
        return {name: _reader(field) for name, field in self.fields.items() if name in sent}

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names that a request may choose among."""
        return tuple(cls._declared_fields)


def _copied(field: Any) -> Any:
    """Return a field that can be bound to a serializer, as can what it has many of."""
    copied = copy(field)
    if isinstance(copied, serializers.ListSerializer):
        child: Any = copy(copied.child)
        child.parent = copied
        copied.child = child
    return copied


# The values of these fields come out of the database, or of the engine, as JSON has them.
_PLAIN = (serializers.CharField, serializers.IntegerField, serializers.BooleanField)


def _reader(field: Any) -> Reader:
    """Return what reads and writes one field of an instance; None stays None."""
    write: Reader = field.to_representation
    if field.source == "*":
        return write
    get = attrgetter(field.source)
    if type(field) in _PLAIN:
        return get

    def read(instance: Any) -> Any:
        value = get(instance)
        return None if value is None else write(value)

    return read


# --- Fields ---------------------------------------------------------------------------------------


class RoundedField(serializers.FloatField):
    """A number, sent with so many decimal places."""

    def __init__(self, places: int, **options: Any) -> None:
        super().__init__(**options)
        self.places = places

    def to_representation(self, value: float) -> float:  # type: ignore[override]
        """Round `value`."""
        return round(value, self.places)


class LengthField(serializers.IntegerField):
    """The number of items in a collection."""

    def to_representation(self, value: Collection[Any]) -> int:  # type: ignore[override]
        """Count `value`."""
        return len(value)


class OptionalTextField(serializers.CharField):
    """A text that is "" in the database, and null in JSON, where there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_null": True, **options})

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        """Return `value`, None for ""."""
        return value or None


class TimeField(serializers.DateTimeField):
    """A point in time with its offset from UTC."""

    def to_representation(self, value: datetime) -> str:
        """Write `value` in ISO 8601."""
        return value.isoformat()


class AddressField(serializers.URLField):
    """The absolute address of something about an object; None where `path_of` knows none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", **options})

    def path_of(self, instance: Any) -> str | None:
        """Return a path of this site, or an address."""
        raise NotImplementedError

    @cached_property
    def site(self) -> str:
        """Address of this site, without a slash at its end."""
        return str(self.context["request"].build_absolute_uri("/").removesuffix("/"))

    def to_representation(self, value: Any) -> str | None:  # type: ignore[override]
        """Return the address of what it is about."""
        path = self.path_of(value)
        return self.site + path if path and path.startswith("/") else path


class PageField(AddressField):
    """The page of a work."""

    def path_of(self, instance: Artwork) -> str:
        """Return its path."""
        return instance.get_absolute_url()


class PictureField(AddressField):
    """The picture of a work, `IMAGE_WIDTH` pixels wide."""

    def __init__(self, **options: Any) -> None:
        about = f"Picture, {IMAGE_WIDTH} pixels wide; null if there is none to show."
        super().__init__(**{"allow_null": True, "help_text": about, **options})

    def path_of(self, instance: Artwork) -> str | None:
        """Return its path at the IIIF service."""
        return picture_url(instance, IMAGE_WIDTH)


class CoverField(PictureField):
    """The picture of the work that stands for a collection; the context's `covers` has the works by
    the keys of the themes."""

    def path_of(self, instance: Theme) -> str | None:  # type: ignore[override]
        """Return its path at the IIIF service."""
        cover = self.context["covers"].get(instance.pk)
        return cover and super().path_of(cover)


class CollectionField(AddressField):
    """A collection in this API."""

    def path_of(self, instance: Theme) -> str:
        """Return its path."""
        return reverse("api-collection", args=[instance.slug])


class ArtistField(serializers.CharField):
    """The artist's name, or what the record says instead."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", "allow_null": True, **options})

    def to_representation(self, value: Artwork) -> str | None:  # type: ignore[override]
        """Return it for a work."""
        return value.artist.name if value.artist else value.artist_display


class ImagesField(serializers.ListField):
    """The picture of a work in each width on offer."""

    child = serializers.URLField()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", **options})

    def to_representation(self, value: Artwork) -> list[str]:  # type: ignore[override]
        """Return the addresses, each once."""
        return _widths(value, self.context["request"])


def _widths(work: Artwork, request: Request) -> list[str]:
    widths = (*WIDTHS, LARGE_WIDTH)
    found = dict.fromkeys(url for width in widths if (url := picture_url(work, width)))
    return [request.build_absolute_uri(url) for url in found]


class IsGeneratedField(serializers.BooleanField):
    """Whether a text comes from a model, by its source."""

    def to_representation(self, value: str) -> bool:  # type: ignore[override]
        """Compare the source."""
        return value == Description.Source.GENERATED


class MarksField(serializers.ListField):
    """Where words matched in a text."""

    child = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)

    def __init__(self, **options: Any) -> None:
        about = "Start and end of each word that matched, in characters."
        super().__init__(**{"help_text": about, **options})

    def to_representation(self, value: Any) -> Any:
        """Return `value`, pairs of numbers, as it is."""
        return value


def _text(**options: Any) -> serializers.CharField:
    return serializers.CharField(allow_null=True, **options)


def _texts(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), **options)


def _year(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=True, help_text=help_text)


# --- Works ----------------------------------------------------------------------------------------


class WorkSerializer(SparseShape):
    """A work in brief."""

    id = serializers.IntegerField(source="artic_id", help_text="ID of the work.")
    title = serializers.CharField()
    artist = ArtistField()
    date = _text(source="date_display", help_text="Date, worded as in the record.")
    image = PictureField()
    url = PageField(help_text="Page of the work on this site.")
    is_generated = serializers.BooleanField(
        help_text="Whether the work was made up for the sample museum."
    )
    is_public_domain = serializers.BooleanField()


class ChannelSerializer(Shape):
    """The place of a work in one of the lists that make up an answer."""

    rank = serializers.IntegerField(min_value=1)
    value = RoundedField(
        6, help_text="Cosine similarity, or full-text rank for words; higher is better."
    )


class PassageSerializer(Shape):
    """The passage of a description that fits the query best."""

    text = serializers.CharField()
    source = serializers.ChoiceField(Description.Source.choices)  # type: ignore[assignment]
    cosine = RoundedField(
        6, allow_null=True, help_text="Similarity to the query; null if only words were compared."
    )
    marks = MarksField()


class WhySerializer(Shape):
    """Why a work matched."""

    title = MarksField()
    passage = PassageSerializer(allow_null=True)


class HitSerializer(WorkSerializer):
    """A work that was found. The context's `reasons` have why, by the id of the work."""

    score = RoundedField(6, help_text="From 0 to 1; compare scores within one answer only.")
    distance = RoundedField(
        6,
        allow_null=True,
        help_text="Cosine distance of the picture from the query, or of the best passage if there "
        "is no picture; null if only words matched.",
    )
    relevance = serializers.ChoiceField(
        LEVELS, help_text="How far the match is above what chance gives for the same query."
    )
    z = RoundedField(
        3,
        allow_null=True,
        help_text="The same in standard deviations; null if nothing was compared.",
    )
    channels = serializers.DictField(
        child=ChannelSerializer(), help_text="Lists that the work was found in."
    )
    duplicates = LengthField(
        min_value=0, help_text="Number of nearly identical works folded into this one."
    )
    why = WhySerializer(help_text="Words and passage that matched.")

    @cached_property
    def _readers_by_origin(self) -> tuple[dict[str, Reader], dict[str, Reader], Reader | None]:
        own = dict(self.readers)
        of_work = {name: own.pop(name) for name in WorkSerializer._declared_fields if name in own}
        why = self.fields["why"].to_representation if own.pop("why", None) else None
        return of_work, own, why

    def to_representation(self, instance: Hit) -> dict[str, Any]:
        """Return the work, how it was found, and why where that is known."""
        of_work, of_hit, write_why = self._readers_by_origin
        work = instance.artwork
        row = {name: read(work) for name, read in of_work.items()}
        for name, read in of_hit.items():
            row[name] = read(instance)
        reason = write_why and self.context.get("reasons", {}).get(work.artic_id)
        if write_why and reason:
            row["why"] = write_why(reason)
        return row


class ApprovedTexts(serializers.ListSerializer):
    """The texts of a work that may be shown."""

    def to_representation(self, data: Artwork) -> list[Any]:  # type: ignore[override]
        """Return them."""
        texts = data.descriptions.filter(is_approved=True).defer("search_document")
        return super().to_representation(texts)


class DescriptionSerializer(Shape):
    """A text about a work, and where it comes from."""

    source = serializers.ChoiceField(Description.Source.choices)  # type: ignore[assignment]
    language = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()
    licence = OptionalTextField()
    is_generated = IsGeneratedField(source="source", help_text="Whether a model wrote the text.")

    class Meta:
        list_serializer_class = ApprovedTexts


class IiifSerializer(Shape):
    """The picture at its IIIF image service."""

    base = serializers.URLField(help_text="Base address of the picture.")
    info = serializers.URLField(help_text="Address of its info.json.")
    width = serializers.IntegerField(allow_null=True, help_text="Full width in pixels.")
    height = serializers.IntegerField(allow_null=True, help_text="Full height in pixels.")

    def to_representation(self, instance: Artwork) -> dict[str, Any] | None:  # type: ignore[override]
        """Return where the picture of a work is; None without one."""
        images = _widths(instance, self.context["request"])
        if not images:
            return None
        base = images[0].partition("/full/")[0]
        size = {"width": instance.image_width, "height": instance.image_height}
        return {"base": base, "info": f"{base}/info.json", **size}


class RecordSerializer(SparseShape):
    """The whole record of a work."""

    id = serializers.IntegerField(source="artic_id", help_text="ID of the work.")
    title = serializers.CharField()
    alt_titles = _texts()
    accession_number = _text()
    artist = ArtistField()
    artist_display = _text(help_text="Artist with dates and nationality, worded as in the record.")
    date = _text(source="date_display", help_text="Date, worded as in the record.")
    date_start = _year("First year, negative before the common era.")
    date_end = _year("Last year, negative before the common era.")
    place_of_origin = _text()
    medium = _text(source="medium_display")
    dimensions = _text()
    credit_line = _text()
    inscriptions = _text()
    copyright_notice = _text()
    department = _text()
    artwork_type = _text()
    classifications = _texts(source="classification_titles")
    styles = _texts(source="style_titles")
    subjects = _texts(source="subject_titles")
    materials = _texts(source="material_titles")
    techniques = _texts(source="technique_titles")
    terms = _texts(source="term_titles")
    categories = _texts(source="category_titles")
    is_public_domain = serializers.BooleanField()
    is_on_view = serializers.BooleanField()
    gallery = _text(source="gallery_title")
    is_generated = serializers.BooleanField(
        help_text="Whether the work was made up for the sample museum."
    )
    source = serializers.CharField(help_text="Where the record comes from.")  # type: ignore[assignment]
    source_updated_at = TimeField(allow_null=True, help_text="Last change of the record there.")
    image = PictureField()
    images = ImagesField(help_text="Picture in each width on offer.")
    iiif = IiifSerializer(
        source="*", allow_null=True, help_text="Null if there is no picture to show."
    )
    descriptions = DescriptionSerializer(source="*", many=True)
    url = PageField(help_text="Page of the work on this site.")


class CollectionSerializer(SparseShape):
    """A theme that a curator has published."""

    always = ("slug",)

    slug = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    licence = OptionalTextField(help_text="Licence of the text.")
    image = CoverField()
    count = serializers.IntegerField(source="work_count", min_value=0, help_text="Number of works.")
    published_from = TimeField()
    published_until = TimeField(allow_null=True)
    url = CollectionField(help_text="The collection in this API.")


class SuggestionSerializer(Shape):
    """A way to complete what was typed."""

    text = serializers.CharField()
    kind = serializers.ChoiceField(SUGGESTION_KINDS)
    works = serializers.IntegerField(
        allow_null=True, help_text="Number of works with it, roughly; null for a title."
    )


class FacetValueSerializer(Shape):
    """A value of a facet."""

    value = serializers.CharField(help_text="The value; of a century, its first year.")
    works = serializers.IntegerField(
        min_value=1, help_text="Number of works that a search with this value would keep."
    )
    is_chosen = serializers.BooleanField(help_text="Whether the request already has this value.")


class FacetCountsSerializer(serializers.Serializer):
    """The values of each facet, most common first."""

    def get_fields(self) -> dict[str, Any]:
        """Return a list of values for each facet."""
        return {name: FacetValueSerializer(many=True, required=False) for name in COUNTED}


class ModelSerializer(Shape):
    """An embedding model."""

    name = serializers.CharField()
    architecture = serializers.CharField()
    fingerprint = serializers.CharField(help_text="Hash of the weights.")
    dimension = serializers.IntegerField(help_text="Length of its vectors.")
    state = serializers.ChoiceField(EmbeddingModel.State.choices)
    is_synthetic = serializers.BooleanField(help_text="Whether it was trained on generated works.")
    licence = OptionalTextField()
    activated_at = TimeField(allow_null=True)


# --- Answers --------------------------------------------------------------------------------------


class ModelReferenceSerializer(Shape):
    """A model, by its name and the hash of its weights."""

    name = serializers.CharField()
    fingerprint = serializers.CharField()


class LicencesSerializer(serializers.Serializer):
    """What an answer may be used under."""

    model = serializers.CharField(allow_null=True, help_text="Licence of the model.")
    texts = _texts(help_text="Licences of the texts of the works in the answer.")


class AnswerSerializer(Shape):
    """What every answer says of where it comes from: see `about`.

    An answer is written from a dictionary.
    """

    model = ModelReferenceSerializer(
        allow_null=True, help_text="Model that answered; null if none was needed or none is active."
    )
    licences = LicencesSerializer()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the answer as JSON data."""
        return super().to_representation(SimpleNamespace(**instance))


def about(model: EmbeddingModel | None, works: Iterable[Artwork] = ()) -> dict[str, Any]:
    """Return the model, its licence, and the licences of the texts of `works`."""
    ids = [work.pk for work in works]
    texts = (
        Description.objects.filter(artwork__in=ids, is_approved=True)
        .exclude(licence="")
        .order_by("licence")
        .values_list("licence", flat=True)
        .distinct()
    )
    licences = {"model": (model and model.licence) or None, "texts": list(texts) if ids else []}
    return {"model": model, "licences": licences}


class ArtworkAnswerSerializer(RecordSerializer, AnswerSerializer):
    """The whole record of a work, and where it comes from."""

    always = ("id", *AnswerSerializer._declared_fields)

    @cached_property
    def readers(self) -> dict[str, Reader]:
        """As above, for the fields of the record."""
        found = super().readers
        return {name: found[name] for name in found if name in RecordSerializer._declared_fields}

    def to_representation(self, instance: Artwork) -> dict[str, Any]:
        """Return the record, and what every answer says."""
        of_answer = AnswerSerializer(about(registry.active(), [instance])).data
        return {**Shape.to_representation(self, instance), **of_answer}


class QuerySerializer(Shape):
    """What was asked."""

    query = serializers.CharField(help_text="Words of the request, without stray spaces.")


class PageSerializer(AnswerSerializer):
    """One page of a list."""

    count = serializers.IntegerField(min_value=0, help_text="Number of results on all pages.")
    limit = serializers.IntegerField(help_text="Most results on a page.")
    offset = serializers.IntegerField(help_text="Number of results before this page.")


class SearchPageSerializer(QuerySerializer, PageSerializer):
    """One page of the works that a search found, but for the time it took."""

    warnings = _texts(help_text="What could not be taken into account.")
    picture = _text(help_text="Value for the parameter picture, to search by the same one again.")
    results = HitSerializer(many=True)
    next = serializers.URLField(
        allow_null=True, help_text="Address of the next page; null after the last one."
    )


class SearchAnswerSerializer(SearchPageSerializer):
    """One page of the works that a search found, best first."""

    seconds = serializers.FloatField(help_text="Time that the search took.")


class SimilarToSerializer(Shape):
    """A work, and in what others are like it."""

    id = serializers.IntegerField(help_text="ID of the work.")
    by = serializers.ChoiceField(similar.KINDS)


class SimilarAnswerSerializer(SimilarToSerializer, AnswerSerializer):
    """Works like one work, most alike first."""

    results = HitSerializer(many=True)


class SuggestAnswerSerializer(QuerySerializer, AnswerSerializer):
    """Ways to complete what was typed."""

    suggestions = SuggestionSerializer(many=True)


class FacetsAnswerSerializer(QuerySerializer, AnswerSerializer):
    """How many works each value of each facet would keep."""

    facets = FacetCountsSerializer()


class ModelsAnswerSerializer(AnswerSerializer):
    """The embedding models of this site."""

    models = ModelSerializer(many=True)


class CollectionsAnswerSerializer(PageSerializer):
    """One page of the published collections, latest first."""

    results = CollectionSerializer(many=True)


class InCollectionSerializer(Shape):
    """A collection."""

    collection = CollectionSerializer()


class CollectionAnswerSerializer(InCollectionSerializer, PageSerializer):
    """One page of the works in a collection, in the curator's order."""

    results = WorkSerializer(many=True)


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField(help_text="Name of the status.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What went wrong, and what to do about it.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=_texts(), required=False, help_text="Invalid parameters, with what each should be."
    )
