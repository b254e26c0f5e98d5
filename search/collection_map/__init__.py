"""A map of the collection: works whose pictures look alike to the active model lie side by side."""
