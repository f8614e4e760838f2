"""What happened to whole sections, told from the headings that were kept."""

from collections.abc import Sequence

from portal.rules.changes.alignment import Alignment
from portal.rules.changes.document import Document, without_number
from portal.rules.changes.result import SectionEvent
from portal.rules.changes.units import Unit


def section_events(alignment: Alignment, units: Sequence[Unit]) -> tuple[SectionEvent, ...]:
    """Events in the order of the new text, then the removed sections in the order of the old one."""
    old, new = alignment.old, alignment.new
    changed = [unit for unit in units if unit.moved or not unit.same]
    if not any(_touches_heading(old, new, unit) for unit in changed):
        return ()
    heads_old = {section.block: number for number, section in enumerate(old.sections)}
    moved = {unit.olds[0] for unit in units if unit.moved}
    origin: dict[int, int] = {}
    for number, section in enumerate(new.sections):
        before = alignment.origin[section.block]
        if before in heads_old:
            origin[number] = heads_old[before]
    parents_old, parents_new = _parents(old), _parents(new)
    events: list[SectionEvent] = []
    for number, section in enumerate(new.sections):
        if number not in origin:
            events.append(SectionEvent("added", None, section.path))
            continue
        was = old.sections[origin[number]]
        names = []
        if was.title != section.title:
            same = without_number(was.title) == without_number(section.title)
            names.append("renumbered" if same else "renamed")
        parent_old, parent_new = parents_old[origin[number]], parents_new[number]
        if (origin.get(parent_new, -2) if parent_new is not None else None) != parent_old:
            names.append("reparented")
        if was.block in moved:
            names.append("moved")
        events += [SectionEvent(name, was.path, section.path) for name in names]
    found = set(origin.values())
    events += [SectionEvent("removed", s.path, None) for k, s in enumerate(old.sections) if k not in found]
    return tuple(events)


def _touches_heading(old: Document, new: Document, unit: Unit) -> bool:
    return any(old.blocks[i].level for i in unit.olds) or any(new.blocks[j].level for j in unit.news)


def _parents(document: Document) -> list[int | None]:
    """For each section the one that it is directly in, None at the top."""
    latest: dict[int, int] = {}
    parents = []
    for number, section in enumerate(document.sections):
        depth = len(section.path)
        parents.append(latest.get(depth - 1))
        latest[depth] = number
    return parents
