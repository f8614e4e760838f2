"""Changes that are one decision: a run of insertions or deletions, a table's column, the same edit in many places."""

from collections import Counter
from collections.abc import Sequence

from portal.rules.changes.classes import ELSEWHERE
from portal.rules.changes.document import Document
from portal.rules.changes.drafts import Draft

RUNS = ("insert", "delete", "move", "move+modify")
Key = tuple[object, ...]


def groups_of(drafts: Sequence[Draft], old: Document, new: Document) -> list[str]:
    """A name (g1, g2 …) for each draft: equal names belong together."""
    keys = [_column(draft, old, new) or _repeated_edit(draft) for draft in drafts]
    for number, draft in enumerate(drafts[1:], 1):
        if _is_rule_below(draft, keys[number - 1], keys[number], new):
            keys[number] = keys[number - 1]
    times = Counter(key for key in keys if key)
    names: dict[object, str] = {}
    groups: list[str] = []
    for number, (draft, key) in enumerate(zip(drafts, keys, strict=True)):
        if key and times[key] > 1:
            groups.append(names.setdefault(key, f"g{len(names) + 1}"))
        elif number and _continues(drafts[number - 1], draft):
            groups.append(groups[-1])
        else:
            groups.append(names.setdefault(number, f"g{len(names) + 1}"))
    return groups


def _repeated_edit(draft: Draft) -> Key | None:
    """What a rewording replaces by what, told alike for all forms of a word: one spelling in many places is one."""
    if draft.kind != "modify" or not draft.edits:
        return None
    return ("edit", *sorted({_stem(before.lower(), after.lower()) or (before, after) for before, after in draft.edits}))


def _stem(before: str, after: str) -> tuple[str, str] | None:
    """A pair of single words without their common ending ("organisations", "organizations": "organis", "organiz")."""
    if before == after or " " in before + after or min(len(before), len(after)) < 4:
        return None
    ending = 0
    while ending < min(len(before), len(after)) and before[-1 - ending] == after[-1 - ending]:
        ending += 1
    stems = before[: len(before) - ending], after[: len(after) - ending]
    return stems if stems[0][:3] == stems[1][:3] and min(map(len, stems)) >= 3 else None


def _column(draft: Draft, old: Document, new: Document) -> Key | None:
    """The column that a change of a table's row adds or drops; None for any other change."""
    if draft.kind != "modify" or len(draft.hunks) != 1 or new.blocks[draft.unit.news[0]].kind != "row":
        return None
    hunk = draft.hunks[0]
    document, span, at = (new, hunk.new, draft.unit.news[0]) if hunk.new else (old, hunk.old, draft.unit.olds[0])
    if not span or (hunk.old and hunk.new) or document.text.count("|", *span) != 1:
        return None
    cell = document.text.count("|", document.blocks[at].start, span[0])
    while at and document.blocks[at - 1].kind == "row":
        at -= 1
    return ("column", document is new, at, cell)


def _is_rule_below(draft: Draft, above: Key | None, key: Key | None, new: Document) -> bool:
    """Whether a draft is the row of dashes below a head that gained or lost a column: all its cells are alike, so that
    which of them is the new one cannot be told."""
    if not above or not key or above[0] != "column" or key[:3] != above[:3]:
        return False
    return not new.contents[draft.unit.news[0]].strip(" \t|:-")


def _continues(before: Draft, draft: Draft) -> bool:
    """Whether a draft goes on with what the one before began: whole blocks, one after the other, in one section.

    A moved or copied run goes on through the sections it consists of.
    """
    if before.kind.partition("+")[0] != draft.kind.partition("+")[0] or draft.kind not in RUNS:
        return False
    copies = ELSEWHERE in before.flags and ELSEWHERE in draft.flags
    if before.section != draft.section and not copies and not draft.kind.startswith("move"):
        return False
    return _follows(before.unit.olds, draft.unit.olds) and _follows(before.unit.news, draft.unit.news)


def _follows(before: Sequence[int], here: Sequence[int]) -> bool:
    return not here or (bool(before) and here[0] == before[-1] + 1)
