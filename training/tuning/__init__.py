"""The parts of fine-tuning, one concern a file; `training/finetune.py` puts them together."""
