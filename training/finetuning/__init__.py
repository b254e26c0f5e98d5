"""The parts of fine-tuning, one concern a file; `training/finetuning/run.py` puts them together."""
