"""Who and what random lives are about, and answers as they are known beside the portal."""

from dataclasses import dataclass
from datetime import datetime

from hypothesis import strategies as st

NAMES = ["m1", "m2", "m3"]
PURPOSES = ["marketing", "service", "ai_training"]

# Much about one member and the newest versions: what happens has to meet what happened before.
names = st.sampled_from(["m1", "m1", "m1", "m2", "m3"])
places = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
ways = st.sampled_from(["link", "account"])


@dataclass
class Filed:
    """An objection in force: its receipt's number, the changes it names, and the orders of the events it made."""

    receipt: str
    at: datetime
    closing: bool
    changes: frozenset[str]
    orders: list[int]
    amends: "Filed | None" = None
    confirmed: bool = False


@dataclass
class Declared:
    """An answer that waits for its confirmation; `order` is its place among what happened."""

    number: str
    kind: str
    place: "Place"
    purpose: str
    at: datetime
    order: int


@dataclass(frozen=True)
class Place:
    """One member's notice of one version."""

    who: str
    slug: str
    number: int
