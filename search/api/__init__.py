"""The REST API under `/api/`: parameters are read by the website's own form, errors are problem
documents, and the OpenAPI description is made from the code that answers."""
