"""A small local server with AIC's API over any records file, and faults on request."""

from ingest.sources.artic.fake_server.catalog import Catalog, CatalogError
from ingest.sources.artic.fake_server.faults import Faults
from ingest.sources.artic.fake_server.server import FakeServer, Request

__all__ = ["Catalog", "CatalogError", "FakeServer", "Faults", "Request"]
