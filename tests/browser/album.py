"""A picture of every kind of page: taken as the tests look at them, where `--album` says so (`manage.py pictures`)."""

import io
import re
from collections.abc import Iterable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.pages import ADMIN, LEGAL, MEMBER, OPS, PUBLIC

AREAS = {
    "For everybody": PUBLIC,
    "For members": MEMBER,
    "For legal": LEGAL,
    "For ops": OPS,
    "For admins": ADMIN,
}
HEIGHT, GAP = 450, 14
GROUND = (128, 134, 138)
HEAD = """# Every page

What each kind of page looks like after the demo's story: on a desk in light, on a phone of 320 pixels in the dark.
`manage.py pictures` takes them anew, while the tests see to it that each is accessible, prints well and weighs little.
"""


class Album:
    """Two pictures a page, side by side in one file. The folder's own `.md` beside it shows all of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self._desk: dict[str, bytes] = {}

    def desk(self, page: Page, kind: str) -> None:
        self._desk[kind] = page.screenshot()

    def phone(self, page: Page, kind: str) -> None:
        """The second of the two."""
        both = [_of_height(self._desk.pop(kind)), _of_height(page.screenshot())]
        whole = Image.new("RGB", (sum(one.width for one in both) + GAP, HEIGHT), GROUND)
        whole.paste(both[0], (0, 0))
        whole.paste(both[1], (both[0].width + GAP, 0))
        whole.save(self.folder / file_name(kind), quality=60, method=6)

    def close(self) -> None:
        """Drops the pictures of pages that are no more, and writes the page that shows the others."""
        known = {file_name(kind) for pages in AREAS.values() for kind in pages}
        for path in self.folder.glob("*.webp"):
            if path.name not in known:
                path.unlink()
        self.folder.with_suffix(".md").write_text(shown(self.folder.name), encoding="utf-8")


def shown(folder: str) -> str:
    """The page with all pictures."""
    return HEAD + "".join(f"\n## {area}\n{_each(pages, folder)}" for area, pages in AREAS.items())


def _each(pages: Iterable[str], folder: str) -> str:
    return "".join(f"\n### {kind[0].upper()}{kind[1:]}\n\n![{kind}]({folder}/{file_name(kind)})\n" for kind in pages)


def file_name(kind: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-") + ".webp"


def _of_height(screenshot: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(screenshot)).convert("RGB")
    return image.resize((round(image.width * HEIGHT / image.height), HEIGHT), Image.Resampling.LANCZOS)
