"""Tokenizers: texts to the ids of whole words or of sub-words. Needs no torch.

A tokenizer is a file beside a model's weights and a dictionary of facts, which the model's own
description holds: `export.json` of an export, `open_clip_config.json` of a checkpoint.
"""

WORDS, SUBWORDS = "words", "sub-words"
# Written by version 0.1.0, whose exports remain usable.
BYTE_PAIRS, WORD_PIECES = "byte pairs", "word pieces"
FILES = {
    WORDS: "vocab.json",
    SUBWORDS: "tokenizer.json",
    BYTE_PAIRS: "bpe_simple_vocab_16e6.txt.gz",
    WORD_PIECES: "vocab.txt",
}
