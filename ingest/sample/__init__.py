"""The sample museum: a collection drawn and described by code, to try Ekphrasis with no download.

`compose` draws a scene, `render` paints it, `words` names and describes it, and
`write_collection` puts a collection on disk in the schema of the Art Institute of Chicago's API.
Everything follows from seeds.
"""

from .records import record, write_collection
from .render import render
from .scenes import Scene, compose
from .words import alt_text, caption, description, title

__all__ = [
    "Scene",
    "alt_text",
    "caption",
    "compose",
    "description",
    "record",
    "render",
    "title",
    "write_collection",
]
