"""Who does something: named in every event."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or a system by kind and id; never a name. Written `staff:3`, `member:12`, `system`."""

    kind: Literal["staff", "member", "token", "system"]
    id: int | None = None

    def __str__(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"

    @property
    def staff_id(self) -> int | None:
        return self.id if self.kind == "staff" else None


SYSTEM = Actor("system")
