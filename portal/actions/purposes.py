"""Purposes, the same in all of the company's policies, and what a policy's defaults say about them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.actions.actor import Actor
from portal.actions.record import record
from portal.rules.errors import RuleBroken
from portal.rules.policy import NoticeTerms, Treatment
from portal.rules.said import later
from portal.store.connections import transaction
from portal.store.policies import Purpose

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the next draft of a policy starts with. `told_of`: purposes whose changes are told by mail in any case."""

    terms: NoticeTerms
    treatments: Mapping[str, Treatment]
    told_of: tuple[str, ...] = ()


async def define_purpose(key: str, title: str, about: str = "", *, by: Actor, at: datetime) -> Purpose:
    """Adds a purpose, or gives one another title and explanation; treatments are the policies'.

    Raises RuleBroken: `purpose_key`, `title_wanted`.
    """
    async with transaction():
        return await write_purpose(key, title, about, by=by, at=at)


async def write_purpose(key: str, title: str, about: str, *, by: Actor, at: datetime) -> Purpose:
    """The same inside of a transaction."""
    if not KEY.fullmatch(key):
        raise RuleBroken(
            "purpose_key", "A purpose's key is made of small letters, digits and underscores.", field="key"
        )
    if not title.strip() or len(title) > 200:
        raise RuleBroken("title_wanted", "A purpose needs a title of at most 200 characters.", field="title")
    purpose, made = await Purpose.get_or_create(key=key, defaults={"title": title.strip(), "about": about.strip()})
    if made or (purpose.title, purpose.about) != (title.strip(), about.strip()):
        purpose.title, purpose.about = title.strip(), about.strip()
        await purpose.save()
        await record("purpose.defined", by, at, purpose=key)
    return purpose


async def refuse_unknown_purposes(purposes: Iterable[str], told_of: Iterable[str]) -> None:
    """Raises RuleBroken: `unknown_purpose` where one is not defined, or told_of names one that is not treated."""
    known = set(await Purpose.all().values_list("key", flat=True))
    treated = set(purposes)
    if unknown := sorted(treated - known):
        message = later("There is no purpose %(purposes)s.")
        raise RuleBroken("unknown_purpose", message, field="treatments", purposes=unknown)
    if untreated := sorted(set(told_of) - treated):
        message = later("The policy does not treat the purpose %(purposes)s, so it cannot be told of.")
        raise RuleBroken("unknown_purpose", message, field="told_of", purposes=untreated)
