"""The download as it goes over the line, a part at a time: JSON, or a page that needs nothing beside itself."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

from portal.settings import folder
from portal.web import dates
from portal.web.data.schema import SCHEMA, Part
from portal.web.data.sections import SECTIONS
from portal.web.data.told import person
from portal.web.data.whose import Whose
from portal.web.data.words import fields, section_about, section_title
from portal.web.render import environment
from portal.web.text import direction, language
from portal.web.text import gettext as _

STYLE = (folder("static") / "member-data.css").read_text(encoding="utf-8")
# The page brings its own sheet, which the policy of our other pages would not let in.
PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def as_json(whose: Whose, company: str) -> AsyncIterator[str]:
    """One object, by the schema; each item of a list on a line of its own."""
    head = {"schema": SCHEMA, "company": company, "made_at": dates.iso(whose.now), "member": plain(person(whose))}
    yield "{\n" + ",\n".join(f"{_json(key)}: {_json(value)}" for key, value in head.items())
    for key, items in SECTIONS:
        yield f",\n{_json(key)}: ["
        first = True
        async for item in items(whose):
            yield f"{'' if first else ','}\n  {_json(plain(item))}"
            first = False
        yield "]" if first else "\n]"
    yield "\n}\n"


async def as_page(whose: Whose, company: str) -> AsyncIterator[str]:
    """The same to read and to print, with the names that the pages use."""
    words = _macros()
    yield words.start(
        lang=language(),
        dir=direction(language()),
        style=STYLE,
        company=company,
        made_at=dates.instant(whose.now),
        sections=[(key, section_title(key)) for key, _items in SECTIONS],
        person=fields(person(whose), whose.names),
    )
    for key, items in SECTIONS:
        yield words.section(key, section_title(key), section_about(key))
        found = False
        async for item in items(whose):
            found = True
            yield words.item(fields(item, whose.names))
        yield words.section_end(found)
    yield words.end(_("This is the end of the file."))


def plain(part: Part) -> dict[str, Any]:
    """The part as JSON holds it."""
    return part.model_dump(mode="json", by_alias=True)


def _macros() -> Any:
    """The template's macros; mypy does not know their names."""
    return environment().get_template("account/data_file.html").module


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
