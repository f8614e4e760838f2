"""Names of changes: the id that outlives a run, and the clause number a reader knows it by."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from portal.rules.changes.document import Document, number_of
from portal.rules.changes.result import Span


class Named(Protocol):
    kind: str
    section: tuple[str, ...]
    old: Span | None
    new: Span | None


def ids_of(drafts: Sequence[Named], old_text: str, new_text: str) -> list[str]:
    """16 hexadecimal digits each, from kind, section, both texts and an ordinal among equals: not from the place."""
    seen: dict[str, int] = {}
    ids = []
    for draft in drafts:
        parts = [draft.kind, *draft.section, "", _slice(old_text, draft.old), _slice(new_text, draft.new)]
        name = "\x1f".join(parts)
        seen[name] = seen.get(name, 0) + 1
        whole = f"{name}\x1f{seen[name]}".encode("utf-8", "surrogatepass")
        ids.append(hashlib.sha256(whole).hexdigest()[:16])
    return ids


def _slice(text: str, span: Span | None) -> str:
    return "\x00" if span is None else text[span[0] : span[1]].rstrip()


def label_of(document: Document, block: int) -> str | None:
    """The clause number of a block ("4.2", "a"), else of the nearest numbered heading above it, else None."""
    home = document.homes[block]
    return number_of(document.contents[block]) or (document.sections[home].number if home >= 0 else None)
