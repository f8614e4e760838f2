"""Changes that are one decision: a run of insertions or deletions, the same edit in many places."""

from collections import Counter
from collections.abc import Sequence

from portal.rules.changes.drafts import Draft


def groups_of(drafts: Sequence[Draft]) -> list[str]:
    """A name (g1, g2 …) for each draft: equal names belong together."""
    signatures = [_signature(draft) for draft in drafts]
    repeated = Counter(s for s in signatures if s)
    names: dict[object, str] = {}
    groups: list[str] = []
    for number, (draft, signature) in enumerate(zip(drafts, signatures, strict=True)):
        key: object = signature if signature and repeated[signature] > 1 else number
        if key == number and number and _continues(drafts[number - 1], draft):
            groups.append(groups[-1])
        else:
            groups.append(names.setdefault(key, f"g{len(names) + 1}"))
    return groups


def _signature(draft: Draft) -> tuple[object, ...] | None:
    if draft.kind == "modify" and draft.edits:
        return ("edit", draft.cls, tuple(sorted(set(draft.edits))))
    return None


def _continues(before: Draft, draft: Draft) -> bool:
    """Whether a draft goes on with what the one before began: whole blocks of one section, one after the other."""
    if before.kind != draft.kind or draft.kind not in ("insert", "delete", "move") or before.section != draft.section:
        return False
    here, there = before.unit, draft.unit
    return (not draft.unit.olds or there.olds[0] == here.olds[-1] + 1) and (
        not draft.unit.news or there.news[0] == here.news[-1] + 1
    )
