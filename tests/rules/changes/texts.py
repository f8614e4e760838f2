"""Texts for the properties: policies as people write them, and edits as people make them."""

import re

from hypothesis import strategies as st

WORDS = [
    "we",
    "may",
    "use",
    "share",
    "personal",
    "data",
    "with",
    "partners",
    "for",
    "marketing",
    "purposes",
    "you",
    "must",
    "not",
    "send",
    "30",
    "days",
    "notice",
    "rights",
    "account",
    "service",
    "provider",
    "consent",
    "2024",
    "privacy",
    "don’t",
    "opt-in",
    "étude",
    "données",
    "1,000",
    "shall",
    "a@example.com",
    "the",
    "of",
]
words = st.sampled_from(WORDS)
phrases = st.lists(words, min_size=1, max_size=14).map(" ".join)
LINKS = ("(https://example.com/a_(b)?q=1)", '(/privacy "Our title")', "(mailto:a@example.com)")
sentences = st.one_of(
    phrases.map(lambda text: text.capitalize() + "."),
    st.builds(lambda a, b, link: f"{a} [{b}]{link} and more.", phrases, phrases, st.sampled_from(LINKS)),
    st.builds(lambda a, b: f"{a}, **{b}** “quoted” text; https://example.org/x.", phrases, phrases),
)
paragraphs = st.lists(sentences, min_size=1, max_size=4).map(" ".join)
blocks = st.one_of(
    paragraphs,
    paragraphs,
    st.builds(lambda level, text: "#" * level + " " + text, st.integers(1, 4), phrases),
    st.builds(lambda number, text: f"## {number}. {text}", st.integers(1, 20), phrases),
    phrases.map(lambda text: f"**{text}**"),
    st.lists(phrases, min_size=1, max_size=4).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(phrases, min_size=1, max_size=4).map(lambda items: "\n".join(f"{n}. {t}" for n, t in enumerate(items, 1))),
    st.lists(st.tuples(words, phrases), min_size=1, max_size=4).map(
        lambda rows: "| a | b |\n| --- | --- |\n" + "\n".join(f"| {a} | {b} |" for a, b in rows)
    ),
    paragraphs.map(lambda text: f"> {text}"),
    phrases.map(lambda text: f"```\n{text}\n```"),
    st.just("---"),
)
block_lists = st.lists(blocks, max_size=9)


def joined(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n" if parts else ""


documents = block_lists.map(joined)


@st.composite
def revisions(draw: st.DrawFn) -> tuple[str, str]:
    """A text and what it became by a few of the usual edits."""
    parts = draw(block_lists)
    after = list(parts)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(after) - 1)))
        kind = draw(st.sampled_from(["insert", "delete", "move", "reword", "split", "merge", "space", "number"]))
        _edit(draw, after, at, kind)
    return joined(parts), joined(after)


def _edit(draw: st.DrawFn, parts: list[str], at: int, kind: str) -> None:
    if kind == "insert" or not parts:
        parts.insert(at, draw(blocks))
    elif kind == "delete":
        parts.pop(at)
    elif kind == "move":
        parts.insert(draw(st.integers(0, len(parts) - 1)), parts.pop(at))
    elif kind == "reword":
        parts[at] = re.sub(draw(words), draw(words), parts[at], count=draw(st.integers(0, 2)))
    elif kind == "split":
        parts[at : at + 1] = parts[at].split(". ", 1)
    elif kind == "merge":
        parts[at : at + 2] = [" ".join(parts[at : at + 2])]
    elif kind == "space":
        parts[at] = parts[at].replace(" ", draw(st.sampled_from(["  ", "\n", "\u00a0"])), 1)
    else:
        parts[at] = re.sub(r"\d+", str(draw(st.integers(1, 99))), parts[at], count=1)


SIGNS = [
    *"ab \n#*_`[]()<>|-+.!\\\"'1:/&;~=\t",
    *(
        "](",
        "https://",
        "\n\n",
        "- ",
        "1. ",
        "| ",
        "é",
        "e\u0301",
        "\u200d",
        "👩\u200d⚖️",
        "“",
        "”",
        "’",
        "日本",
        "שלום",
    ),
    *("\u00a0", "\r", "\0", "\ufeff", "<b>", "```", "---", "&nbsp;", "](/a b)", "\u2028", "\x1f", "\\_"),
]
noise = st.lists(st.sampled_from(SIGNS), max_size=60).map("".join)
"""Texts of the signs that mean something to the parser or to the tokens, in no sensible order."""
