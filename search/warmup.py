"""Run one search before the first visitor's, so that no visitor waits for models to load."""

import logging

from django.db import DatabaseError, connections
from django.urls import resolve

from search.engine import errors, facets, search
from search.query.query import Query

logger = logging.getLogger(__name__)
QUERY = "a boat on a calm sea"


def warm() -> None:
    """Run one search. Errors are only logged: the next search reports them to its visitor."""
    resolve("/")  # imports every view
    try:
        query = Query.parse(QUERY)
        search.search(query)
        facets.facets(query)
    except (errors.SearchUnavailableError, DatabaseError) as error:
        logger.warning("Nothing could be loaded ahead: %s", error)
    finally:
        connections.close_all()
