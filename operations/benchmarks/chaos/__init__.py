"""The chaos trial: a scaled site of real processes, and what each fault costs."""
