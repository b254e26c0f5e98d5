"""What `bench_search` measures: searches in this process, over HTTP, and other libraries beside."""
