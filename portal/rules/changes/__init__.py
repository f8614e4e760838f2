"""What changed between two texts.

`canonical` makes the text that is published, `parse` its blocks and sections, `compare` the changes. All pure.
"""

from portal.rules.changes.blocks import Block
from portal.rules.changes.delta import apply_delta, invert
from portal.rules.changes.display import Segment, blocks_at, marked
from portal.rules.changes.document import Document, Section, parse
from portal.rules.changes.engine import ENGINE, compare
from portal.rules.changes.result import Change, Comparison, Extent, Hunk, SectionEvent
from portal.rules.changes.text import canonical, digest

__all__ = [
    "ENGINE",
    "Block",
    "Change",
    "Comparison",
    "Document",
    "Extent",
    "Hunk",
    "Section",
    "SectionEvent",
    "Segment",
    "apply_delta",
    "blocks_at",
    "canonical",
    "compare",
    "digest",
    "invert",
    "marked",
    "parse",
]
