"""Two published versions compared: as stored where something is stored, else computed once and remembered a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import TypeVar

from starlette.exceptions import HTTPException

from portal.rules.changes import ENGINE, Comparison, compare, parse
from portal.store.comparisons import number_of, stored_comparison, stored_engines
from portal.store.policies import Version
from portal.store.publications import authoritative_text
from portal.web.redline import Redline, redline_of
from portal.web.text import language

REMEMBERED = 32
# Comparing and rendering keep a core busy; one at a time leaves the others to readers.
_one_at_a_time = ThreadPoolExecutor(1, "compare")
# Only that thread touches it, so of equal requests the second finds what the first made.
_made: OrderedDict[tuple[str, str, str, str], Redline] = OrderedDict()
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Compared:
    """What `engine` found between two versions. `stored`: as it was recorded. `engines`: all that can be asked for,
    the one that counts first: a publication's own result for neighbours, which its classification is of."""

    comparison: Comparison
    redline: Redline
    engine: str
    engines: tuple[str, ...]
    stored: bool

    @property
    def newer_engine(self) -> str:
        """A newer engine than the one shown; empty where this is the newest."""
        newest = max(self.engines, key=number_of)
        return newest if number_of(newest) > number_of(self.engine) else ""


async def compared(older: Version, newer: Version, engine: str = "") -> Compared:
    """The result of `engine`, else the one that counts. HTTPException 404 for an engine that has none."""
    stored = await stored_engines(older, newer)
    engines = stored if ENGINE in stored else (*stored, ENGINE)
    asked = engine or engines[0]
    if asked not in engines:
        raise HTTPException(404)
    record = await stored_comparison(older, newer, asked)
    texts = await authoritative_text(older.id), await authoritative_text(newer.id)
    redline = await in_thread(lambda: _redline(asked, record, *texts))
    return Compared(redline.comparison, redline, asked, engines, asked in stored)


async def in_thread(make: Callable[[], Made]) -> Made:
    """Renders without holding up other requests, in the language of this one."""
    return await asyncio.get_running_loop().run_in_executor(_one_at_a_time, copy_context().run, make)


def _redline(engine: str, record: Comparison | None, old_text: str, new_text: str) -> Redline:
    old, new = parse(old_text), parse(new_text)
    key = (old.digest, new.digest, engine, language())
    if key not in _made:
        _made[key] = redline_of(record or compare(old, new), old, new)
    _made.move_to_end(key)
    if len(_made) > REMEMBERED:
        _made.popitem(last=False)
    return _made[key]
