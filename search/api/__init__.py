"""The REST API under `/api/`.

Parameters are read by the website's own form, answers are written by serializers, and errors are
problem documents; the OpenAPI document is made from all three.
"""
