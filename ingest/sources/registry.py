"""Every source that there is: a museum is one package beside this file and one entry here."""

from ingest.sources.artic.dump import DumpSource
from ingest.sources.artic.source import ArticSource
from ingest.sources.base import Listing, Source
from ingest.sources.folder.source import FolderSource
from ingest.sources.sample.source import SampleSource

SOURCES: dict[str, type[Source]] = {
    source.name: source for source in (ArticSource, DumpSource, FolderSource, SampleSource)
}
DEFAULT = ArticSource  # of runs that do not say which source they read


def source_class(name: str | None) -> type[Source]:
    """Return the source of this name, which a run remembers."""
    return SOURCES.get(name or DEFAULT.name, DEFAULT)


def listing(name: str | None, address: str) -> Listing:
    """Open the listing of this name at its address; raises `ValueError` if it is another kind."""
    source = source_class(name)
    if not issubclass(source, Listing):
        raise ValueError(f"the source {source.name} has no numbered pages")
    return source(address)
