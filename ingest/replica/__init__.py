"""A small local server that speaks AIC's API over any records file, with faults on request."""

from ingest.replica.catalog import Catalog, CatalogError
from ingest.replica.faults import Faults
from ingest.replica.server import Replica, Request

__all__ = ["Catalog", "CatalogError", "Faults", "Replica", "Request"]
