"""Compares two texts: alignment of blocks, words inside them, changes with ids and groups, sections, delta."""

from portal.rules.changes.align import align
from portal.rules.changes.document import Document, parse
from portal.rules.changes.drafts import Draft, drafts_of
from portal.rules.changes.groups import groups_of
from portal.rules.changes.identity import ids_of
from portal.rules.changes.outline import section_events
from portal.rules.changes.reading import Lexicon
from portal.rules.changes.result import Change, Comparison, Extent
from portal.rules.changes.units import units_of

ENGINE = "2"
"""The engine's number, stored with every result. An engine that finds anything else gets a new number."""


def compare(old: Document | str, new: Document | str) -> Comparison:
    """What changed between two texts. Pure: the same texts give the same result, on every run and machine.

    RuleBroken("text_too_large") for a text given as str that has more than 10,000 blocks.
    """
    old = parse(old) if isinstance(old, str) else old
    new = parse(new) if isinstance(new, str) else new
    if old.text == new.text:
        whole = ((0, len(old.text)),) if old.text else ()
        return Comparison(
            ENGINE, degraded=False, old=_extent(old), new=_extent(new), changes=(), sections=(), delta=whole
        )
    with Lexicon() as lexicon:
        return _compared(old, new, lexicon)


def _compared(old: Document, new: Document, lexicon: Lexicon) -> Comparison:
    alignment = align(old, new, lexicon)
    units = units_of(alignment)
    drafts, delta, degraded = drafts_of(alignment, units, lexicon)
    ids, groups = ids_of(drafts, old.text, new.text), groups_of(drafts, old, new)
    changes = tuple(_change(draft, name, group) for draft, name, group in zip(drafts, ids, groups, strict=True))
    return Comparison(
        ENGINE,
        degraded or alignment.degraded,
        _extent(old),
        _extent(new),
        changes,
        section_events(alignment, units),
        delta,
    )


def _change(draft: Draft, name: str, group: str) -> Change:
    d = draft
    return Change(name, d.kind, d.cls, d.flags, group, d.section, d.label, d.similarity, d.old, d.new, tuple(d.hunks))


def _extent(document: Document) -> Extent:
    return Extent(document.digest, len(document.text))
