"""Museum texts: HTML cleaned once, the same as plain text, and alt texts that say nothing."""

import html
import re

import nh3

TAGS = {
    *("p", "br", "em", "strong", "i", "b", "q", "sub", "sup", "a", "blockquote"),
    *("ul", "ol", "li", "h2", "h3", "h4", "table", "tbody", "thead", "tr", "td", "th"),
}
_LINE_END = re.compile(r"(?:<br>|</(?:p|li|tr|h[234]|blockquote)>)")
_CELL_END = re.compile(r"</t[dh]>")
# AIC's Japanese texts hold such tags as text, with their brackets escaped.
_ESCAPED_TAG = re.compile(r"&lt;/?(?:big|small|font)&gt;", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_MADE_OF = re.compile(r"an? works? made of .+", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(r"\.\s+[A-Z]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: str) -> str:
    """Without NUL and lone surrogates, which JSON may carry and PostgreSQL refuses; trimmed."""
    if not value.isprintable():  # much quicker than looking for what is hardly ever there
        value = _UNSTORABLE.sub("", value)
    return value.strip()


def clean_html(value: str) -> str:
    """Keep paragraphs, emphasis, lists, tables and safe links; drop everything else."""
    cleaned = nh3.clean(
        _SPACES.sub(" ", _ESCAPED_TAG.sub("", value)),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return cleaned.strip()


def plain_text(cleaned: str) -> str:
    """The text of cleaned HTML: entities decoded, a newline where a paragraph or line ends."""
    lined = _LINE_END.sub("\n", _CELL_END.sub(" ", cleaned))
    text = html.unescape(nh3.clean(lined, tags=set()))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def is_boilerplate(alt_text: str, title: str) -> bool:
    """Whether an alt text only repeats the medium ("A work made of oil on canvas.") or title."""
    if alt_text.strip(" .").casefold() == title.strip(" .").casefold():
        return True
    return bool(_MADE_OF.fullmatch(alt_text)) and not _NEXT_SENTENCE.search(alt_text)
