"""A small local server that speaks AIC's API over any records file, with faults on request."""

from ingest.sources.artic.fake_server.catalog import Catalog, CatalogError
from ingest.sources.artic.fake_server.faults import Faults
from ingest.sources.artic.fake_server.server import FakeServer, Request

__all__ = ["Catalog", "CatalogError", "FakeServer", "Faults", "Request"]
