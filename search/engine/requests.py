"""Turn a valid form into the query that it asks for, its picture encoded."""

from search.query.forms import SearchForm
from search.query.query import Query
from search.retrieval import picture_vectors


def query_of(form: SearchForm) -> Query:
    """Return what the valid `form` asks for.

    Encode the picture that came with it, if there is one. Raises `PictureModelUnavailableError`.
    """
    image = form.cleaned_data.get("image")
    if image is None:
        return form.query()
    return form.query(picture_vectors.encode_picture(image, form.cleaned_data["box"]))
