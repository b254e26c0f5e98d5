"""Clean HTML texts, once, when they come in, and turn them into plain text."""

import html
import re

import nh3

TAGS = {
    *("p", "br", "em", "strong", "i", "b", "q", "sub", "sup", "a", "blockquote"),
    *("ul", "ol", "li", "h2", "h3", "h4", "table", "tbody", "thead", "tr", "td", "th"),
}
_LINE_END = re.compile(r"(?:<br>|</(?:p|li|tr|h[234]|blockquote)>)")
_CELL_END = re.compile(r"</t[dh]>")
# AIC's Japanese texts contain such tags with their brackets escaped.
_ESCAPED_TAG = re.compile(r"&lt;/?(?:big|small|font)&gt;", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def has_markup(value: str) -> bool:
    """Return whether `value` contains an HTML tag."""
    return bool(_TAG.search(value))


def clean_html(value: str) -> str:
    """Return `value` with paragraphs, emphasis, lists, tables and safe links, and no other HTML."""
    cleaned = nh3.clean(
        _SPACES.sub(" ", _ESCAPED_TAG.sub("", value)),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return cleaned.strip()


def plain_text(cleaned: str) -> str:
    """Return the text of cleaned HTML: entities decoded, a newline after a paragraph or a line."""
    lined = _LINE_END.sub("\n", _CELL_END.sub(" ", cleaned))
    text = html.unescape(nh3.clean(lined, tags=set()))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
