"""Short ways to write versions, standings and instants in tables of examples."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from portal.rules.policy import Channel, ClassifiedChange, NoticeTerms, Treatment, Version
from portal.rules.standing import Standing
from portal.rules.window import Delivery

TREATMENTS = {
    "marketing": Treatment.SEPARABLE,
    "profiling": Treatment.SEPARABLE,
    "service": Treatment.INSEPARABLE,
    "ai_training": Treatment.OPT_IN,
}
SITE_ONLY = frozenset({Channel.SITE, Channel.ACCOUNT})


def at(written: str) -> datetime:
    """`2026-03-01 09:00` as an instant in UTC."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


JOINED_AT = at("2026-01-10 00:00")
POSTED_AT = at("2026-03-01 09:00")
SENT_AT = at("2026-03-02 04:30")


def changes(*purposes: str) -> tuple[ClassifiedChange, ...]:
    """Changes c1, c2 …, each with the purposes named in one text: `"marketing service"`; `""` for an editorial one."""
    return tuple(ClassifiedChange(f"c{i}", frozenset(text.split())) for i, text in enumerate(purposes, start=1))


def version(
    number: int = 2,
    *purposes: str,
    posted_at: datetime = POSTED_AT,
    terms: NoticeTerms = NoticeTerms(),  # noqa: B008 - frozen
    treatments: Mapping[str, Treatment] = TREATMENTS,
) -> Version:
    """A version with one change a text of purposes; by default one for marketing."""
    return Version(number, posted_at, changes(*(purposes or ("marketing",))), terms, treatments)


def sent(*instants: datetime, bounced: frozenset[int] = frozenset()) -> Delivery:
    return Delivery(sent=instants or (SENT_AT,), bounced=bounced)


def on_version_1(**facts: object) -> Standing:
    """A member who joined on version 1 and knows of nothing but what is given."""
    return replace(Standing(joined_at=JOINED_AT, joined_on=1), **facts)  # type: ignore[arg-type]
