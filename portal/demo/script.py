"""What the story publishes: the samples' own later versions, with what their authors said of each change."""

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.demo.people import REFERENCE
from portal.settings import folder

SAMPLES = folder("policies_history")
SLUGS = (REFERENCE, "help-desk", "crm", "cloud-crm", "mail-hosting")


@dataclass(frozen=True, slots=True)
class Script:
    """A version to be. `decisions`: change id -> (purposes, reason); no purpose = editorial."""

    slug: str
    number: int
    posted_at: datetime
    summary: str
    text: bytes
    translations: Mapping[str, str]
    decisions: Mapping[str, tuple[tuple[str, ...], str]]

    def changes_for(self, purpose: str) -> list[str]:
        """The ids of the changes that touch a purpose."""
        return [key for key, (purposes, _) in self.decisions.items() if purpose in purposes]


def script(slug: str, number: int) -> Script:
    """From the archive of samples."""
    place, stem = SAMPLES / slug, f"{number:04}"
    record = tomllib.loads((place / f"{stem}.toml").read_text(encoding="utf-8"))
    return Script(
        slug=slug,
        number=number,
        posted_at=record["posted_at"],
        summary=record["summary"],
        text=(place / f"{stem}.md").read_bytes(),
        translations={
            tag: (place / f"{stem}.{tag}.md").read_text(encoding="utf-8") for tag in record.get("translations", {})
        },
        decisions={change["id"]: (tuple(change["purposes"]), change["reason"]) for change in record["changes"]},
    )


def archive_before_the_story(place: Path) -> None:
    """Copies the samples, of the reference policy only the first version: the story publishes the others.

    Only the samples: in a checkout from which a portal is served, its own policies lie beside them.
    """
    for slug in SLUGS:
        shutil.copytree(SAMPLES / slug, place / slug)
    for path in (place / REFERENCE).iterdir():
        if path.name[:4].isdigit() and path.name[:4] != "0001":
            path.unlink()
