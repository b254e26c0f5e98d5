"""The chaos test: faults on a scaled site of real processes, and the cost of each."""
