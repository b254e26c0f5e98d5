"""Benchmarks of searches: in process, over HTTP, and other libraries on the same vectors."""
