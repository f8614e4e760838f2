"""Words broken into the lines that a bar has room for. A word that is too long breaks where its translation says so."""

from textwrap import wrap

SOFT_HYPHEN = "\u00ad"


def folded(words: str, letters: int) -> list[str]:
    """Lines of at most that many letters. What may not break and does not fit is cut, as `textwrap.wrap` does."""
    return wrap(" ".join(_parted(word, letters) for word in words.split()), letters)


def _parted(word: str, letters: int) -> str:
    """The word whole where it fits, else in pieces that fit, with hyphens and a space between them."""
    whole = word.replace(SOFT_HYPHEN, "")
    if len(whole) <= letters:
        return whole
    parts = word.split(SOFT_HYPHEN)
    pieces = [""]
    for left, part in zip(range(len(parts) - 1, -1, -1), parts, strict=True):
        if pieces[-1] and len(pieces[-1]) + len(part) + (left > 0) > letters:
            pieces[-1] += "-"
            pieces.append("")
        pieces[-1] += part
    return " ".join(pieces)


def unfolded(words: str) -> str:
    """The words without the signs that say where they may break."""
    return words.replace(SOFT_HYPHEN, "")
