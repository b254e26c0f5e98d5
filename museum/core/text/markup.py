"""Texts as HTML: cleaned once, on the way in, and the same as plain text."""

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
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def has_markup(value: str) -> bool:
    """Whether `value` was written as HTML."""
    return bool(_TAG.search(value))


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
